"""The differences from the saved file, and from a git revision."""

from __future__ import annotations

from rich.text import Text

from netspec.render.engine import Cancelled
from netspec_tui.core.diff_page import line_diff, network_diff, report_of_revision
from netspec_tui.dialogs.prompt import Prompt
from netspec_tui.dialogs.text_page import TextPage
from netspec_tui.editor import Editor
from netspec_tui.editor.background import in_background


def show_differences(editor: Editor) -> None:
    """Compare with the saved file and with git, by network and by line."""
    _compare(editor, "HEAD")


def _compare(editor: Editor, revision: str) -> None:
    request, check = editor.session.request, editor.checker()
    saved, text = editor.session.saved_text, editor.session.text

    def work(_: Cancelled) -> Text:
        now = check(text)
        page_text = Text()
        for title, before in (
            ("since the last save", check(saved)),
            (f"since {revision}", report_of_revision(request, revision)),
        ):
            page_text.append(f"{title}\n", style="bold")
            page_text.append(f"{network_diff(before, now)}\n\n")
        page_text.append(line_diff(saved, text))
        return page_text

    def show(page_text: Text) -> None:
        title = f"differences in {editor.session.path}"
        page = TextPage(title, page_text, answers={"r": "compare with another revision"})
        editor.ask(page, lambda _: _ask_revision(editor))

    in_background(editor, "Comparing", work, show)


def _ask_revision(editor: Editor) -> None:
    prompt = Prompt("Revision", "HEAD~1", help="a tag, branch or commit of git")
    editor.ask(prompt, lambda revision: _compare(editor, revision))
