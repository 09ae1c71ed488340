"""Expressions: their values are Python's, within bounds, and nothing of Python is in reach."""

from __future__ import annotations

import ast
import math
import time
import warnings

import pytest
from expression_cases import ANYTHING, NUMBERS, SIZES, Place, Tensor
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sampling import examples

from netspec import dims
from netspec.diagnostics import Code
from netspec.expr import UNKNOWN, ExpressionError, LoopItem, evaluate, parse_expression
from netspec.expr.functions import CALLS
from netspec.expr.parser import Check
from netspec.expr.python import to_python
from netspec.expr.words import FUNCTIONS

N, H, W = map(dims.symbol, "NHW")
PYTHON = {
    "__builtins__": {}, "math": math, "floor": math.floor, "ceil": math.ceil, "list": list,
    "min": min, "max": max, "round": round, "int": int, "len": len, "sum": sum,
    "range": lambda *ends: list(range(*ends)),
}  # fmt: skip
"""Python's own functions; a `range` is a list, as it is in a spec."""
BEYOND = 10**18


def value(text: str, scope: Place | None = None, **names: object) -> object:
    return evaluate(parse_expression(text), scope or Place(names))


def rejection(text: str, scope: Place | None = None, **names: object) -> ExpressionError:
    with pytest.raises(ExpressionError) as caught:
        value(text, scope, **names)
    error = caught.value
    assert 0 <= error.start <= error.end <= len(text)
    return error


def attempt(text: str, scope: Place) -> object:
    """The value, or the code of the error."""
    try:
        return evaluate(parse_expression(text), scope)
    except ExpressionError as error:
        assert 0 <= error.start <= error.end <= len(text), (text, error.message)
        return error.code


