"""The values of the parameters of a file: defaults, presets, and what a caller sets."""

from __future__ import annotations

from collections.abc import Mapping as Dict

from netspec.diagnostics import (
    Code,
    Diagnostic,
    Help,
    Source,
    did_you_mean,
)
from netspec.document import Scalar, TextNode, parse
from netspec.elaborate.interpreter import Interpreter
from netspec.elaborate.scope import BodyScope, DefaultReader, Reader
from netspec.expr import UNKNOWN
from netspec.graph.nodes import Level
from netspec.similar_words import closest
from netspec.syntax import Body, Spec

Settings = Dict[str, object]
"""Values of the parameters of a file from a caller: plain values, or the text of `--set`."""

NO_BODY = Body((), Scalar(Source("", ""), 0, 0, "", None))


def file_parameters(
    spec: Spec, interpreter: Interpreter, settings: Settings, preset: str | None
) -> dict[str, object]:
    """The parameters of the file: defaults, then the preset, then the caller's values."""
    chosen: dict[str, TextNode | None] = {}
    if preset is not None:
        chosen.update(_preset(spec, interpreter, preset))
    chosen.update(_settings(spec, interpreter, settings))
    env: dict[str, object] = {}
    level = Level("", "", None, None)
    for name, parameter in spec.parameters.items():
        frame = BodyScope(level, (), spec, env, None, NO_BODY)
        reader = DefaultReader(frame, {}, spec.parameters)
        node = chosen.get(name, parameter.default)
        if name in chosen and node is None:
            env[name] = UNKNOWN
        elif node is None:
            env[name] = UNKNOWN
            interpreter.values.error(
                Code.MISSING_ARGUMENT,
                f"the parameter `{name}` has no value",
                parameter.place,
                "no default",
                f"pass it with `--set {name}=…`, or declare a default",
            )
        else:
            env[name] = interpreter.values.parameter(parameter, node, reader, spec)
    _other_presets(spec, interpreter, preset, env)
    return env


def _other_presets(
    spec: Spec, interpreter: Interpreter, preset: str | None, env: dict[str, object]
) -> None:
    """Look at the presets that are not chosen: a value that does not fit is a mistake anyway."""
    frame = BodyScope(Level("", "", None, None), (), spec, env, None, NO_BODY)
    for name, preset_values in spec.presets.items():
        for key, node in preset_values.entries if name != preset else ():
            parameter = spec.parameters.get(key.text)
            if parameter is not None:
                interpreter.values.parameter(parameter, node, Reader(frame, env, (), {}), spec)


def _preset(spec: Spec, interpreter: Interpreter, preset: str) -> dict[str, TextNode]:
    preset_mapping = spec.presets.get(preset)
    if preset_mapping is not None:
        return {k.text: v for k, v in preset_mapping.entries if k.text in spec.parameters}
    suggestion = closest(preset, spec.presets)
    has = ", ".join(spec.presets) or "none"
    help_ = did_you_mean(suggestion) if suggestion else f"its presets are: {has}"
    interpreter.diagnostics.add(
        Diagnostic(
            Code.UNKNOWN_PARAMETER, f"`{spec.name}` has no preset `{preset}`", helps=(Help(help_),)
        )
    )
    return {}


def _settings(
    spec: Spec, interpreter: Interpreter, settings: Settings
) -> dict[str, TextNode | None]:
    """The caller's value after parsing; None without a value, which is reported."""
    values: dict[str, TextNode | None] = {}
    for name, value in settings.items():
        if name not in spec.parameters:
            suggestion = closest(name, spec.parameters)
            has = ", ".join(spec.parameters) or "none"
            help_ = did_you_mean(suggestion) if suggestion else f"its parameters are: {has}"
            interpreter.diagnostics.add(
                Diagnostic(
                    Code.UNKNOWN_PARAMETER,
                    f"`{spec.name}` has no parameter `{name}`",
                    helps=(Help(help_),),
                )
            )
            continue
        text = value.text if isinstance(value, SetText) else _json(value, name)
        if not text.strip():
            values[name] = None
            helps = (Help(f"write a value after the `=`: `{name}=3`"),)
            interpreter.diagnostics.add(
                Diagnostic(Code.BAD_VALUE, f"`{name}=` has no value", helps=helps)
            )
            continue
        document = parse(text, f"{name}={text}")
        if document.root is None:
            for diagnostic in document.diagnostics:
                interpreter.diagnostics.add(diagnostic)
            continue
        values[name] = document.root
    return values


class SetText(str):
    """A value on a command line: the text of a YAML value, or an expression."""

    __slots__ = ()

    @property
    def text(self) -> str:
        """The text."""
        return str(self)


def _json(value: object, name: str) -> str:
    from json import dumps

    try:
        return dumps(list(value) if isinstance(value, tuple) else value)
    except (TypeError, ValueError):
        raise TypeError(
            f"the parameter `{name}` cannot be {value!r}: pass a number, a string, a boolean, "
            "None, or a list or dict of these; pass an op by its name, such as 'ReLU'"
        ) from None
