"""A program in memory: registered so that it can be pickled and copied, and tracebacks show its lines."""

from __future__ import annotations

import hashlib
import linecache
import sys
import threading
from types import ModuleType
from typing import Any, SupportsIndex

from torch import nn

from netspec.build.stand_ins import construct

_PACKAGE = "netspec.generated"
_LOADING = threading.RLock()


def build(source: str, name: str, shown: str = "", *, draws: bool = True) -> nn.Module:
    """An instance of class `name` of the program `source`, with newly initialized weights.

    Args:
        source: The program.
        name: The class.
        shown: The program as tracebacks show it, line for line; by default `source`.
        draws: Whether weights are drawn at random; otherwise they are undefined.
    """
    return construct(load_program(source, shown), name, draws=draws)


def load_program(source: str, shown: str = "") -> ModuleType:
    """The program as a module; the same text is always the same module.

    Its name is a hash of its text, so that two processes give the same program the same name.
    """
    digest = hashlib.sha256(source.encode()).hexdigest()[:16]
    name = f"{_PACKAGE}_{digest}"
    # A module is registered before it runs, as imports do it: no other code may see it half initialized.
    with _LOADING:
        return sys.modules.get(name) or _run(source, name, f"<netspec {digest}>", shown or source)


def _run(source: str, name: str, file: str, shown: str) -> ModuleType:
    """A new module from the program: its lines are known to tracebacks, its classes to `pickle`."""
    program = compile(source, file, "exec")
    module = ModuleType(name)
    module.__file__ = file
    linecache.cache[file] = (len(shown), None, shown.splitlines(keepends=True), file)
    sys.modules[name] = module
    try:
        exec(program, module.__dict__)
    except BaseException:
        del sys.modules[name], linecache.cache[file]
        raise
    for value in list(vars(module).values()):
        if isinstance(value, type) and issubclass(value, nn.Module) and value.__module__ == name:
            value.__reduce_ex__ = _reducer(source, value)  # type: ignore[method-assign]
    return module


def _reducer(source: str, cls: type[nn.Module]) -> Any:
    def reduce_ex(self: nn.Module, protocol: SupportsIndex) -> Any:
        if type(self) is not cls:  # a subclass is its author's: Python finds it by its own name
            return super(cls, self).__reduce_ex__(protocol)
        return restore, (source, cls.__name__), self.__getstate__()  # type: ignore[no-untyped-call]

    return reduce_ex


def restore(source: str, name: str) -> nn.Module:
    """An instance without state, for `pickle` and `copy` to fill: also in a process that is new."""
    cls = getattr(load_program(source), name)
    made = cls.__new__(cls)
    assert isinstance(made, nn.Module)
    return made
