"""Steps of a spec as values, and their text: block style for bodies, flow style for the rest."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from netspec.schema.graph.level_tree import Source
from netspec.schema.graph.marked_text import Location, Marked, MarkedText
from netspec.syntax.step_keys import RESERVED

_PLAIN = re.compile(r"[A-Za-z_]\w*")


@dataclass
class StepText:
    """A step to write: its entries without the body, and the steps of the body if it has one."""

    name: str
    location: Location
    entries: dict[str, object] = field(default_factory=dict)
    body: list[StepText] | None = None
    body_key: str = "body"
    """The key of the steps: the `body` of a group, or the `branches` of a join."""
    main: Source | None = None
    """The meaning of its name."""
    is_referenced: bool = False
    """Whether another step refers to it, so that it needs its name even if its number is the same."""


def write_steps(text: MarkedText, steps: list[StepText], indent: int) -> None:
    """Write the steps of a body."""
    for number, step in enumerate(steps):
        text.write(f"{' ' * indent}- ")
        has_name = step.is_referenced or step.name != str(number)
        start = text.length
        _write_step(text, step, indent, has_name=has_name)
        text.mark(start, step.location)


def _write_step(text: MarkedText, step: StepText, indent: int, *, has_name: bool) -> None:
    entries = dict(step.entries)
    is_short = has_name and _PLAIN.fullmatch(step.name) and step.name not in RESERVED
    if has_name and not is_short:
        name = step.name.replace("{", "{{").replace("}", "}}")
        entries = {"name": Marked(name, (*step.location, "path")), **entries}
    if step.body is not None:
        _write_group(text, step, entries, indent, is_short=bool(is_short))
        return
    if is_short:
        _write_name(text, step)
        text.write(" ")
    text.write_value(next(iter(entries.values())) if list(entries) == ["op"] else entries)
    text.write("\n")


def _write_name(text: MarkedText, step: StepText) -> None:
    start = text.length
    text.write(f"{step.name}:")
    text.mark(start, (*step.location, "path"))


def _write_group(
    text: MarkedText, step: StepText, entries: dict[str, object], indent: int, *, is_short: bool
) -> None:
    assert step.body is not None
    if is_short:
        _write_name(text, step)
        text.write("\n")
        indent += 4
        if not entries and step.body and step.body_key == "body":
            write_steps(text, step.body, indent)
            return
        text.write(" " * indent)
    else:
        indent += 2
    for key, value in entries.items():
        text.write_entry(key, value)
        text.write(f"\n{' ' * indent}")
    if not step.body:
        text.write(f"{step.body_key}: []\n")
        return
    text.write(f"{step.body_key}:\n")
    write_steps(text, step.body, indent + 2)
