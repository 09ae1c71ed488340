"""Every action that changes the network, by its key: what it does to the text, and what it says when it cannot."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from editor import choose, notifications, press, rows, run, screen, settled, type_text, until
from textual.widgets import Input, Static

from netspec.check import check_text
from netspec_tui.commands.apply_fixes import fix_all
from netspec_tui.commands.edit_steps import move_step_up
from netspec_tui.commands.open_files import open_path
from netspec_tui.core import analysis
from netspec_tui.core.session import View
from netspec_tui.core.snapshot import AnalysisRequest, Snapshot, analyze
from netspec_tui.widgets.form import Form

TEXT = """netspec: 1  # a comment
inputs: {image: [N, 8, 32, 32]}
body:
  - a: {op: Conv2d, out_channels: 8, kernel_size: 3, padding: 1}   # the first
  - b: ReLU
  - c: {op: Conv2d, out_channels: 8, kernel_size: 1}
  - d: Sigmoid
"""


def edited(tmp_path: Path, script, text: str = TEXT) -> str:
    """The text after a script; undoing all of it must bring back the text from before."""
    path = tmp_path / "net.yaml"
    path.write_text(text)
    texts = []

    async def whole(app, pilot) -> None:
        await script(app, pilot)
        texts.append(app.main.session.text)
        while app.main.session.undo():
            pass
        assert app.main.session.text == text

    run(path, whole)
    assert path.read_text() == text
    return texts[0]


async def go(app, pilot, path: str) -> None:
    assert app.main.graph.go_to(path), rows(app)
    await settled(app, pilot)


def test_add_insert_and_branch(tmp_path: Path) -> None:
    async def script(app, pilot) -> None:
        await go(app, pilot, "a")
        await choose(app, pilot, "a", "BatchNorm2d")
        assert app.main.row.call == "BatchNorm2d"  # the new step is selected
        await go(app, pilot, "d")
        await choose(app, pilot, "i", "gelu")
        await go(app, pilot, "b")
        await choose(app, pilot, "b", "maxpool2d 2")

    text = edited(tmp_path, script)
    assert text.partition("body:\n")[2].splitlines() == [
        "  - a: {op: Conv2d, out_channels: 8, kernel_size: 3, padding: 1}   # the first",
        "  - bn1: BatchNorm2d",
        "  - b: ReLU",
        "  - pool1: {op: MaxPool2d, from: b, kernel_size: 2}",
        "  - c: {op: Conv2d, out_channels: 8, kernel_size: 1, from: b}",
        "  - gelu1: GELU",
        "  - d: Sigmoid",
    ]
    assert not check_text(text).errors


def test_delete_reconnects_neighbors_and_deletes_marked_steps_together(tmp_path: Path) -> None:
    async def script(app, pilot) -> None:
        await go(app, pilot, "b")
        await press(app, pilot, "d")
        assert rows(app) == ["input image", "a", "c", "d", "output output"]
        await press(app, pilot, "u")
        await go(app, pilot, "b")
        await press(app, pilot, "space", "space")
        assert app.main.graph.marked == {"b", "c"}
        await press(app, pilot, "d")

    text = edited(tmp_path, script)
    assert text == TEXT.replace("  - b: ReLU\n", "").replace(
        "  - c: {op: Conv2d, out_channels: 8, kernel_size: 1}\n", ""
    )


def test_copy_paste_and_move(tmp_path: Path) -> None:
    async def script(app, pilot) -> None:
        await press(app, pilot, "p")
        assert "no step is copied" in notifications(app).lower()
        await go(app, pilot, "b")
        await press(app, pilot, "y")
        assert app.clipboard == app.main.copied_steps
        await go(app, pilot, "d")
        await press(app, pilot, "p")
        await go(app, pilot, "d")
        await press(app, pilot, "K")

    lines = edited(tmp_path, script).splitlines()
    assert lines[-4:] == [
        "  - b: ReLU",
        "  - d: Sigmoid",
        "  - c: {op: Conv2d, out_channels: 8, kernel_size: 1}",
        "  - b1: ReLU",
    ]


def test_group_repeat_block_and_unfold(tmp_path: Path) -> None:
    async def script(app, pilot) -> None:
        await go(app, pilot, "a")
        await press(app, pilot, "space", "space")
        await choose(app, pilot, "w", "stem")
        assert "stem.a" in rows(app)
        await go(app, pilot, "stem")
        await choose(app, pilot, "R", "3")
        assert "repeat: 3" in app.main.session.text
        await press(app, pilot, "u")
        await press(app, pilot, "u")
        await go(app, pilot, "a")
        await press(app, pilot, "space", "space")
        await choose(app, pilot, "B", "Stem")
        assert "blocks:" in app.main.session.text
        block = next(r for r in app.main.graph.table.rows if r.call.startswith("Stem"))
        await go(app, pilot, block.path)
        await press(app, pilot, "W")
        assert not app.main.snapshot.report.errors

    edited(tmp_path, script)


def test_rename_changes_all_references_or_reports_why_not(tmp_path: Path) -> None:
    text = TEXT + "  - e: {op: Add, from: [a, d]}\n"

    async def script(app, pilot) -> None:
        await go(app, pilot, "a")
        await choose(app, pilot, "r", "stem")
        assert "- stem: {op: Conv2d" in app.main.session.text
        assert "from: [stem, d]" in app.main.session.text
        assert app.main.row.path == "stem"
        before = app.main.session.text
        await choose(app, pilot, "f2", "d")
        assert app.main.session.text == before
        assert "`d`" in notifications(app)

    edited(tmp_path, script, text)


def test_a_prompt_shows_its_line_and_a_named_step_stays_selected(tmp_path: Path) -> None:
    async def script(app, pilot) -> None:
        app.main.graph.go_to("g.0")
        await press(app, pilot, "r")
        line = app.screen.query_one(Input)
        assert line.has_focus and line.region.height == 1 and line.value in screen(app)
        line.value = "first"
        await press(app, pilot, "enter")
        assert app.main.row.path == "g.first"
        await press(app, pilot, "space", "space", "w")
        assert app.screen.query_one(Input).value in screen(app)
        await press(app, pilot, "enter")
        assert "g.stage1.first" in rows(app)

    text = "netspec: 1\ninputs: {x: [N, 3]}\nbody:\n  - g: [ReLU, Sigmoid, Tanh]\n"
    edited(tmp_path, script, text)


def test_replacing_an_op_keeps_valid_arguments(tmp_path: Path) -> None:
    async def script(app, pilot) -> None:
        await go(app, pilot, "b")
        await choose(app, pilot, "o", "gelu")

    assert edited(tmp_path, script) == TEXT.replace("b: ReLU", "b: GELU")


def test_connect_and_disconnect(tmp_path: Path) -> None:
    text = TEXT + "  - e: {op: Add, from: [c, d]}\n"

    async def script(app, pilot) -> None:
        await go(app, pilot, "e")
        await choose(app, pilot, "c", "a")
        assert "from: [c, d, a]" in app.main.session.text
        await press(app, pilot, "x")
        await press(app, pilot, "down", "down", "enter")
        assert "from: [c, d]" in app.main.session.text

    edited(tmp_path, script, text)


def test_the_preview_of_an_invalid_join_shows_the_error(tmp_path: Path) -> None:
    text = TEXT + "  - e: {op: MaxPool2d, kernel_size: 2}\n"

    async def script(app, pilot) -> None:
        await go(app, pilot, "e")
        await choose(app, pilot, "J", "b")
        preview = app.screen.query_one("#preview", Static)
        await until(pilot, lambda: "✗" in str(preview.content))
        preview_text = str(preview.content)
        assert "16" in preview_text
        assert "32" in preview_text
        await pilot.press("escape")

    assert edited(tmp_path, script, text) == text


def test_a_form_changes_the_text_at_every_letter_and_escape_reverts_it(tmp_path: Path) -> None:
    async def script(app, pilot) -> None:
        await go(app, pilot, "a")
        await press(app, pilot, "e")
        form = app.main.query_one(Form)
        field = next(k for k, f in enumerate(form.fields) if f.key == "out_channels")
        form.query_one(f"#field-{field}", Input).value = "16"
        await settled(app, pilot)
        assert (
            "out_channels: 16, kernel_size: 3, padding: 1}   # the first" in app.main.session.text
        )
        assert app.main.snapshot.table.rows[1].shape == "N×16×32×32"
        form.query_one(f"#field-{field}", Input).value = "16 +"
        await settled(app, pilot)
        assert app.main.snapshot.report.errors or str(form.query_one("#form-error", Static).content)
        await press(app, pilot, "escape")
        assert app.main.session.text == TEXT
        assert not app.main.query(Form)
        await press(app, pilot, "e")
        form = app.main.query_one(Form)
        form.query_one(f"#field-{field}", Input).value = "4 * 4"
        await settled(app, pilot)
        await press(app, pilot, "enter")
        assert app.main.graph.has_focus

    assert edited(tmp_path, script) == TEXT.replace(
        "out_channels: 8, k", "out_channels: 4 * 4, k", 1
    )


def test_parameters_inputs_and_presets_have_a_form(tmp_path: Path) -> None:
    text = TEXT.replace(
        "body:", "params: {width: 8}\npresets:\n  wide: {width: 64}\nbody:"
    ).replace("out_channels: 8", "out_channels: width")

    async def script(app, pilot) -> None:
        await press(app, pilot, "m")
        form = app.main.query_one(Form)
        keys = [f.key for f in form.fields]
        assert "width" in keys
        assert "image" in keys
        form.query_one(f"#field-{keys.index('width')}", Input).value = "12"
        await settled(app, pilot)
        await press(app, pilot, "enter")
        assert "params: {width: 12}" in app.main.session.text
        await press(app, pilot, "P")
        await press(app, pilot, "down", "enter")
        assert app.main.snapshot.table.rows[1].shape == "N×64×32×32"
        assert "preset wide" in screen(app)

    edited(tmp_path, script, text)


def test_undo_restores_selection_and_folds_on_the_screen(tmp_path: Path) -> None:
    text = TEXT + "  - g:\n      body: [{h: ReLU}, {i: ReLU}]\n"

    async def script(app, pilot) -> None:
        await go(app, pilot, "g")
        await press(app, pilot, "enter")
        assert "g.h" not in rows(app)
        await go(app, pilot, "b")
        await press(app, pilot, "d")
        await go(app, pilot, "g")
        await press(app, pilot, "enter")
        assert "g.h" in rows(app)
        await go(app, pilot, "g.i")
        await press(app, pilot, "u")
        assert app.main.row.path == "b"
        assert "g.h" not in rows(app)

    edited(tmp_path, script, text)


def test_editing_an_input_refers_to_the_form_of_the_file(tmp_path: Path) -> None:
    async def script(app, pilot) -> None:
        await go(app, pilot, "input image")
        await press(app, pilot, "d")
        assert "form of `m`" in notifications(app)
        await press(app, pilot, "e")
        assert app.main.query(Form)

    edited(tmp_path, script)


def test_a_step_with_an_unknown_op_has_a_row_and_can_be_fixed_or_deleted(tmp_path: Path) -> None:
    text = TEXT.replace("b: ReLU", "b: Relux").replace("d: Sigmoid", "d: Nonsense")

    async def script(app, pilot) -> None:
        assert rows(app)[:5] == ["input image", "a", "b", "c", "d"]
        assert app.main.graph.table.rows[2].errors == ("unknown op `Relux`",)
        await go(app, pilot, "d")
        await press(app, pilot, "d")
        await go(app, pilot, "b")
        await press(app, pilot, "full_stop")

    assert edited(tmp_path, script, text) == TEXT.replace("  - d: Sigmoid\n", "")


def test_all_safe_fixes_are_applied_at_once(tmp_path: Path) -> None:
    text = TEXT.replace("b: ReLU", "b: Relu").replace("Sigmoid", "Sigmoidd")

    async def script(app, pilot) -> None:
        fix_all(app.main)
        await settled(app, pilot)

    assert edited(tmp_path, script, text) == TEXT


def test_an_invalid_text_rejects_edits_and_keeps_the_last_graph(tmp_path: Path) -> None:
    async def script(app, pilot) -> None:
        before = rows(app)
        await pilot.press("3")
        app.main.source.insert("[", (2, 0))
        await settled(app, pilot)
        assert rows(app) == before
        assert app.main.graph.stale
        assert "showing the last valid graph" in screen(app)
        await press(app, pilot, "escape", "d")
        assert notifications(app)

    edited(tmp_path, script)


def test_what_is_typed_in_the_search_line_never_reaches_the_graph(tmp_path: Path) -> None:
    async def script(app, pilot) -> None:
        await pilot.press("slash")
        await type_text(pilot, "dud")
        await press(app, pilot, "enter")
        assert app.main.graph.has_focus

    assert edited(tmp_path, script) == TEXT


def test_keys_faster_than_the_analysis_act_on_the_selected_step(tmp_path: Path) -> None:
    async def script(app, pilot) -> None:
        await go(app, pilot, "d")
        for _ in range(3):
            move_step_up(app.main)
        await settled(app, pilot)
        assert rows(app) == ["input image", "d", "a", "b", "c", "output output"]
        assert app.main.row.path == "d"

    edited(tmp_path, script)


def test_keys_before_the_first_analysis_are_not_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    released = threading.Event()

    def late(request: AnalysisRequest) -> Snapshot:
        if threading.current_thread() is not threading.main_thread():
            released.wait(5)
        return analyze(request)

    monkeypatch.setattr(analysis, "analyze", late)
    path = tmp_path / "net.yaml"
    path.write_text(TEXT)

    async def script(app, pilot) -> None:
        await pilot.pause(0.1)
        assert app.main.snapshot is None
        app.main.session.view = View("d")
        await pilot.press("d")
        released.set()
        await settled(app, pilot)
        assert rows(app) == ["input image", "a", "b", "c", "output output"]

    run(path, script, at_once=True)


def test_the_analysis_of_another_file_is_not_shown(tmp_path: Path) -> None:
    other = tmp_path / "other.yaml"
    other.write_text("netspec: 1\ninputs: {x: [N, 3]}\nbody:\n  - g: {body: [{h: ReLU}]}\n")

    async def script(app, pilot) -> None:
        main = app.main
        main.analyze()  # of the first file, while the second one is opened
        open_path(main, str(other))
        await settled(app, pilot)
        assert rows(app) == ["input x", "g", "g.h", "output output"]
        await press(app, pilot, "ctrl+o")
        await press(app, pilot, "escape")

    path = tmp_path / "net.yaml"
    path.write_text(TEXT)
    run(path, script)


def test_a_form_never_reverts_other_changes(tmp_path: Path) -> None:
    async def script(app, pilot) -> None:
        main = app.main
        await go(app, pilot, "a")
        await press(app, pilot, "e")
        form = main.query_one(Form)
        field = next(k for k, f in enumerate(form.fields) if f.key == "out_channels")
        form.query_one(f"#field-{field}", Input).value = "16"
        await settled(app, pilot)
        main.source.insert("# typed\n", (0, 0))
        await settled(app, pilot)
        form.query_one(f"#field-{field}", Input).value = "165"
        await settled(app, pilot)
        assert main.session.text.startswith("# typed\n")
        assert "out_channels: 16," in main.session.text
        assert not main.query(Form)
        assert "changed elsewhere" in notifications(app)

    edited(tmp_path, script)


def test_a_list_on_several_lines_has_a_field(tmp_path: Path) -> None:
    text = TEXT.replace("kernel_size: 3, padding: 1}", "kernel_size: [3,\n      3], padding: 1}")

    async def script(app, pilot) -> None:
        await go(app, pilot, "a")
        await press(app, pilot, "e")
        form = app.main.query_one(Form)
        [field] = [k for k, f in enumerate(form.fields) if f.key == "kernel_size"]
        assert form.fields[field].value == "[3, 3]"
        assert app.main.session.text == text
        form.query_one(f"#field-{field}", Input).value = "[3, 1]"
        await settled(app, pilot)
        await press(app, pilot, "enter")
        assert "kernel_size: [3, 1], padding: 1}" in app.main.session.text

    edited(tmp_path, script, text)
