"""What expressions say when they are wrong: each sentence, the characters it is about, the help."""

from __future__ import annotations

import pytest
from expression_cases import Place

from netspec import dims
from netspec.diagnostics import Code
from netspec.expr import ExpressionError, LoopItem, evaluate, parse_expression

N, H, W = map(dims.symbol, "NHW")
SCOPE = Place(
    {
        "growth": 32, "stages": [6, 12, 24, 16], "one": [1], "mode": "same", "act": object(),
        "nothing": None, "f": 0.5, "flag": True, "none": [], "infinite": float("inf"),
        "stage": LoopItem(12, 1, first=False, last=False),
    },
    {
        "x": [(N, 3, H, W)], "y": [(1, 64)], "two": [(1, 2, 3, 4), (1, 5, 3, H)], "line": [(7,)],
        "scalar": [()], "nowhere": [],
    },
)  # fmt: skip

SYNTAX = [
    ("", "missing expression", "", ""),
    (" \n", "missing expression", " \n", ""),
    ("2 *", "`2 *` is incomplete", "*", ""),
    ("  growth if\n", "`growth if` is incomplete", "if", ""),
    ("x.", "`x.` is incomplete", ".", ""),
    ("growth stages", "an operator is missing between `growth` and `stages`", "growth stages", ""),
    ("2 growth", "an operator is missing between `2` and `growth`", "2 growth", ""),
    ("(1) 2", "an operator is missing between `)` and `2`", ") 2", ""),
    ("1 if growth", "`1 if growth` has no `else`", "1 if growth",
     "write `a if condition else b`"),
    ("2 * / 3", "`/` is not expected here", "/", ""),
    ("* 3", "`*` is not expected here", "*", ""),
    ("ü + 2 * / 3", "`/` is not expected here", "/", ""),
    ("[1,,2]", "`,` is not expected here", ",", ""),
    ("1 + (2, 3", "`(` is never closed", "(", ""),
    ("stages[0", "`[` is never closed", "[", ""),
    ("growth)", "unmatched `)`", ")", ""),
    ("(stages[0)]", "`)` does not match `[`", ")", ""),
    ("'abc", "text that starts with `'` has no closing quote", "'", ""),
    ('"abc', 'text that starts with `"` has no closing quote', '"', ""),
    ("1 if a && b else 2", "`&&` is not an operator; write `and`", "&&", "write `and`"),
    ("a || b", "`||` is not an operator; write `or`", "||", "write `or`"),
    ("a & b", "`&` is not an operator; write `and`", "&", "write `and`"),
    ("a | b", "`|` is not an operator; write `or`", "|", "write `or`"),
    ("!a", "`!` is not an operator; write `not`", "!", "write `not`"),
    ("~a", "`~` is not an operator; write `not`", "~", "write `not`"),
    ("a ? 1 : 2", "`a ? b : c` is not supported; write `b if a else c`", "?", "write `b if a else c`"),
    ("2 ^ 3", "`^` is not an operator; write a power with `**`", "^", "write `**`"),
    ("growth = 3", "`=` is not an operator; to compare, write `==`", "=", "write `==`"),
    ("(a := 1)", "`:=` is not supported in expressions", ":=", ""),
    ("2 * ${growth}", "`${name}` is not supported; write the name alone", "${", ""),
    ("2 * $growth", "`$` is not supported; write the name alone", "$", ""),
    ("{growth}", "braces are not supported in expressions; write a list as `[1, 2]`", "{", ""),
    ("growth}", "braces are not supported in expressions; write a list as `[1, 2]`", "}", ""),
    ("1 # one", "comments are not supported inside an expression", "#", ""),
    ("1 \\ 2", "backslashes are not supported in expressions", "\\", ""),
    ("1; 2", "`;` is not supported: write a single expression", ";", ""),
    ("`growth`", "backticks are not supported; write the name alone", "`", ""),
    ("1 @ 2", "`@` is not an operator; the operators are + - * / // % **", "@", ""),
    ("1 << 2", "`<<` is not an operator; write `* 2 ** n`", "<<", ""),
    ("8 >> 2", "`>>` is not an operator; write `// 2 ** n`", ">>", ""),
    ("2 × 3", "`×` is not an operator; write `*`", "×", "write `*`"),
    ("2 · 3", "`·` is not an operator; write `*`", "·", "write `*`"),
    ("6 ÷ 3", "`÷` is not an operator; write `/`, or `//` for integer division", "÷", "write `//`"),
    ("2 − 1", "this is a dash; write the minus sign `-`", "−", "write `-`"),
    ("2 – 1", "this is a dash; write the minus sign `-`", "–", "write `-`"),
    ("1 ≤ 2", "`≤` is not an operator; write `<=`", "≤", "write `<=`"),
    ("1 ≥ 2", "`≥` is not an operator; write `>=`", "≥", "write `>=`"),
    ("1 ≠ 2", "`≠` is not an operator; write `!=`", "≠", "write `!=`"),
    ("“a”", 'write text between straight quotes: `"text"`', "“", ""),
    ("a”", 'write text between straight quotes: `"text"`', "”", ""),
    ("‘a’", "write text between straight quotes: `'text'`", "‘", ""),
    ("a’", "write text between straight quotes: `'text'`", "’", ""),
    ("1\xa0+ 2", "this is a no-break space; write a plain space", "\xa0", ""),
    ("1 € 2", "`€` is not supported in expressions", "€", ""),
    ("1\x00", "`U+0000` is not supported in expressions", "\x00", ""),
    ("1if growth else 2", "`1if` is not a number", "1if", ""),
    ("0123", "`0123` is not a number", "0123", ""),
    ("x²", "`x²` is not a name", "x²", ""),
    ("'\ud800'", "the expression contains an invalid character", "'\ud800'", ""),
    ("lambda: 1", "`lambda` is a Python keyword that expressions do not support", "lambda", ""),
    ("f is null", "`is` is a Python keyword that expressions do not support", "is",
     "write `==` or `!=`"),
    ("f'{x}'", "text with the prefix `f` is not supported in expressions", "f'{x}'", ""),
    ("'''a'''", "write one quote mark on each side of the text", "'''a'", ""),
]  # fmt: skip

