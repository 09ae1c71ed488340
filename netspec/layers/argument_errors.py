"""What is wrong with the arguments of a layer, as errors with advice. Imported when there is an error."""

from __future__ import annotations

from collections.abc import Mapping

from netspec.diagnostics import Code, closest, did_you_mean
from netspec.layers.arguments import Argument, InvalidValueError
from netspec.layers.base import Layer, show
from netspec.layers.shape_rules import ArgumentError, ShapeError


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
        else _invalid_value(layer, layer.arguments[name], values[name], reason)
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
    layer: type[Layer], argument: Argument, value: object, reason: InvalidValueError
) -> ArgumentError:
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
        (_advice(argument, value, reason),),
    )  # fmt: skip


def _advice(argument: Argument, value: object, reason: InvalidValueError) -> str:
    suggestion = closest(value, argument.kind.words) if isinstance(value, str) else None
    if suggestion:
        return did_you_mean(suggestion)
    if isinstance(value, str) and value in argument.kind.others_words:
        return f"write a number: only `Conv1d`, `Conv2d` and `Conv3d` accept `{value}`"
    return f"set `{argument.name}` to {reason.expected}"


def _missing_arguments(layer: type[Layer], names: list[str]) -> ArgumentError:
    listed = ", ".join(f"`{n}`" for n in names)
    return ArgumentError(
        Code.MISSING_ARGUMENT, "", f"`{layer.op}` requires {listed}",
        f"missing {', '.join(names)}",
        tuple(f"`{n}`: {layer.arguments[n].doc}" for n in names),
    )  # fmt: skip
