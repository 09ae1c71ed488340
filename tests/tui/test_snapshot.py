"""Every spec of the docs and of the bench of faults, valid or not, can be looked at row by row."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from sampling import some

from netspec_tui.core.disk import OpenedFile
from netspec_tui.core.folds import Folds, all_closed
from netspec_tui.core.row_explanation import row_explanation
from netspec_tui.core.row_query import QueryError, parse_query
from netspec_tui.core.session import Session
from netspec_tui.core.snapshot import AnalysisRequest, Snapshot, analyze

GALLERY = sorted(Path("specs").rglob("*.yaml"))
FAULTS = sorted(Path("benchmarks/faults").rglob("*.yaml"))
PAGES = sorted(p for p in Path("docs").rglob("*.md") if "```yaml" in p.read_text())


def look(text: str, name: str = "x.yaml", **changes: object) -> Snapshot:
    return analyze(Session(name, OpenedFile(text, None)).update_request(**changes))


@pytest.mark.parametrize("path", some([*GALLERY, *FAULTS], 50), ids=str)
def test_every_row_of_a_spec_is_explained(path: Path) -> None:
    snapshot = look(path.read_text(), str(path))
    for row in snapshot.table.rows:
        assert row.name in row_explanation(snapshot, row, 40) or row.path.split(" ")[
            -1
        ] in row_explanation(snapshot, row, 40)


@pytest.mark.parametrize("path", some(PAGES, 40), ids=str)
def test_every_spec_of_the_pages_is_explained(path: Path) -> None:
    for text in re.findall(r"```ya?ml\n(.*?)```", path.read_text(), re.DOTALL):
        snapshot = look(text)
        for row in snapshot.table.rows:
            row_explanation(snapshot, row, 40)


@pytest.mark.parametrize("path", some(GALLERY, 12), ids=str)
def test_rows_contain_every_node_once_for_all_folds(path: Path) -> None:
    text = path.read_text()
    open_ = look(text, str(path))
    assert open_.graph is not None
    for folds in (Folds(), all_closed(open_.graph), all_closed(open_.graph, 1)):
        session = Session(str(path), OpenedFile(text, None))
        snapshot = analyze(session.update_request())
        from dataclasses import replace

        snapshot = analyze(replace(session.request, folds=folds))
        assert snapshot.graph is not None
        leaves = [r for r in snapshot.table.rows if not r.is_open]
        members = [m for r in leaves for m in r.box.members]
        assert sorted(members) == sorted(n.path for n in snapshot.graph.nodes)
        assert len({r.path for r in snapshot.table.rows}) == len(snapshot.table.rows)


def rows(expected_paths: str, text: str) -> list[str]:
    test = parse_query(expected_paths)
    return [r.path for r in look(text).table.rows if test(r)]


LENET = Path("specs/textbook/lenet.yaml").read_text()


def test_rows_are_found_by_name_op_shape_and_cost() -> None:
    assert rows("op:conv", LENET) == ["0", "3"]
    assert rows("shape:*,16,*,*", LENET) == ["3", "4", "5"]
    assert rows("params:>10k", LENET) == ["7", "9"]
    assert rows("params:>10k macs:<20k", LENET) == ["9"]
    assert rows("kind:pool", LENET) == ["2", "5"]
    assert rows("error", LENET) == []
    with pytest.raises(QueryError, match="unknown query `color:`"):
        parse_query("color:red")
    with pytest.raises(QueryError, match="`lots` is not an amount"):
        parse_query("params:lots")


def test_errors_are_in_their_rows_and_what_follows_is_unknown() -> None:
    snapshot = look(LENET.replace("out_channels: 16", "out_channels: 16, in_channels: 7"))
    assert rows("error", LENET.replace("kernel_size: 5}", "kernel_size: 50}")) == ["3"]
    [wrong] = [r for r in snapshot.table.rows if r.errors]
    assert "in_channels" in wrong.errors[0]
    assert "✗" in row_explanation(snapshot, wrong, 40)


def test_requested_sizes_turn_shapes_into_numbers_unless_invalid() -> None:
    text = Path("specs/densenet121.yaml").read_text()
    snapshot = look(text, sizes={"H": 64, "W": 64})
    shapes = {r.path: r.shape for r in snapshot.table.rows}
    assert shapes["features.conv0"] == "1×64×32×32" and not snapshot.error
    small = look(text, sizes={"H": 8})
    assert "H = 8 is invalid" in small.error
    assert "unknown symbol `Q`" in look(text, sizes={"Q": 8}).error


def test_folded_steps_are_not_failed_steps() -> None:
    text = """netspec: 1
inputs: {image: [N, 8, H, W]}
body:
  - a: Relux
  - g:
      body: [{h: ReLU}, {k: Relux}]
  - d: Sigmoid
"""
    opened = analyze(AnalysisRequest(text, "net.yaml", 0, Folds()))
    assert [r.path for r in opened.table.rows][1:-1] == ["a", "g", "g.h", "g.k", "d"]
    closed = analyze(AnalysisRequest(text, "net.yaml", 0, Folds(frozenset({"g"}))))
    assert [r.path for r in closed.table.rows][1:-1] == ["a", "g", "d"]
