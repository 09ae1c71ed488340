"""Text that YAML 1.2 allows and PyYAML's parsers, which implement YAML 1.1, do not.

Characters are put in the place of others one by one, so that every offset stays what it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_BREAKS_OF_1_1 = "\x85\u2028\u2029"
"""Line breaks of YAML 1.1 that are ordinary characters in YAML 1.2."""
_PRIVATE = range(0xE000, 0xF900)
_BLOCK_TEXT = re.compile(r"[|>][-+0-9]*[ \t]*(?:#.*)?\r?$")
_BLANK = re.compile(r"^ *\t[ \t]*(?=\r?$)")
_COMMENT = re.compile(r"^ *\t[ \t]*(?=#)")
_AFTER_DASH = re.compile(r"^ *(?:- +)*-[ ]*\t[ \t]*(?=[\[{\"'#]|\r?$|(?![^\n]*:(?:\s|$))\S)")
_DIRECTIVES = re.compile(
    r"\ufeff?(?:(?:[ \t]*#[^\n]*|[ \t]*|%(?!YAML +[^1])[A-Za-z][^\n]*)\n)*+(?=---\s)"
)


def without_directives(text: str) -> str:
    r"""The text with comments in place of directives, which do not change a spec.

    >>> without_directives("%YAML 1.3\n---\na: 1\n")
    '#YAML 1.3\n---\na: 1\n'
    """
    directives = _DIRECTIVES.match(text) if "%" in text else None
    if directives is None:
        return text
    return re.sub("^%", "#", directives[0], flags=re.MULTILINE) + text[directives.end() :]


def stand_ins(text: str) -> dict[int, str]:
    """Characters that do not occur in the text, one for each line break of YAML 1.1 that does."""
    line_breaks = [c for c in _BREAKS_OF_1_1 if c in text]
    if not line_breaks:
        return {}
    free = (chr(code) for code in _PRIVATE if chr(code) not in text)
    return dict(zip(map(ord, line_breaks), free, strict=False))


def spaces_for_tabs(text: str) -> str:
    r"""The text with spaces for tabs on blank lines and between a dash and its item; comments begin at the margin.

    >>> spaces_for_tabs("- a\n\t# why\n-\tb\n")
    '- a\n## why\n- b\n'
    """
    if "\t" not in text:
        return text
    return "\n".join(_line_by_line(text.split("\n")))


def _line_by_line(lines: list[str]) -> Iterator[str]:
    """The lines with spaces for tabs, but for those of a block of text: there a tab is a part of the text."""
    announced: int | None = None
    for line in lines:
        indent = len(line) - len(line.lstrip(" "))
        if announced is not None and (not line.strip() or indent > announced):
            yield line
            continue
        announced = indent if _BLOCK_TEXT.search(line) else None
        yield _without_tabs(line) if "\t" in line else line


def _without_tabs(line: str) -> str:
    if comment := _COMMENT.match(line):
        # With spaces, it could be a line of the block scalar above; at the margin it cannot.
        return "#" * comment.end() + line[comment.end() :]
    for pattern in (_BLANK, _AFTER_DASH):
        line = pattern.sub(lambda match: match[0].replace("\t", " "), line)
    return line
