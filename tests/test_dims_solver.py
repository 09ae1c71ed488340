"""Laws of the solver: a verdict says what trying all values would find."""

import itertools

import pytest
from dims_cases import (
    CHAINS,
    DOMAINS,
    SYMBOLIC,
    TREES,
    UP_TO,
    WILD_STEPS,
    H,
    N,
    W,
    attempt,
    grow,
    members,
    run,
)
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sampling import examples

from netspec.dims import (
    EVERY,
    Domain,
    Relation,
    Verdict,
    at_least,
    divisible,
    equal,
    evaluate,
    product,
    scale,
    substitute,
)

KNOWN = st.one_of(st.just({}), DOMAINS.filter(lambda d: not d.empty).map(lambda d: {"H": d}))


def agrees(verdict: Verdict, holds, known, up_to=UP_TO) -> None:
    """Compare a verdict on a relation of H alone with trying all values."""
    values = members(known.get("H", EVERY), up_to)
    true = {v for v in values if holds(v)}
    if verdict.always:
        assert true == values
    elif verdict.never:
        assert not true
    elif verdict.unproved is None:
        assert set(verdict.domains) == {"H"}
        assert true == {v for v in values if v in verdict.domains["H"]}
        if known.get("H", EVERY).hi is not None:
            assert true and true != values


@settings(max_examples=examples(150))
@given(CHAINS, st.integers(-5, 60), KNOWN)
def test_at_least_agrees_with_trying_all_values(steps, bound, known):
    size = run(steps, H)
    verdict = at_least(size, bound, known)
    assert verdict.unproved is None
    agrees(verdict, lambda v: size.evaluate({"H": v}) >= bound, known)


@settings(max_examples=examples(150))
@given(CHAINS, st.one_of(CHAINS, st.integers(-5, 60)), KNOWN)
def test_equality_agrees_with_trying_all_values(steps, other, known):
    a = run(steps, H)
    b = other if isinstance(other, int) else run(other, H)
    verdict = equal(a, b, known)
    assert verdict.unproved is None
    agrees(verdict, lambda v: evaluate(a, {"H": v}) == evaluate(b, {"H": v}), known)


@settings(max_examples=examples(150))
@given(CHAINS, st.integers(1, 12), KNOWN)
def test_divisibility_agrees_with_trying_all_values(steps, divisor, known):
    size = run(steps, H)
    verdict = divisible(size, divisor, known)
    assert verdict.unproved is None
    agrees(verdict, lambda v: size.evaluate({"H": v}) % divisor == 0, known)


ONE_SYMBOL_TREES = st.recursive(
    st.sampled_from(["H", "H", 1, 3, 8]),
    lambda inner: st.one_of(
        st.tuples(inner, WILD_STEPS),
        st.tuples(inner, st.sampled_from(["+", "-", "*"]), inner),
    ),
    max_leaves=5,
)


@settings(max_examples=examples(250))
@given(ONE_SYMBOL_TREES, st.integers(-8, 40), st.integers(1, 9), KNOWN)
@example((("H", ("+", -2)), "*", ("H", ("+", -2))), 1, 1, {})
def test_whatever_the_solver_says_of_one_symbol_is_what_trying_finds(tree, number, divisor, known):
    size = grow(tree, SYMBOLIC)

    def value(v):
        return evaluate(size, {"H": v})

    agrees(at_least(size, number, known), lambda v: value(v) >= number, known)
    agrees(equal(size, number, known), lambda v: value(v) == number, known)
    agrees(equal(number, size, known), lambda v: value(v) == number, known)
    agrees(divisible(size, divisor, known), lambda v: value(v) % divisor == 0, known)


def brute(tree, names, known, up_to):
    """The value of a tree for all values of two symbols."""
    for h in members(known.get("H", EVERY), up_to):
        for w in members(known.get("W", EVERY), up_to):
            sizes = {"H": h, "W": w}
            value = attempt(evaluate, tree, sizes)
            if value is not None:
                yield sizes, value


def agrees_on_grid(verdict, true, false):
    """Compare a verdict with points of a grid: where the relation is true, where it is false."""
    if verdict.always:
        assert not false
    elif verdict.never:
        assert not true
    elif verdict.unproved is None:
        assert all(point[n] in d for point in true for n, d in verdict.domains.items())
        assert not any(all(point[n] in d for n, d in verdict.domains.items()) for point in false)


GRID = 24
TWO_KNOWN = st.one_of(
    st.just({}),
    st.tuples(DOMAINS, DOMAINS)
    .filter(lambda pair: not any(d.empty for d in pair))
    .map(lambda pair: dict(zip("HW", pair, strict=True))),
)


