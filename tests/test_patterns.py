"""Patterns of names and paths, compared with the definition of each star."""

from __future__ import annotations

from time import perf_counter

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sampling import examples

from netspec.graph.path_patterns import matches

PATTERNS = st.lists(st.sampled_from(["a", "b", ".", "*", "**", "**."]), max_size=8).map("".join)
PATHS = st.text("ab.", max_size=10)


def divided(written: str, path: str) -> bool:
    """What the stars mean, tried out: every way to divide the path among them."""
    if not written:
        return not path
    if written.startswith("**."):
        ends = [0, *(k + 1 for k, sign in enumerate(path) if sign == ".")]
        return any(divided(written[3:], path[end:]) for end in ends)
    if written.startswith("**"):
        return any(divided(written[2:], path[end:]) for end in range(len(path) + 1))
    if written.startswith("*"):
        longest = len(path.partition(".")[0])
        return any(divided(written[1:], path[end:]) for end in range(longest + 1))
    return path[:1] == written[0] and divided(written[1:], path[1:])


@settings(max_examples=examples(500))
@example("**.*.b", "a.b")
@example("a**.*b*a", "aa.ba")
@given(PATTERNS, PATHS)
def test_a_pattern_matches_what_its_stars_say(written: str, path: str) -> None:
    assert matches(written, path) == divided(written, path)


@pytest.mark.parametrize(
    ("written", "path"),
    [
        ("*a" * 40 + "*b", "a" * 150),
        ("**a" * 40 + "**b", "a" * 150),
        ("**." * 40 + "zz", "aa." * 60 + "a"),
        ("**.a" * 40 + "**.zz", "a." * 90 + "a"),
        ("**.a*a*a*b**" * 20 + "c", ("a" * 40 + ".") * 20),
    ],
)
def test_no_pattern_takes_long(written: str, path: str) -> None:
    start = perf_counter()
    assert not matches(written, path)
    assert perf_counter() - start < 1
