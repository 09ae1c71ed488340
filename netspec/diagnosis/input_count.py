"""A wrong number of inputs: the step that joins them, or the way to pass more."""

from __future__ import annotations

from netspec.diagnosis.step_edits import joined_before, without_key
from netspec.diagnostics import Help
from netspec.syntax import Step

_JOINS = (("Concat", "concatenate them"), ("Add", "add them"))


def input_count_helps(step: Step, declared: tuple[str, ...], count: int) -> tuple[Help, ...]:
    """What to do about `count` inputs of a step whose op has the inputs `declared`."""
    if not declared:
        return (Help("remove `from`", without_key(step, "from"), safe=False),)
    if len(declared) > 1:
        listed = ", ".join(f"{name}: …" for name in declared)
        return (Help(f"pass them in order, or by name: `from: {{{listed}}}`"),)
    if count < 2 or step.source is None:
        return ()
    source = step.source.span.text
    return tuple(
        Help(
            f"{'or ' * (k > 0)}{how} first, with `{{op: {op}, from: {source}}}`",
            joined_before(step, op),
            safe=False,
        )
        for k, (op, how) in enumerate(_JOINS)
    )
