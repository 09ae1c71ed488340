"""`--size`: numbers in place of the symbols of a spec."""

from __future__ import annotations

from netspec.cli.arguments import Given, UsageError
from netspec.diagnostics import closest
from netspec.elaborate import Graph


def sizes(given: Given) -> dict[str, int]:
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


def hold(wanted: dict[str, int], graph: Graph) -> None:
    """Refuse sizes that the network has no symbol for, or is not valid at."""
    for name, size in wanted.items():
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
