"""The contents of the panes for one text: its report, rows and outline. Computed on a thread of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypedDict

from netspec.assist.outline import Symbol, outline
from netspec.check import Report, check_text, without_collecting
from netspec.elaborate import Catalog
from netspec.graph import Graph
from netspec.render.box import Scene
from netspec.render.scene import scene
from netspec_tui.core.failed_steps import restore_failed_steps
from netspec_tui.core.folds import Folds, initial_folds
from netspec_tui.core.graph_rows import Table, graph_table


@dataclass(frozen=True)
class AnalysisRequest:
    """A text to analyze, and the settings of its view."""

    text: str
    name: str
    revision: int
    folds: Folds | None
    """None for a file that was just opened: its size decides."""
    settings: Mapping[str, object] = field(default_factory=dict)
    preset: str | None = None
    sizes: Mapping[str, int] = field(default_factory=dict)
    in_numbers: bool = False
    ascii: bool = False
    catalog: Catalog | None = None


class RequestChanges(TypedDict, total=False):
    """The settings of a request that the user changes."""

    settings: Mapping[str, object]
    preset: str | None
    sizes: Mapping[str, int]
    in_numbers: bool
    ascii: bool
    catalog: Catalog | None


@dataclass(frozen=True)
class Snapshot:
    """The result of a request."""

    request: AnalysisRequest
    report: Report
    folds: Folds
    scene: Scene | None
    table: Table
    outline: tuple[Symbol, ...]
    error: str = ""
    """Why the requested sizes are not used: a size that the network is not valid for."""

    @property
    def graph(self) -> Graph | None:
        """The graph, if the text has one."""
        return self.report.graph

    @property
    def sizes(self) -> dict[str, int]:
        """The sizes at which costs are computed."""
        graph = self.graph
        return {
            **(graph.examples if graph is not None else {}),
            **_valid_sizes(graph, self.request.sizes),
        }


def analyze(request: AnalysisRequest) -> Snapshot:
    """Check a text, and compute the contents of the panes."""
    return without_collecting(lambda: _analyze(request))


def _analyze(request: AnalysisRequest) -> Snapshot:
    report = check_text(
        request.text, request.name, dict(request.settings), request.preset, request.catalog
    )
    graph = report.graph
    if graph is None:
        return Snapshot(
            request, report, request.folds or Folds(), None, Table(), tuple(outline(report))
        )
    folds = request.folds if request.folds is not None else initial_folds(graph)
    sizes = {**graph.examples, **_valid_sizes(graph, request.sizes)}
    if request.sizes:
        graph.examples.update(sizes)
    drawn = scene(graph, folds=folds.levels, errors=_errors(report))
    failed_steps = restore_failed_steps(drawn, report)
    shown_sizes = sizes if request.in_numbers or request.sizes else None
    error = _sizes_error(graph, request.sizes)
    return Snapshot(
        request,
        report,
        folds,
        drawn,
        graph_table(drawn, shown_sizes, ascii=request.ascii, failed_steps=failed_steps),
        tuple(outline(report)),
        error,
    )


def _errors(report: Report) -> dict[str, list[str]]:
    errors_by_path: dict[str, list[str]] = {}
    for d in report.errors:
        errors_by_path.setdefault(d.path, []).append(d.message)
    return errors_by_path


def _valid_sizes(graph: Graph | None, sizes: Mapping[str, int]) -> dict[str, int]:
    """The sizes that the network is valid for."""
    if graph is None:
        return {}
    return {n: s for n, s in sizes.items() if n in graph.domains and s in graph.domains[n]}


def _sizes_error(graph: Graph, sizes: Mapping[str, int]) -> str:
    for name, size in sizes.items():
        if name not in graph.domains:
            return f"unknown symbol `{name}`; the inputs have {', '.join(graph.domains) or 'no symbols'}"
        if size not in graph.domains[name]:
            valid = graph.domains[name].describe(name)
            return f"{name} = {size} is invalid: the network requires {valid}"
    return ""
