"""Commands that go to rows: by a query, or along the connections of the graph."""

from __future__ import annotations

from collections.abc import Callable

from netspec.render.box import Box
from netspec_tui.core.row_query import QueryError, parse_query
from netspec_tui.dialogs.choose import ChoiceItem, Choose
from netspec_tui.editor import Editor
from netspec_tui.widgets.search_line import SearchLine

Edge = tuple[Box, Box]


async def find_rows(editor: Editor) -> None:
    """Open a line for a query; matching rows are highlighted while the user types."""
    if editor.query("#find"):
        editor.set_focus(editor.query_one("#find", SearchLine))
        return
    line = SearchLine(id="find")
    await editor.mount(line, before=editor.panes.row_line)
    editor.set_focus(line)  # before the next key is read


def highlight_matches(editor: Editor, query: str) -> None:
    """Highlight the rows that match a query, and go to the first one."""
    graph = editor.graph
    try:
        graph.test = parse_query(query) if query.strip() else None
    except QueryError as error:
        graph.test = None
        editor.panes.show_line(str(error))
        return
    graph.restyle()
    if graph.test is not None:
        count = sum(map(graph.test, graph.table.rows))
        _go_to_match(editor, 0)
        editor.panes.show_line(f"{count} match{'es' * (count != 1)}" if count else "no match")


def close_search(editor: Editor) -> None:
    """Close the line, and return to the graph; the matches stay highlighted."""
    editor.query("#find").remove()
    editor.panes.focus_graph()


async def next_match(editor: Editor) -> None:
    """Go to the next match, or open the line for a query."""
    if editor.graph.test is None:
        await find_rows(editor)
    else:
        _go_to_match(editor, 1)


def _go_to_match(editor: Editor, start: int) -> None:
    """Go to the first match from `start` rows below the cursor on."""
    graph = editor.graph
    rows = graph.table.rows
    for k in range(len(rows)):
        index = (graph.index + start + k) % len(rows)
        if graph.test is not None and graph.test(rows[index]):
            graph.index = index
            return


def leave(editor: Editor) -> None:
    """Leave the search or the source, clear query and marks, and return to the graph."""
    if editor.query("#find"):
        editor.query_one("#find").remove()
    editor.clear_search()
    editor.panes.go_to("graph")


def go_to_producer(editor: Editor) -> None:
    """Go to a step that the selected row reads."""
    _go_to_neighbor(editor, lambda edge: (edge[1], edge[0]))


def go_to_consumer(editor: Editor) -> None:
    """Go to a step that reads the selected row."""
    _go_to_neighbor(editor, lambda edge: edge)


def _go_to_neighbor(editor: Editor, direction: Callable[[Edge], Edge]) -> None:
    """Go to the other end of an edge; of several, the user chooses."""
    row, snapshot, graph = editor.row, editor.snapshot, editor.graph
    if row is None or snapshot is None or snapshot.scene is None:
        return
    inside = set(row.box.leaves())
    edges = map(direction, snapshot.scene.edges)
    neighbors = {there for here, there in edges if here in inside and there not in inside}
    rows = [k for k, other in enumerate(graph.table.rows) if other.box in neighbors]

    def go_to(k: int) -> None:
        graph.index = rows[k]

    if not rows:
        editor.complain("there is no such step")
    elif len(rows) == 1:
        go_to(0)
    else:
        choices = [ChoiceItem(graph.table.rows[k].path, graph.table.rows[k].shape) for k in rows]
        editor.ask(Choose("Go to", choices), lambda chosen: go_to(chosen.index))
