"""What the writer of scalars writes is read as the same value, by our reader and by PyYAML, wherever it is written."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any, ClassVar

import pytest
import yaml
from document_texts import content
from hypothesis import example, given
from hypothesis import strategies as st

from netspec.document import parse
from netspec.document.scalar_writer import scalar_text
from netspec.edit.scalar_text import written
from netspec.schema.graph.marked_text import MarkedText


class Loader(yaml.SafeLoader):
    """PyYAML with the core schema of YAML 1.2 (section 10.3.2)."""

    yaml_implicit_resolvers: ClassVar[dict[str, Any]] = {}


def _value(
    convert: Callable[[str], object],
) -> Callable[[yaml.SafeLoader, yaml.ScalarNode], object]:
    return lambda loader, node: convert(str(loader.construct_scalar(node)))


def _float(text: str) -> float:
    return float(re.sub(r"\.(inf|nan)", r"\1", text.lower()))


for _tag, _pattern, _convert in (
    ("null", r"~|null|Null|NULL|", lambda _: None),
    ("bool", r"true|True|TRUE|false|False|FALSE", lambda text: text.lower() == "true"),
    ("int", r"[-+]?[0-9]+", int),
    ("int", r"0o[0-7]+|0x[0-9a-fA-F]+", lambda text: int(text, 0)),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)", _float),
):  # fmt: skip
    Loader.add_implicit_resolver(
        f"tag:yaml.org,2002:1.2-{_tag}-{_pattern[:6]}", re.compile(f"^(?:{_pattern})$"), None
    )
    Loader.add_constructor(f"tag:yaml.org,2002:1.2-{_tag}-{_pattern[:6]}", _value(_convert))

MARKS = "-?:,[]{}#&*!|>'\"%@` \t\n=<~.+()/_$\\^;"
TEXTS = st.one_of(
    st.text(st.sampled_from(MARKS + "aeExoNn019\x85\u2028\xa0é\ufeff\x7f\U0001f600"), max_size=8),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=6),
    st.from_regex(r"[-+]?[0-9._eExob:]{1,6}", fullmatch=True),
    st.sampled_from(["yes", "No", "on", "OFF", "y", "null", "Null", "~", "true", "TRUE", "", "2001-01-01", "<<", "=",
                     "- a", "? a", "-", "?", ":", "--- a", "...", ".inf", "-.INF", ".nan", "1_000", "12:30", "0b1"]),
)  # fmt: skip
VALUES = st.one_of(TEXTS, st.none(), st.booleans(), st.integers(), st.floats())


def same(a: object, b: object) -> bool:
    """Whether two values are the same, NaN and the kind of number included."""
    if isinstance(a, float) and isinstance(b, float) and math.isnan(a):
        return math.isnan(b)
    return type(a) is type(b) and a == b


def read_by_all(text: str) -> list[Any]:
    """What each reader reads; ours must have nothing to say."""
    document = parse(text)
    assert document.diagnostics == [], text
    return [content(document.root), yaml.load(text, Loader), yaml.safe_load(text)]


@given(VALUES)
@example("a" * 70 + " " + "b" * 70)
def test_a_value_is_read_back(value: Any) -> None:
    block, flow = scalar_text(value), scalar_text(value, in_braces=True)
    for read in read_by_all(f"a: {block}\nb:\n  - {block}\n  - c: {block}\n"):
        assert same(read["a"], value)
        assert same(read["b"][0], value)
        assert same(read["b"][1]["c"], value)
    for read in read_by_all(f"a: {{b: {flow}, c: [{flow}, {flow}]}}\n"):
        assert all(same(each, value) for each in (read["a"]["b"], *read["a"]["c"]))


@given(TEXTS)
def test_a_key_is_read_back(text: str) -> None:
    block, flow = scalar_text(text), scalar_text(text, in_braces=True)
    for read in read_by_all(
        f"{block}: 1\na:\n  - {block}: 2\n    b: {{{flow}: 3}}\n" if text != "a" else "a: 1\n"
    ):
        assert read.get(text) == 1 or text == "a"
        if text not in ("a", "b"):
            assert read["a"][0] == {text: 2, "b": {text: 3}}


@given(
    st.recursive(
        VALUES,
        lambda v: st.lists(v, max_size=3) | st.dictionaries(TEXTS, v, max_size=3),
        max_leaves=6,
    )
)
def test_the_writers_of_collections_use_it(value: Any) -> None:
    marked = MarkedText()
    marked.write_value(value)
    for text in (marked.text, written([value])[1:-1]):
        for read in read_by_all(f"a: [{text}]\n"):
            assert repr(read["a"][0]) == repr(value)


@pytest.mark.parametrize(
    ("value", "text"),
    [("relu", "relu"), ("N", "N"), ("y", "y"), ("x.size(2)", "x.size(2)"), ("[1", '"[1"'), ("a: b", '"a: b"'), ("a:b", "a:b"), ("64", '"64"'),
     ("yes", '"yes"'), ("0x1F", '"0x1F"'), (1e-05, "1.0e-05"), (math.inf, ".inf"), (10**30, "1" + 30 * "0")],
)  # fmt: skip
def test_plain_where_it_can_be(value: Any, text: str) -> None:
    assert scalar_text(value) == text
