"""What is drawn: every node in one box, every tensor that flows an edge, whatever is folded."""

from __future__ import annotations

from pathlib import Path

import pytest

import netspec
from netspec.assist.hover import node_line
from netspec.graph import Graph
from netspec.render import LevelFolds, Scene, fitting_depth, scene
from netspec.render.page import box_facts
from netspec.render.rail import ASCII, gutter, rail, rows

SPECS = sorted((Path(__file__).parents[2] / "specs").rglob("*.yaml"))
GRAPHS = {p.stem if p.parent.name == "specs" else f"{p.parent.name}/{p.stem}": p for p in SPECS}


def graph(name: str) -> Graph:
    return netspec.load(GRAPHS[name]).elaborate()


@pytest.mark.parametrize("name", GRAPHS)
def test_every_node_is_in_one_box_at_every_depth(name: str) -> None:
    network = graph(name)
    weights = network.parameter_count + sum(
        _count(shape) for n in network.nodes if n.ties for shape in _tied(n)
    )
    for depth in (None, 0, 1, 2, 3):
        for repeats in (True, False):
            drawn = scene(network, depth=depth, repeats=repeats)
            inner = [b for b in drawn.leaves if b.kind not in ("input", "output")]
            assert sum(b.nodes for b in inner) == len(network.nodes)
            assert sum(b.parameters for b in inner) == weights
            assert sum(b.macs for b in inner) == network.macs()
            for box in drawn.boxes:
                if box.is_open:
                    assert box.nodes == sum(leaf.nodes for leaf in box.leaves())


def _tied(node) -> list[tuple[int, ...]]:
    return [node.parameters[mine] for mine, _, _ in node.ties]


def _count(shape: tuple[int, ...]) -> int:
    total = 1
    for size in shape:
        total *= size
    return total


@pytest.mark.parametrize("name", GRAPHS)
def test_without_folds_the_edges_are_those_of_the_graph(name: str) -> None:
    network = graph(name)
    drawn = scene(network, repeats=False)
    edges = {(a.path, b.path) for a, b in drawn.edges if b.kind != "output"}
    assert edges == {(v.node.path, n.path) for n in network.nodes for v in n.inputs}
    results = [b for b in drawn.leaves if b.kind == "output"]
    assert len(results) == len(network.outputs.values)


@pytest.mark.parametrize("name", GRAPHS)
def test_whatever_is_folded_everything_is_joined_up(name: str) -> None:
    network = graph(name)
    alone = {n.path for n in network.nodes if not n.inputs or n.reads}
    for depth in (None, 0, 1, 2):
        drawn = scene(network, depth=depth)
        targets = {id(b) for _, b in drawn.edges}
        sources = {id(a) for a, _ in drawn.edges}
        for box in drawn.leaves:
            begins = box.kind == "input" or any(f"{p}.".startswith(f"{box.path}.") for p in alone)
            assert id(box) in targets or begins, box.path
            assert id(box) in sources or box.kind in ("output", "input"), box.path


def test_a_repeat_is_one_box_with_the_way_of_its_channels() -> None:
    drawn = scene(graph("densenet121"), depth=2)
    [first, *_] = [b for b in drawn.leaves if b.op == "DenseLayer"]
    assert (first.name, first.times, first.way) == ("denselayer1…6", 6, "64 → 256, +32 each")
    assert [b.times for b in drawn.leaves if b.op == "DenseLayer"] == [6, 12, 24, 16]
    opened = scene(
        graph("densenet121"), depth=2, folds=LevelFolds(expand=["features.denseblock1.denselayer1"])
    )
    assert "conv2" in [b.name for b in opened.leaves]


def test_a_join_says_how_its_channels_add_up() -> None:
    drawn = scene(graph("textbook/inception_mnist"))
    assert [b.way for b in drawn.leaves if b.op == "Concat"] == ["88 = 24×3 + 16"] * 2
    in_a_repeat = scene(graph("densenet121"), depth=3)
    assert {b.way for b in in_a_repeat.leaves if b.op == "Concat"} == {""}
    assert ("height", "28 (image) → 24 (conv1)") in drawn.leaves[1].ways


def test_one_level_with_what_enters_and_leaves_it() -> None:
    drawn = scene(graph("densenet121"), focus="features.denseblock2")
    kinds = {b.path: b.kind for b in drawn.leaves}
    assert kinds["features.transition1.pool"] == "input"
    assert kinds["features.transition2.norm"] == "output"
    with pytest.raises(KeyError):
        scene(graph("densenet121"), focus="nowhere")


def test_a_picture_fits_a_page() -> None:
    for name in GRAPHS:
        network = graph(name)
        assert len(scene(network, depth=fitting_depth(network)).leaves) <= 60


# ---- rails --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", GRAPHS)
def test_a_lane_is_a_tensor_that_is_still_to_be_read(name: str) -> None:
    drawn = scene(graph(name), depth=1)
    table_rows = rows(drawn)
    order = {id(b): k for k, b in enumerate(drawn.leaves)}
    last: dict[int, int] = {}
    for a, b in drawn.edges:
        if order[id(a)] < order[id(b)]:
            last[id(a)] = max(last.get(id(a), -1), order[id(b)])
    lane_of = {id(r.box): r.lane for r in table_rows}
    for k, row in enumerate(table_rows):
        alive = {id(b) for b in drawn.leaves[: k + 1] if last.get(id(b), -1) > k}
        assert {lane_of[b] for b in alive} == set(row.after)
        assert len(alive) == len(row.after)
        reads = {id(a) for a, b in drawn.edges if b is row.box and order[id(a)] < k}
        assert {lane_of[a] for a in reads} == set(row.reads)


