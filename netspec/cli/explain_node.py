"""`netspec explain SPEC PATH`: how the numbers of one node or level come about."""

from __future__ import annotations

import sys
from collections.abc import Mapping

from netspec.cli import exit_codes
from netspec.cli.arguments import Given, UsageError
from netspec.cli.output import answer, columns, style, write_findings
from netspec.cli.settings import report
from netspec.cli.sizes import hold, sizes
from netspec.diagnostics import closest
from netspec.elaborate import Graph, Level, Node
from netspec.elaborate.around import entries
from netspec.render.account import level_account, node_account
from netspec.render.layer_guide import guide
from netspec.render.summary import Summary
from netspec.render.verdict import example_sizes


def run(given: Given) -> int:
    """Print what there is to say of a node, or what is wrong with the spec."""
    spec, *paths = given.operands
    wanted = sizes(given)
    found = report(spec, given)
    write_findings(found.diagnostics, given, found.document.source.name, sys.stderr)
    if not found.valid:
        return exit_codes.USAGE if found.unreadable else exit_codes.ERRORS
    if found.graph is None:
        print("this is a library: it has blocks to use, and no node to explain", file=sys.stderr)
        return exit_codes.USAGE
    hold(wanted, found.graph)
    entry = _find(paths[0] if paths else "", found.graph)
    page = (
        _node(entry, found.graph, wanted, given)
        if isinstance(entry, Node)
        else _level(entry, found.graph, wanted, given)
    )
    answer(page, given)
    return exit_codes.CLEAN


def _node(node: Node, graph: Graph, wanted: Mapping[str, int], given: Given) -> str:
    at = {**graph.examples, **wanted}
    account = node_account(graph, node, at)
    sentence = guide(node.op, type(node.layer)).sentence if node.layer is not None else ""
    if given.last("--format") == "json":
        from netspec.render.account_json import node_json

        return node_json(account, sentence, at)
    from netspec.render.account_text import node_text

    counted_at = _counted_at(graph, at)
    return node_text(account, sentence, counted_at, columns(sys.stdout), style(given, sys.stdout))


def _level(level: Level, graph: Graph, wanted: Mapping[str, int], given: Given) -> str:
    at = {**graph.examples, **wanted}
    account = level_account(graph, level, at)
    row = Summary(graph, at).row(level)
    if given.last("--format") == "json":
        from netspec.render.account_json import level_json

        return level_json(account, row, at)
    from netspec.render.account_text import level_text

    counted_at = _counted_at(graph, at)
    return level_text(account, row, counted_at, columns(sys.stdout), style(given, sys.stdout))


def _counted_at(graph: Graph, at: Mapping[str, int]) -> str:
    """The sizes that the numbers are of."""
    return example_sizes(graph, at) or ", ".join(f"{name} = {size}" for name, size in at.items())


def _find(path: str, graph: Graph) -> Node | Level:
    """The node or level of that path; the whole network where there is none."""
    if not path:
        return graph.root
    known = entries(graph)
    if path in known:
        return known[path]
    meant = closest(path, known)
    raise UsageError(
        f"there is no node `{path}` in `{graph.name}`",
        f"did you mean `{meant}`?" if meant else "`netspec summary` shows them all",
    )
