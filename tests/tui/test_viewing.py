"""Everything that changes how the network is looked at."""

from __future__ import annotations

import inspect
import shutil
import sys
import time
from pathlib import Path

import pytest
from editor import choose, notifications, press, rows, run, screen, settled, type_text
from sampling import some
from textual.app import ComposeResult
from textual.binding import Binding
from textual.widgets import Input, Static

from netspec_tui.commands.change_view import set_sizes, switch_theme
from netspec_tui.commands.registry import COMMANDS, COMMANDS_BY_ID
from netspec_tui.core.row_query import QueryError, parse_query
from netspec_tui.dialogs.choose import Choose
from netspec_tui.dialogs.text_page import TextPage
from netspec_tui.main_screen import MainScreen
from netspec_tui.widgets.key_bar import KeyBar

ROOT = Path(__file__).parents[2]
INCEPTION = ROOT / "specs/textbook/inception_mnist.yaml"
TEXT = """netspec: 1
inputs: {image: [N, 8, H, W]}
body:
  - a: ReLU
  - g:
      repeat: 3
      body: [{h: {op: Conv2d, out_channels: 8, kernel_size: 3, padding: 1}}, {k: ReLU}]
  - d: Sigmoid
"""


NOT_IN_THE_TABLE = {
    "netspec_tui.commands.find_rows.close_search",  # Enter in the line of the query
    "netspec_tui.commands.open_files.offer_recovery",  # when a file is opened
    "netspec_tui.commands.open_files.start_empty_file",
    "netspec_tui.commands.save_files.follow_disk",  # every second
}
"""Functions of an editor that other events than a key run."""


def written(tmp_path: Path, text: str = TEXT) -> Path:
    path = tmp_path / "net.yaml"
    path.write_text(text)
    return path


# ---- folds --------------------------------------------------------------------------------------------


def test_levels_open_and_close_by_keys_and_all_at_once(tmp_path: Path) -> None:
    async def script(app, pilot) -> None:
        graph = app.main.graph
        await press(app, pilot, "Z")
        assert rows(app) == ["input image", "a", "g", "d", "output output"]
        graph.go_to("g")
        await press(app, pilot, "right", "right", "right")
        assert "g.0.h" in rows(app)
        await press(app, pilot, "right")
        assert app.main.row.path == "g.0.h"
        await press(app, pilot, "left")
        assert app.main.row.path == "g.0"
        await press(app, pilot, "left")
        assert "g.0.h" not in rows(app)
        await press(app, pilot, "Z", "Z")
        graph.go_to("g.0.h")
        await press(app, pilot, "t")
        assert [r for r in rows(app) if r.endswith(".h")] == ["g.0.h", "g.1.h", "g.2.h"]
        await press(app, pilot, "t")
        assert [r for r in rows(app) if r.endswith(".h")] == ["g.0.h"]

    run(written(tmp_path), script)


def test_a_row_outside_of_a_repeat_cannot_be_expanded(tmp_path: Path) -> None:
    async def script(app, pilot) -> None:
        app.main.graph.go_to("a")
        await press(app, pilot, "t")
        assert "not in a repeat" in notifications(app)

    run(written(tmp_path), script)


# ---- searching ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "first", "count"),
    some(
        [
            ("branch3x3", "incep1.branch3x3", 8),
            ("op:concat", "incep1.join", 2),
            ("op:conv name:branch1x1", "incep1.branch1x1", 2),
            ("shape:*,88,*,*", "incep1", 4),
            ("params:>9k", "incep1", 9),
            ("macs:>1M", "incep1", 5),
        ],
        3,
    ),
)
def test_find(tmp_path: Path, typed: str, first: str, count: int) -> None:
    shutil.copy(INCEPTION, tmp_path)

    async def script(app, pilot) -> None:
        main = app.main
        await pilot.press("slash")
        await pilot.pause()
        await type_text(pilot, typed)
        await press(app, pilot, "enter")
        paths = [r.path for r in main.graph.table.rows if main.graph.test(r)]
        assert (main.row.path, len(paths)) == (first, count), paths
        await press(app, pilot, "n")
        assert main.row.path == paths[1 % len(paths)]
        await press(app, pilot, "escape")
        assert main.graph.test is None

    run(tmp_path / INCEPTION.name, script)


@pytest.mark.parametrize("typed", ["params:many", "macs:", "what:3"])
def test_an_invalid_query_is_reported(typed: str) -> None:
    with pytest.raises(QueryError):
        parse_query(typed)


