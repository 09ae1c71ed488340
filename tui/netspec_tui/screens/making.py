"""Actions that make something of the network: a comparison, a program, a picture."""

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
from netspec_tui import pixels
from netspec_tui.core import differences
from netspec_tui.dialogs.page import Page
from netspec_tui.dialogs.prompt import Confirm, Prompt
from netspec_tui.screens.background import BackgroundError, in_background
from netspec_tui.screens.base import Base

_FORMATS = {
    ".svg": "svg", ".png": "png", ".pdf": "pdf", ".dot": "dot", ".mmd": "mermaid", ".txt": "rail",
}  # fmt: skip
_PAGE = ".html"


class Making(Base):
    """What may take a while, and can be given up."""

    # ---- differences ------------------------------------------------------------------------------------

    def action_diff(self) -> None:
        """What differs from the saved file, and from git."""
        self._diff("HEAD")

    def _diff(self, revision: str) -> None:
        request, saved, text = self.session.request, self.session.saved_text, self.session.text
        checked = self.checker()

        def work(_: Cancelled) -> Text:
            now = checked(text)
            report_text = Text()
            for title, before in (
                ("since it was saved", checked(saved)),
                (f"since {revision}", differences.revision(request, revision)),
            ):
                report_text.append(f"{title}\n", style="bold")
                report_text.append(f"{differences.networks(before, now)}\n\n")
            report_text.append(differences.lines(saved, text))
            return report_text

        def show(report_text: Text) -> None:
            page = Page(
                f"what differs in {self.session.path}",
                report_text,
                answers={"r": "another revision"},
            )
            self.ask(page, lambda _: self._ask_revision())

        in_background(self, "Comparing", work, show, self.complain)

    def _ask_revision(self) -> None:
        self.ask(
            Prompt("Since which revision?", "HEAD~1", help="a tag, a branch or a commit of git"),
            self._diff,
        )

    # ---- programs ---------------------------------------------------------------------------------------

    def action_compile(self) -> None:
        """The network as a Python program, to read, and to write beside the spec."""
        text, path, checked = self.session.text, self.session.path, self.checker()
        target = str(Path(path).with_suffix(".py"))

        def work(_: Cancelled) -> str:
            from netspec.codegen import generate
            from netspec.diagnostics import SpecError

            report = checked(text)
            if report.errors or report.graph is None:
                raise BackgroundError("mend the errors first: there is no network to compile")
            try:
                return generate(report.graph, path, report.spec).source
            except SpecError as error:
                raise BackgroundError(error.diagnostics[0].message) from None

        def show(program: str) -> None:
            page = Page(
                os.path.basename(target), _python(program), answers={"w": f"write {target}"}
            )
            self.ask(page, lambda _: self._write(target, program.encode()))

        in_background(self, "Compiling", work, show, self.complain)

    # ---- pictures ---------------------------------------------------------------------------------------

    def action_render(self) -> None:
        """A picture in a file, by its ending."""
        if (drawn := self._scene()) is None:
            return
        suggested = str(Path(self.session.path).with_suffix(".svg"))
        endings = ", ".join((*_FORMATS, _PAGE))
        self.ask(
            Prompt("Render to", suggested, help=f"its ending says the format: {endings}; folds are kept",
                   check=lambda p: "" if Path(p).suffix in (*_FORMATS, _PAGE) else f"end it with {endings}"),
            lambda path: self._render_to(drawn, os.path.expanduser(path)),
        )  # fmt: skip

    def _render_to(self, drawn: Scene, path: str) -> None:
        snapshot, theme = self.snapshot, self._theme()

        def work(cancelled: Cancelled) -> bytes:
            if path.endswith(_PAGE) and snapshot is not None:
                from netspec.render.page import page

                return page(snapshot.report, theme).encode()
            return _drawn(drawn, _FORMATS[Path(path).suffix], theme, cancelled)

        in_background(
            self, f"Drawing {path}", work, lambda data: self._write(path, data), self.complain
        )

    def action_picture(self) -> None:
        """The picture by Graphviz: in the terminal where it has pixels, else in a file."""
        drawn, theme = self._scene(), self._theme()
        if drawn is None:
            return
        if not pixels.may_show(self.app):
            self._picture_in_file(drawn)
            return

        def work(cancelled: Cancelled) -> bytes:
            try:
                return _drawn(drawn, "png", theme, cancelled)
            except EngineError:
                return b""  # without fonts there is no PNG, but there may be an SVG

        def show(png: bytes) -> None:
            if not png or not pixels.show(self.app, png):
                self._picture_in_file(drawn)

        in_background(self, "Drawing", work, show, self.complain)

    def _picture_in_file(self, drawn: Scene) -> None:
        theme = self._theme()

        def show(svg: bytes) -> None:
            name = f"{Path(self.session.path).stem}.svg"
            if self.app.is_web:
                self.app.deliver_binary(
                    io.BytesIO(svg),
                    save_filename=name,
                    open_method="browser",
                    mime_type="image/svg+xml",
                )
                return
            path = Path(tempfile.mkdtemp(prefix="netspec-")) / name
            path.write_bytes(svg)
            opened = pixels.has_screen() and webbrowser.open(path.as_uri())
            message = (
                f"opened {path}" if opened else f"this terminal has no pixels: it is in {path}"
            )
            self.notify(message, timeout=10, markup=False)

        in_background(
            self,
            "Drawing",
            lambda cancelled: _drawn(drawn, "svg", theme, cancelled),
            show,
            self.complain,
        )

    def _scene(self) -> Scene | None:
        self.catch_up()
        drawn = self.snapshot.scene if self.snapshot is not None else None
        if drawn is None:
            self.complain("there is no network to draw")
        return drawn

    def _theme(self) -> str:
        return "dark" if self.app.current_theme.dark else "light"

    def _write(self, path: str, data: bytes) -> None:
        """Write a file, after asking where there is one."""

        def write() -> None:
            try:
                replaced(path, data)
            except OSError as error:
                self.complain(f"`{path}` cannot be written: {(error.strerror or 'error').lower()}")
                return
            self.notify(f"wrote {path}", markup=False)

        if os.path.exists(path):
            self.ask(Confirm(f"{path} is there already", {"o": "overwrite it"}), lambda _: write())
        else:
            write()


def _drawn(scene: Scene, format: str, theme: str, cancelled: Cancelled) -> bytes:
    content = picture(scene, format, theme, cancelled=cancelled)
    return content if isinstance(content, bytes) else content.encode()


def _python(program: str) -> Text:
    return Syntax("", "python", theme="ansi_dark", background_color="default").highlight(program)
