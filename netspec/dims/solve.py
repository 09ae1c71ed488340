"""Relations between sizes: for which inputs they hold, exactly, or undecided."""

from __future__ import annotations

from math import gcd, isqrt, prod
from typing import Final

from netspec.dims.arithmetic import (
    as_product,
    as_sum,
    divide_exactly,
    from_product,
    from_sum,
    symbols,
    without_common,
)
from netspec.dims.compound import EXTREMES, OpaqueStep, Product
from netspec.dims.domain import EVERY, Domain, prime_divisors
from netspec.dims.floor import Floor
from netspec.dims.minmax import parts_of
from netspec.dims.monotonicity import (
    Known,
    span,
    threshold,
)
from netspec.dims.relation import Relation
from netspec.dims.solutions import Solutions, as_domain, multiples, not_negative, zeros
from netspec.dims.substitution import substitute
from netspec.dims.symbolic import Size, Symbolic
from netspec.dims.verdict import ALWAYS, NEVER, Verdict, all_of, within

_LARGEST_SPLIT: Final = 10**7
_LARGEST_DIVISOR: Final = 10**9
_LARGEST_EXTREME: Final = 20
"""The most parts of a size whose extremes are tried part by part, which doubles with each."""
_NOTHING_KNOWN: Final[dict[str, Domain]] = {}


def at_least(size: Size, bound: int, known: Known = _NOTHING_KNOWN) -> Verdict:
    """When `size >= bound`."""
    if isinstance(size, Floor):
        name, least = size.symbol, threshold(size, bound)
        domain = known.get(name, EVERY)
        if domain.lo >= least:
            return ALWAYS
        return within(name, Domain.at_least(least), domain)
    try:
        return _at_least(size, bound, known)
    except OverflowError:
        return Verdict(unproved=Relation(size, ">=", bound))


def _at_least(size: Size, bound: int, known: Known) -> Verdict:
    excess = _settled(size, known) - bound
    if isinstance(excess, int):
        return ALWAYS if excess >= 0 else NEVER
    verdict = _extreme_at_least(excess, known)
    if verdict is not None:
        return verdict
    low, high = span(excess, known)
    if low is not None and low >= 0:
        return ALWAYS
    if high is not None and high < 0:
        return NEVER
    if len(excess.names()) == 1:
        return _verdict(not_negative(excess), excess, known, _relation(excess, ">="))
    return _all_factors_at_least(excess, known) or Verdict(unproved=_relation(excess, ">="))


def equal(a: Size, b: Size, known: Known = _NOTHING_KNOWN) -> Verdict:
    """When `a == b`.

    Where only that decides, a factor that both share is taken not to be 0: torch rejects tensors
    without elements, and other conditions see to it.
    """
    if a == b:
        return ALWAYS
    if isinstance(a, int) and isinstance(b, int):
        return NEVER
    if isinstance(a, Floor) and isinstance(b, int):
        reached = Domain.between(threshold(a, b), threshold(a, b + 1) - 1)
        return within(a.symbol, reached, known.get(a.symbol, EVERY))
    try:
        return _equal(_settled(a, known), _settled(b, known), known)
    except OverflowError:
        return Verdict(unproved=Relation(a, "==", b))


def _equal(a: Size, b: Size, known: Known) -> Verdict:
    difference = a - b
    if len(symbols(difference)) <= 1:
        verdict = _zero(difference, known)
        if verdict.unproved is None:
            return verdict
    left, right = without_common(a, b)
    return _zero(left - right, known)


def divisible(size: Size, divisor: Size, known: Known = _NOTHING_KNOWN) -> Verdict:
    """When `divisor` divides `size`."""
    if isinstance(size, Floor) and isinstance(divisor, int) and divisor > 0:
        domain = multiples(size, divisor)
        if domain is not None:
            return within(size.symbol, domain.tail, known.get(size.symbol, EVERY))
    try:
        return _divisible(_settled(size, known), _settled(divisor, known), known)
    except OverflowError:
        return Verdict(unproved=Relation(size, "divisible by", divisor))