def python(text: str, names: dict[str, object]) -> object:
    """What Python makes of it, which warns of `0[1]`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)
        return eval(text, PYTHON | names)


def same(a: object, b: object) -> bool:
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(same, a, b))
    return type(a) is type(b) and a == b


# ---- the value is Python's --------------------------------------------------------------------


@settings(max_examples=examples(400))
@given(NUMBERS, st.integers(-50, 50), st.integers(1, 9), st.sampled_from([0.5, -1.25, 3.0]))
def test_numbers_are_what_python_makes_of_them(text: str, a: int, b: int, f: float) -> None:
    names = {"a": a, "b": b, "f": f, "t": True}
    outcome = attempt(text, Place(names))
    try:
        expected = python(text, names)
    except (ArithmeticError, ValueError):
        assert outcome in (Code.EXPRESSION, Code.BOUNDS)
        return
    if outcome == Code.BOUNDS and not isinstance(expected, str):
        return
    if isinstance(expected, complex):
        assert outcome == Code.EXPRESSION
        return
    assert same(outcome, expected), (outcome, expected)


@settings(max_examples=examples(400))
@given(ANYTHING)
def test_whatever_has_a_value_has_pythons(text: str) -> None:
    names = {"a": 3, "b": 1, "f": 0.5, "u": 2, "v": [1, 2, 3]}
    outcome = attempt(text, Place(names))
    if isinstance(outcome, str) and outcome.startswith("NS1"):
        return
    assert same(outcome, python(text, names))


@settings(max_examples=examples(300))
@given(ANYTHING)
def test_what_depends_on_an_unknown_is_unknown_and_silent(text: str) -> None:
    names = {"a": 3, "b": 1, "f": 0.5, "v": [1, 2, 3]}
    outcome = attempt(text, Place(names | {"u": UNKNOWN}))
    if outcome is UNKNOWN:
        return
    others = [attempt(text, Place(names | {"u": u})) for u in (0, 1, 2.5, "same", [1])]
    if isinstance(outcome, str) and outcome.startswith("NS1"):
        assert all(isinstance(other, str) for other in others), outcome
    else:
        assert all(same(outcome, other) for other in others)


@settings(max_examples=examples(300))
@given(SIZES, st.integers(1, 40), st.integers(1, 40), st.integers(1, 4), st.integers(-3, 9))
def test_a_symbolic_value_is_the_value_for_every_size(
    text: str, height: int, width: int, batch: int, g: int
) -> None:
    outcome = attempt(text, Place({"g": g}, {"x": [(N, 3, H, W)]}))
    plain = attempt(text, Place({"g": g}, {"x": [(batch, 3, height, width)]}))
    if isinstance(outcome, str):
        assert outcome in (Code.UNDECIDED, Code.BOUNDS, Code.EXPRESSION_TYPE) or outcome == plain
        return
    sizes = {"N": batch, "H": height, "W": width}
    if isinstance(plain, str):
        assert plain == Code.BOUNDS
        return
    assert (dims.evaluate(outcome, sizes) if dims.is_symbolic(outcome) else outcome) == plain


@settings(max_examples=examples(300))
@given(SIZES, st.integers(1, 40), st.integers(1, 40), st.integers(-3, 9))
@example("x.height / 2 + 0.5", 4, 1, 1)
def test_the_generated_source_computes_the_same(text: str, height: int, width: int, g: int) -> None:
    expression = parse_expression(text)
    sizes = (2, 3, height, width)
    source = to_python(expression, lambda name: f"{g} + 0", lambda root, k: f"{root}{k}")
    outcome = attempt(text, Place({"g": g}, {"x": [sizes]}))
    if not isinstance(outcome, str):
        assert python(source, {"x0": Tensor(*sizes)}) == outcome


@settings(max_examples=examples(300))
@given(NUMBERS, st.integers(-50, 50), st.integers(1, 9))
def test_the_generated_source_of_numbers_computes_the_same(text: str, a: int, b: int) -> None:
    names = {"a": a, "b": b, "f": 0.5, "t": True}
    outcome = attempt(text, Place(names))
    source = to_python(parse_expression(text), lambda name: f"self.{name}", lambda root, k: root)
    if not isinstance(outcome, str):
        holder = type("Holder", (), names)
        assert same(python(source, {"self": holder}), outcome)


# ---- values by example ------------------------------------------------------------------------

STAGES = [6, 12, 24, 16]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2 * growth", 64),
        ("sum(stages[:2])", 18),
        ("[s // 2 for s in stages if s > 6]", [6, 12, 8]),
        ("stages[-1]", 16),
        ("2 if i == 0 and stage.index > 0 else 1", 2),
        ("stage", 12),
        ("[stage.index, stage.first, stage.last]", [1, False, False]),
        ("not stage.last", True),
        ("[true, false, null, True, False, None]", [True, False, None, True, False, None]),
        ("1, 2", [1, 2]),
        ("(1, 2)", [1, 2]),
        ("()", []),
        ("  growth\n  + 1 ", 33),
        ("\n growth\t*\r\n 2", 64),
        ("'nearest' if i else 'bi' + 'linear'", "bilinear"),
        ("mode == 'same'", True),
        ("[[j for j in range(k)] for k in range(3)]", [[], [0], [0, 1]]),
        ("[k for k in range(2)] + [k for k in range(1)]", [0, 1, 0]),
        ("[i for i in range(3)] + [i]", [0, 1, 2, 0]),
        ("[[k for k in range(k)] for k in range(3)]", [[], [0], [0, 1]]),
        ("1 < growth < 64", True),
        ("0x10 + 1_000", 1016),
        ("stages == [6, 12, 24, 16]", True),
        ("act == act", True),
        ("round(2.567, 2)", 2.57),
        ("len('same')", 4),
    ],
)  # fmt: skip
def test_values_by_example(text: str, expected: object) -> None:
    names = {
        "growth": 32, "stages": STAGES, "i": 0, "mode": "same", "act": object(),
        "stage": LoopItem(12, 1, first=False, last=False),
    }  # fmt: skip
    assert same(value(text, **names), expected)


def test_a_tensors_sizes_have_names() -> None:
    scope = Place({}, {"x": [(N, 3, H, W)], "y": [(8, 512)], "two": [(N, 16, 7), (N, 24, 7)]})
    text = "[x.batch, x.channels, x.height, x.width, x.rank, x.size(-2), x.size(1 + 1)]"
    assert value(text, scope) == [N, 3, H, W, 4, H, H]
    assert value("[y.batch, y.channels, y.features, y.rank]", scope) == [8, 512, 512, 2]
    assert value("[two[0].channels, two[1].channels]", scope) == [16, 24]
    assert value("x[0].height", scope) is H


def test_what_all_of_several_tensors_have_needs_no_number() -> None:
    scope = Place({}, {"x": [(N, 16, 7), (N, 24, 7)]})
    assert value("[x.batch, x.width, x.rank]", scope) == [N, 7, 3]


def test_the_size_of_a_failed_tensor_is_unknown() -> None:
    scope = Place({"v": [1]}, {"x": [None], "two": [None, (1, 2)]})
    texts = (
        "x.height", "2 * x.height", "min(1, x.rank)", "[1, x.batch]", "x.height > 1", "-x.width",
        "not x.rank", "v[x.rank]", "v[:x.rank]", "1 if x.rank else 2", "[k for k in range(x.rank)]",
        "[x.rank for k in v]", "[k for k in v if x.rank]", "0 < x.rank < 3", "x.rank in v",
        "x.rank and 1", "1 and x.rank", "1 in [x.rank]", "x.rank == 'a'", "x.size(x.rank)",
        "two.batch", "'a' * x.rank", "two[0].size(9)",
    )  # fmt: skip
    for text in texts:
        assert value(text, scope) is UNKNOWN, text
    assert value("two[1].batch", scope) == 1


def test_the_unknown_absorbs_a_place_and_a_size_alike() -> None:
    scope = Place({"u": UNKNOWN, "s": LoopItem(UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN)})
    for text in ("u.index", "s.first", "s.index + 1", "s", "u.height", "u", "[1, u]", "sum([u])"):
        assert value(text, scope) is UNKNOWN


# ---- symbolic sizes ---------------------------------------------------------------------------

IMAGE = {"x": [(N, 3, H, W)]}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("x.height // 2", "H//2"),
        ("(x.height + 3) // 32", "(H+3)//32"),
        ("4 * x.height / 2", "2*H"),
        ("x.height * x.width / x.width", "H"),
        ("int(x.height)", "H"),
        ("floor(x.height / 1)", "H"),
        ("round(x.height, 1)", "H"),
        ("x.height ** 2 / x.height", "H"),
        ("x.height ** 0", "1"),
        ("-x.height + 2 * x.height", "H"),
        ("x.height + true", "H+1"),
        ("sum([x.height, 1, x.height])", "2*H+1"),
        ("max(x.height, 1)", "H"),
        ("min(x.height + 2, x.height, x.height + 1)", "H"),
        ("max(x.height, 1, 0)", "H"),
        ("min(0, x.height)", "0"),
        ("max(x.width, 7, x.height, 3)", "max(H, W, 7)"),
        ("2 * min(x.height + 1, 512) - 1", "2*min(H+1, 512)-1"),
        ("max(x.height, x.height + 1, x.width)", "max(H, H+1, W)"),
        ("ceil(x.height / 2)", "(H+1)//2"),
        ("floor((x.height - 9) / 2) + int(x.height / 3)", "(H+1)//2+H//3-5"),
        ("x.height if x.height else 0", "H"),
        ("x.height or 7", "H"),
    ],
)
def test_a_symbolic_size_stays_symbolic(text: str, shown: str) -> None:
    assert str(value(text, Place({}, IMAGE))) == shown


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x.height > 0", True),
        ("x.height < 1", False),
        ("0 < x.height", True),
        ("x.height >= x.height", True),
        ("x.height + 1 > x.height", True),
        ("x.height + 1 <= x.height", False),
        ("x.height > 0.5", True),
        ("x.height == 0", False),
        ("x.height != 0", True),
        ("x.height == x.height", True),
        ("x.height == x.height + 1", False),
        ("x.height == 2.5", False),
        ("x.height == 'a'", False),
        ("x.height == null", False),
        ("[x.height, 3] == [x.height, 3.0]", True),
        ("[x.height, 3] == [7, 4]", False),
        ("[x.height] == []", False),
        ("x.height in [7, x.height]", True),
        ("x.height in [0, 'a']", False),
        ("x.height not in [0]", True),
        ("not x.height", False),
    ],
)
def test_what_holds_for_every_size_is_decided(text: str, expected: object) -> None:
    assert value(text, Place({}, IMAGE)) is expected


def test_what_dims_promise_decides_more() -> None:
    known = {"H": dims.Domain.multiple_of(32)}
    scope = Place({}, IMAGE, known)
    assert value("x.height > 7", scope) is True
    assert value("x.height % 4 == 0", scope) is True
    assert str(value("x.height / 4", scope)) == "H//4"
    assert value("min(x.height, 16)", scope) == 16


# ---- bounds -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "2 ** 10 ** 9",
        "10 ** 9 ** 10 ** 9",
        "(10 ** 9) ** (10 ** 9)",
        "9 ** 9 ** 9 ** 9 ** 9",
        "(-3) ** 999999999",
        "10 ** 18 + 1",
        "-(10 ** 18) - 1",
        "10 ** 9 * 10 ** 10",
        "1e308 * 10",
        "2.0 ** 99999",
        "range(100001)",
        "range(0, 10 ** 18)",
        "[k for k in range(1000) for j in range(1000)]",
        "[[k for k in range(1000)] for j in range(2000)]",
        "[sum(range(100000)) for j in range(100000)]",
        "[v == v for j in range(100000)]",
        "[0 in v for j in range(100000)]",
        "[v + v for j in range(100000)]",
        "[v[1:] for j in range(100000)]",
        "v + v",
        "text + text",
        "sum([k * 10 ** 17 for k in range(100)])",
        "[x.height // (k + 1) for k in range(100000)]",
        "x.height ** 9",
        "x.height ** 10 ** 9",
        "round(big)",
        "1" * 19,
        "1e999",
        "0x" + "f" * 16,
        "1 + " * 400 + "1",
        "-" * 900 + "1",
        "not " * 200 + "1",
        "(" * 300 + "1" + ")" * 300,
        "[" * 150 + "]" * 150,
        "1 if a else " * 110 + "1",
        "2 ** " * 120 + "2",
    ],
)
def test_what_is_out_of_bounds_is_rejected_at_once(text: str) -> None:
    names = {"v": [1] * 60_000, "text": "a" * 600, "big": 10**400, "a": False}
    start = time.perf_counter()
    error = rejection(text, Place(names, IMAGE))
    assert time.process_time() - start < 3
    assert error.code in (Code.BOUNDS, Code.EXPRESSION)
    assert error.code == Code.BOUNDS or "(((" in text


def test_what_is_within_bounds_is_computed() -> None:
    assert value("10 ** 18") == 10**18
    assert value("2 ** 59") == 2**59
    assert value("(-2) ** 59") == -(2**59)
    assert value("1 ** 10 ** 9 + (-1) ** (10 ** 9) + 0 ** 10 ** 9") == 2
    assert len(value("[k for k in range(100000)]")) == 100_000  # type: ignore[arg-type]
    assert value("+".join(["1"] * 90)) == 90


def test_a_text_is_at_most_a_thousand_characters() -> None:
    assert value("1" + " " * 999) == 1
    assert rejection("1" + " " * 1000).code == Code.BOUNDS


# ---- nothing of Python is in reach ------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os')", "__import__", "open('x')", "eval('1')", "exec('1')", "print(1)",
        "getattr(x, 'height')", "globals()", "vars()", "type(x)", "str(1)", "pow(1, 2)", "input()",
        "x.__class__", "x.__class__.__bases__", "''.__class__", "[].append", "(1).real",
        "x.height.__class__", "'{0}'.format(x)", "'%s' % x", "x.shape", "x.size", "x.size.real",
        "x[0].__dict__", "stage.__init__", "stage.value", "stage.index.real", "x.height()",
        "x.size(1)(2)", "min.__self__", "min", "(min)(1, 2).real", "[min][0](1, 2)",
        "lambda: 1", "(lambda x: x)(1)", "(y := 1)", "y := 1", "await x", "yield 1", "yield",
        "[await k for k in v]", "[k async for k in v]", "f'{x}'", "F'a'", "rb'a'", "b'a'", "u'a'",
        "'''a'''", "'a' 'b' 'c'.real", "*v", "[*v]", "min(*v)", "{**v}", "{}", "{1}", "{1: 2}",
        "{k for k in v}", "{k: k for k in v}", "(k for k in v)", "sum(k for k in v)", "min(a=1)",
        "[x for x.y in v]", "[k for k[0] in v]", "[k for k, j in v]", "[k for k in v if (k := 1)]",
        "[k for [k] in v]", "[true for true in v]", "[k.real for k in v]", "[j for k in v] + [k]",
        "[k for k in k]", "[j for j in v for k in m for m in v]", "v[0]()", "v[...]", "...",
        "1j", "1 @ 2", "1 << 2", "1 >> 2", "1 & 2", "1 | 2", "1 ^ 2", "~1", "1 is 1",
        "import os", "from os import path", "del x", "x = 1", "x: int", "1; 2", "1\n2", "# 1",
        "1 # 2", "1) + (2", "1), (2", "min)(1", "\\\n1", "1 \\\n + 2", "print 1", "assert 1",
        "return 1", "class", "global x", "if 1: 2", "for k in v: k", "match x: 1", "-> 1", "a <> b",
        "\x0b1",        "\x00", "1\x001", "'\x00'.real", "\ufeff1",
        "'\ud800'", "\ud800", "1²", "x²", "０", "1\x0c+\x0b2",
        "", " ", "\n", "()()", "[][0]", "not", "or", "1 if 2", "1 else 2",
    ],
)  # fmt: skip
def test_python_is_out_of_reach(text: str) -> None:
    scope = Place({"v": [1, 2], "stage": LoopItem(1, 0, first=True, last=True)}, IMAGE)
    rejection(text, scope)


@pytest.mark.parametrize(
    "text",
    [
        "a @ b", "~a", "a is b", "a << 2", "min(a=1)", "min(1, **a)", "lambda: 1", "f'{a}'", "{}",
        "{1}", "(a := 1)", "[k async for k in a]", "b'a'", "1j", "{k for k in a}",
        "{1: k for k in a}",
        "(k for k in a)", "...", "(yield)", "(await a)", "[*a]", "a.b", "a()", "a[1:2, 3]", "1e999",
        "[k for k.a in a]", "[k for a[0] in a]", "[true for true in a]", "a.height.real", "-~a",
    ],
)  # fmt: skip
def test_the_whitelist_holds_whatever_words_got_through(text: str) -> None:
    with pytest.raises(ExpressionError):
        Check(text, text, 0).visit(ast.parse(text, mode="eval").body, 0)


def test_where_the_program_itself_is_too_deep_it_is_still_an_expression_error() -> None:
    class Endless(Place):
        def name(self, name: str) -> object:
            return self.name(name)

    error = rejection("growth", Endless())
    assert error.code == Code.BOUNDS
    assert error.message == "`growth` is nested too deeply"


@settings(max_examples=examples(300))
@given(st.text(max_size=40))
def test_no_text_brings_anything_but_an_expression_error(text: str) -> None:
    attempt(text, Place({}))


WORDS = [
    *FUNCTIONS, "x", "x.height", "v", "a", ".", "(", ")", "[", "]", "{", "}", ",", ":", "+",
    "-", "*", "**", "/", "//", "%", "==", "<", ">=", "=", ":=", "and", "or", "not", "in",
    "if", "else", "for", "is", "lambda", "1", "0", "2.5", "'a'", '"', "\\", "\n", "#", "!", "?",
    "1e", "ü", "٣", "999999999999999999", "stage.index", "None", "x[0].", "size", "rank", "…",
    "\ud800", "$", "😀",
]  # fmt: skip


@settings(max_examples=examples(500))
@given(st.lists(st.sampled_from(WORDS), max_size=14), st.sampled_from(["", " "]))
def test_no_words_in_any_order_bring_anything_but_an_expression_error(
    words: list[str], between: str
) -> None:
    item = LoopItem(3, 0, first=True, last=False)
    attempt(between.join(words), Place({"v": [1], "a": 2, "stage": item}, IMAGE))


# ---- names and generated source ---------------------------------------------------------------


def test_an_expression_tells_the_names_it_uses() -> None:
    e = parse_expression(
        "growth * x.channels + sum([k * stage.index for k in y[1].size(i)]) + true"
    )
    assert e.names == {"growth", "i"}
    assert e.roots == {"x", "stage", "y"}
    assert e.tensors == {"x", "y"}
    assert all(map(e.mentions, ("growth", "i", "x", "stage", "y")))
    assert not any(map(e.mentions, ("k", "sum", "true", "channels")))


def test_parsing_the_same_text_again_gives_the_same_expression() -> None:
    assert parse_expression("2 * growth") is parse_expression("2 * growth")


def test_every_function_can_be_called() -> None:
    assert list(CALLS) == list(FUNCTIONS)


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("2 * x.height", "2 * x.size(-2)"),
        ("[x.batch, -1, x.width // 2]", "[x.size(0), -1, x.size(-1) // 2]"),
        ("x.channels * x.features - x.rank", "x.size(1) * x.size(-1) - x.dim()"),
        ("x[1].height", "x1.size(-2)"),
        ("x.size(i + 1)", "x.size(a + b + 1)"),
        ("2 * i", "2 * (a + b)"),
        ("stage.index + 1", "stage_index + 1"),
        ("x.height / 2", "x.size(-2) // 2"),
        ("int(x.height / 2)", "int(x.size(-2) / 2)"),
        ("int(x.height // 2)", "x.size(-2) // 2"),
        ("floor(x.height + 1)", "x.size(-2) + 1"),
        ("floor(i / 2) + ceil(3 * f)", "math.floor((a + b) / 2) + math.ceil(3 * f)"),
        ("round(f, 1)", "round(f, 1)"),
        ("true if null == false else ()", "[]"),
        ("x.height if 2 > 1 else nowhere.height", "x.size(-2)"),
        ("nowhere.height if 2 > 1 and not true else x.height", "x.size(-2)"),
        ("x.height > 0 and 2 > 1", "x.size(-2) > 0 and True"),
        ("1 > 2 or x.height > 0", "x.size(-2) > 0"),
        ("x.size(1 + 1)", "x.size(2)"),
        ("(1 - 3) ** i", "(-2) ** (a + b)"),
        ("(1, 2)", "[1, 2]"),
        ("range(3)", "list(range(3))"),
        ("[k for k in range(3)]", "[k for k in range(3)]"),
        ("sum(range(3)) + len(range(2))", "sum(range(3)) + len(range(2))"),
        ("max(range(3))", "max(range(3))"),
        ("[a * i for a in [1]]", "[a_ * (a + b) for a_ in [1]]"),
        ("[x for x in [x.height]]", "[x_ for x_ in [x.size(-2)]]"),
        ("not stage.last and f", "not stage_last and f"),
    ],
)
def test_the_generated_source_reads_well(text: str, source: str) -> None:
    def name(name: str) -> str:
        return {"i": "a + b"}.get(name, name.replace(".", "_"))

    def tensor(root: str, number: int) -> str:
        return f"{root}{number or ''}"

    assert to_python(parse_expression(text), name, tensor) == source