NET = """netspec: 1
inputs: {image: [N, 3, 32, 32]}
body:
  - stem: {op: Conv2d, out_channels: 16, kernel_size: 3, padding: 1}
  - a: {op: Conv2d, out_channels: 16, kernel_size: 1}
  - b: {op: Conv2d, from: stem, out_channels: 24, kernel_size: 3, padding: 1, stride: 1}
  - cat: {op: Concat, from: [a, b, stem]}
  - head: {op: Conv2d, out_channels: 4, kernel_size: [1, 3], padding: [0, 1]}
"""


def test_rails_as_text() -> None:
    drawn = scene(netspec.load(NET).elaborate())
    assert (
        rail(drawn, 100)
        == """\
●      image                          [N, 3, 32, 32]
●      stem    Conv2d 16, 3×3         [N, 16, 32, 32]     448
├─●    a       Conv2d 16, 1×1         [N, 16, 32, 32]     272
├─│─●  b       Conv2d 24, 3×3         [N, 24, 32, 32]  3.48 k
●─┴─╯  cat     Concat 56 = 24 + 16×2  [N, 56, 32, 32]
│      from a, b, stem
●      head    Conv2d 4, 1×3          [N, 4, 32, 32]      676
●      output                         [N, 4, 32, 32]"""
    )
    table_rows = rows(drawn)
    assert [gutter(r, 3, ASCII) for r in table_rows] == [
        "o    ",
        "o    ",
        "+-o  ",
        "+-|-o",
        "o-+-'",
        "o    ",
        "o    ",
    ]


def test_errors_stand_below_their_node() -> None:
    report = netspec.load(
        NET.replace("head: {op: Conv2d,", "head: {op: Conv2d, in_channels: 7,")
    ).report
    assert report.graph is not None
    drawn = scene(report.graph, errors={d.path: [d.message] for d in report.errors})
    lines = rail(drawn, 100).splitlines()
    assert (
        lines[7] == "       ✗ `head` declares `in_channels: 7`, but its input `cat` has 56 channels"
    )
    assert lines[6].startswith("●      head")


def test_lines_fit_the_terminal() -> None:
    for name in ("densenet121", "gpt", "vit"):
        for columns in (80, 120):
            drawn: Scene = scene(graph(name), depth=2)
            longest = max(len(b.shape or ()) for b in drawn.leaves)
            assert longest
            assert max(len(line) for line in rail(drawn, columns).splitlines()) <= max(columns, 120)


def test_a_folded_level_of_iterations_says_so() -> None:
    drawn = scene(graph("densenet121"), depth=1)
    summaries = [(b.name, b.op, b.times, b.way) for b in drawn.leaves if b.op == "DenseLayer"]
    assert summaries[:2] == [
        ("denseblock1", "DenseLayer", 6, "64 → 256, +32 each"),
        ("denseblock2", "DenseLayer", 12, "128 → 512, +32 each"),
    ]


def test_what_errors_have_lost_is_omitted_of_a_picture() -> None:
    """Iterations of which no step is known, and a step that has no result, are drawn at every level."""
    for body in (
        "  - {repeat: 3, body: [{op: Unknown}]}\n",
        "  - a: {op: B, channels: 4}\n  - b: {op: B, repeat: 2}\n",
        "  - lost: {op: Nothing}\n  - level: {from: image, body: [{op: Add, from: [image, lost]}]}\n",
        "  - stem: {op: Chunk}\n  - r: {op: B, each: {i: [1, 2]}, channels: 4, from: stem}\n",
    ):
        blocks = (
            "blocks:\n  B:\n    params: {channels: int}\n"
            "    body: [{op: Uni}, {op: Add, from: [input, previous]}]\n"
        )
        graph = netspec.load(
            f"netspec: 1\ninputs: {{image: [N, 3, 8, 8]}}\n{blocks}body:\n{body}"
        ).report.graph
        assert graph is not None
        for depth in (0, 1, 2, None):
            assert scene(graph, depth=depth).boxes
        for level in graph.root.levels():
            assert scene(graph, focus=level.path).name


def test_a_million_equal_layers_are_counted_and_not_listed() -> None:
    """In pictures, on the page, and in a hover: what `summary` counts."""
    network = netspec.load(
        "netspec: 1\ninputs: {v: [N, T, 8]}\n"
        "body:\n  - it: {op: LSTM, hidden_size: 8, num_layers: 1000000, batch_first: true}\n"
    )
    graph = network.elaborate()
    [box] = [box for box in scene(graph).leaves if box.path == "it"]
    assert box.parameters == graph.parameter_count == 1_000_000 * (2 * 32 * 8 + 2 * 32)
    node = box.origin
    assert node is not None
    weights = box_facts(box, node)["weights"]
    assert weights[0] == {"name": "1 × weight_ih", "shape": "[32, 8]"}
    assert len(weights) < 20
    assert "576,000,000 parameters" in node_line(node, graph)
