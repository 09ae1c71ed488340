"""Commands that replace the whole text: the formatter and the user's editor."""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile
from pathlib import Path

from netspec.fmt import UncertainError, formatted
from netspec_tui.editor import Editor


def format_text(editor: Editor) -> None:
    """Format the text."""
    from netspec.document import parse

    try:
        text = formatted(parse(editor.session.text, editor.session.path))
    except UncertainError as error:
        editor.complain(str(error) or "this text cannot be formatted without changing its meaning")
        return
    if not editor.replace_text(text, "format"):
        editor.confirm("already formatted")


def edit_in_external_editor(editor: Editor) -> None:
    """Edit the text in $VISUAL or $EDITOR."""
    command = os.environ.get("VISUAL") or os.environ.get("EDITOR")
    if not command:
        editor.complain("set $EDITOR to the command of your editor")
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / os.path.basename(editor.session.path)
        path.write_bytes(editor.session.text.encode())
        try:
            with editor.app.suspend():
                process = subprocess.run([*shlex.split(command), str(path)], check=False)
            text = path.read_bytes().decode()
        except (OSError, ValueError) as error:
            editor.complain(f"`{command}` failed: {error}")
            return
    if process.returncode:
        editor.complain(f"`{command}` ended with {process.returncode}: the text is unchanged")
        return
    editor.refresh()
    editor.replace_text(text, f"edit in {command}")
