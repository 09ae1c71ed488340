"""`netspec summary`: the network as a table."""

from __future__ import annotations

import sys

from netspec.cli import exit_codes
from netspec.cli.arguments import Given, UsageError
from netspec.cli.output import columns, style, write_findings
from netspec.cli.settings import report
from netspec.diagnostics import closest
from netspec.elaborate import Graph
from netspec.render.summary import Summary


def run(given: Given) -> int:
    """Print the table, or what is wrong with the spec."""
    depth = _depth(given)
    wanted = _sizes(given)
    found = report(given.only_operand(), given)
    write_findings(found.diagnostics, given, found.document.source.name, sys.stderr)
    if not found.valid:
        return exit_codes.USAGE if found.unreadable else exit_codes.ERRORS
    if found.graph is None:
        print("this is a library: it has blocks to use, and no body to show", file=sys.stderr)
        return exit_codes.USAGE
    _hold(wanted, found.graph)
    print(_shown(Summary(found.graph, wanted), depth, given))
    return exit_codes.CLEAN


def _shown(summary: Summary, depth: int | None, given: Given) -> str:
    if given.last("--format") == "json":
        from netspec.render.summary_json import summary_json

        return summary_json(summary, depth)
    from netspec.render.table import table

    return table(summary, depth, columns(sys.stdout), style(given, sys.stdout))


def _depth(given: Given) -> int | None:
    text = given.last("--depth")
    if not given.has("--depth"):
        return None
    if not text.isdecimal() or int(text) < 1:
        raise UsageError(f"`--depth` cannot be `{text}`", "it is a number of levels: 1, 2, …")
    return int(text)


def _sizes(given: Given) -> dict[str, int]:
    """`--size H=224,W=224` as numbers."""
    found: dict[str, int] = {}
    for part in ",".join(given.all("--size")).split(","):
        name, equals, size = (word.strip() for word in part.partition("="))
        if not part.strip():
            continue
        if not equals or not name or not size.isdecimal():
            raise UsageError(f"`--size {part}` sets no size", "write `--size H=224,W=224`")
        found[name] = int(size)
    return found


def _hold(sizes: dict[str, int], graph: Graph) -> None:
    """Refuse sizes that the network has no symbol for, or is not valid at."""
    for name, size in sizes.items():
        domain = graph.domains.get(name)
        if domain is None:
            meant = closest(name, graph.domains)
            known = f"its sizes are {', '.join(graph.domains) or 'all fixed'}"
            raise UsageError(
                f"`{graph.name}` has no size `{name}`",
                f"did you mean `{meant}`?" if meant else known,
            )
        if size < 1:
            raise UsageError(f"`--size {name}={size}` is no size", "a size is at least 1")
        if size not in domain:
            raise UsageError(
                f"{name} = {size} does not fit: `{graph.name}` is valid for {domain.describe(name)}"
            )