def _divisible(size: Size, divisor: Size, known: Known) -> Verdict:
    if divide_exactly(size, divisor) is not None:
        return ALWAYS
    if not isinstance(divisor, int):
        size, divisor = without_common(size, divisor)
    if not isinstance(divisor, int):
        return Verdict(unproved=Relation(size, "divisible by", divisor))
    divisor = abs(divisor)
    if isinstance(size, int) or divisor == 0:
        return ALWAYS if divisor and size % divisor == 0 else NEVER
    number, factors = as_product(size)
    return _multiple(from_product(1, factors), divisor // gcd(number, divisor), known)


# ---- zero -------------------------------------------------------------------------------------


def _zero(difference: Size, known: Known) -> Verdict:
    """When a difference of two sizes is 0."""
    number, terms = as_sum(difference)
    common = gcd(*terms.values())
    if not terms or number % common:
        return NEVER if number else ALWAYS
    if all(n < 0 for n in terms.values()):
        common = -common
    difference = from_sum(number // common, {t: n // common for t, n in terms.items()})
    assert isinstance(difference, Symbolic)
    low, high = span(difference, known)
    if (low is not None and low > 0) or (high is not None and high < 0):
        return NEVER
    if len(difference.names()) == 1:
        return _verdict(zeros(difference), difference, known, _relation(difference, "=="))
    return _product_is(difference, known) or Verdict(unproved=_relation(difference, "=="))


def _product_is(difference: Symbolic, known: Known) -> Verdict | None:
    """Decides `f(H) * g(W) == n` if there is only one way to factor n."""
    number, terms = as_sum(difference)
    ((term, count), *others) = terms.items()
    if others or not isinstance(term, Product) or count != 1 or not 0 < -number < _LARGEST_SPLIT:
        return None
    groups: dict[str, Size] = {}
    for factor in term.factors:
        low, _ = span(factor, known)
        if len(factor.names()) != 1 or low is None or low < 0:
            return None
        (name,) = factor.names()
        groups[name] = groups.get(name, 1) * factor
    ways = _splits(list(groups.values()), -number, known)
    if not ways:
        return NEVER
    return ways[0] if len(ways) == 1 and ways[0].unproved is None else None


def _splits(sizes: list[Size], total: int, known: Known) -> list[Verdict]:
    """The ways in which sizes of at least 0 have this product; of several, at least two."""
    if len(sizes) == 1:
        verdict = equal(sizes[0], total, known)
        return [] if verdict.never else [verdict]
    ways = []
    for part in _divisors(total):
        verdict = equal(sizes[0], part, known)
        if not verdict.never:
            rest = _splits(sizes[1:], total // part, known)
            ways += [all_of((verdict, r)) for r in rest]
        if len(ways) > 1:
            break
    return ways


def _divisors(number: int) -> list[int]:
    small = [d for d in range(1, isqrt(number) + 1) if number % d == 0]
    return sorted({*small, *(number // d for d in small)})


# ---- other relations --------------------------------------------------------------------------


def _extreme_at_least(excess: Symbolic, known: Known) -> Verdict | None:
    """Decides `rest + min(…) >= 0`, which all of its sizes must satisfy, and `rest + max(…) >= 0`, one."""
    _, terms = as_sum(excess)
    term = next((t for t in terms if isinstance(t, OpaqueStep) and t.operator in EXTREMES), None)
    if not isinstance(term, OpaqueStep) or excess.weight > _LARGEST_EXTREME:
        return None
    rest, count = excess - term * terms[term], terms[term]
    parts = parts_of(term.operator, term)
    verdicts = [at_least(rest + part * count, 0, known) for part in parts]
    if (term.operator == "min") == (count > 0):
        verdict = all_of(verdicts)
        return None if verdict.unproved else verdict
    if all(v.never for v in verdicts):
        return NEVER
    return ALWAYS if any(v.always for v in verdicts) else None


def _all_factors_at_least(excess: Symbolic, known: Known) -> Verdict | None:
    """Decides `f(H) * g(W) >= 1`, where none is negative: each must be at least 1."""
    number, terms = as_sum(excess)
    ((term, count), *others) = terms.items()
    if others or not isinstance(term, Product) or count < 0 or -(number // count) != 1:
        return None
    lows = [span(f, known)[0] for f in term.factors]
    if any(low is None or low < 0 for low in lows):
        return None
    verdict = all_of([at_least(f, 1, known) for f in term.factors])
    return None if verdict.unproved else verdict


def _multiple(size: Size, divisor: int, known: Known) -> Verdict:
    """When a number divides a size that has no divisor of its own in common with it."""
    if divisor == 1 or isinstance(size, int):
        return ALWAYS if size % divisor == 0 else NEVER
    relation = Relation(size, "divisible by", divisor)
    if len(size.names()) == 1:
        return _verdict(multiples(size, divisor), size, known, relation)
    if divisor > _LARGEST_DIVISOR:
        return Verdict(unproved=relation)
    _, factors = as_product(size)
    if len(factors) == 1:
        return _sum_multiple(size, divisor, known) or Verdict(unproved=relation)
    rest = divisor
    for factor in factors:
        rest //= _sure_divisor(factor, rest, known)
    if rest == 1:
        return ALWAYS
    # The prime powers that are not sure in full: of 4 with a factor that 2 divides, it is still 4.
    open_part = prod(_power(divisor, prime) for prime in prime_divisors(rest))
    return Verdict(unproved=Relation(size, "divisible by", open_part))


def _power(number: int, prime: int) -> int:
    """The power of a prime in a number."""
    power = 1
    while number % (power * prime) == 0:
        power *= prime
    return power


def _sum_multiple(size: Symbolic, divisor: int, known: Known) -> Verdict | None:
    """The same for a sum: terms that are surely divisible do not matter."""
    number, terms = as_sum(size)
    if len(terms) == 1 and not number:
        return None
    rest = {t: n for t, n in terms.items() if not divisible(t * n, divisor, known).always}
    return None if len(rest) == len(terms) else divisible(from_sum(number, rest), divisor, known)


def _sure_divisor(size: Size, of: int, known: Known) -> int:
    """The greatest divisor of `of` that always divides `size`."""
    sure = 1
    for prime in prime_divisors(of):
        while of % (sure * prime) == 0 and divisible(size, sure * prime, known).always:
            sure *= prime
    return sure


# ---- verdicts ---------------------------------------------------------------------------------


def _settled(size: Size, known: Known) -> Size:
    """The size with a number for each symbol that can only have one value."""
    settled: dict[str, Size] = {}
    for name in symbols(size) if known else ():
        value = known[name].only() if name in known else None
        if value is not None:
            settled[name] = value
    return substitute(size, settled) if settled else size


def _verdict(
    solutions: Solutions | None, size: Symbolic, known: Known, relation: Relation
) -> Verdict:
    (name,) = size.names()
    domain = known.get(name, EVERY)
    solution_domain = None if solutions is None else as_domain(solutions, domain)
    return (
        Verdict(unproved=relation)
        if solution_domain is None
        else within(name, solution_domain, domain)
    )


def _relation(difference: Size, operator: str) -> Relation:
    """`difference == 0` or `difference >= 0` with nothing subtracted on either side."""
    number, terms = as_sum(difference)
    more = from_sum(0, {t: n for t, n in terms.items() if n > 0})
    less = from_sum(0, {t: -n for t, n in terms.items() if n < 0})
    if more == 0:
        return Relation(less, "<=" if operator == ">=" else operator, number)
    if less == 0 or number < 0:
        return Relation(more, operator, less - number)
    return Relation(more + number, operator, less)
