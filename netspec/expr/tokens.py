"""Tokens of an expression; reports invalid ones before Python's parser runs."""

from __future__ import annotations

import keyword
import re
from typing import Final, NamedTuple

from netspec.diagnostics import Code, Suggestion
from netspec.expr.errors import (
    DEEPEST,
    DIGITS,
    LONGEST_TEXT,
    ExpressionError,
    nested_too_deep,
    quoted_piece,
)


class Token(NamedTuple):
    """A token of an expression and its offset."""

    kind: str
    """number, name, text, sign or other."""
    text: str
    start: int

    @property
    def end(self) -> int:
        """Where it ends."""
        return self.start + len(self.text)

    @property
    def is_value(self) -> bool:
        """Whether it is a value, not an operation."""
        return self.kind in ("number", "text") or (self.kind == "name" and self.text not in WORDS)


WORDS: Final = frozenset({"and", "or", "not", "if", "else", "for", "in"})
"""The words that are operators."""

_FOREIGN: Final = frozenset(keyword.kwlist) - WORDS - {"True", "False", "None"}

_TOKEN: Final = re.compile(
    r"""[ \t\r\n\f]+
    |(?P<number>(?:[0-9][0-9_]*(?:\.[0-9_]*)?|\.[0-9][0-9_]*)(?:[eE][+-]?[0-9_]+)?\w*)
    |(?P<name>[^\W\d]\w*)
    |(?P<text>"[^"\n\r]*"|'[^'\n\r]*')
    |(?P<sign>(?!:=|<<|>>)(?:\*\*|//|<=|>=|==|!=|[-+*/%<>()\[\],.:]))
    |(?P<other>\$\{|&&|\|\||:=|<<|>>|.)""",
    re.VERBOSE | re.DOTALL,
)
_NUMBER: Final = (
    r"0|[1-9][0-9]*(_[0-9]+)*|0[xX][0-9a-fA-F]+"
    r"|([0-9]+\.[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?|[0-9]+[eE][+-]?[0-9]+"
)
"""Compiled on first use: most numbers have one digit, which requires no pattern."""
_REPLACEMENTS: Final = {
    "&&": ("`&&` is not an operator; write `and`", "and"),
    "||": ("`||` is not an operator; write `or`", "or"),
    "!": ("`!` is not an operator; write `not`", "not"),
    "&": ("`&` is not an operator; write `and`", "and"),
    "|": ("`|` is not an operator; write `or`", "or"),
    "~": ("`~` is not an operator; write `not`", "not"),
    "?": ("`a ? b : c` is not supported; write `b if a else c`", "b if a else c"),
    "^": ("`^` is not an operator; write a power with `**`", "**"),
    "=": ("`=` is not an operator; to compare, write `==`", "=="),
    ":=": ("`:=` is not supported in expressions", ""),
    "${": ("`${name}` is not supported; write the name alone", ""),
    "$": ("`$` is not supported; write the name alone", ""),
    "{": ("braces are not supported in expressions; write a list as `[1, 2]`", ""),
    "}": ("braces are not supported in expressions; write a list as `[1, 2]`", ""),
    "#": ("comments are not supported inside an expression", ""),
    "\\": ("backslashes are not supported in expressions", ""),
    ";": ("`;` is not supported: write a single expression", ""),
    "`": ("backticks are not supported; write the name alone", ""),
    "@": ("`@` is not an operator; the operators are + - * / // % **", ""),
    "<<": ("`<<` is not an operator; write `* 2 ** n`", ""),
    ">>": ("`>>` is not an operator; write `// 2 ** n`", ""),
    '"': ('text that starts with `"` has no closing quote', ""),
    "'": ("text that starts with `'` has no closing quote", ""),
    "×": ("`×` is not an operator; write `*`", "*"),
    "·": ("`·` is not an operator; write `*`", "*"),
    "÷": ("`÷` is not an operator; write `/`, or `//` for integer division", "//"),
    "−": ("this is a dash; write the minus sign `-`", "-"),
    "–": ("this is a dash; write the minus sign `-`", "-"),
    "≤": ("`≤` is not an operator; write `<=`", "<="),
    "≥": ("`≥` is not an operator; write `>=`", ">="),
    "≠": ("`≠` is not an operator; write `!=`", "!="),
    "“": ('write text between straight quotes: `"text"`', ""),
    "”": ('write text between straight quotes: `"text"`', ""),
    "‘": ("write text between straight quotes: `'text'`", ""),
    "’": ("write text between straight quotes: `'text'`", ""),
    "\xa0": ("this is a no-break space; write a plain space", ""),
}
_CLOSES: Final = {")": "(", "]": "["}


