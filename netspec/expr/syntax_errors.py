"""The message for a text with valid words in an invalid order."""

from __future__ import annotations

import re
from itertools import pairwise

from netspec.diagnostics import Code, Suggestion
from netspec.expr.errors import ExpressionError, quoted_piece
from netspec.expr.tokens import Token

_MOST_NUMBERS = 8


def syntax_error(text: str, words: list[Token], offset: int, python: str) -> ExpressionError:
    """The error for words that Python's parser rejects, in plain terms.

    `at` is where it stopped and `python` what it said; both differ between its versions, so they
    count only where nothing better is found.
    """
    last = words[-1]
    if percent := re.fullmatch(r"\s*(\d{1,6}(?:\.\d{1,6})?) ?%\s*", text):
        share = f"{float(percent[1]) / 100:g}"
        message = f"{quoted_piece(text.strip())} is not a number"
        return _error(message, words[0].start, last.end, Suggestion(f"write `{share}`", share))
    if not last.is_value and last.text not in (")", "]", ","):
        return _error(f"{quoted_piece(text.strip())} is incomplete", last.start, last.end)
    for before, word in pairwise(words):
        if _ends_value(before) and word.is_value:
            message = f"an operator is missing between {quoted_piece(before.text)} and {quoted_piece(word.text)}"
            return _error(message, before.start, word.end, *_as_list(text))
    if "else" in python:
        message = f"{quoted_piece(text.strip())} has no `else`"
        return _error(message, words[0].start, last.end, "write `a if condition else b`")
    word = _misplaced(words) or next((w for w in words if w.end > offset), last)
    return _error(f"{quoted_piece(word.text)} is not expected here", word.start, word.end)


def _error(message: str, start: int, end: int, *helps: str) -> ExpressionError:
    return ExpressionError(Code.EXPRESSION, message, start, end, helps)


def _as_list(text: str) -> tuple[str, ...]:
    """How numbers with blanks between them are written."""
    numbers = text.split()
    if len(numbers) > _MOST_NUMBERS or not all(number.isdigit() for number in numbers):
        return ()
    return (f"write `[{', '.join(numbers)}]`",)


def _ends_value(word: Token) -> bool:
    return word.is_value or word.text in (")", "]")


def _misplaced(words: list[Token]) -> Token | None:
    """The first operator that has no value before it."""
    before: Token | None = None
    for word in words:
        needs_value = not word.is_value and word.text not in "([-+not"
        if needs_value and not (before and _ends_value(before)) and not _may_follow(before, word):
            return word
        before = word
    return None


def _may_follow(before: Token | None, word: Token) -> bool:
    """Whether a sign may follow something that is not a value: `[]`, `[:2]`, `not in` and similar."""
    if before is None:
        return False
    if word.text in (")", "]", ":"):
        return before.text in ("(", "[", ",", ":")
    return word.text == "in" and before.text == "not"
