"""What expressions say when they are wrong: each sentence, the characters it is about, the help."""

from __future__ import annotations

import pytest
from expression_cases import Place

from netspec import dims
from netspec.diagnostics import Code
from netspec.expr import ExpressionError, Item, evaluate, parse_expression

N, H, W = map(dims.symbol, "NHW")
SCOPE = Place(
    {
        "growth": 32, "stages": [6, 12, 24, 16], "one": [1], "mode": "same", "act": object(),
        "nothing": None, "f": 0.5, "flag": True, "none": [], "infinite": float("inf"),
        "stage": Item(12, 1, first=False, last=False),
    },
    {
        "x": [(N, 3, H, W)], "y": [(1, 64)], "two": [(1, 2, 3, 4), (1, 5, 3, H)], "line": [(7,)],
        "scalar": [()], "nowhere": [],
    },
)  # fmt: skip

SYNTAX = [
    ("", "an expression is missing", "", ""),
    (" \n", "an expression is missing", " \n", ""),
    ("2 *", "`2 *` ends in the middle", "*", ""),
    ("  growth if\n", "`growth if` ends in the middle", "if", ""),
    ("x.", "`x.` ends in the middle", ".", ""),
    ("growth stages", "between `growth` and `stages` an operator is missing", "growth stages", ""),
    ("2 growth", "between `2` and `growth` an operator is missing", "2 growth", ""),
    ("(1) 2", "between `)` and `2` an operator is missing", ") 2", ""),
    ("1 if growth", "`1 if growth` does not say what holds otherwise", "1 if growth",
     "write `a if condition else b`"),
    ("2 * / 3", "`/` is not expected here", "/", ""),
    ("* 3", "`*` is not expected here", "*", ""),
    ("ü + 2 * / 3", "`/` is not expected here", "/", ""),
    ("[1,,2]", "`,` is not expected here", ",", ""),
    ("1 + (2, 3", "`(` is never closed", "(", ""),
    ("stages[0", "`[` is never closed", "[", ""),
    ("growth)", "`)` closes nothing", ")", ""),
    ("(stages[0)]", "`)` closes `[`", ")", ""),
    ("'abc", "text that begins with `'` never ends", "'", ""),
    ('"abc', 'text that begins with `"` never ends', '"', ""),
    ("1 if a && b else 2", "`&&` is written `and`", "&&", "write `and`"),
    ("a || b", "`||` is written `or`", "||", "write `or`"),
    ("a & b", "`&` is written `and`", "&", "write `and`"),
    ("a | b", "`|` is written `or`", "|", "write `or`"),
    ("!a", "`!` is written `not`", "!", "write `not`"),
    ("~a", "`~` is written `not`", "~", "write `not`"),
    ("a ? 1 : 2", "`a ? b : c` is written `b if a else c`", "?", "write `b if a else c`"),
    ("2 ^ 3", "a power is written with `**`, not with `^`", "^", "write `**`"),
    ("growth = 3", "`=` gives no value to a name here; to compare, write `==`", "=", "write `==`"),
    ("(a := 1)", "`:=` is no part of expressions: they give no value to a name", ":=", ""),
    ("2 * ${growth}", "a name is written as it is, not as `${name}`", "${", ""),
    ("2 * $growth", "a name is written as it is, without `$`", "$", ""),
    ("{growth}", "braces have no place in an expression; a list is written `[1, 2]`", "{", ""),
    ("growth}", "braces have no place in an expression; a list is written `[1, 2]`", "}", ""),
    ("1 # one", "a comment has no place inside an expression", "#", ""),
    ("1 \\ 2", "a backslash has no place in an expression", "\\", ""),
    ("1; 2", "`;` has no place here: one expression gives one value", ";", ""),
    ("`growth`", "a name is written as it is, without backticks", "`", ""),
    ("1 @ 2", "`@` is no operator of expressions; they have + - * / // % **", "@", ""),
    ("1 << 2", "`<<` is no operator of expressions; write `* 2 ** n`", "<<", ""),
    ("8 >> 2", "`>>` is no operator of expressions; write `// 2 ** n`", ">>", ""),
    ("2 × 3", "`×` is written `*`", "×", "write `*`"),
    ("2 · 3", "`·` is written `*`", "·", "write `*`"),
    ("6 ÷ 3", "`÷` is written `/` or, rounding down, `//`", "÷", "write `//`"),
    ("2 − 1", "this long minus is written `-`", "−", "write `-`"),
    ("2 – 1", "this long minus is written `-`", "–", "write `-`"),
    ("1 ≤ 2", "`≤` is written `<=`", "≤", "write `<=`"),
    ("1 ≥ 2", "`≥` is written `>=`", "≥", "write `>=`"),
    ("1 ≠ 2", "`≠` is written `!=`", "≠", "write `!=`"),
    ("“a”", 'text goes between straight quotes: `"text"`', "“", ""),
    ("a”", 'text goes between straight quotes: `"text"`', "”", ""),
    ("‘a’", "text goes between straight quotes: `'text'`", "‘", ""),
    ("a’", "text goes between straight quotes: `'text'`", "’", ""),
    ("1\xa0+ 2", "this blank is a no-break space; write a plain one", "\xa0", ""),
    ("1 € 2", "`€` has no place in an expression", "€", ""),
    ("1\x00", "`U+0000` has no place in an expression", "\x00", ""),
    ("1if growth else 2", "`1if` is no number", "1if", ""),
    ("0123", "`0123` is no number", "0123", ""),
    ("x²", "`x²` is no name", "x²", ""),
    ("'\ud800'", "the expression holds a character that no text can", "'\ud800'", ""),
    ("lambda: 1", "`lambda` is a word of Python that expressions do not have", "lambda", ""),
    ("f is null", "`is` is a word of Python that expressions do not have", "is",
     "write `==` or `!=`"),
    ("f'{x}'", "text with `f` before its quote is no part of expressions", "f'{x}'", ""),
    ("'''a'''", "text has one quote mark on each side", "'''a'", ""),
]  # fmt: skip