def test_producers_and_consumers_are_a_key_away(tmp_path: Path) -> None:
    shutil.copy(INCEPTION, tmp_path)

    async def script(app, pilot) -> None:
        main = app.main
        main.graph.go_to("incep1.join")
        await press(app, pilot, "left_square_bracket")
        assert isinstance(app.screen, Choose)
        assert [c.name for c in app.screen.choices] == [
            "incep1.branch1x1",
            "incep1.branch5x5.1",
            "incep1.branch3x3.2",
            "incep1.branch_pool.1",
        ]
        await press(app, pilot, "down", "enter")
        assert main.row.path == "incep1.branch5x5.1"
        await press(app, pilot, "right_square_bracket")
        assert main.row.path == "incep1.join"

    run(tmp_path / INCEPTION.name, script)


# ---- what if ------------------------------------------------------------------------------------------


def test_sizes_turn_shapes_into_numbers_and_unknown_symbols_are_reported(tmp_path: Path) -> None:
    async def script(app, pilot) -> None:
        main = app.main
        await choose(app, pilot, "s", "H=100, W=60")
        assert main.graph.table.rows[1].shape == "1×8×100×60"
        await choose(app, pilot, "s", "Q=3")
        assert "unknown symbol `Q`" in screen(app)
        await choose(app, pilot, "s", "")
        assert main.graph.table.rows[1].shape == "N×8×H×W"
        await press(app, pilot, "S")
        assert "H" not in main.graph.table.rows[1].shape
        await press(app, pilot, "S")
        assert main.graph.table.rows[1].shape == "N×8×H×W"

    run(written(tmp_path), script)


# ---- boxes, pages -------------------------------------------------------------------------------------


def test_boxes_and_rail_share_a_cursor(tmp_path: Path) -> None:
    shutil.copy(INCEPTION, tmp_path)

    async def script(app, pilot) -> None:
        main = app.main
        await press(app, pilot, "v")
        assert main.boxes.has_focus
        assert not main.graph.display
        main.graph.go_to("incep1.branch5x5.0")
        await settled(app, pilot)
        await press(app, pilot, "right")
        assert main.row.path == "incep1.branch3x3.0"
        await press(app, pilot, "down", "down")
        assert main.row.path == "incep1.branch3x3.2"
        await press(app, pilot, "left")
        assert main.row.path != "incep1.branch3x3.2"
        await press(app, pilot, "Z")
        assert any("InceptionA" in line for line in main.boxes.drawing.lines)
        assert len(main.boxes.drawing.places) == len(main.graph.table.rows)
        await press(app, pilot, "v")
        assert main.graph.has_focus

    run(tmp_path / INCEPTION.name, script)


def test_a_box_can_be_clicked(tmp_path: Path) -> None:
    shutil.copy(INCEPTION, tmp_path)

    async def script(app, pilot) -> None:
        main = app.main
        await press(app, pilot, "v")
        place = next(p for p in main.boxes.drawing.places if p.box.path == "conv1")
        left, top = main.boxes.scroll_offset
        await pilot.click("#boxes", offset=(place.x + 4 - left, place.y + 2 - top))
        await settled(app, pilot)
        assert main.row.path == "conv1"

    run(tmp_path / INCEPTION.name, script, (160, 60))


def test_the_overview_is_one_page(tmp_path: Path) -> None:
    shutil.copy(ROOT / "specs/densenet121.yaml", tmp_path)

    async def script(app, pilot) -> None:
        await press(app, pilot, "M")
        assert isinstance(app.screen, TextPage)
        assert "denseblock4" in str(app.screen.text)
        await press(app, pilot, "escape")

    run(tmp_path / "densenet121.yaml", script)


# ---- the inspector ------------------------------------------------------------------------------------


def test_the_inspector_explains_the_row(tmp_path: Path) -> None:
    shutil.copy(INCEPTION, tmp_path)

    async def script(app, pilot) -> None:
        main = app.main
        main.graph.go_to("incep1.join")
        await settled(app, pilot)
        inspector_text = str(main.inspector.query_one("#inspector-page", Static).content)
        assert "C' = 16 + 24·3 = 88" in inspector_text
        assert "torch.cat" in inspector_text
        main.graph.go_to("conv2")
        await settled(app, pilot)
        inspector_text = str(main.inspector.query_one("#inspector-page", Static).content)
        for part in (
            "in_channels: 88 (inferred)",
            "88·20·5·5 = 44,000",
            "receptive field",
            "line 36",
        ):
            assert part in inspector_text, inspector_text

    run(tmp_path / INCEPTION.name, script, (160, 48))


# ---- mouse, panes, themes -----------------------------------------------------------------------------