@settings(max_examples=examples(250))
@given(TREES, st.integers(-4, 60), st.integers(1, 9), TWO_KNOWN)
def test_whatever_the_solver_says_of_two_symbols_holds_on_a_grid(tree, number, divisor, known):
    size = attempt(grow, tree, SYMBOLIC)
    if size is None:
        return
    points = list(brute(size, "HW", known, GRID))
    for verdict, holds in [
        (at_least(size, number, known), lambda v: v >= number),
        (equal(size, number, known), lambda v: v == number),
        (divisible(size, divisor, known), lambda v: v % divisor == 0),
    ]:
        true = [point for point, v in points if holds(v)]
        agrees_on_grid(verdict, true, [point for point, v in points if not holds(v)])


@settings(max_examples=examples(150))
@given(TREES, TREES, TWO_KNOWN)
def test_equality_of_two_symbols_holds_on_a_grid_of_sizes_that_are_not_empty(one, two, known):
    a, b = attempt(grow, one, SYMBOLIC), attempt(grow, two, SYMBOLIC)
    if a is None or b is None:
        return
    points = [
        (point, v == other)
        for point, v in brute(a, "HW", known, GRID)
        if (other := attempt(evaluate, b, point)) is not None and v > 0 and other > 0
    ]
    verdict = equal(a, b, known)
    agrees_on_grid(
        verdict, [point for point, t in points if t], [point for point, t in points if not t]
    )


MANY = Domain.at_least(32)


