"""What the tests of symbolic sizes share: random chains and trees of operations, random domains."""

import math

from hypothesis import strategies as st

from netspec.dims import Domain, extreme, is_symbolic, scale, symbol
from netspec.dims.domain import congruent

H, W, N = symbol("H"), symbol("W"), symbol("N")
VALUES = [*range(1, 40), 63, 64, 97, 128, 224, 255, 1000]
UP_TO = 700

# ---- chains of operations, run on a symbol and on numbers alike ---------------------------------

STEPS = st.one_of(
    st.tuples(st.just("+"), st.integers(-9, 9)),
    st.tuples(st.just("*"), st.integers(1, 4)),
    st.tuples(st.just("//"), st.integers(1, 6)),
)
WILD_STEPS = st.one_of(
    STEPS,
    st.tuples(st.just("*"), st.integers(-3, 0)),
    st.tuples(st.just("//"), st.integers(-5, -1)),
    st.tuples(st.just("%"), st.sampled_from([-3, 1, 2, 3, 4, 6])),
    st.tuples(st.sampled_from(["r-", "r*", "r+"]), st.integers(-5, 12)),
    st.tuples(st.just("scale"), st.sampled_from([0.5, 2.0, 1.5, 0.1, 1 / 3, 1 / 49])),
)
CHAINS = st.lists(STEPS, max_size=6)
TREES = st.recursive(
    st.sampled_from(["H", "W", "H", 1, 2, 5]),
    lambda inner: st.one_of(
        st.tuples(inner, WILD_STEPS),
        st.tuples(inner, st.sampled_from(["+", "-", "*", "//", "%", "min", "max"]), inner),
    ),
    max_leaves=6,
)


def one_step(value, step):
    operator, number = step
    match operator:
        case "+":
            return value + number
        case "*":
            return value * number
        case "//":
            return value // number
        case "%":
            return value % number
        case "r-":
            return number - value
        case "r*":
            return number * value
        case "r+":
            return number + value
    return scale(value, number) if is_symbolic(value) else math.floor(value * number)


def run(steps, value):
    for step in steps:
        value = one_step(value, step)
    return value


def grow(tree, values):
    """The value of a tree of operations, with `values` for the symbols."""
    match tree:
        case str():
            return values[tree]
        case int():
            return tree
        case (inner, step):
            return one_step(grow(inner, values), step)
        case (left, operator, right):
            a, b = grow(left, values), grow(right, values)
            if operator in ("min", "max"):
                return extreme(operator, (a, b))
            return a - b if operator == "-" else one_step(a, (operator, b))


SYMBOLIC = {"H": H, "W": W}


def attempt(function, *arguments):
    """The result, or None where a divisor is zero."""
    try:
        return function(*arguments)
    except ZeroDivisionError:
        return None


DOMAINS = st.one_of(
    st.integers(-3, 60).map(Domain.at_least),
    st.integers(1, 12).map(Domain.multiple_of),
    st.frozensets(st.integers(-2, 50), max_size=20).map(Domain.exactly),
    st.builds(
        congruent,
        st.integers(1, 12),
        st.frozensets(st.integers(0, 30), max_size=6),
        st.integers(-3, 60),
        st.one_of(st.none(), st.integers(0, 150)),
    ),
)


def members(domain, up_to=UP_TO):
    return {v for v in range(1, up_to + 1) if v in domain}