REFUSED = [
    ("[*stages]", "`*stages` is no part of expressions; `+` joins lists", "*stages", ""),
    ("sum(k for k in stages)",
     "`(k for k in stages)` is no part of expressions; write the list `[… for … in …]`",
     "(k for k in stages)", ""),
    ("stages[(1:2)]", "`:` is not expected here", ":", ""),
    ("stages[1:2, 3]", "`stages[1:2, 3]` has several indices; a list takes one at a time",
     "stages[1:2, 3]", ""),
    ("...", "`...` is no value of a spec", "...", ""),
    ("[k for k, j in stages]",
     "`[k for k, j in stages]` must have one plain name after `for`", "[k for k, j in stages]", ""),
    ("[j for j in stages for k in m for m in stages]",
     "`m` is used before its `for` gives it a value", "m", ""),
    ("abs(3)",
     "`abs` is no function that a spec may call: min max round floor ceil int len sum range",
     "abs", ""),
    ("summ(stages)",
     "`summ` is no function that a spec may call: min max round floor ceil int len sum range",
     "summ", "did you mean `sum`?"),
    ("min()", "`min()` gives 0 arguments; `min` takes at least 1", "min()", ""),
    ("1 + len(1, 2)", "`len(1, 2)` gives 2 arguments; `len` takes 1", "len(1, 2)", ""),
    ("range(1, 2, 3, 4)", "`range(1, 2, 3, 4)` gives 4 arguments; `range` takes 1 to 3",
     "range(1, 2, 3, 4)", ""),
    ("x.heigth", "`x.heigth` asks for `.heigth`, which no tensor and no loop variable has",
     "x.heigth", "did you mean `.height`?"),
    ("x.shape[1]", "`x.shape` asks for `.shape`, which no tensor and no loop variable has",
     "x.shape", "did you mean `.size(k)`?"),
    ("x.sizes", "`x.sizes` asks for `.sizes`, which no tensor and no loop variable has",
     "x.sizes", "did you mean `.size(k)`?"),
    ("stage.idx", "`stage.idx` asks for `.idx`, which no tensor and no loop variable has",
     "stage.idx", "did you mean `.index`?"),
    ("mode.upper()", "`mode.upper()` asks for `.upper`, which no tensor and no loop variable has",
     "mode.upper()",
     "a tensor has .batch .channels .height .width .features .rank .size(k), "
     "a loop variable .index .first .last"),
    ("x.size", "`x.size` must give one axis: `x.size(1)`", "x.size", ""),
    ("x.size(1, 2)", "`x.size(1, 2)` must give one axis: `x.size(1)`", "x.size(1, 2)", ""),
    ("x.height()", "`x.height()` calls `.height`, which is a value", "x.height()",
     "write `.height` without brackets"),
    ("x[k].height",
     "`x[k].height` asks for `.height` of something that is no name; "
     "write `x.height` or `x[0].height`", "x[k].height", ""),
    ("stages[0].index",
     "`stages[0].index` asks for `.index` of something that is no name; write `stage.index`",
     "stages[0].index", ""),
    ("[k.height for k in stages]", "`k.height` asks for a size of `k`, which is no tensor",
     "k.height", ""),
]  # fmt: skip

