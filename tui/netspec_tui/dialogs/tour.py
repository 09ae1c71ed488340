"""A first walk through the editor, in five steps."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Label, Static

_STEPS = (  # each a title and what it says
    ("The graph", "A row for each layer, and a lane for each tensor that is alive: a way around a block is a lane beside"
     " it, a concat is where lanes meet.\n\n[b]j k[/b] or arrows move, [b]enter[/b] opens and closes, [b]/[/b] finds:"
     " op:conv, shape:*,256,*,*, params:>1M."),
    ("Shapes and costs", "They follow every key stroke, for all sizes at once: (H+3)//4 is a height. [b]s[/b] asks"
     " what happens at H=128; the inspector says where each number comes from."),
    ("Editing", "[b]a[/b] adds a step, [b]i[/b] inserts one on the way in, [b]b[/b] begins a branch and [b]J[/b] joins"
     " two: what would come out is shown before you choose. [b]e[/b] opens the arguments, [b]d[/b] deletes, [b]r[/b]"
     " renames everywhere. [b]u[/b] takes anything back."),
    ("Mistakes", "Findings stand below, with their reason. [b]f8[/b] goes from one to the next, enter shows it in full,"
     " and [b].[/b] mends it where there is only one right way."),
    ("The text is the truth", "Every edit is a splice of the file: your comments and layout stay. [b]3[/b] goes to the"
     " source, esc comes back. [b]ctrl+s[/b] saves, [b]D[/b] shows what differs, [b]?[/b] has all keys, [b]ctrl+p[/b]"
     " every action by name."),
)  # fmt: skip


class Tour(ModalScreen[None]):
    """Shows a step at a time."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss(None)", "Leave"),
        Binding("enter,right,space,l,j,down", "go(1)", "Next"),
        Binding("left,h,k,up", "go(-1)", "Back"),
    ]

    page = 0

    def compose(self) -> ComposeResult:
        """A title, a text, and where one is."""
        with Vertical(id="dialog", classes="small"):
            yield Label("", id="dialog-title")
            yield Static("", id="step")
            yield Label("", id="answers")

    def on_mount(self) -> None:
        """The first step."""
        self._show()

    def _show(self) -> None:
        title, text = _STEPS[self.page]
        self.query_one("#dialog-title", Label).update(f"{self.page + 1} of {len(_STEPS)}  {title}")
        self.query_one("#step", Static).update(text)
        last = self.page == len(_STEPS) - 1
        self.query_one("#answers", Label).update(
            f"[b]enter[/b] {'begin' if last else 'next'}   [b]esc[/b] leave"
        )

    def on_click(self) -> None:
        """The same by a click."""
        self.action_go(1)

    def action_go(self, by: int) -> None:
        """The next step, or the one before."""
        self.page += by
        if self.page >= len(_STEPS):
            self.dismiss(None)
            return
        self.page = max(self.page, 0)
        self._show()
