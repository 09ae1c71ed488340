"""Reads the structure of a pickle: imports nothing that it names, and calls nothing that it requests.

`pickletools` takes the opcodes apart; what they would build is built here of plain data. Names of other
modules become `PickledName`, their calls `Made`, unless a `Meaning` knows them. Every opcode is charged to a
`PickleBudget`, so that neither time nor memory exceed it, whatever the pickle says.
"""

from __future__ import annotations

import pickletools
from collections.abc import Callable
from typing import IO, Any, NamedTuple, Protocol


class InertError(Exception):
    """A pickle that is damaged, or requires more than a checkpoint needs."""


class PickledName(NamedTuple):
    """Something of a module, by name."""

    module: str
    name: str


class Made:
    """The result of a call that is not executed: the callable, its arguments, and the state that is set later."""

    __slots__ = ("arguments", "maker", "state")

    def __init__(self, maker: object, arguments: object) -> None:
        self.maker, self.arguments = maker, arguments
        self.state: object = None


class OtherKey:
    """A key of a dict that is no text. Two are never the same: a number may be made to hash slowly."""

    __slots__ = ("key",)

    def __init__(self, key: object) -> None:
        self.key = key


MOST_CELLS = 4_000_000
"""The total budget of all files that are read together."""
CELL_BYTES = 32


class PickleBudget:
    """The budget of reading, in cells of about 32 bytes or half a microsecond."""

    def __init__(self, cells: int = MOST_CELLS) -> None:
        self.left = cells

    def charge(self, cells: int) -> None:
        """Spend a part of the budget; raises `InertError` if it is exhausted."""
        self.left -= cells
        if self.left < 0:
            raise InertError("it requires too much time or memory to read")


class Meaning(Protocol):
    """The meanings of some names, calls and persistent ids."""

    def name(self, name: PickledName) -> object:
        """The meaning of a name; by default the name itself."""

    def call(self, made: Made) -> object:
        """The result of a call; by default the call itself."""

    def persistent(self, identity: object) -> object:
        """The meaning of a persistent id."""


