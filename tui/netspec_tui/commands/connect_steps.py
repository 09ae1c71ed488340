"""Commands on the connections between steps: join, connect, disconnect."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from netspec.edit import Address, Draft, EditError, step_operations
from netspec.edit.address import walked
from netspec.edit.step_inputs import reads
from netspec_tui.commands.preview import preview_edit
from netspec_tui.core.typed_calls import call_arguments, sentence
from netspec_tui.dialogs.choose import ChoiceItem, Choose, Chosen
from netspec_tui.editor import Editor

_JOINS = ("Add", "Concat", "Mul", "Sub", "Div", "MatMul", "Maximum", "Minimum", "Stack")


class InputSource(NamedTuple):
    """A step whose output another step may read."""

    name: str
    op: str
    address: Address


def join_steps(editor: Editor) -> None:
    """Combine the selected step and another one by an op; the output shape of each op is previewed."""
    address = editor.selected_step()
    if address is None:
        return
    marked = [a for a in editor.marked_steps() if a != address]
    if len(marked) == 1:
        _join(editor, marked[0], address)
        return
    sources = _sources(editor, address)
    if not sources:
        editor.complain("there is no other step to join with")
        return
    editor.ask(
        Choose("Join with", [ChoiceItem(s.name, s.op) for s in sources]),
        lambda chosen: _join(editor, sources[chosen.index].address, address),
    )


def _join(editor: Editor, first: Address, second: Address) -> None:
    spec = editor.spec

    def joined(op: str, *, lead: bool = False) -> Callable[[Draft], None]:
        arguments = call_arguments(op, "", spec) if op == "Stack" else {}
        return lambda draft: step_operations.join(draft, first, second, op, arguments, lead=lead)

    def preview(index: int, _: str) -> str:
        draft = editor.draft()
        try:
            joined(_JOINS[index])(draft)
        except EditError as error:
            return f"✗ {error}"
        return f"{sentence(_JOINS[index])}\n{preview_edit(editor, draft)}"

    def chosen(answer: Chosen) -> None:
        op = _JOINS[answer.index]
        readers = _readers(editor, first, second)
        if not readers:
            editor.edit(f"join by {op}", joined(op))
            return
        choices = [ChoiceItem("only the next step"), ChoiceItem("also " + "; ".join(readers))]
        editor.ask(
            Choose("Which steps read the result?", choices),
            lambda c: editor.edit(f"join by {op}", joined(op, lead=c.index == 1)),
        )

    editor.ask(Choose("Join by", [ChoiceItem(op) for op in _JOINS], preview=preview), chosen)


def _readers(editor: Editor, first: Address, second: Address) -> list[str]:
    try:
        return step_operations.readers(editor.draft(), first, second)
    except EditError:
        return []


def _sources(editor: Editor, address: Address) -> list[InputSource]:
    """The earlier steps that a step may read, in its list and in the lists around it; the nearest first."""
    sources = []
    for other, step in walked(editor.spec):
        around = other.way[:-1]
        is_visible = len(around) < len(address.way) and around == address.way[: len(around)]
        if other.block != address.block or not is_visible:
            continue
        is_earlier = other.index < address.way[len(around)]
        is_sibling = around == address.way[:-1] and other != address
        if is_earlier or is_sibling:
            name = step.title if step.name is not None else f"{step.title} (number {other.index})"
            op = step.op.text if step.op is not None else "group"
            sources.append(InputSource(name, op, other))
    return sources[::-1]


def connect_step(editor: Editor) -> None:
    """Add an input to the selected step."""
    address = editor.selected_step()
    if address is None:
        return
    sources = [s for s in _sources(editor, address) if s.address.way < address.way]
    if not sources:
        editor.complain("there is no earlier step to read")
        return

    def preview(index: int, _: str) -> str:
        draft = editor.draft()
        try:
            step_operations.connect(draft, address, sources[index].address)
        except EditError as error:
            return f"✗ {error}"
        return preview_edit(editor, draft)

    def chosen(answer: Chosen) -> None:
        source = sources[answer.index].address
        editor.edit("connect", lambda draft: step_operations.connect(draft, address, source))

    choices = [ChoiceItem(s.name, s.op) for s in sources]
    editor.ask(Choose("Add an input", choices, preview=preview), chosen)


def disconnect_step(editor: Editor) -> None:
    """Remove an input of the selected step."""

    def disconnect(address: Address, edge: int) -> None:
        editor.edit("disconnect", lambda draft: step_operations.disconnect(draft, address, edge))

    choose_input(editor, "Remove an input", disconnect)


def choose_input(editor: Editor, title: str, then: Callable[[Address, int], object]) -> None:
    """Continue with the selected step and the index of one of its inputs; of several, the user chooses."""
    address = editor.selected_step()
    if address is None:
        return
    inputs = reads(editor.draft().step(address))
    if len(inputs) < 2:
        then(address, 0)
        return
    editor.ask(
        Choose(title, [ChoiceItem(name) for name in inputs]),
        lambda chosen: then(address, chosen.index),
    )