NAMES = [
    ("2 * growht", Code.UNKNOWN_NAME, "`growht` is not known here", "growht",
     "did you mean `growth`?"),
    ("zebra.height", Code.UNKNOWN_NAME, "`zebra` is not known here", "zebra",
     "known here: growth, stages, one, mode, act, nothing, f, flag, none, infinite, stage, x …"),
    ("zebra.index", Code.UNKNOWN_NAME, "`zebra` is not known here", "zebra",
     "known here: growth, stages, one, mode, act, nothing, f, flag, none, infinite, stage, x …"),
    ("x + 1", Code.EXPRESSION_TYPE, "`x` is a tensor: say which of its sizes is meant", "x",
     "write `x.channels`, `x.height` …"),
    ("growth.height", Code.EXPRESSION_TYPE,
     "`growth.height` asks for a size of `growth`, which is a whole number and no tensor",
     "growth.height", ""),
    ("stage.height", Code.EXPRESSION_TYPE,
     "`stage.height` asks for a size of `stage`, which is a loop variable", "stage.height",
     "it has `.index`, `.first` and `.last`"),
    ("stages.index", Code.EXPRESSION_TYPE,
     "`stages.index` asks for the place of `stages`, which is no loop variable", "stages.index",
     "`each: {stage: stages}` makes `stage` one"),
    ("x.first", Code.EXPRESSION_TYPE,
     "`x.first` asks for the place of `x`, which is no loop variable", "x.first",
     "`each: {stage: stages}` makes `stage` one"),
    ("1 + y.width", Code.EXPRESSION,
     "`y.width` asks for the width of a tensor with 2 axes: [1, 64]", "y.width",
     "`.features` is the last axis, `.size(k)` any"),
    ("line.channels", Code.EXPRESSION,
     "`line.channels` asks for the channels of a tensor with 1 axis: [7]", "line.channels",
     "`.features` is the last axis, `.size(k)` any"),
    ("scalar.batch", Code.EXPRESSION,
     "`scalar.batch` asks for the batch of a tensor with 0 axes: []", "scalar.batch",
     "`.features` is the last axis, `.size(k)` any"),
    ("x.size(4)", Code.EXPRESSION,
     "`x.size(4)` asks for axis 4 of a tensor with 4 axes: [N, 3, H, W]", "x.size(4)", ""),
    ("x.size(f)", Code.EXPRESSION_TYPE,
     "`x.size(f)` counts axes by whole numbers, not by a decimal number", "x.size(f)", ""),
    ("x.size(x.height)", Code.UNDECIDED,
     "`x.size(x.height)` asks for an axis that depends on the input: H", "x.size(x.height)", ""),
    ("two.channels", Code.EXPRESSION,
     "`two.channels` is not clear: `two` is 2 tensors, with 2 and 5", "two.channels",
     "say which: `two[0].channels`"),
    ("two[2].width", Code.EXPRESSION,
     "`two[2].width` asks for number 2 of `two`, which is 2 tensors, counted from 0",
     "two[2].width", ""),
    ("x[1].width", Code.EXPRESSION,
     "`x[1].width` asks for number 1 of `x`, which is one tensor, counted from 0",
     "x[1].width", ""),
    ("nowhere.width", Code.EXPRESSION,
     "`nowhere.width` asks for a size, but nothing flows into `nowhere`", "nowhere.width", ""),
]  # fmt: skip