REJECTED = [
    ("[*stages]", "`*stages` is not supported in expressions; join lists with `+`", "*stages", ""),
    ("sum(k for k in stages)",
     "`(k for k in stages)` is not supported in expressions; write the list `[… for … in …]`",
     "(k for k in stages)", ""),
    ("stages[(1:2)]", "`:` is not expected here", ":", ""),
    ("stages[1:2, 3]", "`stages[1:2, 3]` has several indices; a list takes one index",
     "stages[1:2, 3]", ""),
    ("...", "`...` is not a value of the language", "...", ""),
    ("[k for k, j in stages]",
     "`[k for k, j in stages]` must have one plain name after `for`", "[k for k, j in stages]", ""),
    ("[j for j in stages for k in m for m in stages]",
     "`m` is used before its `for` binds it", "m", ""),
    ("hash(3)",
     "`hash` is not a function of the expression language: min max round floor ceil int len sum range abs sqrt exp log sin cos",
     "hash", ""),
    ("summ(stages)",
     "`summ` is not a function of the expression language: min max round floor ceil int len sum range abs sqrt exp log sin cos",
     "summ", "did you mean `sum`?"),
    ("min()", "`min()` passes 0 arguments; `min` takes at least 1", "min()", ""),
    ("1 + len(1, 2)", "`len(1, 2)` passes 2 arguments; `len` takes 1", "len(1, 2)", ""),
    ("range(1, 2, 3, 4)", "`range(1, 2, 3, 4)` passes 4 arguments; `range` takes 1 to 3",
     "range(1, 2, 3, 4)", ""),
    ("x.heigth", "`x.heigth` reads `.heigth`, which neither tensors nor loop variables have",
     "x.heigth", "did you mean `.height`?"),
    ("x.shape[1]", "`x.shape` reads `.shape`, which neither tensors nor loop variables have",
     "x.shape", "did you mean `.size(k)`?"),
    ("x.sizes", "`x.sizes` reads `.sizes`, which neither tensors nor loop variables have",
     "x.sizes", "did you mean `.size(k)`?"),
    ("stage.idx", "`stage.idx` reads `.idx`, which neither tensors nor loop variables have",
     "stage.idx", "did you mean `.index`?"),
    ("mode.upper()", "`mode.upper()` reads `.upper`, which neither tensors nor loop variables have",
     "mode.upper()",
     "a tensor has .batch .channels .height .width .features .rank .size(k), "
     "a loop variable .index .first .last"),
    ("x.size", "`x.size` requires one dimension: `x.size(1)`", "x.size", ""),
    ("x.size(1, 2)", "`x.size(1, 2)` requires one dimension: `x.size(1)`", "x.size(1, 2)", ""),
    ("x.height()", "`x.height()` calls `.height`, which is not a function", "x.height()",
     "write `.height` without brackets"),
    ("x[k].height",
     "`x[k].height` reads `.height` of an expression that is not a name; "
     "write `x.height` or `x[0].height`", "x[k].height", ""),
    ("stages[0].index",
     "`stages[0].index` reads `.index` of an expression that is not a name; write `stage.index`",
     "stages[0].index", ""),
    ("[k.height for k in stages]", "`k.height` reads a size of `k`, which is not a tensor",
     "k.height", ""),
]  # fmt: skip

