"""Laws of symbolic sizes: their arithmetic is Python's, and equal sizes have one form."""

import math
import random

import pytest
from dims_cases import CHAINS, SYMBOLIC, TREES, VALUES, H, N, W, attempt, grow, run
from hypothesis import given, settings
from hypothesis import strategies as st
from sampling import examples

from netspec.dims import (
    Domain,
    Floor,
    Opaque,
    Product,
    as_integer,
    at_least,
    divide_exactly,
    equal,
    evaluate,
    is_size,
    is_symbolic,
    product,
    scale,
    substitute,
    symbol,
    symbols,
)


@given(CHAINS)
def test_a_chain_of_shifts_multiples_and_quotients_stays_one_floor(steps):
    size = run(steps, H)
    assert isinstance(size, Floor)
    assert [size.evaluate({"H": v}) for v in VALUES] == [run(steps, v) for v in VALUES]


@settings(max_examples=examples(250))
@given(TREES, st.tuples(st.sampled_from(VALUES), st.sampled_from(VALUES)))
def test_arithmetic_on_symbols_is_arithmetic_on_numbers(tree, pair):
    values = dict(zip("HW", pair, strict=True))
    size, expected = attempt(grow, tree, SYMBOLIC), attempt(grow, tree, values)
    if size is None or expected is None:
        return
    assert is_size(size)
    outcome = attempt(evaluate, size, values)
    assert outcome in (expected, None)


@settings(max_examples=examples(150))
@given(TREES, st.tuples(st.sampled_from(VALUES), st.sampled_from(VALUES)))
def test_the_text_of_a_size_is_python_for_it(tree, pair):
    values = dict(zip("HW", pair, strict=True))
    size = attempt(grow, tree, SYMBOLIC)
    if size is None:
        return
    expected = attempt(evaluate, size, values)
    assert attempt(eval, str(size), {"floor": math.floor, **values}) == expected


@settings(max_examples=examples(150))
@given(TREES, TREES)
def test_equal_structure_means_equal_hash_text_and_values(one, two):
    a, b = attempt(grow, one, SYMBOLIC), attempt(grow, two, SYMBOLIC)
    if a is None or b is None:
        return
    assert a + b == b + a
    assert a * b == b * a
    assert a - a == 0
    assert a + b - b == a
    if a == b:
        assert hash(a) == hash(b)
        assert str(a) == str(b)


@given(TREES)
def test_substituting_symbols_for_themselves_or_numbers_changes_nothing(tree):
    size = attempt(grow, tree, SYMBOLIC)
    if size is None:
        return
    assert attempt(substitute, size, SYMBOLIC) in (size, None)
    values = {"H": 12, "W": 7}
    assert attempt(substitute, size, values) == attempt(evaluate, size, values)


@given(TREES, TREES)
def test_exact_division_returns_the_total(one, two):
    total, part = attempt(grow, one, SYMBOLIC), attempt(grow, two, SYMBOLIC)
    if total is None or part is None:
        return
    quotient = divide_exactly(total, part)
    if quotient is not None:
        for h, w in [(5, 3), (12, 30), (31, 8)]:
            sizes = {"H": h, "W": w}
            values = [attempt(evaluate, size, sizes) for size in (quotient, part, total)]
            assert None in values or values[0] * values[1] == values[2]
    if is_symbolic(part) and is_symbolic(total):
        assert divide_exactly(total * part, part) == total


