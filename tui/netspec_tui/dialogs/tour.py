"""The tour of the editor, in five pages."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Label, Static

_PAGES = (  # title and text
    ("The graph", "Each row is a layer, and each lane a live tensor: a skip connection is a lane next to the block, and"
     " lanes meet at a concatenation.\n\n[b]j[/b] and [b]k[/b] or the arrows move, [b]enter[/b] opens and closes a"
     " module, [b]/[/b] finds rows: op:conv, shape:*,256,*,*, params:>1M."),
    ("Shapes and costs", "Shapes and costs follow every keystroke, for all sizes at once: (H+3)//4 is a height."
     " [b]s[/b] sets sizes, such as H=128. The inspector shows how each number is derived."),
    ("Editing", "[b]a[/b] adds a step, [b]i[/b] inserts one before the selected step, [b]b[/b] starts a branch and"
     " [b]J[/b] joins two; the output shape is previewed. [b]e[/b] edits arguments, [b]d[/b] deletes, [b]r[/b]"
     " renames a step and its references. [b]u[/b] undoes every kind of change."),
    ("Diagnostics", "The last pane lists all diagnostics. [b]f8[/b] goes to the next one, [b]enter[/b] shows it in full, and"
     " [b].[/b] applies its fix."),
    ("The text", "The text is the single source of truth. Every edit preserves your comments and layout. [b]3[/b] goes"
     " to the source, [b]esc[/b] leaves it. [b]ctrl+s[/b] saves, [b]D[/b] shows what has changed, [b]?[/b] lists all"
     " keys, [b]ctrl+p[/b] all commands."),
)  # fmt: skip


class Tour(ModalScreen[None]):
    """Shows one page at a time."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss(None)", "Close"),
        Binding("enter,right,space,l,j,down", "go(1)", "Next"),
        Binding("left,h,k,up", "go(-1)", "Back"),
    ]

    page = 0

    def compose(self) -> ComposeResult:
        """A title, a text, and the keys."""
        with Vertical(id="dialog", classes="small"):
            yield Label("", id="dialog-title")
            yield Static("", id="step")
            yield Label("", id="answers")

    def on_mount(self) -> None:
        """Show the first page."""
        self._show()

    def _show(self) -> None:
        title, text = _PAGES[self.page]
        self.query_one("#dialog-title", Label).update(f"{self.page + 1} of {len(_PAGES)}  {title}")
        self.query_one("#step", Static).update(text)
        last = self.page == len(_PAGES) - 1
        self.query_one("#answers", Label).update(
            f"[b]enter[/b] {'start' if last else 'next'}   [b]esc[/b] close"
        )

    def on_click(self) -> None:
        """Go to the next page."""
        self.action_go(1)

    def action_go(self, by: int) -> None:
        """Go to the next page, or to the previous one."""
        self.page += by
        if self.page >= len(_PAGES):
            self.dismiss(None)
            return
        self.page = max(self.page, 0)
        self._show()
