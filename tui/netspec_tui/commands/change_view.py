"""Commands that change how the network is shown: panes, boxes, sizes, presets, themes."""

from __future__ import annotations

import re

from netspec_tui.dialogs.choose import ChoiceItem, Choose
from netspec_tui.dialogs.prompt import Prompt
from netspec_tui.dialogs.text_page import TextPage
from netspec_tui.editor import Editor
from netspec_tui.editor.follow import show_boxes


def go_to_outline(editor: Editor) -> None:
    """Go to the outline."""
    editor.panes.go_to("outline")


def go_to_graph(editor: Editor) -> None:
    """Go to the graph."""
    editor.panes.go_to("graph")


def go_to_source(editor: Editor) -> None:
    """Go to the source."""
    editor.panes.go_to("source")


def go_to_inspector(editor: Editor) -> None:
    """Go to the inspector."""
    editor.panes.go_to("inspector")


def go_to_diagnostics(editor: Editor) -> None:
    """Go to the diagnostics."""
    editor.panes.go_to("diagnostics")


def toggle_boxes(editor: Editor) -> None:
    """Draw the graph as boxes connected by lines, or as rails again."""
    had_focus = editor.graph.has_focus or editor.boxes.has_focus
    editor.panes.toggle_boxes()
    show_boxes(editor)
    if had_focus:
        editor.call_after_refresh(editor.panes.focus_graph)
    if editor.panes.as_boxes and editor.row is not None:
        editor.call_after_refresh(editor.boxes.follow, editor.row.path)


def set_sizes(editor: Editor) -> None:
    """Set symbols to numbers: all shapes and costs follow."""
    now = ", ".join(f"{k}={v}" for k, v in editor.session.request.sizes.items())
    sizes = editor.snapshot.sizes if editor.snapshot is not None else {}
    example = ", ".join(f"{k}={v}" for k, v in sizes.items()) or "H=128, W=128"

    def apply(text: str) -> None:
        pairs = re.findall(r"(\w+)\s*=\s*(\d+)", text)
        editor.analyze(sizes={name: int(size) for name, size in pairs})

    help = f"such as {example}; leave empty to show symbols"
    editor.ask(Prompt("Sizes", now, help=help, check=_sizes_error), apply)


def _sizes_error(text: str) -> str:
    parts = [p for p in re.split(r"[,\s]+", text.strip()) if p]
    invalid = next((p for p in parts if not re.fullmatch(r"\w+=\d+", p)), None)
    return f"`{invalid}` is not a size: write H=128, W=128" if invalid else ""


def toggle_numbers(editor: Editor) -> None:
    """Show shapes as numbers, or as symbols."""
    editor.analyze(in_numbers=not editor.session.request.in_numbers)


def choose_preset(editor: Editor) -> None:
    """Show the network with a preset of the file."""
    spec = editor.snapshot.report.spec if editor.snapshot is not None else None
    if spec is None or not spec.presets:
        editor.complain("the file has no presets")
        return
    names = list(spec.presets)
    choices = [
        ChoiceItem("none"),
        *(ChoiceItem(name, spec.presets[name].span.text) for name in names),
    ]
    editor.ask(
        Choose("Preset", choices),
        lambda chosen: editor.analyze(preset=[None, *names][chosen.index]),
    )


def show_overview(editor: Editor) -> None:
    """Show the whole network on one page, with as many modules closed as necessary."""
    from netspec.render import fitting_depth, scene
    from netspec.render.rail import ASCII, UNICODE, rail

    graph = editor.snapshot.graph if editor.snapshot is not None else None
    if graph is None:
        editor.complain("there is no network to show")
        return
    boxes = scene(graph, depth=fitting_depth(graph))
    columns = max(editor.size.width - 10, 60)
    text = rail(boxes, columns, glyphs=ASCII if editor.ascii else UNICODE)
    count = len(list(graph.root.nodes()))
    editor.app.push_screen(TextPage(f"{graph.name}: {count} nodes", text))


def switch_theme(editor: Editor) -> None:
    """Switch between the light and the dark theme."""
    is_dark = editor.app.current_theme.dark
    editor.app.theme = "netspec-light" if is_dark else "netspec-dark"
