"""Laws of domains: they are sets, and their descriptions say which."""

import re

import pytest
from dims_cases import DOMAINS, members
from hypothesis import given

from netspec.dims import (
    EVERY,
    NOTHING,
    Domain,
)
from netspec.dims.domain import congruent


@given(DOMAINS)
def test_a_domain_is_the_set_that_its_parts_say(domain):
    numbers = members(domain)
    assert domain.empty == (not numbers)
    assert (domain == NOTHING) == domain.empty
    if numbers:
        assert domain.smallest() == min(numbers)
        assert (domain.hi is None) == (max(numbers) > 600)
        assert domain.only() == (min(numbers) if len(numbers) == 1 else None)
    if domain.hi is not None:
        assert set(domain.members()) == numbers
        assert domain.hi == max(numbers, default=0)


@given(DOMAINS, DOMAINS)
def test_domains_meet_as_sets_do(one, two):
    both = one.intersect(two)
    assert members(both) == members(one) & members(two)
    assert both == two.intersect(one)
    assert one.contains_all(two) == (members(two) <= members(one))
    assert one.contains_all(both)


@given(DOMAINS)
def test_a_description_is_the_domain(domain):
    text = domain.describe("H")
    if "…" not in text:
        assert members(read_back(text)) == members(domain)


def read_back(text):
    """The domain that a description describes."""
    if text in ("no H", "any H"):
        return NOTHING if text == "no H" else EVERY
    text = text.replace(" and divisible", " with H divisible")
    text = re.sub(
        r"(\d+)\.\.(\d+)", lambda m: " ".join(map(str, range(int(m[1]), int(m[2]) + 1))), text
    )
    domain = EVERY
    for part in text.split(" with "):
        words = part.replace("{", "").replace("}", "").replace(",", "").split()
        match words:
            case ["H", ">=", lo]:
                new = Domain.at_least(int(lo))
            case ["H", "<=", hi]:
                new = Domain.between(1, int(hi))
            case [lo, "<=", "H", "<=", hi]:
                new = Domain.between(int(lo), int(hi))
            case ["H", "=", value]:
                new = Domain.exactly([int(value)])
            case ["H", "odd"]:
                new = congruent(2, [1])
            case ["H", "=", residue, "mod", modulus]:
                new = congruent(int(modulus), [int(residue)])
            case ["H", "divisible", "by", divisor]:
                new = Domain.multiple_of(int(divisor))
            case ["H", "in", *values]:
                new = Domain.exactly(map(int, values))
            case ["H", "mod", modulus, "in", *residues]:
                new = congruent(int(modulus), map(int, residues))
        domain = domain.intersect(new)
    return domain


@pytest.mark.parametrize(
    ("domain", "text"),
    [
        (EVERY, "any H"),
        (NOTHING, "no H"),
        (Domain.at_least(29), "H >= 29"),
        (Domain.multiple_of(32), "H divisible by 32"),
        (Domain.exactly([28]), "H = 28"),
        (Domain.between(28, 31), "28 <= H <= 31"),
        (Domain.between(-5, 31), "H <= 31"),
        (Domain.exactly([3, 5, 9]), "H in {3, 5, 9}"),
        (Domain.exactly([3, 4, 5]), "3 <= H <= 5"),
        (congruent(32, [0], 40), "H >= 64 and divisible by 32"),
        (congruent(4, [3]), "H = 3 mod 4"),
        (congruent(4, [3], 10), "H >= 11 with H = 3 mod 4"),
        (congruent(2, [1]), "H odd"),
        (congruent(4, [0, 3]), "H mod 4 in {0, 3}"),
        (congruent(4, [0, 3], 5), "H >= 7 with H mod 4 in {0, 3}"),
        (congruent(4, [0, 2]), "H divisible by 2"),
        (congruent(128, range(4)), "H mod 128 in {0..3}"),
        (congruent(64, [0, 1, 2, 7, 9, 10, 11, 12]), "H mod 64 in {0, 1, 2, 7, 9..12}"),
        (
            congruent(99, range(0, 90, 5)),
            "H mod 99 in {0, 5, 10, 15, 20, 25, 30, 35, 40, 45, …} (18 values)",
        ),
        (congruent(10, [0], 1, 500), "H <= 500 and divisible by 10"),
        (congruent(10, [0], 50, 500), "50 <= H <= 500 and divisible by 10"),
    ],
)
def test_domains_read_well(domain, text):
    assert domain.describe("H") == text


def test_domains_of_large_moduli_meet_exactly_or_say_so():
    both = Domain.multiple_of(99_991).intersect(Domain.multiple_of(2**40))
    assert both.smallest() == 99_991 * 2**40
    wide = congruent(99_991, range(50_000)), congruent(99_989, range(50_000))
    with pytest.raises(OverflowError, match="more than 1000000 residues"):
        wide[0].intersect(wide[1])
    with pytest.raises(ValueError, match="no smallest value"):
        NOTHING.smallest()
