"""The conditions on the sizes of the inputs, collected during shape inference."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from netspec.dims import (
    EVERY,
    Condition,
    Domain,
    Floor,
    Membership,
    Relation,
    Shape,
    Size,
    Verdict,
    at_least,
    divisible,
    equal,
)
from netspec.document import TextNode


class Fact(NamedTuple):
    """One condition: where it comes from, and the values of one symbol that satisfy it."""

    symbol: str
    domain: Domain
    relation: tuple[Size, str, Size]
    """The relation in the node's own terms."""
    place: TextNode
    path: str
    lower_bound: bool

    @property
    def text(self) -> str:
        """The relation as a sentence: `2*(H//4) must equal H//2`."""
        a, must, b = self.relation
        return f"{a} must {must} {b}"


Mark = tuple[Mapping[str, Domain], int, int, int]
"""How much was noted at some moment: the domains; the numbers of facts, of unproved relations, of least sizes."""


class Conditions:
    """Decides relations between sizes for the shape rules, and records those that hold only for some sizes."""

    def __init__(self, known: Mapping[str, Domain]) -> None:
        self.known = dict(known)
        """The bounds that the file declares for each symbol."""
        self._multiples = {name: d.divisor for name, d in known.items() if d.divisor > 1}
        self.domains: Mapping[str, Domain] = {}
        """The values of each symbol that satisfy all facts so far. Replaced, never changed: a `Mark` may
        refer to it.
        """
        self.facts: list[Fact] = []
        self.unproved: list[tuple[Condition, TextNode | None, str]] = []
        """Relations between several symbols; a minimum size needs no warning."""
        self._asked: dict[tuple[Size, int], bool] = {}
        """Cached minimum sizes: layers of one feature map repeat the same question."""
        self.place: TextNode | None = None
        self.path = ""

    def simplified(self, shape: Shape) -> Shape:
        """The shape with sizes simplified by the declared multiples."""
        if not self._multiples:
            return shape
        return tuple(
            s.where(self._multiples.get(s.symbol, 1)) if isinstance(s, Floor) else s for s in shape
        )

    def set_location(self, place: TextNode | None, path: str) -> None:
        """Name the node that the next questions are about."""
        self.place, self.path = place, path

    def mark(self) -> Mark:
        """The current state, for `back_to`."""
        return self.domains, len(self.facts), len(self.unproved), len(self._asked)

    def back_to(self, mark: Mark) -> None:
        """Restore a state: a node with an error imposes no conditions."""
        self.domains, facts, unproved, asked = mark
        del self.facts[facts:]
        del self.unproved[unproved:]
        while len(self._asked) > asked:
            self._asked.popitem()

    def at_least(self, size: Size, bound: int) -> bool:
        """Whether `size >= bound` for some valid input."""
        if type(size) is int:
            return size >= bound
        asked = (size, bound)
        holds = self._asked.get(asked)
        if holds is None:
            verdict = at_least(size, bound, self.known)
            holds = self._note(verdict, (size, "be at least", bound), lower_bound=True)
            self._asked[asked] = holds
        return holds

    def equal(self, a: Size, b: Size) -> bool:
        """Whether `a == b` for some valid input."""
        if a == b:
            return True
        if type(a) is int and type(b) is int:
            return False
        return self._note(equal(a, b, self.known), (a, "equal", b))

    def divisible(self, size: Size, divisor: int) -> bool:
        """Whether `divisor` divides `size` for some valid input."""
        if type(size) is int:
            return size % divisor == 0
        verdict = divisible(size, divisor, self.known)
        return self._note(verdict, (size, "be divisible by", divisor))

    def _one_way(self, asked_relation: Relation, relation: tuple[Size, str, Size]) -> Relation:
        """A relation in its canonical form, independent of the order of its sides."""
        a, must, b = relation
        mirrored = equal(b, a, self.known).unproved if must == "equal" else None
        return asked_relation if mirrored is None else min(asked_relation, mirrored, key=str)

    def _note(
        self, verdict: Verdict, relation: tuple[Size, str, Size], *, lower_bound: bool = False
    ) -> bool:
        if verdict.always:
            return True
        if verdict.never:
            return False
        assert self.place is not None
        if verdict.unproved:
            where = None if lower_bound else self.place
            unproved = self._one_way(verdict.unproved, relation)
            self.unproved.append((unproved, where, self.path))
        for symbol, domain in verdict.domains.items():
            before = self.domains.get(symbol, EVERY)
            try:
                self.domains = {**self.domains, symbol: before.intersect(domain)}
            except (
                OverflowError
            ):  # more residues than can be listed: said, but not followed further
                self.unproved.append((Membership(symbol, domain), self.place, self.path))
                continue
            self.facts.append(Fact(symbol, domain, relation, self.place, self.path, lower_bound))
        return True
