"""Packages do not import each other in circles; the circles of modules are listed, each with its reason."""

from __future__ import annotations

import tomllib
from pathlib import Path

import grimp
import networkx as nx
import pytest

ROOT = Path(__file__).parents[2]

CIRCLES = {
    # The operators of a size are methods, and what they compute is a size of another class.
    frozenset({"arithmetic", "compound", "floor", "symbolic"}),
    # A scope translates the expressions that give its values.
    frozenset({"expressions", "scopes"}),
    # The table of commands has the command that shows the table.
    frozenset({"registry", "show_help"}),
}
"""The names of modules in each circle. An import in a function closes it."""
GRAPH_MODEL = "netspec.schema.graph"
"""`GraphModel` validates itself and writes its spec, which all modules of this package do together."""


@pytest.fixture(scope="module")
def imports() -> nx.DiGraph:
    """The modules of netspec and the modules that each imports, at any place but for type checkers."""
    graph = grimp.build_graph("netspec", "netspec_tui", exclude_type_checking_imports=True)
    edges = [(m, d) for m in graph.modules for d in graph.find_modules_directly_imported_by(m)]
    assert len(edges) > 1000
    return nx.DiGraph(edges)


def _circles(imports: nx.DiGraph) -> list[set[str]]:
    return [circle for circle in nx.strongly_connected_components(imports) if len(circle) > 1]


def _package(module: str) -> str:
    """The room of a module: a package below `netspec` or `netspec_tui`, or a module directly in it."""
    return ".".join(module.split(".")[:2])


def test_packages_have_no_circle(imports: nx.DiGraph) -> None:
    pairs = {(_package(a), _package(b)) for a, b in imports.edges}
    assert _circles(nx.DiGraph([(a, b) for a, b in pairs if a != b])) == []


def test_every_package_has_a_layer(imports: nx.DiGraph) -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
    layers = next(c["layers"] for c in contracts["contracts"] if "pipeline" in c["name"])
    placed = {package for layer in layers for package in layer.replace("|", " ").split()}
    packages = {_package(m) for m in imports if m.startswith("netspec.")}
    # They are not imported: one is the start, the others are printed into programs.
    assert packages - placed == {"netspec.__main__", "netspec.program_helpers"} & packages


def test_every_circle_of_modules_has_a_reason(imports: nx.DiGraph) -> None:
    circles = {
        frozenset(module.rsplit(".", 1)[1] for module in circle)
        for circle in _circles(imports)
        if not all(module.startswith(GRAPH_MODEL) for module in circle)
    }
    assert circles == CIRCLES


def test_circles_are_seen() -> None:
    assert _circles(nx.DiGraph([("a", "b"), ("b", "c"), ("c", "a"), ("c", "d")])) == [
        {"a", "b", "c"}
    ]
