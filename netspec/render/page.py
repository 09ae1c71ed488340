"""A network as one HTML file: the picture to zoom, fold and search, the details of each node, the spec.

Graphviz lays out every view beforehand: the whole at each depth, and each level by itself. The page needs no
network.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import escape
from importlib.resources import files
from typing import Any

from netspec.check import Report
from netspec.graph import Graph, Node
from netspec.layer.base import ConcreteShape
from netspec.render.box import Box, Scene
from netspec.render.dot import dot
from netspec.render.engine import EngineError, draw
from netspec.render.scene import fitting_depth, scene
from netspec.report.numbers import shape_text

_MOST_VIEWS = 80
_MOST_BOXES = 400
_MOST_WEIGHTS = 1000
"""How many weights of one node are listed by name."""
_DEEPEST = 6


def html_page(report: Report, theme: str = "light") -> str:
    """The file. Raises `EngineError` where Graphviz cannot draw."""
    graph = report.graph
    assert graph is not None
    errors: dict[str, list[str]] = {}
    for diagnostic in report.errors:
        errors.setdefault(diagnostic.path, []).append(diagnostic.message)
    views, boxes = _views(graph, errors, theme)
    if not views:
        raise EngineError(
            f"the network has more than {_MOST_BOXES} boxes on one level, the limit for a page",
            "group steps into groups or blocks, which the page folds, or use `--format rail`",
        )
    data = {
        "name": graph.name,
        "views": views,
        "boxes": boxes,
        "source": report.document.source.text,
        "start": _start(graph),
    }
    written = json.dumps(data, ensure_ascii=False).replace("<", "\\u003c")
    template = files("netspec.render").joinpath("page.html").read_text(encoding="utf-8")
    parts = {"TITLE": escape(graph.name), "THEME": theme, "DATA": written}
    return re.sub(r"\{\{(TITLE|THEME|DATA)\}\}", lambda m: parts[m[1]], template)


def _start(graph: Graph) -> str:
    depth = fitting_depth(graph)
    return f"depth:{_deepest(graph) if depth is None else depth}"


def _deepest(graph: Graph) -> int:
    """The maximum number of nested levels that are drawn at once."""
    return min(max((n.path.count(".") for n in graph.nodes), default=0), _DEEPEST)


def _views(
    graph: Graph, errors: dict[str, list[str]], theme: str
) -> tuple[dict[str, dict[str, str]], dict[str, dict[str, Any]]]:
    """Every view by its name, and the details of every box."""
    views: dict[str, dict[str, str]] = {}
    boxes: dict[str, dict[str, Any]] = {}
    nodes = {n.path: n for n in graph.nodes}
    waiting: list[str] = []
    for depth in range(_deepest(graph) + 1):
        drawn = scene(graph, depth=depth, errors=errors)
        if len(drawn.leaves) <= _MOST_BOXES:
            views[f"depth:{depth}"] = {"title": f"{depth}", "svg": _svg(drawn, theme)}
        waiting += _known(drawn, boxes, nodes)
    for path in dict.fromkeys(waiting):
        if len(views) >= _MOST_VIEWS:
            break
        inner = scene(graph, focus=path, errors=errors)
        if len(inner.leaves) > 120:
            inner = scene(graph, focus=path, depth=1, errors=errors)
        views[f"level:{path}"] = {"title": path, "svg": _svg(inner, theme)}
        _known(inner, boxes, nodes)
    return views, boxes


def _svg(drawn: Scene, theme: str) -> str:
    """The picture without its header."""
    svg = draw(dot(drawn, theme, links=False), "svg").decode()
    return svg[svg.index("<svg") :]


def _known(drawn: Scene, boxes: dict[str, dict[str, Any]], nodes: dict[str, Node]) -> list[str]:
    """Take in the boxes of a scene; returns the paths of its levels."""
    levels = []
    for box in _all(drawn.boxes):
        key = box.path or box.name
        if box.kind == "level":
            levels.append(key)
        if key not in boxes:
            boxes[key] = box_facts(box, nodes.get(box.path))
    return levels


def _all(boxes: list[Box]) -> Iterator[Box]:
    for box in boxes:
        yield box
        yield from _all(box.children)


def box_facts(box: Box, node: Node | None) -> dict[str, Any]:
    """The text of the panel for a box."""
    facts: dict[str, Any] = {
        "name": box.name,
        "op": box.op,
        "call": box.arguments,
        "kind": box.kind,
        "shape": "?" if box.sizes is None else f"[{', '.join(box.sizes)}]",
        "parameters": box.parameters,
        "macs": box.macs,
        "macs_unknown": box.uncounted > 0,
        "nodes": box.nodes,
        "times": box.times,
        "way": box.way,
        "notes": box.notes,
        "doc": box.doc,
        "errors": box.errors,
        "line": box.span[1] if box.span is not None else 0,
    }
    if (
        node is not None
        and node.known
        and node.layer is not None
        and box.kind not in ("input", "output")
    ):
        facts["inputs"] = [
            {"from": v.node.path or v.node.name, "shape": shape_text(v.shape)} for v in node.inputs
        ]
        facts["weights"] = [{"name": n, "shape": shape_text(s)} for n, s in _weights(node)]
        facts["ways"] = [{"axis": axis, "text": text} for axis, text in box.ways]
    return facts


def _weights(node: Node) -> Iterator[tuple[str, ConcreteShape]]:
    """Its own weights by name; of a layer that stacks very many, those of each kind of layer."""
    layer = node.layer
    if layer is None or node.owner is not None:
        return
    if layer.tensor_count(*node.shapes) <= _MOST_WEIGHTS:
        yield from layer.parameters(*node.shapes).items()
        return
    for times, part in layer.weight_groups(*node.shapes):
        yield from ((f"{times:,} × {name}", shape) for name, shape in part.items())