@pytest.mark.parametrize(
    ("verdict", "text"),
    [
        (equal(2 * (H // 2), H), "<H divisible by 2>"),
        (equal(H, W), "<H == W>"),
        (equal(H, W, {"H": Domain.between(1, 5), "W": Domain.at_least(6)}), "<never>"),
        (equal(H, W, {"H": Domain.exactly([7])}), "<W = 7>"),
        (equal(H, W, {"H": Domain.exactly([7]), "W": Domain.exactly([7])}), "<always>"),
        (equal((H + 3) // 32, (W + 3) // 32), "<(H+3)//32 == (W+3)//32>"),
        (equal(2 * H - 4, 2 * W - 4), "<H == W>"),
        (equal(2 * H, 2 * W + 1), "<never>"),
        (equal(64 * H * W, 64 * 49), "<H*W == 49>"),
        (equal(64 * H * W, 100), "<never>"),
        (equal(64 * (H // 32) * (W // 32), 64), "<32 <= H <= 63, 32 <= W <= 63>"),
        (equal(H * W, 7, {"H": Domain.at_least(2)}), "<H = 7, W = 1>"),
        (equal(H * W, 7, {"H": Domain.exactly([2, 3])}), "<never>"),
        (equal(N * 3 * H, N * 21), "<H = 7>"),
        (equal(64 * H * W + 64, 64 * 197), "<H*W == 196>"),
        (equal(H * H, 49), "<H = 7>"),
        (equal(H * H, 50), "<never>"),
        (equal((H // 4) * (H // 4), 16), "<16 <= H <= 19>"),
        (equal(H, H + 1), "<never>"),
        (equal(H // 2 + (H + 1) // 2, H), "<always>"),
        (equal(scale(H, 1 / 49), 2), "<99 <= H <= 147>"),
        (equal(8 - H // 2, 3), "<10 <= H <= 11>"),
        (equal(3, 4), "<never>"),
        (equal(3, 3), "<always>"),
        (at_least(H - 28, 1), "<H >= 29>"),
        (at_least(H - 28, 1, {"H": MANY}), "<always>"),
        (at_least(H - 28, 1, {"H": Domain.between(1, 28)}), "<never>"),
        (at_least((H // 32) * (W // 32), 1), "<H >= 32, W >= 32>"),
        (at_least((H // 32) * (W // 32), 1, {"H": MANY}), "<W >= 32>"),
        (at_least(H * W + 1, 2), "<always>"),
        (at_least(W - H, 1), "<W >= H+1>"),
        (at_least(100 - H * W, 0), "<H*W <= 100>"),
        (at_least(10 - H, 3), "<H <= 7>"),
        (at_least(H * W, 12), "<H*W >= 12>"),
        (at_least(H % 4, 2), "<H mod 4 in {2, 3}>"),
        (at_least(3, 4), "<never>"),
        (divisible(H, 32), "<H divisible by 32>"),
        (divisible(H // 2, 2), "<H mod 4 in {0, 1}>"),
        (divisible(H + 1, 4), "<H = 3 mod 4>"),
        (divisible(6 * H * W, 3), "<always>"),
        (divisible(6 * H * W, 4), "<H*W divisible by 2>"),
        (divisible(H * W, 6, {"H": Domain.multiple_of(2)}), "<H*W divisible by 3>"),
        (divisible(H * W, 6, {"H": Domain.multiple_of(2), "W": Domain.multiple_of(9)}), "<always>"),
        (divisible(H * N, 4, {"N": Domain.multiple_of(2)}), "<H*N divisible by 4>"),
        (divisible(H * N, 12, {"N": Domain.multiple_of(6)}), "<H*N divisible by 4>"),
        (divisible(H * N, 4, {"N": Domain.multiple_of(2), "H": Domain.multiple_of(2)}), "<always>"),
        (divisible(4 * H * W + 2, 4), "<never>"),
        (divisible(H * W + 4 * N, 2), "<H*W divisible by 2>"),
        (divisible(H * W, W), "<always>"),
        (divisible(H, W), "<H divisible by W>"),
        (divisible(6, 4), "<never>"),
        (divisible(8, 4), "<always>"),
        (divisible(H, 0), "<never>"),
    ],
)
def test_verdicts_say_what_is_needed_and_no_more(verdict, text):
    assert repr(verdict) == text


def test_verdicts_compare_as_values():
    assert equal(H, 7) == Verdict({"H": Domain.exactly([7])})
    assert equal(H, 7) != equal(H, 8)
    assert equal(H, W) == Verdict(unproved=Relation(H, "==", W))
    assert Verdict().always and not Verdict(never=True).always


def test_patterns_too_long_to_search_are_left_unproved():
    assert equal(H // 65537 * 65537, H).domains == {"H": Domain.multiple_of(65537)}
    assert str(equal(H // 655371 * 655371, H).unproved) == "655371*(H//655371) == H"
    assert str(divisible(H * W, 10**15).unproved) == f"H*W divisible by {10**15}"
    assert str(equal(H * W, 10**15).unproved) == f"H*W == {10**15}"
    assert at_least(H // 10**12, 3).domains == {"H": Domain.at_least(3 * 10**12)}
    assert divisible(H, 10**12).domains == {"H": Domain.multiple_of(10**12)}


@pytest.mark.parametrize(
    "grown",
    [
        lambda size, k: size * 3 // 2,
        lambda size, k: size * size + 1,
        lambda size, k: (size + 1) % 7 * H,
        lambda size, k: size + H // (k + 2),
        lambda size, k: scale(size, 1 / 49) + 1,
        lambda size, k: size * 4,
        lambda size, k: (size + 1) // 3,
        lambda size, k: size * (H + k),
    ],
)
def test_sizes_that_grow_without_end_are_rejected_before_they_hurt(grown):
    size = H
    with pytest.raises(OverflowError, match=r"a size (of|with) .*more than"):
        for k in range(1000):
            size = grown(size, k)
    assert len(str(size)) < 30_000
    assert hash(size) == hash(substitute(size, {"H": H}))
    for relation in (
        lambda: at_least(size, 1),
        lambda: equal(size, W),
        lambda: equal(size * 1, H),
        lambda: divisible(size, 3),
    ):
        assert repr(relation())


# ---- what is left unproved ------------------------------------------------------------------------

FACTORS = st.builds(
    lambda symbol, times, plus, over: (symbol * times + plus) // over,
    st.sampled_from([H, W, N]), st.integers(1, 6), st.integers(0, 6), st.integers(1, 3),
)  # fmt: skip


@given(
    st.lists(FACTORS, min_size=2, max_size=3),
    st.integers(0, 12),
    st.integers(1, 24),
    st.fixed_dictionaries({}, optional={n: st.integers(1, 12).map(Domain.multiple_of) for n in "HWN"}),
    st.sampled_from([divisible, equal, at_least]),
)  # fmt: skip
def test_a_relation_that_is_left_open_is_the_one_that_was_asked(factors, plus, bound, known, ask):
    """What a module checks at run time is true just where the relation is, for all that is known."""
    size = product(factors) + plus
    verdict = ask(size, bound, known)
    tests = {"divisible": lambda v: v % bound == 0, "equal": lambda v: v == bound}
    holds = tests.get(ask.__name__, lambda v: v >= bound)
    for values in itertools.product(*(_few(known.get(n, EVERY)) for n in "HWN")):
        values_by_name = dict(zip("HWN", values, strict=True))
        is_true = not verdict.never and all(
            values_by_name[n] in d for n, d in verdict.domains.items()
        )
        if verdict.unproved is not None:
            left, operator, right = verdict.unproved
            divides = operator == "divisible by"
            is_true = eval(
                f"({left}) % ({right}) == 0" if divides else str(verdict.unproved),
                {},
                values_by_name,
            )
        assert is_true == holds(evaluate(size, values_by_name)), (verdict, values_by_name)


def _few(domain):
    return list(itertools.islice(domain.members(), 5))