NAMES = [
    ("2 * growht", Code.UNKNOWN_NAME, "`growht` is not defined here", "growht",
     "did you mean `growth`?"),
    ("zebra.height", Code.UNKNOWN_NAME, "`zebra` is not defined here", "zebra",
     "defined here: growth, stages, one, mode, act, nothing, f, flag, none, infinite, stage, x …"),
    ("zebra.index", Code.UNKNOWN_NAME, "`zebra` is not defined here", "zebra",
     "defined here: growth, stages, one, mode, act, nothing, f, flag, none, infinite, stage, x …"),
    ("x + 1", Code.EXPRESSION_TYPE, "`x` is a tensor, but a size is expected", "x",
     "write `x.channels`, `x.height`, …"),
    ("growth.height", Code.EXPRESSION_TYPE,
     "`growth.height` reads a size of `growth`, which is an integer, not a tensor",
     "growth.height", ""),
    ("stage.height", Code.EXPRESSION_TYPE,
     "`stage.height` reads a size of `stage`, which is a loop variable", "stage.height",
     "it has `.index`, `.first` and `.last`"),
    ("stages.index", Code.EXPRESSION_TYPE,
     "`stages.index` reads the position of `stages`, which is not a loop variable", "stages.index",
     "`each: {stage: stages}` declares the loop variable `stage`"),
    ("x.first", Code.EXPRESSION_TYPE,
     "`x.first` reads the position of `x`, which is not a loop variable", "x.first",
     "`each: {stage: stages}` declares the loop variable `stage`"),
    ("1 + y.width", Code.EXPRESSION,
     "`y.width` reads the width of a tensor with 2 dimensions: [1, 64]", "y.width",
     "use `.features` for the last dimension, `.size(k)` for any other"),
    ("line.channels", Code.EXPRESSION,
     "`line.channels` reads the channels of a tensor with 1 dimension: [7]", "line.channels",
     "use `.features` for the last dimension, `.size(k)` for any other"),
    ("scalar.batch", Code.EXPRESSION,
     "`scalar.batch` reads the batch of a tensor with 0 dimensions: []", "scalar.batch",
     "use `.features` for the last dimension, `.size(k)` for any other"),
    ("x.size(4)", Code.EXPRESSION,
     "`x.size(4)` is out of range: dimension 4 of a tensor with 4 dimensions: [N, 3, H, W]", "x.size(4)", ""),
    ("x.size(f)", Code.EXPRESSION_TYPE,
     "`x.size(f)` requires an integer dimension, got a float", "x.size(f)", ""),
    ("x.size(x.height)", Code.UNDECIDED,
     "`x.size(x.height)` has a dimension index that depends on the input: H", "x.size(x.height)", ""),
    ("two.channels", Code.EXPRESSION,
     "`two.channels` is ambiguous: `two` is 2 tensors, with 2 and 5", "two.channels",
     "select one: `two[0].channels`"),
    ("two[2].width", Code.EXPRESSION,
     "`two[2].width` is out of range: index 2, but `two` is 2 tensors",
     "two[2].width", ""),
    ("x[1].width", Code.EXPRESSION,
     "`x[1].width` is out of range: index 1, but `x` is one tensor",
     "x[1].width", ""),
    ("nowhere.width", Code.EXPRESSION,
     "`nowhere.width` reads a size, but `nowhere` has no input", "nowhere.width", ""),
]  # fmt: skip

