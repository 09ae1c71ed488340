"""The programs of the specs that this process compiled last: to compile one again is to construct its module."""

from __future__ import annotations

import marshal
import os
import stat
import threading
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from netspec.graph import Graph
from netspec.limits import MOST_BYTES
from netspec.syntax import Spec

_MOST_PROGRAMS: Final = 64


class CompiledProgram(NamedTuple):
    """A program as text.

    Attributes:
        source: Its text.
        class_name: The class of the network.
        annotated: The text with places in the spec, line for line that of `source`.
        network: The name of the network.
    """

    source: str
    class_name: str
    annotated: str
    network: str


class ProgramCache:
    """The programs that were used last, by everything that they depend on."""

    def __init__(self) -> None:
        self._programs: OrderedDict[bytes, CompiledProgram] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, key: bytes | None) -> CompiledProgram | None:
        """The program with that key."""
        if key is None:
            return None
        with self._lock:
            program = self._programs.get(key)
            if program is not None:
                self._programs.move_to_end(key)
            return program

    def add(self, key: bytes | None, program: CompiledProgram) -> None:
        """Keep a program, and forget the one that was not used for longest."""
        if key is None:
            return
        with self._lock:
            self._programs[key] = program
            if len(self._programs) > _MOST_PROGRAMS:
                self._programs.popitem(last=False)


PROGRAMS: Final = ProgramCache()


def text_key(text: str, preset: str | None, params: Mapping[str, object]) -> bytes | None:
    """A key for a text with these settings; None if they cannot be compared."""
    return _key(("text", text, preset), params)


def file_key(
    path: str | os.PathLike[str], preset: str | None, params: Mapping[str, object]
) -> bytes | None:
    """A key for what is in a file now; None if it cannot be read at once, or is too large."""
    name = os.fspath(path)
    try:
        status = os.stat(name)
        if not stat.S_ISREG(status.st_mode) or status.st_size > MOST_BYTES:
            return None
        with open(name, "rb") as file:
            content = file.read(MOST_BYTES + 1)
    except (OSError, ValueError):
        return None
    return _key(("file", name, content, preset), params)


def _key(what: tuple[object, ...], params: Mapping[str, object]) -> bytes | None:
    everything: Any = (what, sorted(params.items()))
    try:
        written = marshal.dumps(everything, 2)  # distinguishes 1 and True
    except ValueError:
        return None
    from hashlib import sha256

    return sha256(written).digest()


def depends_on_text_alone(graph: Graph, spec: Spec | None) -> bool:
    """Whether a program comes from one text: not from files that it uses, or from custom layers."""
    own = {type(node.layer).__module__ for node in graph.nodes if node.layer is not None}
    return (
        spec is not None
        and not spec.uses
        and all(module.startswith("netspec.layers.") for module in own)
    )