def test_rows_are_clicked_folds_too(tmp_path: Path) -> None:
    shutil.copy(INCEPTION, tmp_path)

    async def script(app, pilot) -> None:
        main = app.main
        position = rows(app).index("incep1")
        await pilot.click("#graph", offset=(30, position + 1))
        await settled(app, pilot)
        assert main.row.path == "incep1"
        assert "incep1.join" in rows(app)
        fold = 2 + 2 * main.graph.table.lanes + 2 * main.row.depth
        await pilot.click("#graph", offset=(fold, position + 1))
        await settled(app, pilot)
        assert "incep1.join" not in rows(app)

    run(tmp_path / INCEPTION.name, script, (160, 48))


def test_the_outline_leads_to_source_and_graph(tmp_path: Path) -> None:
    shutil.copy(INCEPTION, tmp_path)

    async def script(app, pilot) -> None:
        main = app.main
        await pilot.press("1")
        await press(app, pilot, "end", "enter")
        assert main.row.path == "fc"
        assert main.source.cursor_location[0] == main.session.text[
            : main.session.text.index("fc:")
        ].count("\n")

    run(tmp_path / INCEPTION.name, script, (160, 48))


def test_the_graph_follows_the_cursor_of_the_source(tmp_path: Path) -> None:
    shutil.copy(INCEPTION, tmp_path)

    async def script(app, pilot) -> None:
        main = app.main
        await pilot.press("3")
        main.source.move_cursor(main.source.location_at(main.session.text.index("conv2:")))
        await settled(app, pilot)
        assert main.row.path == "conv2"

    run(tmp_path / INCEPTION.name, script, (160, 48))