TYPES = [
    ("mode * 2", "`mode * 2` requires numbers for `*`, got text and an integer", ""),
    ("stages * 2", "`stages * 2` requires numbers for `*`, got a list and an integer",
     "to repeat an item, write `[item for k in range(n)]`"),
    ("stages + 1",
     "`stages + 1` requires numbers, lists or text on both sides for `+`, "
     "got a list and an integer", ""),
    ("nothing - f", "`nothing - f` requires numbers for `-`, got null and a float", ""),
    ("act / flag", "`act / flag` requires numbers for `/`, got an op and a boolean", ""),
    ("x.height * mode", "`x.height * mode` requires numbers for `*`, got the size H and text", ""),
    ("x.height * 0.5",
     "`x.height * 0.5` applies `*` to the size H and 0.5: sizes that depend on the input "
     "combine only with integers", "for integer division, write `//`"),
    ("2 ** x.height",
     "`2 ** x.height` has the exponent H, which depends on the input", ""),
    ("-mode", "`-mode` requires a number after `-`, got text", ""),
    ("growth < mode", "`growth < mode` requires numbers for `<`, got an integer and text", ""),
    ("x.height > infinite", "`x.height > infinite` compares a size with inf", ""),
    ("1 in mode", "`1 in mode` requires a list after `in`, got text", ""),
    ("stages[1.0]", "`stages[1.0]` requires an integer index, got a float: 1.0",
     ""),
    ("stages[:f]", "`stages[:f]` requires an integer index, got a float: 0.5", ""),
    ("growth[0]", "`growth[0]` requires a list before `[`, got an integer", ""),
    ("mode[1:]", "`mode[1:]` requires a list before `[`, got text", ""),
    ("[k for k in growth]", "`growth` requires a list after `in`, got an integer", ""),
    ("len(2)", "`len(2)` requires a list for `len`, got an integer", ""),
    ("sum(2)", "`sum(2)` requires a list for `sum`, got an integer", ""),
    ("sum(['a'])", "`sum(['a'])` requires numbers for `sum`, got text", ""),
    ("max(growth)", "`max(growth)` requires a list for `max`, got an integer", ""),
    ("max(growth, mode)", "`max(growth, mode)` requires numbers, got text", ""),
    ("max(x.height, 0.5)",
     "`max(x.height, 0.5)` compares a float with a size that depends on the input", ""),
    ("int(mode)", "`int(mode)` requires a number for `int`, got text", ""),
    ("round(mode, 2)", "`round(mode, 2)` requires a number for `round`, got text", ""),
    ("round(f, 99)", "`round(f, 99)` requires an integer number of digits, from -18 to 18", ""),
    ("range(2.0)", "`range(2.0)` requires integers for `range`, got a float", ""),
]  # fmt: skip

VALUES = [
    ("1 / (2 - 2)", "`1 / (2 - 2)` divides by zero"),
    ("1 // 0", "`1 // 0` divides by zero"),
    ("1 % 0.0", "`1 % 0.0` divides by zero"),
    ("0 ** -1", "`0 ** -1` divides by zero"),
    ("x.height // 0", "`x.height // 0` divides by zero"),
    ("(-8) ** 0.5", "`(-8) ** 0.5` is not a real number"),
    ("stages[4]", "`stages[4]` is out of range: index 4 in a list of 4 items"),
    ("one[-2]", "`one[-2]` is out of range: index -2 in a list of 1 item"),
    ("stages[::0]", "`stages[::0]` has a step of zero"),
    ("range(1, 2, 0)", "`range(1, 2, 0)` has a step of zero"),
    ("min(none)", "`min(none)` is the min of an empty list"),
]

