"""`--size`: numbers instead of the symbols of a spec."""

from __future__ import annotations

from netspec.cli.options import ParsedArgs, UsageError
from netspec.graph import Graph
from netspec.similar_words import closest


def sizes(args: ParsedArgs) -> dict[str, int]:
    """`--size H=224,W=224` as numbers."""
    numbers: dict[str, int] = {}
    for part in ",".join(args.all("--size")).split(","):
        name, equals, size = (word.strip() for word in part.partition("="))
        if not part.strip():
            continue
        if not equals or not name or not size.isdecimal():
            raise UsageError(f"`--size {part}` sets no size", "write `--size H=224,W=224`")
        numbers[name] = int(size)
    return numbers


def validate_sizes(requested_sizes: dict[str, int], graph: Graph) -> None:
    """Reject sizes that the network has no symbol for, or is not valid at."""
    for name, size in requested_sizes.items():
        domain = graph.domains.get(name)
        if domain is None:
            suggestion = closest(name, graph.domains)
            known = f"its sizes are {', '.join(graph.domains) or 'all fixed'}"
            raise UsageError(
                f"`{graph.name}` has no size `{name}`",
                f"did you mean `{suggestion}`?" if suggestion else known,
            )
        if size < 1:
            raise UsageError(f"`--size {name}={size}` is not a size", "a size must be at least 1")
        if size not in domain:
            raise UsageError(
                f"{name} = {size} is invalid: `{graph.name}` is valid for {domain.describe(name)}"
            )