# ---- forms --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "text"),
    [
        ((H + 3) // 32, "(H+3)//32"),
        (H // 2, "H//2"),
        (2 * H, "2*H"),
        (2 * (H // 4), "2*(H//4)"),
        (H - 4, "H-4"),
        ((H + 1) // 2 + 3, "(H+1)//2+3"),
        (16 * (H // 4) * (W // 4), "16*(H//4)*(W//4)"),
        (N * W * 3 * (H // 2), "3*N*W*(H//2)"),
        ((H - 4) * W, "W*(H-4)"),
        (3 * H // 2, "3*H//2"),
        ((3 * H + 1) // 2, "(3*H+1)//2"),
        (5 * (3 * (H // 2) // 5), "5*(3*(H//2)//5)"),
        (8 - H // 2, "8-H//2"),
        (-H, "-H"),
        (-(H // 2), "-(H//2)"),
        (-(H // 2) - 3, "-(H//2)-3"),
        (H + W, "H+W"),
        (H * W + 1, "H*W+1"),
        (H + 2 * W - 4, "H+2*W-4"),
        (H - W - 4, "H-W-4"),
        ((H + W) // 2, "(H+W)//2"),
        (H * W // 2, "H*W//2"),
        (H % 4, "H%4"),
        ((H + 33) % 32, "(H+1)%32"),
        (H // 2 % 4, "(H//2)%4"),
        (H // W, "H//W"),
        (7 // H, "7//H"),
        (H // (W // 2), "H//(W//2)"),
        (scale(H, 1 / 49), "floor(H*0.02040816326530612)"),
    ],
)
def test_sizes_print_as_people_write_them(size, text):
    assert str(size) == text
    assert repr(size) == text


def test_what_is_the_same_has_one_form():
    assert H // 2 // 2 // 2 == H // 8
    assert (H * 6) // 4 == (3 * H) // 2
    assert (3 * H) // 2 // 3 == H // 2
    assert 2 * (H // 4) + 3 * (H // 4) == 5 * (H // 4)
    assert H + H == 2 * H
    assert H + W - W == H
    assert (H * W + 1) * 64 // 64 - 1 == H * W
    assert (H // 4) * 2 * W == W * (2 * (H // 4))
    assert (2 * H + 4) * W == 2 * W * (H + 2)
    assert (H + W) // 2 // 3 == (H + W) // 6
    assert 0 - (0 - H) == H


def test_what_is_a_number_is_an_int():
    for size, number in [(H - H, 0), (H * 0, 0), (H // H, 1), ((4 * H + 2) % 4, 2), (H * W % W, 0)]:
        assert size == number
        assert type(size) is int
    assert as_integer(H - H + 3) == 3
    assert as_integer(H) is None


def test_division_that_goes_up_is_exact():
    assert 6 * H * W // 3 == 2 * H * W
    assert H * W // W == H
    assert (H * W * N) // (H * N) == W
    assert (6 * H * W) // (4 * H) == 3 * W // 2
    assert divide_exactly(64 * (H // 4) * (W // 4), 16 * (W // 4)) == 4 * (H // 4)
    assert divide_exactly(N * (H * W + 1), N) == H * W + 1
    assert divide_exactly(H * W, 2) is None
    assert divide_exactly(12, 4) == 3
    assert divide_exactly(12, H) is None
    assert divide_exactly(H, 0) is None


def test_kinds_and_symbols():
    assert isinstance(H // 2, Floor)
    assert isinstance(H * W, Product)
    assert all(isinstance(s, Opaque) for s in (H + W, H % 3, 8 - H, H // W, scale(H, 1 / 49)))
    assert symbols(H * W + N % 3) == {"H", "W", "N"}
    assert symbols(3) == frozenset()
    assert symbol("H") is H
    assert is_size(3) and not is_size(True) and not is_size(3.0) and not is_symbolic(3)
    assert product([2, H, 3, W]) == 6 * H * W
    assert product([]) == 1


def test_sizes_have_no_order_and_take_no_fractions():
    for attempted in (
        lambda: H < 3,
        lambda: H >= W,
        lambda: H <= W,
        lambda: H + 1.5,
        lambda: 1.5 * H,
        lambda: H // "2",
        lambda: H - None,
    ):
        with pytest.raises(TypeError):
            attempted()
    for attempted in (lambda: H // 0, lambda: H % 0, lambda: (H + W) // 0, lambda: (H * W) % 0):
        with pytest.raises(ZeroDivisionError):
            attempted()
    with pytest.raises(KeyError):
        evaluate(H * W, {"H": 3})


@settings(max_examples=examples(60))
@given(
    st.one_of(
        st.integers(1, 200).map(lambda d: 1 / d),
        st.tuples(st.integers(1, 40), st.integers(1, 40)).map(lambda f: f[0] / f[1]),
        st.floats(0.01, 9),
    )
)
def test_scaling_rounds_as_floats_do(factor):
    size = scale(H, factor)
    for value in [*range(1, 2000), *(random.Random(3).randrange(1, 2**26) for _ in range(300))]:
        assert size.evaluate({"H": value}) == math.floor(value * factor)


def test_scaling_is_a_floor_where_floats_round_exactly():
    assert scale(H, 2.0) == 2 * H
    assert scale(H // 2, 0.5) == H // 4
    assert scale(H, 1 / 3) == H // 3
    assert scale(10, 0.25) == 2
    assert 49 * (1 / 49) < 1
    assert not isinstance(scale(H, 1 / 49), Floor)
    with pytest.raises(ValueError, match="cannot scale by nan"):
        scale(H, float("nan"))


# ---- layers -------------------------------------------------------------------------------------


def conv(size, k, s, p, d):
    return (size + 2 * p - d * (k - 1) - 1) // s + 1


def pool_up(size, k, s, p, d):
    """Pooling with `ceil_mode`: two floors with one divisor, the lesser of which is one floor."""
    p = min(p, (d * (k - 1) + 1) // 2)
    return (size + min(2 * p - d * (k - 1) - 2 + 2 * s, p + s - 1)) // s


def pool_up_as_torch_says(size, k, s, p, d):
    p = min(p, (d * (k - 1) + 1) // 2)
    out = -(-(size + 2 * p - d * (k - 1) - 1) // s) + 1
    return out - 1 if (out - 1) * s >= size + p else out


def transposed(size, k, s, p, d):
    return (size - 1) * s - 2 * p + d * (k - 1) + 1


WINDOWS = st.tuples(
    st.sampled_from([conv, pool_up, transposed]),
    st.integers(1, 7),
    st.integers(1, 4),
    st.integers(0, 3),
    st.integers(1, 3),
)


@given(st.lists(WINDOWS, min_size=1, max_size=7))
def test_layers_keep_a_map_one_floor_and_agree_with_the_formulas(layers):
    size = H
    for rule, *window in layers:
        size = rule(size, *window)
    assert isinstance(size, Floor)
    for value in VALUES:
        expected = value
        for rule, *window in layers:
            exact = pool_up_as_torch_says if rule is pool_up else rule
            expected = exact(expected, *window)
        assert size.evaluate({"H": value}) == expected


def test_densenet_is_one_floor_that_needs_29():
    size = conv(conv(H, 7, 2, 3, 1), 3, 2, 1, 1)
    for _ in range(3):
        size = conv(size, 2, 2, 0, 1)
    assert str(size) == "(H+3)//32"
    assert at_least(size, 1).domains == {"H": Domain.at_least(29)}
    assert equal(size, 7).domains == {"H": Domain.between(221, 252)}
