"""`netspec explain SPEC PATH`: the arithmetic of one node or module."""

from __future__ import annotations

import sys
from collections.abc import Mapping

from netspec.cli import exit_codes
from netspec.cli.options import ParsedArgs, UsageError
from netspec.cli.output import answer, columns, style, write_diagnostics
from netspec.cli.setting_options import load_report
from netspec.cli.size_options import sizes, validate_sizes
from netspec.explain.node import level_account, node_account
from netspec.graph import Graph, Level, Node
from netspec.graph.location import entries_by_path
from netspec.reference.layer_guide import guide
from netspec.report.status_line import example_sizes
from netspec.report.summary import Summary
from netspec.similar_words import closest


def run(args: ParsedArgs) -> int:
    """Print the explanation of a node, or the errors of the spec."""
    spec, *paths = args.operands
    requested_sizes = sizes(args)
    file_report = load_report(spec, args)
    write_diagnostics(file_report.diagnostics, args, file_report.document.source.name, sys.stderr)
    if not file_report.valid:
        return exit_codes.USAGE if file_report.unreadable else exit_codes.ERRORS
    if file_report.graph is None:
        print("this is a library: it has blocks, but no nodes to explain", file=sys.stderr)
        return exit_codes.USAGE
    validate_sizes(requested_sizes, file_report.graph)
    entry = _find(paths[0] if paths else "", file_report.graph)
    page = (
        _node(entry, file_report.graph, requested_sizes, args)
        if isinstance(entry, Node)
        else _level(entry, file_report.graph, requested_sizes, args)
    )
    answer(page, args)
    return exit_codes.CLEAN


def _node(node: Node, graph: Graph, requested_sizes: Mapping[str, int], args: ParsedArgs) -> str:
    counted_sizes = {**graph.examples, **requested_sizes}
    account = node_account(graph, node, counted_sizes)
    sentence = guide(node.op, type(node.layer)).summary if node.layer is not None else ""
    if args.last("--format") == "json":
        from netspec.explain.node_json import node_json

        return node_json(account, sentence, counted_sizes)
    from netspec.explain.node_text import node_text

    counted_at = _counted_at(graph, counted_sizes)
    return node_text(account, sentence, counted_at, columns(sys.stdout), style(args, sys.stdout))


def _level(level: Level, graph: Graph, requested_sizes: Mapping[str, int], args: ParsedArgs) -> str:
    counted_sizes = {**graph.examples, **requested_sizes}
    account = level_account(graph, level, counted_sizes)
    row = Summary(graph, counted_sizes).row(level)
    if args.last("--format") == "json":
        from netspec.explain.node_json import level_json

        return level_json(account, row, counted_sizes)
    from netspec.explain.node_text import level_text

    counted_at = _counted_at(graph, counted_sizes)
    return level_text(account, row, counted_at, columns(sys.stdout), style(args, sys.stdout))


def _counted_at(graph: Graph, counted_sizes: Mapping[str, int]) -> str:
    """The sizes that the numbers are of."""
    return example_sizes(graph, counted_sizes) or ", ".join(
        f"{name} = {size}" for name, size in counted_sizes.items()
    )


def _find(path: str, graph: Graph) -> Node | Level:
    """The node or level with that path; the whole network for an empty path."""
    if not path:
        return graph.root
    known = entries_by_path(graph)
    if path in known:
        return known[path]
    suggestion = closest(path, known)
    raise UsageError(
        f"`{graph.name}` has no node `{path}`",
        f"did you mean `{suggestion}`?" if suggestion else "list all nodes with `netspec summary`",
    )
