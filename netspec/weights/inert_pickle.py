"""A pickle read for its structure: nothing that it names is imported, and nothing that it asks for is called.

`pickletools` takes the opcodes apart; what they would build is built here of plain data. Names of other
modules become `Name`, their calls `Made`. Only what `torch.save` writes has a meaning of its own.
"""

from __future__ import annotations

import pickletools
from collections.abc import Callable
from typing import IO, Any, NamedTuple

_MOST_OPCODES = 20_000_000


class InertError(Exception):
    """A pickle that is damaged, or asks for what no checkpoint needs."""


class Name(NamedTuple):
    """Something of a module, by name."""

    module: str
    name: str


class Made:
    """What a call would give: who is called, with what; and the state that it is given then."""

    __slots__ = ("arguments", "maker", "state")

    def __init__(self, maker: object, arguments: object) -> None:
        self.maker, self.arguments = maker, arguments
        self.state: object = None


class _Mark:
    """Where a collection begins on the stack."""


_MARK = _Mark()


class _Reader:
    """The stack and the memo of one pickle."""

    def __init__(
        self, persistent: Callable[[object], object], call: Callable[[Made], object]
    ) -> None:
        self.stack: list[Any] = []
        self.memo: dict[int, Any] = {}
        self.persistent, self.call = persistent, call

    def pop(self) -> Any:
        """The top of the stack."""
        return self.stack.pop()

    def since_mark(self) -> list[Any]:
        """What lies above the last mark; both are taken off."""
        for k in range(len(self.stack) - 1, -1, -1):
            if self.stack[k] is _MARK:
                found = self.stack[k + 1 :]
                del self.stack[k:]
                return found
        raise InertError

    def drop(self) -> None:
        """Take off what lies above the last mark."""
        self.since_mark()

    def pairs(self, flat: list[Any]) -> None:
        """Put keys and values into the dict on the stack."""
        self.put(self.stack[-1], flat)

    def put(self, target: Any, flat: list[Any]) -> None:
        """Put keys and values into a dict, or what stands for one."""
        if isinstance(target, dict):
            for key, value in zip(flat[::2], flat[1::2], strict=True):
                target[key if isinstance(key, str | int | bytes | float | Name) else id(key)] = (
                    value
                )

    def make(self, maker: object, arguments: object) -> None:
        """Push what a call stands for."""
        self.stack.append(self.call(Made(maker, arguments)))

    def do(self, name: str, argument: Any) -> None:
        """One opcode."""
        if name in _CONSTANTS:
            self.stack.append(_CONSTANTS[name]())
        elif name in _LITERALS:
            self.stack.append(argument)
        elif name in _TUPLES:
            count = _TUPLES[name]
            items = tuple(self.stack[len(self.stack) - count :])
            del self.stack[len(self.stack) - count :]
            self.stack.append(items)
        elif (rule := _RULES.get(name)) is not None:
            rule(self, argument)
        elif name not in _NOTHING:
            raise InertError(name)


def read_inert(
    file: IO[bytes],
    persistent: Callable[[object], object],
    call: Callable[[Made], object] = lambda made: made,
) -> Any:
    """The next pickle of a file as plain data; raises `InertError`.

    `persistent` gives what a persistent id stands for; `call` may put a meaning in place of a call.
    """
    reader = _Reader(persistent, call)
    try:
        for count, (opcode, argument, _) in enumerate(pickletools.genops(file)):
            if opcode.name == "STOP":
                return reader.pop()
            if count > _MOST_OPCODES:
                raise InertError("it has no end")
            reader.do(opcode.name, argument)
    except (ValueError, IndexError, KeyError, AttributeError, TypeError, OverflowError, EOFError):
        raise InertError("it is damaged") from None
    raise InertError("it is cut off")


