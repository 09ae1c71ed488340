"""Errors in the arguments of a layer, with helps. Imported when there is an error."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from netspec.diagnostics import Code, Suggestion, did_you_mean
from netspec.layer.argument_kinds import BOOLEAN, InvalidValueError, show
from netspec.layer.arguments import Argument
from netspec.layer.shape_rules import ArgumentError, ShapeError
from netspec.similar_words import closest

if TYPE_CHECKING:
    from netspec.layer.base import Layer


def value_errors(
    layer: type[Layer],
    values: Mapping[str, object],
    rejected: Mapping[str, InvalidValueError | None],
    missing: list[str],
) -> list[ArgumentError]:
    """The errors of rejected values, in order, then that of the missing arguments.

    Args:
        layer: The class of the layer.
        values: All values by name.
        rejected: The reason of each rejected value; None for a name that is not an argument.
        missing: The required arguments without a value.

    Returns:
        An error for each rejected value, and one for all missing arguments that no other error suggests.
    """
    errors = [
        _unknown_argument(layer, name)
        if reason is None
        else _invalid_value(layer, layer.arguments[name], values, reason)
        for name, reason in rejected.items()
    ]
    suggested = {e.suggestion for e in errors}
    absent = [name for name in missing if name not in suggested]
    return [*errors, _missing_arguments(layer, absent)] if absent else errors


def conflicting_arguments(error: ShapeError) -> ArgumentError:
    """The error of `validate` as an error of an argument."""
    helps = (*error.notes, *error.helps)
    return ArgumentError(error.code, error.argument, error.message, error.label, helps)


def _unknown_argument(layer: type[Layer], name: str) -> ArgumentError:
    suggestion = closest(name, layer.arguments)
    has = ", ".join(layer.arguments) or "none"
    return ArgumentError(
        Code.UNKNOWN_ARGUMENT, name, f"`{layer.op}` has no argument `{name}`",
        "unknown argument",
        (did_you_mean(suggestion),) if suggestion else (f"its arguments are: {has}",),
        suggestion,
    )  # fmt: skip


def _invalid_value(
    layer: type[Layer],
    argument: Argument,
    values: Mapping[str, object],
    reason: InvalidValueError,
) -> ArgumentError:
    value = values[argument.name]
    if reason.fixed:
        return ArgumentError(
            Code.NOT_FIXED, argument.name,
            f"`{argument.name}` of `{layer.op}` must be a constant, but `{show(value)}` "
            "depends on the input size",
            f"{show(value)} is not a constant",
        )  # fmt: skip
    return ArgumentError(
        Code.BAD_ARGUMENT, argument.name,
        f"`{argument.name}` of `{layer.op}` cannot be {show(value)}",
        f"must be {reason.expected}",
        tuple(_advice(layer, argument, value, values)),
    )  # fmt: skip


def _advice(
    layer: type[Layer], argument: Argument, value: object, values: Mapping[str, object]
) -> Iterator[str]:
    """The replacement of a rejected value: the intended word or number, or a description of the argument."""
    suggestion = closest(value, argument.kind.words) if isinstance(value, str) else None
    if suggestion:
        yield did_you_mean(suggestion)
    elif value in ("same", "valid") and value in argument.kind.others_words:
        yield f"write a number: only `Conv1d`, `Conv2d` and `Conv3d` accept `{value}`"
    elif (
        isinstance(value, str)
        and value in argument.kind.others_words
        and argument.name == "padding"
    ):
        yield _padding_advice(layer, value, values)
    elif argument.kind is BOOLEAN and value in (0, 1, None):
        word = "true" if value else "false"
        yield Suggestion(f"write `{word}`", word, safe=value is not None)
    elif isinstance(value, list | tuple) and len(value) == 1 and isinstance(value[0], int):
        yield Suggestion(f"write `{value[0]}`", str(value[0]))
    elif argument.kind is BOOLEAN:
        yield f"write `true` or `false`: {_described(argument)}"
    elif argument.kind.words and argument.kind.text:
        word = min(argument.kind.words)
        yield f"write a word for {_described(argument)}, such as `{word}`"
    else:
        yield f"set `{argument.name}` to {_described(argument)}"


def _described(argument: Argument) -> str:
    """The argument, from its description."""
    return argument.doc.partition(";")[0].partition(", or null")[0]


def _padding_advice(layer: type[Layer], word: str, values: Mapping[str, object]) -> str:
    """The padding that a word of another tool means."""
    kernel, dilation = values.get("kernel_size"), values.get("dilation", 1)
    known = isinstance(kernel, int) and isinstance(dilation, int)
    reach = dilation * (kernel - 1) if known else 0  # type: ignore[operator]
    if word == "causal":
        pad = f"[{reach}, 0]" if known else "[…, 0]"
        return f"add `{{op: Pad, pad: {pad}}}` before it instead, which pads the start alone"
    if word == "full" and known:
        return Suggestion(f"write `{reach}`", str(reach))
    mode = layer.arguments.get("padding_mode")
    if mode is not None and word in mode.kind.words:
        return f"write `padding_mode: {word}`, with `padding` as a number"
    half = f"`padding: {reach // 2}`" if known else "a number"
    return f"write `same` to preserve the size, or {half}"


def _missing_arguments(layer: type[Layer], names: list[str]) -> ArgumentError:
    listed = ", ".join(f"`{n}`" for n in names)
    return ArgumentError(
        Code.MISSING_ARGUMENT, "", f"`{layer.op}` requires {listed}",
        f"missing {', '.join(names)}",
        tuple(f"`{n}`: {layer.arguments[n].doc}" for n in names),
    )  # fmt: skip
