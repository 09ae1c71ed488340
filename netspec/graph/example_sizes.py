"""One valid size of each symbol, for tables and costs: the declared example, or one that is looked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, product
from operator import eq, ge, le
from typing import Final

from netspec.dims import Condition, Domain, Membership, evaluate, symbols
from netspec.graph.nodes import BATCH
from netspec.syntax import Spec

_CUSTOMARY: Final = 224
"""The size for costs without an example: that of ImageNet, or the largest valid one below."""
_OPERATORS: Final = {"==": eq, ">=": ge, "<=": le}
_MOST_TRIALS: Final = 10_000
"""So many combinations of sizes are tried that are to fulfill relations between symbols."""


def examples(
    spec: Spec, domains: Mapping[str, Domain], relations: Sequence[Condition] = ()
) -> dict[str, int]:
    """The sizes; those that relations tie together fulfill them, where such are found."""
    sizes = {}
    declared = set()
    for name, domain in domains.items():
        example = spec.dims[name].example if name in spec.dims else None
        if example and example in domain:
            sizes[name] = example
            declared.add(name)
        else:
            sizes[name] = _customary(name, domain)
    if all(_holds(relation, sizes) for relation in relations):
        return sizes
    related = {name for relation in relations for name in _symbols(relation)}
    tied = [name for name in sorted(domains) if name in related]
    free = [name for name in tied if name not in declared]
    sizes_first = tuple([name for name in free if name not in BATCH])
    for names in dict.fromkeys((sizes_first, tuple(free), tuple(tied))):
        together = _together(sizes, names, domains, relations)
        if together is not None:
            return together
    return sizes


def _symbols(relation: Condition) -> frozenset[str]:
    if isinstance(relation, Membership):
        return frozenset((relation.symbol,))
    return frozenset((*symbols(relation.left), *symbols(relation.right)))


def _holds(relation: Condition, sizes: Mapping[str, int]) -> bool:
    if isinstance(relation, Membership):
        return sizes[relation.symbol] in relation.domain
    left, right = evaluate(relation.left, sizes), evaluate(relation.right, sizes)
    if relation.operator == "divisible by":
        return left % right == 0
    return bool(_OPERATORS[relation.operator](left, right))


def _customary(name: str, domain: Domain) -> int:
    larger = domain.intersect(Domain.at_least(1 if name in BATCH else _CUSTOMARY))
    return _largest(domain) if larger.empty else larger.smallest()


def _largest(domain: Domain) -> int:
    """The largest member of a domain that ends."""
    assert domain.hi is not None
    return next(size for size in range(domain.hi, domain.lo - 1, -1) if size in domain)


def _together(
    example_sizes: Mapping[str, int],
    names: Sequence[str],
    domains: Mapping[str, Domain],
    relations: Sequence[Condition],
) -> dict[str, int] | None:
    """Sizes of these symbols with which the relations hold, the others as they are; near the customary one."""
    if not names:
        return None
    for trial, sizes in enumerate(_combinations(example_sizes, names)):
        if trial == _MOST_TRIALS:
            return None
        candidate = {**example_sizes, **dict(zip(names, sizes, strict=True))}
        if all(candidate[n] in domains[n] for n in names) and all(
            _holds(r, candidate) for r in relations
        ):
            return candidate
    return None


def _combinations(
    example_sizes: Mapping[str, int], names: Sequence[str]
) -> Iterator[tuple[int, ...]]:
    """One of another size, then all of one size, then any of few."""
    everywhere = list(_outwards(_CUSTOMARY, 2_000))
    now = tuple(example_sizes[name] for name in names)
    sizes = dict.fromkeys((*now, *everywhere))
    changed = [((*now[:k], size, *now[k + 1 :]) for size in sizes) for k in range(len(names))]
    together = [(size,) * len(names) for size in everywhere]
    if any(size != _CUSTOMARY for size in now):
        yield from chain(*changed, together)
    else:
        yield from chain(together, *changed)
    yield from product(everywhere[:200], repeat=len(names))


def _outwards(middle: int, most: int) -> Iterator[int]:
    """Numbers by their distance from one in the middle, the larger first."""
    yield middle
    for distance in range(1, most):
        yield middle + distance
        if distance < middle:
            yield middle - distance
