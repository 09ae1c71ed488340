"""Everything that reads or writes a file: saving, opening, comparing, compiling, drawing."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from shutil import which

import pytest
from editor import choose, notifications, press, rows, run, screen, settled, type_text, until
from textual.widgets import Input

from netspec.check import check
from netspec.elaborate import Catalog
from netspec_tui.commands.open_files import open_path
from netspec_tui.commands.rewrite_text import format_text
from netspec_tui.commands.save_files import save_file_as
from netspec_tui.core.user_state import recent_files
from netspec_tui.dialogs.busy import Busy
from netspec_tui.dialogs.choose import Choose
from netspec_tui.dialogs.prompt import Confirm, Prompt
from netspec_tui.dialogs.text_page import TextPage

ROOT = Path(__file__).parents[2]
needs_graphviz = pytest.mark.skipif(
    which("dot") is None and find_spec("pygraphviz") is None, reason="requires Graphviz"
)
TEXT = "netspec: 1\ninputs: {image: [N, 8, 32, 32]}\nbody:\n  - a: ReLU\n  - b: {op: Conv2d, out_channels: 4, kernel_size: 1}\n"


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    spec_path = tmp_path / "net.yaml"
    spec_path.write_text(TEXT)
    return spec_path


async def change(app, pilot) -> None:
    app.main.graph.go_to("a")
    await press(app, pilot, "d")


async def page(app, pilot) -> TextPage:
    await until(pilot, lambda: isinstance(app.screen, TextPage))
    return app.screen


# ---- saving -------------------------------------------------------------------------------------------


def test_saving_keeps_mode_and_follows_links(path: Path, tmp_path: Path) -> None:
    path.chmod(0o640)
    link = tmp_path / "link.yaml"
    link.symlink_to(path)

    async def script(app, pilot) -> None:
        await change(app, pilot)
        await press(app, pilot, "ctrl+s")
        assert not app.main.session.modified

    run(link, script)
    assert "ReLU" not in path.read_text()
    assert link.is_symlink()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_save_as_continues_with_the_new_file_and_asks_before_overwriting(
    path: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.yaml"
    other.write_text("precious")

    async def script(app, pilot) -> None:
        await change(app, pilot)
        save_file_as(app.main)
        await pilot.pause(0.1)
        app.screen.query_one(Input).value = str(other)
        await pilot.press("enter")
        await pilot.pause(0.1)
        assert isinstance(app.screen, Confirm)
        assert other.read_text() == "precious"
        await press(app, pilot, "o")
        assert app.main.session.path == str(other)
        await press(app, pilot, "u", "ctrl+s")

    run(path, script)
    assert path.read_text() == TEXT == other.read_text()


def test_custom_layers_and_settings_stay_after_save_as_and_open(path: Path, tmp_path: Path) -> None:
    catalog = Catalog()
    other = tmp_path / "other.yaml"
    other.write_text(TEXT)

    async def script(app, pilot) -> None:
        save_file_as(app.main)
        await pilot.pause(0.1)
        app.screen.query_one(Input).value = str(tmp_path / "copy.yaml")
        await press(app, pilot, "enter")
        request = app.main.session.request
        assert request.name.endswith("copy.yaml")
        assert request.catalog is catalog and request.settings == {"width": 8}
        open_path(app.main, str(other))
        await settled(app, pilot)
        request = app.main.session.request
        assert request.name == str(other)
        assert request.catalog is catalog and request.settings == {}

    run(path, script, catalog=catalog, settings={"width": 8})


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="requires a user with limits")
def test_a_file_that_cannot_be_written_stays_in_the_editor(path: Path) -> None:
    path.parent.chmod(0o500)

    async def script(app, pilot) -> None:
        await change(app, pilot)
        await press(app, pilot, "ctrl+s")
        assert "permission denied" in notifications(app)
        assert app.main.session.modified

    try:
        run(path, script)
    finally:
        path.parent.chmod(0o700)


def test_a_deleted_folder_is_reported_and_the_text_stays(tmp_path: Path) -> None:
    folder = tmp_path / "gone"
    folder.mkdir()
    path = folder / "net.yaml"
    path.write_text(TEXT)

    async def script(app, pilot) -> None:
        await change(app, pilot)
        shutil.rmtree(folder)
        await press(app, pilot, "ctrl+s")
        answers = notifications(app) + screen(app)
        assert "changed on disk" in answers or "no such directory" in answers
        assert app.main.session.modified

    run(path, script)


def test_quit_asks_about_unsaved_changes(path: Path) -> None:
    async def script(app, pilot) -> None:
        await change(app, pilot)
        await pilot.press("ctrl+q")
        await pilot.pause(0.1)
        assert isinstance(app.screen, Confirm)
        await press(app, pilot, "escape")
        assert app.main.session.modified
        await pilot.press("ctrl+q")
        await pilot.pause(0.1)
        await pilot.press("s")
        await pilot.pause(0.1)

    run(path, script)
    assert "ReLU" not in path.read_text()


# ---- opening ------------------------------------------------------------------------------------------


def test_open_lists_recent_files_and_takes_any_path(path: Path, tmp_path: Path) -> None:
    shutil.copy(ROOT / "specs/textbook/lenet.yaml", tmp_path)
    elsewhere = tmp_path / "far" / "away.yaml"
    elsewhere.parent.mkdir()
    elsewhere.write_text(TEXT.replace("a: ReLU", "far: GELU"))

    async def script(app, pilot) -> None:
        await choose(app, pilot, "ctrl+o", "lenet")
        assert app.main.session.path.endswith("lenet.yaml")
        assert "Sigmoid" in screen(app)
        await choose(app, pilot, "ctrl+o", str(elsewhere))
        assert "far" in rows(app)
        await pilot.press("ctrl+o")
        await pilot.pause(0.1)
        names = [c.name for c in app.screen.choices]
        assert names.count("lenet.yaml") == 1
        await press(app, pilot, "escape")
        assert recent_files()[:2] == [str(elsewhere), str(tmp_path / "lenet.yaml")]
        assert app.main.session.undo() is None  # another file has a history of its own

    run(path, script)


def test_new_starts_empty_or_from_the_gallery(path: Path, tmp_path: Path) -> None:
    async def script(app, pilot) -> None:
        await choose(app, pilot, "ctrl+n", "resnet18")
        assert not app.main.snapshot.report.errors
        assert app.main.session.modified
        written = Path(app.main.session.path)
        assert not written.exists()
        await press(app, pilot, "ctrl+s")
        assert written.exists()
        await choose(app, pilot, "ctrl+n", "empty network")
        assert rows(app)[0] == "input image"
        await choose(app, pilot, "a", "relu")
        assert "relu1" in rows(app)

    run(path, script)
    assert not check(str(tmp_path / "resnet18.yaml")).errors


def test_the_users_editor_edits_the_text(path: Path, tmp_path: Path, monkeypatch) -> None:
    program = tmp_path / "ed.py"
    program.write_text(
        "import sys; p = sys.argv[1]; t = open(p).read(); open(p, 'w').write(t + '  - z: ReLU\\n')"
    )
    monkeypatch.setenv("VISUAL", f"{sys.executable} {program}")

    async def script(app, pilot) -> None:
        from contextlib import nullcontext

        monkeypatch.setattr(
            app, "suspend", nullcontext
        )  # a test's screen has no terminal to give away
        await press(app, pilot, "ctrl+e")
        assert "z" in rows(app)
        await press(app, pilot, "u")
        assert "z" not in rows(app)
        before = app.main.session.text
        for program_that_fails in (
            "false",
            "/nowhere/to/be/found",
            f"{sys.executable} -c 'import sys; open(sys.argv[1], \"wb\").write(bytes([255]))'",
        ):
            monkeypatch.setenv("VISUAL", program_that_fails)
            await press(app, pilot, "ctrl+e")
            assert app.main.session.text == before
        assert "false` ended with 1" in notifications(app)
        assert notifications(app).count("failed") == 2
        monkeypatch.delenv("VISUAL")
        monkeypatch.delenv("EDITOR", raising=False)
        await press(app, pilot, "ctrl+e")
        assert "Set $EDITOR" in notifications(app)

    run(path, script)


# ---- comparing ----------------------------------------------------------------------------------------


def git(folder: Path, *words: str) -> None:
    subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@b", *words], cwd=folder, check=True, capture_output=True)  # fmt: skip


def test_diff_compares_with_the_saved_file_and_with_any_revision(
    path: Path, tmp_path: Path
) -> None:
    path.write_text(TEXT.replace("out_channels: 4", "out_channels: 2"))
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "net.yaml")
    git(tmp_path, "commit", "-qm", "one")
    git(tmp_path, "tag", "old")
    path.write_text(TEXT)
    git(tmp_path, "commit", "-qam", "two")
    here = os.getcwd()

    async def script(app, pilot) -> None:
        await change(app, pilot)
        await pilot.press("D")
        text = str((await page(app, pilot)).text)
        assert "-  - a: ReLU" in text
        assert "since HEAD" in text
        await pilot.press("r")
        await pilot.pause(0.2)
        assert isinstance(app.screen, Prompt)
        app.screen.query_one(Input).value = "old"
        await pilot.press("enter")
        text = str((await page(app, pilot)).text)
        assert "since old" in text
        assert "2" in text.partition("since old")[2]
        await press(app, pilot, "escape")
        assert os.getcwd() == here

    run(path, script)


def test_the_diff_outside_of_git_shows_the_reason(path: Path) -> None:
    async def script(app, pilot) -> None:
        await pilot.press("D")
        assert "is not in a git repository" in str((await page(app, pilot)).text)
        await press(app, pilot, "escape")

    run(path, script)


# ---- compiling, drawing -------------------------------------------------------------------------------


def test_compile_shows_the_program_and_writes_it_next_to_the_spec(path: Path) -> None:
    async def script(app, pilot) -> None:
        await pilot.press("f6")
        assert "class Net(nn.Module)" in str((await page(app, pilot)).text)
        await pilot.click("#answer-w")
        await settled(app, pilot)
        assert path.with_suffix(".py").exists()

    run(path, script)
    compile(path.with_suffix(".py").read_text(), "net.py", "exec")


def test_a_network_with_errors_is_not_compiled(path: Path) -> None:
    path.write_text(TEXT.replace("kernel_size: 1", "kernel_size: 99"))

    async def script(app, pilot) -> None:
        await press(app, pilot, "f6")
        await pilot.pause(0.5)
        assert "fix them before you compile it" in notifications(app)

    run(path, script)


@pytest.mark.parametrize("ending", [".dot", ".mmd", ".txt", pytest.param(".svg", marks=needs_graphviz), pytest.param(".html", marks=needs_graphviz)])  # fmt: skip
def test_render_writes_the_format_of_the_ending(path: Path, ending: str) -> None:
    target = path.with_suffix(ending)

    async def script(app, pilot) -> None:
        await choose(app, pilot, "f5", str(target))
        await until(pilot, lambda: target.exists() and target.stat().st_size > 0)

    run(path, script)
    assert "Conv2d" in target.read_text()


def test_an_unknown_ending_is_rejected_in_the_dialog(path: Path) -> None:
    async def script(app, pilot) -> None:
        await pilot.press("f5")
        await pilot.pause(0.1)
        app.screen.query_one(Input).value = "net.doc"
        await pilot.press("enter")
        await pilot.pause(0.1)
        assert isinstance(app.screen, Prompt)
        assert "use one of the endings .svg" in screen(app)
        await press(app, pilot, "escape")

    run(path, script)


def test_a_slow_drawing_can_be_canceled(path: Path, tmp_path: Path, monkeypatch) -> None:
    program = tmp_path / "bin" / "dot"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\nsleep 20\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    target = path.with_suffix(".svg")

    async def script(app, pilot) -> None:
        await choose(app, pilot, "f5", str(target))
        start = time.monotonic()
        await until(pilot, lambda: "esc cancels" in screen(app), 5)
        assert isinstance(app.screen, Busy)
        await press(app, pilot, "escape")
        for worker in [w for w in app.workers if w.group == "background"]:
            await worker.wait()
        assert time.monotonic() - start < 8

    run(path, script)
    assert not target.exists()


def test_format_is_one_entry_of_the_undo_history(path: Path) -> None:
    path.write_text(TEXT.replace("- a: ReLU", "-    a:   ReLU"))

    async def script(app, pilot) -> None:
        format_text(app.main)
        await settled(app, pilot)
        assert app.main.session.text == TEXT
        await press(app, pilot, "u")
        assert "-    a:   ReLU" in app.main.session.text

    run(path, script)


# ---- source -------------------------------------------------------------------------------------------


def test_completion_hover_and_definition_in_the_source(path: Path) -> None:
    path.write_text(TEXT + "  - c: {op: Add, from: [b, b]}\n")

    async def script(app, pilot) -> None:
        main = app.main
        await pilot.press("3")
        end = main.session.text.index("a: ReLU") + len("a: ReLU")
        main.source.move_cursor(main.source.location_at(end))
        await pilot.press("f3")
        await pilot.pause(0.2)
        assert isinstance(app.screen, Choose)
        assert any(c.name == "ReLU6" for c in app.screen.choices)
        app.screen.query_one(Input).value = "ReLU6"
        await press(app, pilot, "enter")
        assert "- a: ReLU6\n" in main.session.text
        await pilot.press("f4")
        assert "ReLU6" in str((await page(app, pilot)).text)
        await press(app, pilot, "escape")
        main.source.move_cursor(main.source.location_at(main.session.text.index("[b, b]") + 1))
        await press(app, pilot, "f12")
        assert main.source.cursor_location == (4, 4)

    run(path, script)


def test_lines_move_and_enter_keeps_the_indentation(path: Path) -> None:
    async def script(app, pilot) -> None:
        main = app.main
        await pilot.press("3")
        main.source.move_cursor((3, 11))
        await press(app, pilot, "alt+down")
        assert main.session.text.splitlines()[3].startswith("  - b")
        await press(app, pilot, "ctrl+z")
        assert main.session.text == TEXT
        main.source.move_cursor((3, 11))
        await pilot.press("enter")
        await type_text(pilot, "x")
        assert main.session.text.splitlines()[4] == "  x"
        while main.session.undo():
            pass

    run(path, script)
