"""The answer to whether a relation between sizes holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from netspec.dims.domain import EVERY, Domain
from netspec.dims.relation import Relation


class Verdict:
    """When a relation holds: always, never, where each symbol is in its domain, or `unproved`.

    All facts about it are for the known values of the symbols.
    """

    __slots__ = ("domains", "never", "unproved")

    def __init__(
        self,
        domains: Mapping[str, Domain] | None = None,
        unproved: Relation | None = None,
        *,
        never: bool = False,
    ) -> None:
        self.domains: dict[str, Domain] = dict(domains or {})
        """It holds exactly where each of these symbols is in its domain."""
        self.unproved = unproved
        """The relation, if it is undecided."""
        self.never = never

    @property
    def always(self) -> bool:
        """Whether it holds for all values."""
        return not (self.never or self.domains or self.unproved)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Verdict) and (self.never, self.domains, self.unproved) == (
            other.never,
            other.domains,
            other.unproved,
        )

    __hash__ = None  # type: ignore[assignment] # it holds a dict

    def __repr__(self) -> str:
        """The verdict in words.

        >>> from netspec.dims import at_least, symbol
        >>> at_least((symbol("H") + 3) // 32, 1)
        <H >= 29>
        """
        if self.never or self.always:
            return "<never>" if self.never else "<always>"
        return f"<{self.unproved or ', '.join(d.describe(n) for n, d in self.domains.items())}>"


ALWAYS: Final = Verdict()
NEVER: Final = Verdict(never=True)


def within(name: str, allowed: Domain, known: Domain) -> Verdict:
    """The verdict of a relation that holds where the symbol is in `wanted`."""
    if allowed.contains_all(known):
        return ALWAYS
    try:
        never = allowed.intersect(known).empty
    except OverflowError:
        never = False
    return NEVER if never else Verdict({name: allowed})


def all_of(verdicts: Sequence[Verdict]) -> Verdict:
    """When all of them hold; the first of them that is unproved, unless one never does."""
    domains: dict[str, Domain] = {}
    for verdict in verdicts:
        for name, domain in verdict.domains.items():
            domains[name] = domains.get(name, EVERY).intersect(domain)
    if any(v.never for v in verdicts) or any(d.empty for d in domains.values()):
        return NEVER
    return next((v for v in verdicts if v.unproved), Verdict(domains))
