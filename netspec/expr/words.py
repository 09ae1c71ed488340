"""The words and signs of all expressions: functions, literals, operators, and attributes."""

from __future__ import annotations

import _ast as ast  # the node classes; `ast` itself takes 2 ms to load
import math
from typing import Final, NamedTuple

from netspec.diagnostics import did_you_mean
from netspec.similar_words import closest

LITERALS: Final[dict[str, object]] = {"true": True, "false": False, "null": None}
"""The literals as YAML spells them; Python's spellings are understood too."""

FUNCTIONS: Final[dict[str, tuple[int, int]]] = {
    "min": (1, 1000),
    "max": (1, 1000),
    "round": (1, 2),
    "floor": (1, 1),
    "ceil": (1, 1),
    "int": (1, 1),
    "len": (1, 1),
    "sum": (1, 1),
    "range": (1, 3),
    "abs": (1, 1),
    "sqrt": (1, 1),
    "exp": (1, 1),
    "log": (1, 1),
    "sin": (1, 1),
    "cos": (1, 1),
}
"""The functions of the language, with the minimum and maximum number of arguments."""
LATER_WORDS: Final = frozenset({"abs", "sqrt", "exp", "log", "sin", "cos", "pi"})
"""Functions and numbers that version 1.1 of the language introduced."""
MATH: Final = ("floor", "ceil", "sqrt", "exp", "log", "sin", "cos")
"""The functions that are those of Python's `math`."""
NUMBERS: Final[dict[str, float]] = {"pi": math.pi}
"""Numbers with a name, where no parameter has the name."""

AXES: Final = {"batch": 0, "channels": 1, "height": -2, "width": -1, "features": -1}
"""The axis that each word for a size means."""
LEAST_RANK: Final = {"batch": 1, "channels": 2, "height": 3, "width": 3, "features": 1}
"""How many axes a tensor must have for each word to mean something."""
TENSOR_WORDS: Final = (*AXES, "size", "rank")
"""The attributes of a tensor."""
PLACES: Final = ("index", "first", "last")
"""The attributes of a loop variable."""

UNARY: Final[dict[type[ast.unaryop], str]] = {ast.Not: "not", ast.USub: "-", ast.UAdd: "+"}
"""Operators before one value."""
BINARY: Final[dict[type[ast.operator], str]] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.Pow: "**",
}
"""Operators between two values."""
COMPARISON_SIGNS: Final[dict[type[ast.cmpop], str]] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.In: "in",
    ast.NotIn: "not in",
}
"""Comparisons."""

_SYNONYMS: Final = {
    "shape": "size(k)", "ndim": "rank", "dim": "rank", "n": "batch", "c": "channels",
    "h": "height", "w": "width", "length": "width", "i": "index", "idx": "index",
    "number": "index", "in_channels": "channels", "out_channels": "channels",
}  # fmt: skip


_KNOWN_WORDS: Final = (
    f"a tensor has {' '.join('.' + word for word in AXES)} .rank .size(k), "
    "a loop variable .index .first .last"
)


class Access(NamedTuple):
    """`x.height`, `x[1].size(2)` or `stage.index`, taken apart."""

    root: str
    input: int | None
    """The index of the input, if the text has one."""
    word: str
    axis: ast.expr | None
    """The argument of `size(…)`."""

    @property
    def is_place(self) -> bool:
        """Whether it reads the position of a loop variable."""
        return self.word in PLACES


def access(node: ast.expr) -> Access | None:
    """The attribute of a tensor or loop variable; None for anything else."""
    axis = None
    if isinstance(node, ast.Call):
        if len(node.args) != 1 or node.keywords:
            return None
        axis = node.args[0]
        node = node.func
    if not isinstance(node, ast.Attribute) or (axis is None) == (node.attr == "size"):
        return None
    match node.value:
        case ast.Name(root):
            return Access(root, None, node.attr, axis)
        case ast.Subscript(ast.Name(root), ast.Constant(int(number))) if type(number) is int:
            return None if node.attr in PLACES else Access(root, number, node.attr, axis)
    return None


def no_function(name: str) -> tuple[str, tuple[str, ...]]:
    """The message for a call of anything else: the rest of the sentence, and the helps."""
    suggestion = closest(name, FUNCTIONS)
    helps = (did_you_mean(suggestion),) if suggestion else ()
    return f"is not a function of the expression language: {' '.join(FUNCTIONS)}", helps


def no_word(node: ast.expr, word: str) -> tuple[str, tuple[str, ...]]:
    """The message for an unknown attribute: the rest of the sentence, and the helps."""
    if word == "size":
        return "requires one dimension: `x.size(1)`", ()
    if word in (*TENSOR_WORDS, *PLACES):
        if isinstance(node, ast.Call):
            return f"calls `.{word}`, which is not a function", (
                f"write `.{word}` without brackets",
            )
        example = f"`x.{word}` or `x[0].{word}`" if word in TENSOR_WORDS else f"`stage.{word}`"
        return f"reads `.{word}` of an expression that is not a name; write {example}", ()
    suggestion = _SYNONYMS.get(word.lower()) or closest(word, (*TENSOR_WORDS, *PLACES))
    suggestion = "size(k)" if suggestion == "size" else suggestion
    helps = (did_you_mean(f".{suggestion}"),) if suggestion else ()
    return f"reads `.{word}`, which neither tensors nor loop variables have", helps or (
        _KNOWN_WORDS,
    )
