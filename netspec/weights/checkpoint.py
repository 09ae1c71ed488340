"""A file of weights as names, shapes and element types, whatever format it has."""

from __future__ import annotations

import os
from collections.abc import Mapping

from netspec.record import record


class WeightsError(Exception):
    """A file that holds no weights, or not so that it can be read, and what to do."""

    def __init__(self, message: str, help: str = "") -> None:
        super().__init__(message)
        self.message, self.help = message, help


@record(frozen=True, slots=True)
class Weight:
    """One tensor of a file."""

    shape: tuple[int, ...]
    dtype: str
    """As torch spells it without `torch.`."""


@record(frozen=True, slots=True)
class Checkpoint:
    """All tensors of a file by name, in its order."""

    path: str
    weights: Mapping[str, Weight]
    part: str = ""
    """Where in the file they are: `state_dict` of a checkpoint that holds more."""


def read_checkpoint(path: str) -> Checkpoint:
    """The weights in a file. Raises `WeightsError`."""
    try:
        if not os.path.exists(path):
            raise WeightsError(f"there is no file `{path}`")
        if not os.path.isfile(path):
            raise WeightsError(f"`{path}` is not a file")
        with open(path, "rb") as file:
            begin = file.read(16)
    except OSError as error:
        raise WeightsError(
            f"`{path}` cannot be read: {(error.strerror or 'error').lower()}"
        ) from None
    if path.endswith(".json"):
        from netspec.weights.safetensors_file import read_index

        return read_index(path)
    if begin[:4] == b"PK\x03\x04" or begin[:1] == b"\x80":
        from netspec.weights.torch_file import read_torch

        return read_torch(path)
    if begin[8:9] == b"{":
        from netspec.weights.safetensors_file import read_safetensors

        return Checkpoint(path, read_safetensors(path))
    raise WeightsError(
        f"`{path}` holds no weights that netspec can read",
        "it reads .safetensors, an index of several (.safetensors.index.json), and what `torch.save` writes",
    )
