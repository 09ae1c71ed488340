"""Which format a file of weights has, by its first bytes, and the reader for it."""

from __future__ import annotations

import os

from netspec.weights.checkpoint import Checkpoint, WeightsError
from netspec.weights.inert_pickle import PickleBudget

_ZIP = b"PK\x03\x04"
_PICKLE = b"\x80"
_JSON_WHITESPACE = b" \t\r\n"


def read_checkpoint(path: str) -> Checkpoint:
    """The weights in a file, or in the files that an index lists. Raises `WeightsError`."""
    if not os.path.exists(path):
        raise WeightsError(f"there is no file `{path}`")
    if not os.path.isfile(path):
        raise WeightsError(f"`{path}` is not a file")
    if path.endswith(".json"):
        from netspec.weights.shard_index import read_index

        return read_index(path, read_file)
    return read_file(path)


def read_file(path: str, budget: PickleBudget | None = None) -> Checkpoint:
    """The weights in one file; the files of an index share a budget. Raises `WeightsError`."""
    budget = PickleBudget() if budget is None else budget
    try:
        with open(path, "rb") as file:
            begin = file.read(9)
            size = os.fstat(file.fileno()).st_size
        if _is_safetensors(begin, size, path):
            from netspec.weights.safetensors_file import read_safetensors

            return Checkpoint(path, read_safetensors(path, budget), format="safetensors")
        if begin[:4] == _ZIP or begin[:1] == _PICKLE:
            from netspec.weights.torch_file import read_torch

            return read_torch(path, budget)
    except OSError as error:
        raise WeightsError(
            f"`{path}` cannot be read: {(error.strerror or 'error').lower()}"
        ) from None
    raise WeightsError(
        f"`{path}` contains no weights that netspec can read",
        "netspec reads .safetensors files, `torch.save` files, and the index of several such "
        "files (.safetensors.index.json, .bin.index.json)",
    )


def _is_safetensors(begin: bytes, size: int, path: str) -> bool:
    """Whether a file begins with the length of a JSON header, and then that header.

    The length may be any number, so that its first byte can be that of a pickle (0x80) and its first
    four those of an archive; a header that fits into the file is certain.
    """
    first = begin[8:9]
    fits = 8 + int.from_bytes(begin[:8], "little") <= size
    if first == b"{":
        return fits or not (begin[:4] == _ZIP or begin[:1] == _PICKLE)
    return bool(first) and first in _JSON_WHITESPACE and fits and path.endswith(".safetensors")
