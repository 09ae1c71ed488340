"""Inputs by name, or in a wrong number: what each declared input receives, and what is reported."""

from __future__ import annotations

from netspec.diagnostics import Code, Diagnostic, Label, did_you_mean
from netspec.document import Mapping
from netspec.elaborate.call_arguments import Values
from netspec.elaborate.step_context import DeclaredInputs
from netspec.graph.nodes import Value, lost, unknown
from netspec.similar_words import closest
from netspec.syntax import Step

_FIRST_INPUT = ("input", "inputs", "x")
"""What the first input of a layer is often called."""


class InputBinding:
    """Binds the inputs of a step to those that its layer or block declares."""

    def __init__(self, values: Values, step: Step, declared: DeclaredInputs) -> None:
        self.values, self.step, self.declared = values, step, declared

    def in_order(self, values: tuple[Value, ...], names: tuple[str, ...]) -> tuple[Value, ...]:
        """The inputs by position; a wrong count is reported."""
        declared, optional = self.declared.names, self.declared.optional
        if names:
            values = self._by_name(values, names)
        needed = declared[: len(declared) - optional]
        missing = [n for n in needed if n not in names] if set(names) <= set(declared) else []
        if names and len(values) >= len(needed) and missing:
            self.values.error(
                Code.INPUT_COUNT,
                f"{self.declared.what} requires the input `{missing[0]}`",
                self.step.source or self.step.place,
                f"missing {', '.join(missing)}",
            )
        elif len(needed) <= len(values) <= len(declared):
            return values
        elif any(map(lost, values)):
            return (*values, *[unknown(None)] * len(declared))[: len(declared)]
        else:
            self._miscounted(len(values))
        return (unknown(None),) * len(declared)

    def _no_inputs(self, undeclared: list[str]) -> None:
        """Report names of inputs that there are not, as one mistake."""
        step, declared = self.step, self.declared.names
        assert isinstance(step.source, Mapping)
        first, *others = [key for key, _ in step.source.entries if key.text in undeclared]
        suggestion = closest(first.text, declared)
        if suggestion is None and first.text in _FIRST_INPUT and declared[:1] != ():
            suggestion = declared[0] if step.source.get(declared[0]) is None else None
        self.values.error(
            Code.INPUT_COUNT,
            f"{self.declared.what} has no input {' or '.join(f'`{name}`' for name in undeclared)}",
            first,
            "unknown input",
            did_you_mean(suggestion) if suggestion else f"its inputs are: {', '.join(declared)}",
            labels=tuple([Label(key.span, "also unknown") for key in others]),
            name=first.text,
        )

    def _miscounted(self, received: int) -> None:
        """Report a wrong number of inputs."""
        step, declared, optional = self.step, self.declared.names, self.declared.optional
        counts = (
            f"{len(declared) - optional} to {len(declared)}" if optional else f"{len(declared)}"
        )
        count = f"{counts} inputs ({', '.join(declared)})" if len(declared) > 1 else "1 input"
        place = step.source or step.op or step.place
        from netspec.diagnosis.input_count import input_count_helps

        self.values.diagnostics.add(
            Diagnostic(
                Code.INPUT_COUNT,
                f"{self.declared.what} requires {count if declared else 'no input'}, got {received}",
                place.span,
                f"got {received}",
                helps=input_count_helps(step, declared, received),
            )
        )

    def _by_name(self, values: tuple[Value, ...], names: tuple[str, ...]) -> tuple[Value, ...]:
        declared = self.declared.names
        by_name = dict(zip(names, values, strict=True))
        undeclared = [name for name in names if name not in declared]
        if undeclared:
            self._no_inputs(undeclared)
            for name in undeclared:
                by_name.setdefault(closest(name, declared) or "", by_name[name])
            return tuple(by_name.get(n) or unknown(None) for n in declared)
        return tuple(by_name[n] for n in declared if n in by_name)
