"""A function of `torch.nn.init` and its arguments, as `init` rules and learned tensors write them."""

from __future__ import annotations

from collections.abc import Mapping as Dict
from typing import TYPE_CHECKING

from netspec.diagnostics import Code, did_you_mean
from netspec.document import Mapping, Scalar, TextNode
from netspec.elaborate.scope import Reader
from netspec.expr import UNKNOWN
from netspec.layer.argument_kinds import InvalidValueError, show
from netspec.layers.initializers import INITIALIZERS
from netspec.similar_words import closest

if TYPE_CHECKING:
    from netspec.elaborate.evaluator import Evaluator

Written = Dict[str, tuple[Scalar, TextNode]]
"""Arguments with the keys that name them."""


def read_mapping(node: Mapping, values: Evaluator, reader: Reader) -> object:
    """The value of `{fn: normal_, std: 0.02}`; `UNKNOWN` where an error was reported."""
    fn = node.get("fn")
    if not isinstance(fn, Scalar) or not isinstance(fn.value, str):
        values.error(
            Code.INIT,
            "expected a function of torch.nn.init",
            fn or node,
            "missing `fn`" if fn is None else "not a name",
            "write `zeros_`, or `{fn: normal_, std: 0.02}`",
        )
        return UNKNOWN
    written = {key.text: (key, value) for key, value in node.entries if key.text != "fn"}
    arguments = read_arguments(fn.text, fn, written, values, reader)
    return UNKNOWN if arguments is None else {"fn": fn.text, **arguments}


def read_arguments(
    function: str, place: TextNode, written: Written, values: Evaluator, reader: Reader
) -> dict[str, object] | None:
    """The arguments of a function; None if it does not exist or does not accept them."""
    if not _sound(function, place, written, values):
        return None
    arguments: dict[str, object] = {}
    for name, (_, node) in written.items():
        kind = INITIALIZERS[function].arguments[name]
        value = values.argument(kind, node, reader)
        if value is UNKNOWN:
            return None
        try:
            arguments[name] = kind.accept(value)
        except InvalidValueError as rejected:
            suggestion = closest(value, kind.words) if isinstance(value, str) else None
            values.error(
                Code.INIT,
                f"`{name}` of `{function}` cannot be {show(value)}",
                node,
                f"must be {rejected.expected}",
                *([did_you_mean(suggestion)] if suggestion else []),
            )
            return None
    return arguments


def _sound(function: str, place: TextNode, written: Written, values: Evaluator) -> bool:
    """Whether the function exists and accepts these arguments."""
    known = INITIALIZERS.get(function)
    if known is None:
        suggestion = closest(function, INITIALIZERS)
        values.error(
            Code.INIT,
            f"torch.nn.init has no function `{function}`",
            place,
            "unknown function",
            did_you_mean(suggestion)
            if suggestion
            else (f"the functions are: {', '.join(INITIALIZERS)}"),
        )
        return False
    takes = f"its arguments are: {', '.join(known.arguments) or 'none'}"
    for name, (key, _) in written.items():
        if name not in known.arguments:
            suggestion = closest(name, known.arguments)
            values.error(
                Code.INIT,
                f"`{function}` has no argument `{name}`",
                key,
                "unknown argument",
                did_you_mean(suggestion) if suggestion else takes,
            )
            return False
    missing = [name for name in known.required if name not in written]
    if missing:
        values.error(Code.INIT, f"`{function}` requires `{missing[0]}`", place, "", takes)
    return not missing