TYPES = [
    ("mode * 2", "`mode * 2` wants numbers for `*`, but has text and a whole number", ""),
    ("stages * 2", "`stages * 2` wants numbers for `*`, but has a list and a whole number",
     "to repeat an item, write `[item for k in range(n)]`"),
    ("stages + 1",
     "`stages + 1` wants numbers, lists or text on both sides for `+`, "
     "but has a list and a whole number", ""),
    ("nothing - f", "`nothing - f` wants numbers for `-`, but has null and a decimal number", ""),
    ("act / flag", "`act / flag` wants numbers for `/`, but has an op and a truth value", ""),
    ("x.height * mode", "`x.height * mode` wants numbers for `*`, but has the size H and text", ""),
    ("x.height * 0.5",
     "`x.height * 0.5` takes `*` of the size H and 0.5: sizes that depend on the input go with "
     "whole numbers only", "to divide, rounding down, write `//`"),
    ("2 ** x.height",
     "`2 ** x.height` has the size H as exponent, which depends on the input", ""),
    ("-mode", "`-mode` wants a number after `-`, but has text", ""),
    ("growth < mode", "`growth < mode` wants numbers for `<`, but has a whole number and text", ""),
    ("x.height > infinite", "`x.height > infinite` compares a size with inf", ""),
    ("1 in mode", "`1 in mode` looks for an item in text, which is no list", ""),
    ("stages[1.0]", "`stages[1.0]` counts items by whole numbers, but has a decimal number: 1.0",
     ""),
    ("stages[:f]", "`stages[:f]` counts items by whole numbers, but has a decimal number: 0.5", ""),
    ("growth[0]", "`growth[0]` wants an item of a whole number, which is no list", ""),
    ("mode[1:]", "`mode[1:]` wants items of text, which is no list", ""),
    ("[k for k in growth]", "`growth` is a whole number and no list to go through", ""),
    ("len(2)", "`len(2)` wants a list for `len`, but has a whole number", ""),
    ("sum(2)", "`sum(2)` wants a list for `sum`, but has a whole number", ""),
    ("sum(['a'])", "`sum(['a'])` adds up numbers, but has text", ""),
    ("max(growth)", "`max(growth)` wants a list for `max`, but has a whole number", ""),
    ("max(growth, mode)", "`max(growth, mode)` wants numbers, but has text", ""),
    ("max(x.height, 0.5)",
     "`max(x.height, 0.5)` compares a decimal number with a size that depends on the input", ""),
    ("int(mode)", "`int(mode)` wants a number for `int`, but has text", ""),
    ("round(mode, 2)", "`round(mode, 2)` wants a number for `round`, but has text", ""),
    ("round(f, 99)", "`round(f, 99)` wants a whole number of digits, from -18 to 18", ""),
    ("range(2.0)", "`range(2.0)` wants whole numbers for `range`, but has a decimal number", ""),
]  # fmt: skip