class _Machine:
    """The stacks and the memo of one pickle."""

    def __init__(self, meaning: Meaning, budget: PickleBudget) -> None:
        self.stack: list[Any] = []
        self.below: list[list[Any]] = []
        """The stacks under each open mark."""
        self.memo: dict[int, Any] = {}
        self.meaning, self.budget = meaning, budget

    def since_mark(self) -> list[Any]:
        """Pop the items above the last mark, and the mark."""
        items, self.stack = self.stack, self.below.pop()
        return items

    def put(self, target: Any, flat: list[Any]) -> None:
        """Add keys and values to a dict; an object that represents another collection stays unchanged."""
        self.budget.charge(4 * len(flat))
        if len(flat) % 2:
            raise InertError("it is damaged")
        if isinstance(target, dict):
            for key, value in zip(flat[::2], flat[1::2], strict=True):
                target[key if isinstance(key, str) else OtherKey(key)] = value
        elif not isinstance(target, Made):
            raise InertError("it is damaged")

    def append(self, items: list[Any]) -> None:
        """Append items to the list on the stack; an object that represents another collection stays unchanged."""
        target = self.stack[-1]
        self.budget.charge(2 + len(items) // 2)
        if isinstance(target, list):
            target.extend(items)
        elif not isinstance(target, Made):
            raise InertError("it is damaged")

    def make(self, maker: object, arguments: object) -> None:
        """Push the meaning of a call."""
        if not isinstance(maker, PickledName | Made):
            raise InertError("it is damaged")
        self.stack.append(self.meaning.call(Made(maker, arguments)))


def read_inert(
    file: IO[bytes], meaning: Meaning, budget: PickleBudget, foreign: Callable[[str], None]
) -> Any:
    """The next pickle of a file as plain data; raises `InertError`.

    `foreign` is called with each opcode that torch does not read with `weights_only=True`.
    """
    machine = _Machine(meaning, budget)
    read = file.read
    try:
        while code := read(1):
            name, cost, argument, run = _OPCODES[code]
            budget.charge(cost)
            if code not in OPCODES_OF_TORCH:
                foreign(name)
            if run is not None:
                run(machine, argument(file) if argument is not None else None)
            elif name == "STOP":
                return machine.stack.pop()
            elif argument is not None:
                argument(file)
    except (ValueError, IndexError, KeyError, AttributeError, TypeError, OverflowError, EOFError):
        raise InertError("it is damaged") from None
    raise InertError("it is truncated")


# ---- opcodes -----------------------------------------------------------------------------------------


def _push(machine: _Machine, argument: Any) -> None:
    machine.stack.append(argument)


def _push_text(machine: _Machine, argument: Any) -> None:
    wide = isinstance(argument, str) and not argument.isascii()
    machine.budget.charge(len(argument) >> (3 if wide else 5))
    machine.stack.append(argument)


def _push_old_text(machine: _Machine, argument: str) -> None:
    _push_text(machine, argument.encode("latin-1").decode())


def _push_integer(machine: _Machine, argument: int) -> None:
    if argument.bit_length() > _MOST_BITS:
        raise InertError("it is damaged")
    machine.stack.append(argument)


def _drop(machine: _Machine, _: Any) -> None:
    machine.since_mark()


def _tuple(count: int) -> Callable[[_Machine, Any], None]:
    def run(machine: _Machine, _: Any) -> None:
        stack = machine.stack
        if len(stack) < count:
            raise InertError("it is damaged")
        stack[-count:] = [tuple(stack[-count:])]

    return run


def _mark(machine: _Machine, _: Any) -> None:
    machine.below.append(machine.stack)
    machine.stack = []


def _build(machine: _Machine, _: Any) -> None:
    state = machine.stack.pop()
    target = machine.stack[-1]
    if isinstance(target, Made):
        target.state = state


def _global(machine: _Machine, argument: PickledName) -> None:
    machine.budget.charge((len(argument.module) + len(argument.name)) >> 5)
    machine.stack.append(machine.meaning.name(argument))


def _stack_global(machine: _Machine, _: Any) -> None:
    name, module = machine.stack.pop(), machine.stack.pop()
    if not isinstance(name, str) or not isinstance(module, str):
        raise InertError("it is damaged")
    machine.stack.append(machine.meaning.name(PickledName(module, name)))


def _reduce(machine: _Machine, _: Any) -> None:
    arguments, maker = machine.stack.pop(), machine.stack.pop()
    machine.make(maker, arguments)


def _new_with_names(machine: _Machine, _: Any) -> None:
    machine.stack.pop()
    _reduce(machine, None)


def _inst(machine: _Machine, argument: PickledName) -> None:
    _global(machine, argument)
    maker = machine.stack.pop()
    arguments = tuple(machine.since_mark())
    machine.make(maker, arguments)


def _obj(machine: _Machine, _: Any) -> None:
    maker, *arguments = machine.since_mark()
    machine.make(maker, tuple(arguments))


def _set_item(machine: _Machine, _: Any) -> None:
    value, key = machine.stack.pop(), machine.stack.pop()
    machine.put(machine.stack[-1], [key, value])


def _set_items(machine: _Machine, _: Any) -> None:
    items = machine.since_mark()
    machine.put(machine.stack[-1], items)


def _append(machine: _Machine, _: Any) -> None:
    item = machine.stack.pop()
    machine.append([item])


def _append_all(machine: _Machine, _: Any) -> None:
    items = machine.since_mark()
    machine.append(items)


def _remember(machine: _Machine, argument: Any) -> None:
    index = len(machine.memo) if argument is None else int(argument)
    if not 0 <= index < 2**32:
        raise InertError("it is damaged")
    machine.memo[index] = machine.stack[-1]


def _recall(machine: _Machine, argument: Any) -> None:
    machine.stack.append(machine.memo[int(argument)])


def _dict(machine: _Machine, _: Any) -> None:
    made: dict[Any, Any] = {}
    machine.put(made, machine.since_mark())
    machine.stack.append(made)


def _collected(kind: Callable[[list[Any]], Any]) -> Callable[[_Machine, Any], None]:
    def run(machine: _Machine, _: Any) -> None:
        items = machine.since_mark()  # before its stack is looked up: that is another one then
        machine.stack.append(kind(items))

    return run


def _new(kind: Callable[[], object]) -> Callable[[_Machine, Any], None]:
    return lambda machine, _: machine.stack.append(kind())


def _persistent(machine: _Machine, identity: Any) -> None:
    machine.stack.append(machine.meaning.persistent(identity))


def _line(file: IO[bytes]) -> str:
    """A line as it is. `pickletools` looks for escapes in it, where pickle does not."""
    line = file.readline()
    if not line.endswith(b"\n"):
        raise InertError("it is truncated")
    return line[:-1].decode()


def _two_lines(file: IO[bytes]) -> PickledName:
    return PickledName(_line(file), _line(file))


_READERS: dict[str, Callable[[IO[bytes]], Any]] = {
    "GLOBAL": _two_lines, "INST": _two_lines, "PERSID": _line, "STRING": _line,
}  # fmt: skip
"""Where the arguments of opcodes are not read by `pickletools`."""
_MOST_BITS = 8 * 255
"""The length of an integer: the limit of LONG1, the longest that torch reads."""
_Run = Callable[[_Machine, Any], None]
_RULES: dict[str, tuple[int, _Run | None]] = {
    "PROTO": (2, None), "FRAME": (2, None), "STOP": (0, None),
    **dict.fromkeys(("FLOAT", "BINFLOAT"), (2, _push)),
    **dict.fromkeys(("INT", "BININT", "BININT1", "BININT2"), (2, _push_integer)),
    **dict.fromkeys(("LONG", "LONG1", "LONG4"), (12, _push_integer)),
    **dict.fromkeys(("STRING", "UNICODE", "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8", "BINBYTES",
                     "SHORT_BINBYTES", "BINBYTES8", "BYTEARRAY8"), (3, _push_text)),
    **dict.fromkeys(("BINSTRING", "SHORT_BINSTRING"), (3, _push_old_text)),
    "NONE": (2, _new(lambda: None)), "NEWTRUE": (2, _new(lambda: True)), "NEWFALSE": (2, _new(lambda: False)),
    "EMPTY_DICT": (3, _new(dict)), "EMPTY_LIST": (3, _new(list)), "EMPTY_TUPLE": (2, _new(tuple)),
    "EMPTY_SET": (3, _new(list)),
    "MARK": (3, _mark), "POP": (2, lambda m, _: m.stack.pop()), "POP_MARK": (2, _drop),
    "DUP": (2, lambda m, _: m.stack.append(m.stack[-1])),
    "TUPLE": (2, _collected(tuple)), "TUPLE1": (2, _tuple(1)), "TUPLE2": (2, _tuple(2)), "TUPLE3": (2, _tuple(3)),
    "LIST": (2, _collected(list)), "FROZENSET": (2, _collected(tuple)), "DICT": (3, _dict),
    "APPEND": (2, _append), "APPENDS": (2, _append_all), "ADDITEMS": (2, _append_all),
    "SETITEM": (2, _set_item), "SETITEMS": (2, _set_items),
    **dict.fromkeys(("PUT", "BINPUT", "LONG_BINPUT", "MEMOIZE"), (3, _remember)),
    **dict.fromkeys(("GET", "BINGET", "LONG_BINGET"), (2, _recall)),
    "GLOBAL": (6, _global), "STACK_GLOBAL": (3, _stack_global),
    "REDUCE": (4, _reduce), "NEWOBJ": (4, _reduce), "NEWOBJ_EX": (4, _new_with_names),
    "INST": (8, _inst), "OBJ": (4, _obj), "BUILD": (2, _build),
    "PERSID": (4, _persistent), "BINPERSID": (4, lambda m, _: _persistent(m, m.stack.pop())),
}  # fmt: skip
"""The cost of each opcode, in cells, and its function."""
_OPCODES = {
    opcode.code.encode("latin-1"): (
        opcode.name, rule[0], _READERS.get(opcode.name) or (opcode.arg.reader if opcode.arg else None), rule[1],
    )
    for opcode in pickletools.opcodes
    if (rule := _RULES.get(opcode.name)) is not None
}  # fmt: skip
OPCODES_OF_TORCH = frozenset(
    opcode.code.encode("latin-1")
    for opcode in pickletools.opcodes
    if opcode.name
    in (
        "GLOBAL", "NEWOBJ", "REDUCE", "BUILD", "APPEND", "APPENDS", "SETITEM", "SETITEMS", "MARK", "TUPLE",
        "TUPLE1", "TUPLE2", "TUPLE3", "NONE", "NEWFALSE", "NEWTRUE", "EMPTY_TUPLE", "EMPTY_LIST",
        "EMPTY_DICT", "EMPTY_SET", "BININT", "BININT1", "BININT2", "BINFLOAT", "BINUNICODE",
        "SHORT_BINSTRING", "BINPERSID", "BINGET", "LONG_BINGET", "BINPUT", "LONG_BINPUT", "LONG1", "PROTO",
        "STOP",
    )
)  # fmt: skip
"""The opcodes that torch reads with `weights_only=True`; a test compares the set with torch's own reader."""
