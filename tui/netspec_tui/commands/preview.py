"""The preview of an edit: the shapes of the step that it selects, or its first new error."""

from __future__ import annotations

from netspec.edit import Draft
from netspec.report.numbers import shape_text
from netspec_tui.editor import Editor


def preview_edit(editor: Editor, draft: Draft) -> str:
    """Check a draft. Runs on a thread, and does not change the editor."""
    report = editor.checker()(draft.text)
    errors_before = editor.snapshot.report.errors if editor.snapshot is not None else ()
    known_messages = {d.message for d in errors_before}
    new_errors = [d for d in report.errors if d.message not in known_messages]
    if new_errors:
        return "\n".join([f"✗ {new_errors[0].message}", *new_errors[0].notes[:2]])
    if report.graph is None or draft.selected is None or report.spec is None:
        return ""
    start = draft.step(draft.selected).place.start
    nodes = (n for n in report.graph.nodes if n.step is not None and n.step.place.start == start)
    node = next(nodes, None)
    if node is None or not node.outputs or node.outputs[0].shape is None:
        return ""
    inputs = ", ".join(shape_text(value.shape or ()) for value in node.inputs)
    return f"{inputs} → {shape_text(node.outputs[0].shape)}"
