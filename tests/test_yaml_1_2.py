"""Texts of YAML 1.2 that the YAML 1.1 parsers of PyYAML reject or read otherwise."""

from __future__ import annotations

import pytest
import yaml
from document_texts import content

from netspec.diagnostics import Source
from netspec.document import parse
from netspec.document.pure_loader import PureLoader
from netspec.document.yaml_reader import compose

TEXTS: dict[str, object] = {
    "a: 1 # x@y\nb: 2\n": {"a": 1, "b": 2},
    "# x@y\na: 1\n": {"a": 1},
    "a: x@y\nb: 2\n": {"a": "x@y", "b": 2},
    'a: "x@y"\nb: [p@q, 1]\n': {"a": "x@y", "b": ["p@q", 1]},
    "a@b: 1\n": {"a@b": 1},
}
"""A text with @ instead of a character, and what YAML 1.2 (sections 5.4 and 5.5) says it is."""
TABS: dict[str, object] = {
    "a:\n  - 1\n\t\n  - 2\n": {"a": [1, 2]},
    "a: 1\n\t# c\nb: 2\n": {"a": 1, "b": 2},
    "a: 1\n \t # c\nb: 2\n": {"a": 1, "b": 2},
    "a:\n  -\tReLU\n  - b\n": {"a": ["ReLU", "b"]},
    "a:\n  -\t{op: ReLU}\n": {"a": [{"op": "ReLU"}]},
    "a:\t1\n": {"a": 1},
    "a:\n-\t# b: 1\n  c: 2\n- d\n": {"a": [{"c": 2}, "d"]},
    "a:\n- b\n-\t\n- c\n": {"a": ["b", None, "c"]},
    "a: 1\t# c\n": {"a": 1},
    "d: |\n  x\na:\n- 1\n\t\n- 2\n": {"d": "x\n", "a": [1, 2]},
    "d: >-\n  x\n  \ty\na:\n- 1\n \t# c\n- 2\n": {"d": "x\n\ty", "a": [1, 2]},
    "a:\n- d: |2\n    \tx\n- 2\n\t\n- 3\n": {"a": [{"d": "\tx\n"}, 2, 3]},
    "a:\r\n  - 1\r\n\t\r\n  -\t2\r\n": {"a": [1, 2]},
    "d: |\r\n  x\r\n  \t\r\n  y\r\na:\r\n- 1\r\n\t# c\r\n- 2\r\n": {"d": "x\n\t\ny\n", "a": [1, 2]},
}


@pytest.mark.parametrize("character", ["\u2028", "\u2029", "\x85"], ids=ascii)
@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("loader", [yaml.CBaseLoader, PureLoader])
def test_line_breaks_of_yaml_1_1_are_characters(text: str, character: str, loader: type) -> None:
    written = text.replace("@", character)
    composed = compose(Source(written, "x"), loader)
    assert (composed.diagnostics, composed.mistakes, composed.fault) == ([], [], None)
    assert repr(content(composed.root)) == repr(TEXTS[text]).replace("@", repr(character)[1:-1])
    assert parse(written).diagnostics == []


@pytest.mark.parametrize("text", TABS)
def test_tabs_that_indent_nothing_are_white_space(text: str) -> None:
    document = parse(text)
    assert document.diagnostics == []
    assert content(document.root) == TABS[text]


@pytest.mark.parametrize(
    "text", ["a:\n\tb: 1\n", "a:\n  -\tb: 1\n    c: 2\n", "d: |\n\t# x\n  y\na: 1\n"]
)
def test_tabs_that_indent_are_rejected(text: str) -> None:
    assert parse(text).diagnostics


def test_a_tab_in_a_block_of_text_stays() -> None:
    assert content(parse("a: |\n  x\n  \t\n  y\nb: 1\n").root) == {"a": "x\n\t\ny\n", "b": 1}
