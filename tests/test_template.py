"""Text with expressions in braces."""

from __future__ import annotations

import pytest
from expression_cases import Place
from hypothesis import given
from hypothesis import strategies as st

from netspec import dims
from netspec.diagnostics import Code
from netspec.expr import UNKNOWN, ExpressionError, LoopItem, parse_template

SCOPE = Place(
    {"i": 2, "mode": "same", "f": 2.0, "half": 0.5, "flag": True, "u": UNKNOWN, "v": [1],
     "stage": LoopItem(12, 1, first=False, last=False)},
    {"x": [(8, 64, dims.symbol("H"), 7)]},
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "rendered"),
    [
        ("", ""),
        ("conv1", "conv1"),
        ("denselayer{i + 1}", "denselayer3"),
        ("{mode}", "same"),
        ("a{i}b{i * 2}c{stage.index}", "a2b4c1"),
        ("{f}", "2"),
        ("{x.channels}", "64"),
        ("{{{i}}}", "{2}"),
        ("{{i}}", "{i}"),
        ("{ i }", "2"),
        ("{'}' + \"{\" + mode}", "}{same"),
        ("{[1, 2][0]}", "1"),
        ("$i", "$i"),
    ],
)
def test_templates_by_example(text: str, rendered: str) -> None:
    assert parse_template(text).render(SCOPE) == rendered


@given(st.text())
def test_doubled_braces_are_braces(text: str) -> None:
    template = parse_template(text.replace("{", "{{").replace("}", "}}"))
    assert template.constant == text
    assert template.render(Place()) == text


@given(st.text(alphabet="{}'\"$ai +[]()\n", max_size=12))
def test_no_text_brings_anything_but_an_expression_error(text: str) -> None:
    try:
        parse_template(text).render(SCOPE)
    except ExpressionError as error:
        assert 0 <= error.start <= error.end <= len(text)


def test_a_template_lists_the_names_that_it_depends_on() -> None:
    template = parse_template("enc{3 - d.index}.{i}")
    assert template.mentions("d")
    assert template.mentions("i")
    assert not template.mentions("enc")
    assert template.constant is None
    assert not parse_template("conv1").mentions("conv1")
    assert parse_template("conv1").constant == "conv1"


def test_what_depends_on_an_unknown_is_unknown() -> None:
    assert parse_template("a{u}").render(SCOPE) is UNKNOWN


@pytest.mark.parametrize(
    ("text", "code", "message", "marked", "help"),
    [
        ("a{i", Code.EXPRESSION, "`{` is never closed", "{", "write `{{` for a literal brace"),
        ("a{i{i}}", Code.EXPRESSION, "`{` is never closed", "{",
         "write `{{` for a literal brace"),
        ("a{'}", Code.EXPRESSION, "text that starts with `'` has no closing quote", "'", ""),
        ("ai}", Code.EXPRESSION, "unmatched `}`", "}", "write `}}` for a literal brace"),
        ("a{}", Code.EXPRESSION, "missing expression", "", ""),
        ("a${i}", Code.EXPRESSION, "write an expression in braces, without `$`", "${", ""),
        ("layer{2 *}", Code.EXPRESSION, "`2 *` is incomplete", "*", ""),
        ("layer{1 + j}", Code.UNKNOWN_NAME, "`j` is not defined here", "j",
         "defined here: i, mode, f, half, flag, u, v, stage, x"),
        ("a{half}", Code.EXPRESSION_TYPE,
         "`half` is a float; only integers and text can be inserted into text", "half", ""),
        ("a{flag}", Code.EXPRESSION_TYPE,
         "`flag` is a boolean; only integers and text can be inserted into text", "flag", ""),
        ("a{v}", Code.EXPRESSION_TYPE,
         "`v` is a list; only integers and text can be inserted into text", "v", ""),
        ("a{x.height}", Code.UNDECIDED,
         "`x.height` depends on H (H); text must be the same for all sizes", "x.height", ""),
    ],
)  # fmt: skip
def test_an_error_is_reported_at_its_place(
    text: str, code: str, message: str, marked: str, help: str
) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse_template(text).render(SCOPE)
    error = caught.value
    assert (error.code, error.message, "".join(error.helps)) == (code, message, help)
    assert text[error.start : error.end] == marked