VALUES = [
    ("1 / (2 - 2)", "`1 / (2 - 2)` divides by zero"),
    ("1 // 0", "`1 // 0` divides by zero"),
    ("1 % 0.0", "`1 % 0.0` divides by zero"),
    ("0 ** -1", "`0 ** -1` divides by zero"),
    ("x.height // 0", "`x.height // 0` divides by zero"),
    ("(-8) ** 0.5", "`(-8) ** 0.5` is no real number"),
    ("stages[4]", "`stages[4]` asks for item 4 of a list of 4 items, counted from 0"),
    ("one[-2]", "`one[-2]` asks for item -2 of a list of 1 item, counted from 0"),
    ("stages[::0]", "`stages[::0]` steps by zero"),
    ("range(1, 2, 0)", "`range(1, 2, 0)` steps by zero"),
    ("min(none)", "`min(none)` asks for the min of an empty list"),
]

BOUNDS = [
    ("2 ** 10 ** 9",
     "`2 ** 10 ** 9` is out of bounds: whole numbers go to 10**18, others to 1e308"),
    ("growth * 10 ** 17",
     "`growth * 10 ** 17` is out of bounds: whole numbers go to 10**18, others to 1e308"),
    ("sum([10 ** 18, 1])",
     "`sum([10 ** 18, 1])` is out of bounds: whole numbers go to 10**18, others to 1e308"),
    ("int(1e300)", "`int(1e300)` is out of bounds: whole numbers go to 10**18, others to 1e308"),
    ("int(infinite)",
     "`int(infinite)` is out of bounds: whole numbers go to 10**18, others to 1e308"),
    ("1234567890123456789", "`1234567890123456789` has more than 18 digits"),
    ("0xfffffffffffffffff", "`0xfffffffffffffffff` is above 10**18"),
    ("1e999", "`1e999` is above 1e308"),
    ("1" + " " * 1000, "an expression has at most 1000 characters, this one has 1001"),
    ("-" * 200 + "1", "the expression is nested more than 100 deep"),
    ("range(10 ** 6)", "`range(10 ** 6)` has more than 100000 items"),
    ("[1 for k in range(400) for j in range(400)]",
     "`[1 for k in range(400) for j in range(400)]` has more than 100000 items"),
    ("range(60000) + range(60000)",
     "`range(60000) + range(60000)` has 120000 items; a list has at most 100000"),
    ("[range(99999) for k in range(99)]",
     "`range(99999)` takes more than 1000000 steps to compute"),
    ("x.height ** 9",
     "`x.height ** 9` raises the size H to 9; a size that depends on the input goes to the power "
     "of 8 at most"),
]  # fmt: skip

DECIDE_H = "say in `dims` what H may be, so that it is decided for every size"
DECIDE_BOTH = "say in `dims` what H and W may be, so that it is decided for every size"
UNDECIDED = [
    ("x.height > 7", "`x.height > 7` depends on H: it holds for H >= 8 and not below", DECIDE_H),
    ("x.height // 2 > 6",
     "`x.height // 2 > 6` depends on H: it holds for H >= 14 and not below", DECIDE_H),
    ("7 >= x.height",
     "`7 >= x.height` depends on H: it fails for H >= 8 and holds below", DECIDE_H),
    ("x.height == 7",
     "`x.height == 7` depends on H: it holds for H = 7 and not otherwise", DECIDE_H),
    ("x.height != 7",
     "`x.height != 7` depends on H: it fails for H = 7 and holds otherwise", DECIDE_H),
    ("x.height % 4 == 0",
     "`x.height % 4 == 0` depends on H: it holds for H divisible by 4 and not otherwise", DECIDE_H),
    ("x.height == x.width",
     "`x.height == x.width` depends on H and W: whether `H == W` is not known", DECIDE_BOTH),
    ("x.height in [7]",
     "`x.height in [7]` depends on H: it holds for H = 7 and not otherwise", DECIDE_H),
    ("x.height not in [7]",
     "`x.height not in [7]` depends on H: it fails for H = 7 and holds otherwise", DECIDE_H),
    ("x.height in [7, 8]",
     "`x.height in [7, 8]` depends on H: it holds for some sizes and not for others", DECIDE_H),
    ("[x.height, x.width] == [7, 8]",
     "`[x.height, x.width] == [7, 8]` depends on H and W: "
     "it holds for some sizes and not for others", DECIDE_BOTH),
    ("1 if x.height - 3 else 2",
     "`x.height - 3` depends on H: it fails for H = 3 and holds otherwise", DECIDE_H),
    ("x.height - 3 or 2",
     "`x.height - 3` depends on H: it fails for H = 3 and holds otherwise", DECIDE_H),
    ("x.height / 2", "`x.height / 2` need not be whole: it divides H by 2",
     "to divide, rounding down, write `//`"),
    ("stages[x.height]", "`stages[x.height]` asks for an item that depends on the input: H", ""),
    ("range(x.height)", "`range(x.height)` has a length that depends on the input: H", ""),
]  # fmt: skip


