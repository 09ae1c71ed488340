"""Commands that export the network: a Python program, or a picture."""

from __future__ import annotations

import io
import os
import tempfile
import webbrowser
from pathlib import Path

from rich.syntax import Syntax
from rich.text import Text

from netspec.atomic import replaced
from netspec.render import EngineError, Scene, picture
from netspec.render.engine import Cancelled
from netspec_tui.dialogs.prompt import Confirm, Prompt
from netspec_tui.dialogs.text_page import TextPage
from netspec_tui.editor import Editor
from netspec_tui.editor.background import BackgroundError, in_background
from netspec_tui.terminal import pixels

_FORMATS = {
    ".svg": "svg", ".png": "png", ".pdf": "pdf", ".dot": "dot", ".mmd": "mermaid", ".txt": "rail",
}  # fmt: skip
_PAGE = ".html"
_ENDINGS = (*_FORMATS, _PAGE)


# ---- programs -----------------------------------------------------------------------------------------


def compile_network(editor: Editor) -> None:
    """Show the network as a Python program, and offer to write it next to the spec."""
    text, path, check = editor.session.text, editor.session.path, editor.checker()
    target = str(Path(path).with_suffix(".py"))

    def work(_: Cancelled) -> str:
        from netspec.codegen import generate
        from netspec.diagnostics import SpecError

        report = check(text)
        if report.errors or report.graph is None:
            raise BackgroundError("the network has errors: fix them before you compile it")
        try:
            return generate(report.graph, path, report.spec).source
        except SpecError as error:
            raise BackgroundError(error.diagnostics[0].message) from None

    def show(program: str) -> None:
        title = os.path.basename(target)
        page = TextPage(title, _highlighted(program), answers={"w": f"write {target}"})
        editor.ask(page, lambda _: _write(editor, target, program.encode()))

    in_background(editor, "Compiling", work, show)


def _highlighted(program: str) -> Text:
    return Syntax("", "python", theme="ansi_dark", background_color="default").highlight(program)


# ---- pictures -----------------------------------------------------------------------------------------


def render_picture(editor: Editor) -> None:
    """Write a picture; the ending of the file is the format."""
    scene = _scene(editor)
    if scene is None:
        return
    suggestion = str(Path(editor.session.path).with_suffix(".svg"))
    help = f"the ending is the format: {', '.join(_ENDINGS)}; closed modules stay closed"
    editor.ask(
        Prompt("Render to", suggestion, help=help, check=_ending_error),
        lambda path: _render_to(editor, scene, os.path.expanduser(path)),
    )


def _ending_error(path: str) -> str:
    return "" if Path(path).suffix in _ENDINGS else f"use one of the endings {', '.join(_ENDINGS)}"


def _render_to(editor: Editor, scene: Scene, path: str) -> None:
    snapshot, theme = editor.snapshot, _theme(editor)

    def work(cancelled: Cancelled) -> bytes:
        if path.endswith(_PAGE) and snapshot is not None:
            from netspec.render.page import html_page

            return html_page(snapshot.report, theme).encode()
        return _draw(scene, _FORMATS[Path(path).suffix], theme, cancelled)

    in_background(editor, f"Drawing {path}", work, lambda data: _write(editor, path, data))


def show_picture(editor: Editor) -> None:
    """Show the picture of Graphviz in the terminal, or in a file if the terminal has no images."""
    scene, theme = _scene(editor), _theme(editor)
    if scene is None:
        return
    if not pixels.may_show(editor.app):
        _show_in_file(editor, scene)
        return

    def work(cancelled: Cancelled) -> bytes:
        try:
            return _draw(scene, "png", theme, cancelled)
        except EngineError:
            return b""  # a PNG requires fonts, an SVG does not

    def show(png: bytes) -> None:
        if not png or not pixels.show_image(editor.app, png):
            _show_in_file(editor, scene)

    in_background(editor, "Drawing", work, show)


def _show_in_file(editor: Editor, scene: Scene) -> None:
    theme = _theme(editor)
    name = f"{Path(editor.session.path).stem}.svg"

    def show(svg: bytes) -> None:
        if editor.app.is_web:
            editor.app.deliver_binary(
                io.BytesIO(svg),
                save_filename=name,
                open_method="browser",
                mime_type="image/svg+xml",
            )
            return
        path = Path(tempfile.mkdtemp(prefix="netspec-")) / name
        path.write_bytes(svg)
        is_open = pixels.has_display() and webbrowser.open(path.as_uri())
        message = f"opened {path}" if is_open else f"no images in this terminal: wrote {path}"
        editor.notify(message, timeout=10, markup=False)

    in_background(editor, "Drawing", lambda cancelled: _draw(scene, "svg", theme, cancelled), show)


def _scene(editor: Editor) -> Scene | None:
    editor.catch_up()
    scene = editor.snapshot.scene if editor.snapshot is not None else None
    if scene is None:
        editor.complain("there is no network to draw")
    return scene


def _theme(editor: Editor) -> str:
    return "dark" if editor.app.current_theme.dark else "light"


def _draw(scene: Scene, format: str, theme: str, cancelled: Cancelled) -> bytes:
    content = picture(scene, format, theme, cancelled=cancelled)
    return content if isinstance(content, bytes) else content.encode()


def _write(editor: Editor, path: str, data: bytes) -> None:
    """Write a file; if it exists, ask first."""

    def write() -> None:
        try:
            replaced(path, data)
        except OSError as error:
            reason = (error.strerror or "error").lower()
            editor.complain(f"`{path}` cannot be written: {reason}")
            return
        editor.notify(f"wrote {path}", markup=False)

    if os.path.exists(path):
        editor.ask(Confirm(f"{path} exists", {"o": "overwrite it"}), lambda _: write())
    else:
        write()