BOUNDS = [
    ("2 ** 10 ** 9",
     "`2 ** 10 ** 9` is out of range: integers go up to 10**18, floats up to 1e308"),
    ("growth * 10 ** 17",
     "`growth * 10 ** 17` is out of range: integers go up to 10**18, floats up to 1e308"),
    ("sum([10 ** 18, 1])",
     "`sum([10 ** 18, 1])` is out of range: integers go up to 10**18, floats up to 1e308"),
    ("int(1e300)", "`int(1e300)` is out of range: integers go up to 10**18, floats up to 1e308"),
    ("int(infinite)",
     "`int(infinite)` is out of range: integers go up to 10**18, floats up to 1e308"),
    ("1234567890123456789", "`1234567890123456789` has more than 18 digits"),
    ("0xfffffffffffffffff", "`0xfffffffffffffffff` is above 10**18"),
    ("1e999", "`1e999` is above 1e308"),
    ("1" + " " * 1000, "the expression has 1001 characters; the limit is 1000"),
    ("-" * 200 + "1", "the expression is nested more than 100 deep"),
    ("range(10 ** 6)", "`range(10 ** 6)` has more than 100000 items"),
    ("[1 for k in range(400) for j in range(400)]",
     "`[1 for k in range(400) for j in range(400)]` has more than 100000 items"),
    ("range(60000) + range(60000)",
     "`range(60000) + range(60000)` has 120000 items; the limit for a list is 100000"),
    ("[range(99999) for k in range(99)]",
     "`range(99999)` takes more than 1000000 steps to compute"),
    ("x.height ** 9",
     "`x.height ** 9` raises the size H to 9; the largest exponent "
     "for a size that depends on the input is 8"),
]  # fmt: skip

DECIDE_H = "restrict H in `dims` so that the condition is decided for every size"
DECIDE_BOTH = "restrict H and W in `dims` so that the condition is decided for every size"
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
    ("x.height / 2", "`x.height / 2` is not always an integer: it divides H by 2",
     "for integer division, write `//`"),
    ("stages[x.height]", "`stages[x.height]` has an index that depends on the input: H", ""),
    ("range(x.height)", "`range(x.height)` has a length that depends on the input: H", ""),
]  # fmt: skip


def rejection(text: str) -> ExpressionError:
    with pytest.raises(ExpressionError) as caught:
        evaluate(parse_expression(text), SCOPE)
    return caught.value


def help_text(error: ExpressionError) -> tuple[str, str, str]:
    return error.code, error.message, "".join(error.helps)


@pytest.mark.parametrize(("text", "message", "marked", "help"), SYNTAX + REJECTED)
def test_a_syntax_error_is_described_in_plain_words(
    text: str, message: str, marked: str, help: str
) -> None:
    error = rejection(text)
    assert help_text(error) == (Code.EXPRESSION, message, help)
    assert text[error.start : error.end] == marked


@pytest.mark.parametrize(("text", "code", "message", "marked", "help"), NAMES)
def test_a_misused_name_is_reported_at_the_name(
    text: str, code: str, message: str, marked: str, help: str
) -> None:
    error = rejection(text)
    assert help_text(error) == (code, message, help)
    assert text[error.start : error.end] == marked


@pytest.mark.parametrize(("text", "message", "help"), TYPES)
def test_types_have_the_names_that_users_know(text: str, message: str, help: str) -> None:
    assert help_text(rejection(text)) == (Code.EXPRESSION_TYPE, message, help)


@pytest.mark.parametrize(("text", "message"), VALUES)
def test_what_has_no_value_says_why(text: str, message: str) -> None:
    assert help_text(rejection(text)) == (Code.EXPRESSION, message, "")


@pytest.mark.parametrize(("text", "message"), BOUNDS)
def test_what_is_too_large_says_how_large_it_may_be(text: str, message: str) -> None:
    assert help_text(rejection(text)) == (Code.BOUNDS, message, "")


@pytest.mark.parametrize(("text", "message", "help"), UNDECIDED)
def test_what_depends_on_a_size_names_it(text: str, message: str, help: str) -> None:
    assert help_text(rejection(text)) == (Code.UNDECIDED, message, help)


def test_an_unknown_name_where_there_are_no_names() -> None:
    with pytest.raises(ExpressionError) as caught:
        evaluate(parse_expression("growth"), Place())
    assert caught.value.helps == ("no names are defined here",)


def test_text_is_bounded() -> None:
    with pytest.raises(ExpressionError) as caught:
        evaluate(parse_expression("t + t"), Place({"t": "a" * 600}))
    message = "`t + t` has 1200 characters; the limit for text is 1000"
    assert help_text(caught.value) == (Code.BOUNDS, message, "")


def test_places_count_characters_of_the_text_as_it_is_written() -> None:
    text = '\n  "äöü𝄞" + \r\n wörld'
    error = rejection(text)
    assert text[error.start : error.end] == "wörld"


def test_a_long_operation_is_quoted_in_part() -> None:
    text = "(" + " + ".join(["growth"] * 20) + ") / 0"
    message = "`(growth + growth + growth + growth + growth + growth + gr…` divides by zero"
    assert rejection(text).message == message
