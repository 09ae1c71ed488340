"""The histories of many sizes from the input of the network at once, in linear time.

`along.Way` walks back from one size. To ask it of every node of a chain costs the square of its length; here each
size adds at most one stop to the history of the size that it was made of.
"""

from __future__ import annotations

from typing import NamedTuple

from netspec.dims import Size
from netspec.graph.nodes import Value
from netspec.graph.size_origin import origin_of

_MOST_STOPS = 9
_ENDS = 4
"""How many stops of a long history are shown at either end."""


class SizeHistory(NamedTuple):
    """The places where a size was made or changed, from the input on; of many only the first and the last."""

    stops: int
    changes: int
    stop_texts: tuple[str, ...]
    size: Size | None

    def __str__(self) -> str:
        if self.changes <= _MOST_STOPS:
            return " → ".join(self.stop_texts)
        return " → ".join((*self.stop_texts[:_ENDS], "…", *self.stop_texts[_ENDS:]))

    def then(self, size: Size, title: str) -> SizeHistory:
        """With one more stop, which is shown if it changes the size."""
        if self.stops and size == self.size:
            return self._replace(stops=self.stops + 1)
        stop_texts = (*self.stop_texts, f"{size} ({title})")
        changes = self.changes + 1
        if changes > _MOST_STOPS:
            stop_texts = (*stop_texts[:_ENDS], *stop_texts[-_ENDS:])
        return SizeHistory(self.stops + 1, changes, stop_texts, size)


_NONE = SizeHistory(0, 0, (), None)


class Histories:
    """The history of each requested size, and of all sizes that it is computed from."""

    def __init__(self) -> None:
        self._known: dict[tuple[Value, int], SizeHistory] = {}

    def of(self, value: Value, axis: int) -> SizeHistory:
        """The history of size `axis` of a value whose shape is known."""
        made_of: list[tuple[Value, int, bool]] = []
        history = _NONE
        while True:
            known = self._known.get((value, axis))
            if known is not None:
                history = known
                break
            origin = origin_of(value, axis) if value.node.known else None
            made_of.append((value, axis, origin is None or origin.kind != "same"))
            if origin is None or origin.kind not in ("same", "window") or not origin.parts:
                break
            index, axis = origin.parts[0]
            value = value.node.inputs[index]
        for value, axis, is_stop in reversed(made_of):
            if is_stop:
                assert value.shape is not None
                history = history.then(value.shape[axis], value.node.path)
            self._known[value, axis] = history
        return history
