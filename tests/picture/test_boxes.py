"""Boxes of characters, read back by following their lines."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import netspec
from netspec.render.boxes import ASCII, UNICODE, Drawing, boxes
from netspec.render.layered import layered
from netspec.render.scene import Box, Scene, fitting_depth, scene

ROOT = Path(__file__).parents[2]
SPECS = sorted(p for p in (ROOT / "specs").rglob("*.yaml") if "parts" not in p.parts)
UP, DOWN, LEFT, RIGHT = (0, -1), (0, 1), (-1, 0), (1, 0)
SIDES = {
    "│": {UP, DOWN}, "─": {LEFT, RIGHT}, "┘": {UP, LEFT}, "┐": {DOWN, LEFT}, "└": {UP, RIGHT}, "┌": {DOWN, RIGHT},
    "┤": {UP, DOWN, LEFT}, "├": {UP, DOWN, RIGHT}, "┴": {UP, LEFT, RIGHT}, "┬": {DOWN, LEFT, RIGHT},
    "┼": {UP, DOWN, LEFT, RIGHT}, "▼": {UP},
}  # fmt: skip


def read_back(drawn: Drawing) -> set[tuple[int, int]]:
    """The edges, read by following each line from the foot of its box."""
    cells = {(x, y): c for y, line in enumerate(drawn.lines) for x, c in enumerate(line)}
    tops = {
        (place.x + k, place.y): id(place.box)
        for place in drawn.places
        for k in range(place.columns)
    }
    edges = set()
    for place in drawn.places:
        foot = place.y + place.rows - 1
        starts = [x for x in range(place.x, place.x + place.columns) if cells[x, foot] == "┬"]
        assert len(starts) <= 1
        seen, front = set(), [((x, foot + 1), DOWN) for x in starts]
        while front:
            (x, y), way = front.pop()
            if ((x, y), way) in seen:
                continue
            seen.add(((x, y), way))
            letter = cells.get((x, y), " ")
            if letter == "▼":
                edges.add((id(place.box), tops[x, y + 1]))
                continue
            if letter == "│" and way in (LEFT, RIGHT):  # the other line crosses this one
                front.append(((x + way[0], y), way))
                continue
            sides = SIDES[letter]
            assert (-way[0], -way[1]) in sides, (letter, way, x, y)
            front += [
                ((x + dx, y + dy), (dx, dy)) for dx, dy in sides if (dx, dy) != (-way[0], -way[1])
            ]
    return edges


def check_drawing(drawn_of: Scene) -> None:
    drawn = boxes(drawn_of)
    cells = [
        (p.x + dx, p.y + dy)
        for p in drawn.places
        for dx in range(p.columns)
        for dy in range(p.rows)
    ]
    assert len(cells) == len(set(cells)), "two boxes overlap"
    assert {id(p.box) for p in drawn.places} == {id(b) for b in drawn_of.leaves}
    order = {
        id(b): k for k, b in enumerate(drawn_of.leaves)
    }  # a repeat feeds itself: that is not drawn
    edges = {(id(a), id(b)) for a, b in drawn_of.edges if order[id(a)] < order[id(b)]}
    assert read_back(drawn) == edges


@pytest.mark.parametrize("path", SPECS, ids=lambda p: p.stem)
def test_the_lines_of_every_network_lead_where_they_should(path: Path) -> None:
    graph = netspec.load(path).elaborate()
    for depth in {0, 1, fitting_depth(graph)}:
        check_drawing(scene(graph, depth=depth))


@given(st.integers(2, 14), st.floats(0.1, 0.6), st.randoms(use_true_random=False))
def test_the_lines_of_any_graph_lead_where_they_should(
    count: int, density: float, chance: random.Random
) -> None:
    made = [Box("b" * chance.randint(1, 9), str(k), "", "other", None) for k in range(count)]
    edges = [
        (made[a], made[b]) for b in range(count) for a in range(b) if chance.random() < density
    ]
    check_drawing(Scene("any", made, edges, ""))


@given(st.integers(1, 12), st.randoms(use_true_random=False))
def test_edges_lead_down_and_boxes_keep_apart(count: int, chance: random.Random) -> None:
    edges = [(a, b) for b in range(count) for a in range(b) if chance.random() < 0.3]
    widths = [2 * chance.randint(2, 9) + 1 for _ in range(count)]
    layout = layered(widths, edges)
    layer = {i.box: i.layer for row in layout.layers for i in row if not i.is_line}
    assert set(layer) == set(range(count))
    assert all(layer[a] < layer[b] for a, b in edges)
    for row in layout.layers:
        ends = -1
        for item in row:
            half = 0 if item.is_line else widths[item.box] // 2
            assert layout.center[item] - half > ends
            ends = layout.center[item] + half


def test_inception_as_it_is_read() -> None:
    graph = netspec.load(ROOT / "specs/textbook/inception_mnist.yaml").elaborate()
    text = "\n".join(boxes(scene(graph)).lines)
    assert "Concat 88 = 24×3 + 16" in text
    assert "▼ ▼ ▼ ▼" in text
    assert boxes(scene(graph), ASCII).lines[0].lstrip().startswith("+--")


def test_an_error_is_shown_in_its_box() -> None:
    report = netspec.load(ROOT / "specs/textbook/inception_mnist.yaml").report
    assert report.graph is not None
    drawn = scene(report.graph, errors={"conv2": ["it does not fit"]})
    assert any("✗ it does not fit" in line for line in boxes(drawn, UNICODE).lines)
