"""A file of weights as names, shapes and element types, whatever format it has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

from netspec.record import record


class WeightsError(Exception):
    """A file with no weights, or whose weights cannot be loaded, with a help."""

    def __init__(self, message: str, help: str = "") -> None:
        super().__init__(message)
        self.message, self.help = message, help


class StoredTensor(NamedTuple):
    """One tensor of a file."""

    shape: tuple[int, ...]
    dtype: str
    """As torch spells it without `torch.`."""
    layout: str = "strided"
    """`strided`, or a layout that torch does not copy into a strided tensor: `quantized`, `sparse_coo`,
    `meta`, …
    """


def fits(expected: tuple[int, ...] | None, shape: tuple[int, ...]) -> bool:
    """Whether torch loads a tensor of this shape; it accepts one element for a scalar."""
    return expected == shape or (expected == () and shape == (1,))


Format = Literal["safetensors", "torch", "index"]


@record(frozen=True, slots=True)
class Checkpoint:
    """All tensors of a file by name, in its order."""

    path: str
    weights: Mapping[str, StoredTensor]
    part: str = ""
    """Where in the file they are: `state_dict` of a checkpoint that holds more."""
    format: Format = "torch"
    non_tensors: tuple[str, ...] = ()
    """Names in the same dict that are not tensors; `load_state_dict` rejects them."""
    load_errors: tuple[WeightsError, ...] = ()
    """Why torch does not load the file as it is, though its tensors can be listed."""


def tensors_of(path: str, weights: Mapping[str, StoredTensor]) -> dict[str, tuple[int, ...]]:
    """The shapes of the tensors of one step, by the names in its layer."""
    prefix = f"{path}." if path else ""
    return {
        "" if key == path else key.removeprefix(prefix): weight.shape
        for key, weight in weights.items()
        if key == path or key.startswith(prefix)
    }


def readable(name: str, width: int = 200) -> str:
    r"""A name from a file for a message: on one line, not too long, and text that can be printed.

    >>> readable("a\nb\ud800")
    'a\\nb\\ud800'
    """
    if not name.isprintable():
        escape = "".join(
            c if c.isprintable() else c.encode("unicode_escape").decode() for c in name[:width]
        )
        name = escape + name[width:]
    return name if len(name) <= width else f"{name[: width - 1]}…"