@pytest.mark.parametrize("size", [(80, 24), (160, 48)])
def test_numbers_lead_to_panes_and_a_narrow_screen_shows_one(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    shutil.copy(INCEPTION, tmp_path)

    async def script(app, pilot) -> None:
        main = app.main
        for key, name in zip(
            "12345", ("outline", "graph", "source", "inspector", "diagnostics"), strict=True
        ):
            await press(app, pilot, *(("escape",) if name != "outline" else ()), key)
            assert main.query_one(f"#{name}").has_focus, name
            assert main.query_one(f"#{name}").region.height > 1
            if size[0] < 110:
                shown = [
                    n
                    for n in ("outline", "source", "inspector")
                    if main.query_one(f"#{n}").region.height
                ]
                assert shown == [n for n in (name,) if n in ("outline", "source", "inspector")]

    run(tmp_path / INCEPTION.name, script, size)


def test_the_inspector_of_a_narrow_terminal_explains_the_selected_row(tmp_path: Path) -> None:
    async def script(app, pilot) -> None:
        await press(app, pilot, "j", "4")
        assert "a: ReLU" in screen(app)
        await press(app, pilot, "2")
        app.main.graph.go_to("g.0.h")
        await press(app, pilot, "4")
        assert "g.0.h: Conv2d" in screen(app)
        await press(app, pilot, "2")
        app.main.graph.go_to("d")
        await settled(app, pilot)
        assert "d: Sigmoid" not in screen(app)
        await pilot.resize_terminal(160, 48)
        end = time.monotonic() + 20
        while "d: Sigmoid" not in screen(app) and time.monotonic() < end:
            await pilot.pause()  # the panes hear of the new size one after the other
        assert "d: Sigmoid" in screen(app)

    run(written(tmp_path), script, (80, 24))


def test_both_themes_color_every_pane(tmp_path: Path) -> None:
    shutil.copy(INCEPTION, tmp_path)

    async def script(app, pilot) -> None:
        def colors() -> set[object]:
            strips = app.screen._compositor.render_strips()
            return {
                s.style.bgcolor
                for strip in strips
                for s in strip
                if s.style is not None and s.style.bgcolor
            }

        dark = colors()
        switch_theme(app.main)
        await settled(app, pilot)
        assert app.theme == "netspec-light"
        assert not colors() & dark, "something kept the other theme's ground"

    run(tmp_path / INCEPTION.name, script, (160, 48))


def test_every_command_is_reachable_by_mouse(tmp_path: Path) -> None:
    async def script(app, pilot) -> None:
        await pilot.click("FooterKey.-command-palette")
        await pilot.pause(0.3)
        assert type(app.screen).__name__ == "Palette"
        await pilot.press("escape")
        await pilot.pause(0.2)
        set_sizes(app.main)
        await pilot.pause(0.2)
        app.screen.query_one(Input).value = "H=40, W=40"
        await pilot.click("#answer-enter")
        await settled(app, pilot)
        assert app.main.graph.table.rows[1].shape == "1×8×40×40"

    for size in ((80, 24), (160, 48)):
        run(written(tmp_path), script, size)


# ---- actions ------------------------------------------------------------------------------------------


def test_ids_titles_and_keys_of_commands_are_unique() -> None:
    assert len(COMMANDS_BY_ID) == len(COMMANDS) == len({command.title for command in COMMANDS})
    keys: dict[str, str] = {}
    for command in COMMANDS:
        for key in filter(None, command.keys.split(",")):
            assert key not in keys, (key, command.id, keys[key])
            keys[key] = command.id
    assert not any(key.startswith(("alt+", "ctrl+shift")) for key in keys)
    assert not {"ctrl+i", "ctrl+m", "ctrl+h", "ctrl+j"} & keys.keys()


def test_every_function_of_an_editor_in_the_commands_is_in_the_table_or_used_by_another() -> None:
    """A command without a row could not be run."""
    functions = {command.run for command in COMMANDS}
    modules = [sys.modules[function.__module__] for function in functions]
    unlisted = {
        f"{module.__name__}.{name}"
        for module in modules
        for name, function in vars(module).items()
        if inspect.isfunction(function)
        and function.__module__ == module.__name__
        and not name.startswith("_")
        and list(inspect.signature(function).parameters) == ["editor"]
        and function not in functions
    }
    assert unlisted == NOT_IN_THE_TABLE


def test_every_command_is_documented_and_its_keys_are_bound() -> None:
    bound = {binding.id for binding in MainScreen.BINDINGS if isinstance(binding, Binding)}
    for command in COMMANDS:
        assert command.run.__doc__ and command.help, command.id
        assert bool(command.keys) == (command.id in bound), command.id


def test_palette_and_help_list_every_command(tmp_path: Path) -> None:
    async def script(app, pilot) -> None:
        offered = {command.title for command in app.get_system_commands(app.main)}
        assert offered == {command.title for command in COMMANDS}
        await press(app, pilot, "question_mark")
        screen_text = str(app.screen.text)
        assert all(command.title in screen_text for command in COMMANDS)
        await press(app, pilot, "escape")
        await pilot.press("ctrl+p")
        await pilot.pause(0.2)
        await type_text(pilot, "overview")
        await pilot.pause(0.4)
        await pilot.press("enter")
        await pilot.pause(0.3)
        assert isinstance(app.screen, TextPage)
        await press(app, pilot, "escape")

    run(written(tmp_path), script)


def test_keys_can_be_changed(tmp_path: Path) -> None:
    (tmp_path / "config" / "netspec").mkdir(parents=True)
    (tmp_path / "config" / "netspec" / "keys.toml").write_text(
        '[graph]\ndelete = "f9"\nnonsense = "x"\n'
    )

    async def script(app, pilot) -> None:
        assert "graph.nonsense" in notifications(app)
        app.main.graph.go_to("a")
        await press(app, pilot, "d")
        assert "a" in rows(app)
        await press(app, pilot, "f9")
        assert "a" not in rows(app)
        assert app.main.session.undo()

    run(written(tmp_path), script)


def test_an_invalid_keys_file_is_reported(tmp_path: Path) -> None:
    (tmp_path / "config" / "netspec").mkdir(parents=True)
    (tmp_path / "config" / "netspec" / "keys.toml").write_text("delete = \n")

    async def script(app, _pilot) -> None:
        assert "keys.toml` cannot be read" in notifications(app)

    run(written(tmp_path), script)


def test_the_key_bar_shows_the_keys_of_the_focused_pane(tmp_path: Path) -> None:
    async def script(app, pilot) -> None:
        assert "Add" in screen(app).splitlines()[-1]
        await press(app, pilot, "3")
        last = screen(app).splitlines()[-1]
        assert "Add" not in last
        assert "Complete" in last

    run(written(tmp_path), script, (160, 48))


def test_the_key_bar_is_composed_only_if_its_keys_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    composed = 0
    compose = KeyBar.compose

    def counted(bar: KeyBar) -> ComposeResult:
        nonlocal composed
        composed += 1
        return compose(bar)

    monkeypatch.setattr(KeyBar, "compose", counted)

    async def script(app, pilot) -> None:
        at_first = composed
        app.main.refresh_bindings()  # as Textual does whenever a dialog comes or goes
        await settled(app, pilot)
        assert composed == at_first
        await press(app, pilot, "3")
        assert composed == at_first + 1
        await press(app, pilot, "escape")
        assert composed == at_first + 2

    run(written(tmp_path), script, (160, 48))