def refusal(text: str) -> ExpressionError:
    with pytest.raises(ExpressionError) as caught:
        evaluate(parse_expression(text), SCOPE)
    return caught.value


def help_text(error: ExpressionError) -> tuple[str, str, str]:
    return error.code, error.message, "".join(error.helps)


@pytest.mark.parametrize(("text", "message", "marked", "help"), SYNTAX + REFUSED)
def test_what_is_no_expression_is_told_in_plain_words(
    text: str, message: str, marked: str, help: str
) -> None:
    error = refusal(text)
    assert help_text(error) == (Code.EXPRESSION, message, help)
    assert text[error.start : error.end] == marked


@pytest.mark.parametrize(("text", "code", "message", "marked", "help"), NAMES)
def test_what_a_name_is_not_is_told_at_the_name(
    text: str, code: str, message: str, marked: str, help: str
) -> None:
    error = refusal(text)
    assert help_text(error) == (code, message, help)
    assert text[error.start : error.end] == marked


@pytest.mark.parametrize(("text", "message", "help"), TYPES)
def test_types_go_by_the_names_that_users_know(text: str, message: str, help: str) -> None:
    assert help_text(refusal(text)) == (Code.EXPRESSION_TYPE, message, help)


@pytest.mark.parametrize(("text", "message"), VALUES)
def test_what_has_no_value_says_why(text: str, message: str) -> None:
    assert help_text(refusal(text)) == (Code.EXPRESSION, message, "")


@pytest.mark.parametrize(("text", "message"), BOUNDS)
def test_what_is_too_large_says_how_large_it_may_be(text: str, message: str) -> None:
    assert help_text(refusal(text)) == (Code.BOUNDS, message, "")


@pytest.mark.parametrize(("text", "message", "help"), UNDECIDED)
def test_what_depends_on_a_size_names_it(text: str, message: str, help: str) -> None:
    assert help_text(refusal(text)) == (Code.UNDECIDED, message, help)


def test_without_any_names_that_is_what_is_said() -> None:
    with pytest.raises(ExpressionError) as caught:
        evaluate(parse_expression("growth"), Place())
    assert caught.value.helps == ("no name is known here",)


def test_text_is_bounded() -> None:
    with pytest.raises(ExpressionError) as caught:
        evaluate(parse_expression("t + t"), Place({"t": "a" * 600}))
    message = "`t + t` has 1200 characters; text has at most 1000"
    assert help_text(caught.value) == (Code.BOUNDS, message, "")


def test_places_count_characters_of_the_text_as_it_is_written() -> None:
    text = '\n  "äöü𝄞" + \r\n wörld'
    error = refusal(text)
    assert text[error.start : error.end] == "wörld"


def test_a_long_operation_is_quoted_in_part() -> None:
    text = "(" + " + ".join(["growth"] * 20) + ") / 0"
    message = "`(growth + growth + growth + growth + growth + growth + gr…` divides by zero"
    assert refusal(text).message == message
