"""How much of a law `make test` tries: a fixed sample; `make test-all` tries the whole."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, TypeVar

T = TypeVar("T")

SAMPLED_SHARE: Final = 6
"""`make test` tries one example in so many."""
_FEWEST: Final = 20

_thorough = False


def set_thorough(thorough: bool) -> None:
    """Whether this run tries everything; `conftest.py` says so before tests are collected."""
    global _thorough  # noqa: PLW0603
    _thorough = thorough


def is_thorough() -> bool:
    """Whether this run tries everything."""
    return _thorough


def examples(count: int) -> int:
    """The number of examples of Hypothesis out of `count` in a whole run."""
    return count if _thorough else min(count, max(count // SAMPLED_SHARE, _FEWEST))


def share_of(whole: float) -> float:
    """The share of cases to try where a whole run tries `whole` of them."""
    return whole if _thorough else whole / SAMPLED_SHARE


def some(items: Iterable[T], count: int) -> list[T]:
    """`count` of the items, spread evenly over their order; all of them in a whole run."""
    whole = list(items)
    if _thorough or len(whole) <= count:
        return whole
    return [whole[i * len(whole) // count] for i in range(count)]
