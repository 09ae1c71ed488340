"""Scopes and random expressions for the tests of expressions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from hypothesis import strategies as st

from netspec.dims import Domain, Shape


class Place:
    """A scope made of two dictionaries."""

    def __init__(
        self,
        values: Mapping[str, object] | None = None,
        tensors: Mapping[str, Sequence[Shape | None]] | None = None,
        known: Mapping[str, Domain] | None = None,
    ) -> None:
        self.values, self.tensors = dict(values or {}), dict(tensors or {})
        self.domains = dict(known or {})

    def name(self, name: str) -> object:
        return self.values[name]

    def tensor(self, name: str) -> Sequence[Shape | None]:
        return self.tensors[name]

    def names(self) -> Iterable[str]:
        return [*self.values, *self.tensors]

    def known(self) -> Mapping[str, Domain]:
        return self.domains


class Tensor:
    """As much of a tensor as generated programs ask of one for its sizes."""

    def __init__(self, *sizes: int) -> None:
        self.sizes = sizes

    def size(self, axis: int) -> int:
        return self.sizes[axis]

    def dim(self) -> int:
        return len(self.sizes)


def _grown(leaves: st.SearchStrategy[str], *more: str) -> st.SearchStrategy[str]:
    """Expressions of numbers, from these leaves; `more` are forms with `{}` for parts."""
    forms = st.sampled_from([
        "({} + {})", "({} - {})", "({} * {})", "({} / {})", "({} // {})", "({} % {})",
        "{} + {} * {}", "{} - {} - {}", "-{}", "+{}", "({}) ** 2", "2 ** ({} % 7)", "-({}) ** 3",
        "({} if {} > {} else {})", "(not {})", "({} and {})", "({} or {} or {})",
        "({} == {})", "({} < {} <= {})", "({} != {})", "({} in [{}, {}])", "({} not in [{}])",
        "min({}, {})", "max({}, {}, {})", "max([{}, {}])", "round({})", "round({}, 1)",
        "floor({})", "ceil({})", "int({})", "len([{}, {}])", "sum([{}, {}])",
        "[{}, {}, {}][1]", "sum([{}, {}, {}][1:])", "sum([{}, {}, {}][::-2])",
        "sum([k * {} for k in [{}, {}]])", "sum([k for k in range(5) if k > {}])",
        "sum([j + k for j in range(3) for k in range(j)])", "len([{}] + [{}, {}])",
        *more,
    ])  # fmt: skip

    def extend(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        return forms.flatmap(
            lambda form: st.tuples(*[inner] * form.count("{}")).map(lambda p: form.format(*p))
        )

    return st.recursive(leaves, extend, max_leaves=12)


NUMBERS = _grown(
    st.one_of(
        st.integers(0, 20).map(str),
        st.sampled_from(["a", "b", "f", "t", "0.5", "1e3", "2.25", "True", "False", "a", "b"]),
    )
)
"""Expressions of the names `a` and `b` (whole), `f` (a float) and `t` (a boolean)."""

ANYTHING = _grown(
    st.sampled_from(["a", "b", "f", "u", "v", "'same'", "None", "[]", "[a, 2]", "0", "1", "2.5"]),
    "{}[{}]", "{}[{}:{}]", "{} + {}", "{} * {}", "[{} for k in {}]", "len({})", "sum({})",
    "range({})", "{} < {}", "{} ** {}", "[k for k in {} if {}]", "{} in {}",
)  # fmt: skip
"""Expressions whose types need not go together; `u` may be unknown."""

SIZES = st.recursive(
    st.one_of(
        st.integers(1, 9).map(str), st.sampled_from(["x.height", "x.width", "x.batch", "g"])
    ),
    lambda inner: st.sampled_from([
        "({} + {})", "({} - {})", "{} * {}", "({} + {}) // 2", "({} + {}) // 3", "({} * 4) / 2",
        "({}) % 5", "int({})", "floor({} + {})", "-({})", "sum([{}, {}])", "[{}, {}][0]",
        "max({}, {})", "({} if {} > 5 else {})", "sum([k * {} for k in range(3)])", "({}) ** 2",
    ]).flatmap(
        lambda form: st.tuples(*[inner] * form.count("{}")).map(lambda p: form.format(*p))
    ),
    max_leaves=8,
)  # fmt: skip
"""Expressions of the sizes of `x` and the integer `g`."""