_CONSTANTS: dict[str, Callable[[], object]] = {
    "NONE": lambda: None, "NEWTRUE": lambda: True, "NEWFALSE": lambda: False, "MARK": lambda: _MARK,
    "EMPTY_DICT": dict, "EMPTY_LIST": list, "EMPTY_TUPLE": tuple, "EMPTY_SET": list,
}  # fmt: skip
_LITERALS = frozenset({
    "INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4", "FLOAT", "BINFLOAT", "STRING", "BINSTRING",
    "SHORT_BINSTRING", "BINBYTES", "SHORT_BINBYTES", "BINBYTES8", "BYTEARRAY8", "UNICODE", "BINUNICODE",
    "SHORT_BINUNICODE", "BINUNICODE8",
})  # fmt: skip
_TUPLES = {"TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}
_NOTHING = frozenset({"PROTO", "FRAME"})


def _append(reader: _Reader, items: list[Any]) -> None:
    target = reader.stack[-1]
    if isinstance(target, list):
        target.extend(items)


def _build(reader: _Reader, _: Any) -> None:
    state = reader.pop()
    target = reader.stack[-1]
    if isinstance(target, Made):
        target.state = state


def _global(reader: _Reader, argument: str) -> None:
    module, _, name = argument.partition(" ")
    reader.stack.append(Name(module, name))


def _stack_global(reader: _Reader, _: Any) -> None:
    name, module = reader.pop(), reader.pop()
    reader.stack.append(Name(str(module), str(name)))


def _reduce(reader: _Reader, _: Any) -> None:
    arguments, maker = reader.pop(), reader.pop()
    reader.make(maker, arguments)


def _new_with_names(reader: _Reader, _: Any) -> None:
    reader.pop()
    _reduce(reader, None)


def _inst(reader: _Reader, argument: str) -> None:
    arguments = tuple(reader.since_mark())
    module, _, name = argument.partition(" ")
    reader.make(Name(module, name), arguments)


def _obj(reader: _Reader, _: Any) -> None:
    maker, *arguments = reader.since_mark()
    reader.make(maker, tuple(arguments))


def _set_item(reader: _Reader, _: Any) -> None:
    value, key = reader.pop(), reader.pop()
    reader.pairs([key, value])


def _remember(reader: _Reader, argument: Any) -> None:
    reader.memo[len(reader.memo) if argument is None else int(argument)] = reader.stack[-1]


def _dict(reader: _Reader, _: Any) -> None:
    flat = reader.since_mark()
    made: dict[Any, Any] = {}
    reader.put(made, flat)
    reader.stack.append(made)


_RULES: dict[str, Callable[[_Reader, Any], None]] = {
    "POP": lambda r, _: r.pop(),
    "POP_MARK": lambda r, _: r.drop(),
    "DUP": lambda r, _: r.stack.append(r.stack[-1]),
    "TUPLE": lambda r, _: r.stack.append(tuple(r.since_mark())),
    "LIST": lambda r, _: r.stack.append(r.since_mark()),
    "FROZENSET": lambda r, _: r.stack.append(tuple(r.since_mark())),
    "DICT": _dict,
    "APPEND": lambda r, _: _append(r, [r.pop()]),
    "APPENDS": lambda r, _: _append(r, r.since_mark()),
    "ADDITEMS": lambda r, _: _append(r, r.since_mark()),
    "SETITEM": _set_item,
    "SETITEMS": lambda r, _: r.pairs(r.since_mark()),
    "PUT": _remember,
    "BINPUT": _remember,
    "LONG_BINPUT": _remember,
    "MEMOIZE": _remember,
    "GET": lambda r, k: r.stack.append(r.memo[int(k)]),
    "BINGET": lambda r, k: r.stack.append(r.memo[int(k)]),
    "LONG_BINGET": lambda r, k: r.stack.append(r.memo[int(k)]),
    "GLOBAL": _global,
    "STACK_GLOBAL": _stack_global,
    "REDUCE": _reduce,
    "NEWOBJ": _reduce,
    "NEWOBJ_EX": _new_with_names,
    "INST": _inst,
    "OBJ": _obj,
    "BUILD": _build,
    "PERSID": lambda r, k: r.stack.append(r.persistent(k)),
    "BINPERSID": lambda r, _: r.stack.append(r.persistent(r.pop())),
}
