"""Commands on several steps: mark, group, block, repeat."""

from __future__ import annotations

from netspec.edit import Address, Draft, wrap
from netspec_tui.dialogs.prompt import Prompt
from netspec_tui.editor import Editor

_KEEP_PATHS = "end the name with ! to keep the paths of the weights"


def mark_step(editor: Editor) -> None:
    """Mark the selected step, or clear its mark, and go to the next row."""
    row = editor.row
    if row is not None and row.step is not None:
        editor.graph.marked = editor.graph.marked ^ {row.path}
        editor.graph.restyle()
        editor.graph.action_move(1)


def group_steps(editor: Editor) -> None:
    """Turn the marked steps into a group."""
    addresses = editor.selected_steps()
    if not addresses:
        return

    def group(name: str) -> None:
        editor.edit("group", lambda draft: _wrap(draft, addresses, name))

    suggestion = editor.draft().unique(addresses[0], "stage")
    editor.ask(Prompt("Name of the group", suggestion, help=_KEEP_PATHS), group)


def _wrap(draft: Draft, addresses: list[Address], name: str) -> None:
    wrap.wrap(draft, addresses, name.rstrip("!"), inline=name.endswith("!"))


def extract_block(editor: Editor) -> None:
    """Turn the marked steps into a block."""
    addresses = editor.selected_steps()
    if not addresses:
        return

    def extract(name: str) -> None:
        editor.edit("block", lambda draft: _extract(draft, addresses, name))

    editor.ask(Prompt("Name of the block", "Block", help=_KEEP_PATHS), extract)


def _extract(draft: Draft, addresses: list[Address], name: str) -> None:
    wrap.extract(draft, addresses, name.rstrip("!"), inline=name.endswith("!"))


def unfold_block(editor: Editor) -> None:
    """Replace the use of a block by the steps of the block."""
    if (address := editor.selected_step()) is not None:
        editor.edit("unfold", lambda draft: wrap.unfold(draft, address))


def repeat_steps(editor: Editor) -> None:
    """Repeat the selected step, or the marked ones together."""
    addresses = editor.selected_steps()
    if not addresses:
        return

    def repeat(count: str) -> None:
        editor.edit("repeat", lambda draft: wrap.repeat(draft, addresses, count))

    count = wrap.count_of(editor.draft(), addresses[0])
    editor.ask(Prompt("Number of repeats", count, help="a number or an expression"), repeat)
