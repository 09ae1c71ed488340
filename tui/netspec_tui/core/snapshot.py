"""Everything that the panes show of one text: its report, its rows, its outline. Made off the screen's thread."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from netspec.assist.outline import Symbol, outline
from netspec.check import Report, check_text, without_collecting
from netspec.elaborate import Catalog
from netspec.graph import Graph
from netspec.render.box import Scene
from netspec.render.scene import scene
from netspec_tui.core.folds import Folds, at_first
from netspec_tui.core.lost import restore
from netspec_tui.core.rows import Table, table


@dataclass(frozen=True)
class AnalysisRequest:
    """What is to be analysed, and how it is looked at."""

    text: str
    name: str
    revision: int
    folds: Folds | None
    """None for a file that was just opened: it is folded as its size wants."""
    settings: Mapping[str, object] = field(default_factory=dict)
    preset: str | None = None
    sizes: Mapping[str, int] = field(default_factory=dict)
    in_numbers: bool = False
    ascii: bool = False
    catalog: Catalog | None = None


@dataclass(frozen=True)
class Snapshot:
    """The answer to a wish."""

    request: AnalysisRequest
    report: Report
    folds: Folds
    scene: Scene | None
    table: Table
    outline: tuple[Symbol, ...]
    problem: str = ""
    """What stands in the way of numbers: a size that the network does not take."""

    @property
    def graph(self) -> Graph | None:
        """The network, as far as there is one."""
        return self.report.graph

    @property
    def sizes(self) -> dict[str, int]:
        """The sizes at which costs are counted."""
        graph = self.graph
        return {
            **(graph.examples if graph is not None else {}),
            **_fitting(graph, self.request.sizes),
        }


def analysed(request: AnalysisRequest) -> Snapshot:
    """The whole way from a text to what the panes show."""
    return without_collecting(lambda: _analysed(request))


def _analysed(request: AnalysisRequest) -> Snapshot:
    report = check_text(
        request.text, request.name, dict(request.settings), request.preset, request.catalog
    )
    graph = report.graph
    if graph is None:
        return Snapshot(
            request, report, request.folds or Folds(), None, Table(), tuple(outline(report))
        )
    folds = request.folds if request.folds is not None else at_first(graph)
    sizes = {**graph.examples, **_fitting(graph, request.sizes)}
    if request.sizes:
        graph.examples.update(sizes)
    drawn = scene(graph, fold=folds.closed, apart=folds.apart, errors=_errors(report))
    lost = restore(drawn, report)
    shown = sizes if request.in_numbers or request.sizes else None
    problem = _problem(graph, request.sizes)
    return Snapshot(
        request,
        report,
        folds,
        drawn,
        table(drawn, shown, ascii=request.ascii, lost=lost),
        tuple(outline(report)),
        problem,
    )


def _errors(report: Report) -> dict[str, list[str]]:
    errors_by_path: dict[str, list[str]] = {}
    for d in report.errors:
        errors_by_path.setdefault(d.path, []).append(d.message)
    return errors_by_path


def _fitting(graph: Graph | None, sizes: Mapping[str, int]) -> dict[str, int]:
    """The sizes that the network takes."""
    if graph is None:
        return {}
    return {n: s for n, s in sizes.items() if n in graph.domains and s in graph.domains[n]}


def _problem(graph: Graph, sizes: Mapping[str, int]) -> str:
    for name, size in sizes.items():
        if name not in graph.domains:
            return (
                f"there is no symbol `{name}`: the inputs have {', '.join(graph.domains) or 'none'}"
            )
        if size not in graph.domains[name]:
            fits = graph.domains[name].describe(name)
            return f"{name} = {size} does not fit: the network is valid for {fits}"
    return ""
