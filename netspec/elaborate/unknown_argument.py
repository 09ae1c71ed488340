"""Arguments that an op does not have: which one was intended, or which key of every step."""

from __future__ import annotations

from netspec.diagnostics import (
    Code,
    Diagnostic,
    Edit,
    Help,
    Label,
    Span,
    Suggestion,
    advice,
    did_you_mean,
)
from netspec.document import Mapping, Scalar, TextNode
from netspec.elaborate.op_value import Definition
from netspec.graph.nodes import Level
from netspec.graph.source_spans import around
from netspec.record import replace
from netspec.similar_words import closest
from netspec.syntax import Block, Step
from netspec.syntax.step_keys import OF_A_CALL

_USUAL_MOMENTUM = 0.5
"""A larger momentum of a normalization is hardly one of PyTorch."""


def stray_argument(
    definition: Definition, key: Scalar, level: Level, step: Step | None
) -> tuple[Diagnostic, str | None]:
    """The message for an argument that the op does not have, with a suggestion."""
    block = isinstance(definition, Block)
    declared = list(
        definition.parameters if isinstance(definition, Block) else definition.arguments
    )
    keys = [k for k in OF_A_CALL if not _written(step, k)] if step is not None else []
    suggestion, instead = None, None
    if (misread := _decimal_comma(key, step) or _assigned(key, declared, keys)) is not None:
        return misread, None
    if not isinstance(definition, Block):
        from netspec.layers.other_arguments import remark, suggested_argument, suggested_key

        suggestion = suggested_argument(definition.__name__, key.text, declared)
        word = None if suggestion else suggested_key(key.text)
        if key.text == "input" and definition.variadic:
            word = "from"
        suggestion = word if word in keys else suggestion
        instead = None if suggestion else remark(key.text, definition.inputs)
    if suggestion is None and instead is None:
        suggestion = closest(key.text, [*declared, *keys])
    help_: str
    if suggestion is not None:
        help_ = did_you_mean(suggestion)
        if key.text == "epsilon" and _has_momentum_of_keras(step):
            help_ = Suggestion(
                f"{help_} (Keras' `momentum` is 1 minus this one)", suggestion, safe=False
            )
    elif instead is not None:
        help_ = instead
    elif block:
        help_ = (
            f"its parameters are: {', '.join(declared)}" if declared else ("it has no arguments")
        )
    else:
        help_ = f"its arguments are: {', '.join(declared) or 'none'}"
    edits: tuple[Edit, ...] = ()
    if step is not None and instead is not None and not isinstance(definition, Block):
        from netspec.diagnosis.step_edits import read_inputs

        edits = read_inputs(step, definition.inputs) if key.text in definition.inputs else ()
    diagnostic = Diagnostic(
        Code.UNKNOWN_PARAMETER if block else Code.UNKNOWN_ARGUMENT,
        f"the block `{definition.name}` has no parameter `{key.text}`"
        if isinstance(definition, Block)
        else f"`{definition.__name__}` has no argument `{key.text}`",
        key.span,
        "unknown parameter" if block else "unknown argument",
        (Label(definition.place.span, "the block"),) if isinstance(definition, Block) else (),
        helps=(
            replace(advice(help_, key.span), edits=edits) if edits else advice(help_, key.span),
        ),
        path=level.child(step.title) if step is not None else "",
        frames=around(level),
        name=key.text if block else "",
    )
    taken = (
        suggestion is not None
        and step is not None
        and any(k.text == suggestion for k, _ in step.arguments)
    )
    return diagnostic, None if taken else suggestion


def _has_momentum_of_keras(step: Step | None) -> bool:
    """Whether a normalization has a momentum that is usual in Keras and not in PyTorch, such as 0.99."""
    values = [v for k, v in step.arguments if k.text == "momentum"] if step is not None else []
    numbers = [v.value for v in values if isinstance(v, Scalar) and isinstance(v.value, float)]
    return any(number > _USUAL_MOMENTUM for number in numbers)


def _decimal_comma(key: Scalar, step: Step | None) -> Diagnostic | None:
    """The diagnostic on `p: 0,5`, which YAML reads as `p: 0` and a key `5`."""
    if step is None or not key.text.isdigit():
        return None
    index = [k for k, _ in step.arguments].index(key)
    if not index or step.arguments[index][1].span.text.strip():
        return None
    before, value = step.arguments[index - 1]
    between = key.source.text[value.end : key.start]
    if not isinstance(value, Scalar) or type(value.value) is not int or between.strip() != ",":
        return None
    number = f"{value.text}.{key.text}"
    return Diagnostic(
        Code.UNKNOWN_ARGUMENT,
        f"`{before.text}: {value.text},{key.text}` is a number with a decimal comma",
        Span(key.source, value.start, key.end),
        "a comma separates arguments",
        helps=(Help(f"write `{number}`", (Edit(Span(key.source, value.start, key.end), number),)),),
    )


def _assigned(key: Scalar, declared: list[str], keys: list[str]) -> Diagnostic | None:
    """The diagnostic on `name=value` in place of `name: value`."""
    name, equals, value = (part.strip() for part in key.text.partition("="))
    if not equals or (name not in declared and name not in keys):
        return None
    help_ = Help(f"write `{name}: {value}`", (Edit(key.span, f"{name}: {value}"),))
    return Diagnostic(
        Code.UNKNOWN_ARGUMENT,
        f"`{key.text}` is not an argument: separate the name and the value with a colon and a space",
        key.span,
        "an equals sign",
        helps=(help_ if key.span.text == key.text and value else replace(help_, edits=()),),
    )


def without_comma(value: TextNode) -> tuple[Help, ...]:
    """The help for a value with a comma after it, which makes a list of one item."""
    text = value.text.rstrip() if isinstance(value, Scalar) else ""
    if not text.endswith(",") or value.span.text != text:
        return ()
    shown = text[:-1].rstrip()
    return (Help(f"write `{shown}`: the comma makes it a list", (Edit(value.span, shown),)),)


def _written(step: Step, key: str) -> bool:
    """Whether a step has this key already."""
    details = step.node
    if isinstance(details, Mapping) and len(details.entries) == 1:
        details = details.entries[0][1]
    return isinstance(details, Mapping) and details.get(key) is not None