def tokens(text: str) -> list[Token]:
    """The tokens of an expression; raises `ExpressionError` at the first invalid one."""
    if len(text) > LONGEST_TEXT:
        raise ExpressionError(
            Code.BOUNDS,
            f"the expression has {len(text)} characters; the limit is {LONGEST_TEXT}",
            0, len(text),
        )  # fmt: skip
    words: list[Token] = []
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup
        if kind is None:
            continue
        token = Token(kind, match.group(), match.start())
        _check(token, words)
        words.append(token)
    if not words:
        raise ExpressionError(Code.EXPRESSION, "missing expression", 0, len(text))
    _check_brackets(words)
    return words


def _check(token: Token, before: list[Token]) -> None:
    if token.kind == "other":
        raise _foreign_sign(token)
    if token.kind == "number":
        _check_number(token)
    elif token.kind == "name":
        _check_name(token)
    elif token.kind == "text" and before and before[-1].end == token.start:
        _check_touching(token, before[-1])


def _foreign_sign(token: Token) -> ExpressionError:
    message, replacement = _REPLACEMENTS.get(token.text, ("", ""))
    if not message:
        shown = token.text if token.text.isprintable() else f"U+{ord(token.text):04X}"
        message = f"`{shown}` is not supported in expressions"
    helps = (f"write `{replacement}`",) if replacement else ()
    return ExpressionError(Code.EXPRESSION, message, token.start, token.end, helps)


def _check_number(token: Token) -> None:
    if len(token.text) > 1 and not re.fullmatch(_NUMBER, token.text):
        message = f"{quoted_piece(token.text)} is not a number"
        sizes = re.fullmatch(r"\d{1,9}(?:[xX×]\d{1,9})+", token.text)
        listed = f"[{', '.join(re.split('[xX×]', token.text))}]"
        helps: tuple[str, ...] = (Suggestion(f"write `{listed}`", listed),) if sizes else ()
        if scaled := re.fullmatch(r"(\d{1,6})([kKMG])", token.text):
            zeros = "_000" * ("kMG".index(scaled[2].replace("K", "k")) + 1)
            helps = (Suggestion(f"write `{scaled[1]}{zeros}`", f"{scaled[1]}{zeros}"),)
        elif not helps and (
            factor := re.fullmatch(r"(\d{1,9}(?:\.\d{1,9})?)([A-Za-z_]\w*)", token.text)
        ):
            advice = _without_unit(factor[1], factor[2])
            helps = (advice,) if advice is not None else ()
        raise ExpressionError(Code.EXPRESSION, message, token.start, token.end, helps)
    if token.text.isdigit() and len(token.text) > DIGITS:
        message = f"{quoted_piece(token.text)} has more than {DIGITS} digits"
        raise ExpressionError(Code.BOUNDS, message, token.start, token.end)


def _without_unit(number: str, word: str) -> str | None:
    """The meaning of a number followed by a word: `2x` is a factor, `2w` a product."""
    if word in ("x", "X"):
        return Suggestion(f"write `{number}`", number)
    return None if keyword.iskeyword(word) else f"write `{number} * {word}` for a product"


def _check_name(token: Token) -> None:
    if token.text in _FOREIGN:
        message = f"`{token.text}` is a Python keyword that expressions do not support"
        helps = ("write `==` or `!=`",) if token.text == "is" else ()
        raise ExpressionError(Code.EXPRESSION, message, token.start, token.end, helps)
    if not token.text.isidentifier():
        message = f"{quoted_piece(token.text)} is not a name"
        raise ExpressionError(Code.EXPRESSION, message, token.start, token.end)


def _check_touching(token: Token, before: Token) -> None:
    """Reject `f"…"` and triple quotes, which Python would interpret differently."""
    if before.kind == "name":
        what = f"text with the prefix `{before.text}` is not supported in expressions"
    elif before.kind == "text":
        what = "write one quote mark on each side of the text"
    else:
        return
    raise ExpressionError(Code.EXPRESSION, what, before.start, token.end)


def _check_brackets(words: list[Token]) -> None:
    opened: list[Token] = []
    for token in words:
        if token.kind != "sign":
            continue
        if token.text in "([":
            opened.append(token)
            if len(opened) > DEEPEST:
                raise nested_too_deep(opened[0].start, token.end)
        elif token.text in ")]":
            _check_closing(token, opened)
    if opened:
        last = opened[-1]
        message = f"`{last.text}` is never closed"
        raise ExpressionError(Code.EXPRESSION, message, last.start, last.end)


def _check_closing(token: Token, opened: list[Token]) -> None:
    if opened and opened[-1].text == _CLOSES[token.text]:
        opened.pop()
        return
    message = f"unmatched `{token.text}`"
    if opened:
        message = f"`{token.text}` does not match `{opened[-1].text}`"
    raise ExpressionError(Code.EXPRESSION, message, token.start, token.end)
