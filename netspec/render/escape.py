"""Text of a spec made safe for the formats of pictures: one function for each place that a text can be in.

Names, docs and messages may hold anything. Control characters are shown and not written, for no format takes them
all: XML has no way to write U+0001, and Graphviz stops at U+0000.
"""

from __future__ import annotations

import re

from netspec.report.text_width import shown


def visible(text: str) -> str:
    r"""The text with visible replacements for characters that XML forbids; line breaks are kept.

    >>> visible("a\x01b\ud800c\ufffe")
    'a␁b�c�'
    """
    if text.isascii() and text.isprintable():
        return text
    lines = (shown(line) for line in text.split("\n"))
    return "".join("\ufffd" if _no_character(c) else c for c in "\n".join(lines))


def _no_character(character: str) -> bool:
    """Whether it is half of a surrogate pair, or a noncharacter of Unicode."""
    code = ord(character)
    return 0xD800 <= code < 0xE000 or 0xFDD0 <= code < 0xFDF0 or code & 0xFFFE == 0xFFFE


def without_line_breaks(text: str) -> str:
    """The text without line breaks."""
    return visible(text).replace("\n", "␊")


def markup(text: str) -> str:
    """Text in HTML or XML, between tags or in quotes."""
    return (
        visible(text)
        .replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace('"', "&quot;")
        .replace("'", "&#39;")
    )


def dot_label(text: str) -> str:
    r"""Text in an HTML-like label of Graphviz, which reads `\N` as the name of the node there, too.

    >>> dot_label(r"a\N <b>")
    'a\\\\N &lt;b&gt;'
    """
    if not without_line_breaks(text).strip():  # `<B></B>` is a syntax error, even around blanks
        return "&#160;"
    return _inert(markup(without_line_breaks(text)).replace("\\", "\\\\"))


def dot_string(text: str) -> str:
    """Text as a string of Graphviz that nothing is replaced in, such as a name."""
    escaped = visible(text).replace("\\", "＼").replace('"', '\\"').replace("\n", " ")
    return f'"{escaped.replace("##[", "#＃[")}"'


def dot_tip(text: str) -> str:
    r"""Text that shows over a node: Graphviz replaces escapes there twice, and entities as well.

    >>> print(dot_tip("a\\N\nb"))
    "a\\\\N\nb"
    """
    escaped = visible(text).replace("&", "&amp;").replace("\\", "\\" * 4).replace('"', '\\"')
    return '"{}"'.format(_inert(escaped.replace("\n", "\\n")))


def dot_id(text: str) -> str:
    """Text as an id or a link, in which Graphviz replaces escapes once."""
    escaped = (
        without_line_breaks(text).replace("&", "&amp;").replace("\\", "\\\\").replace('"', '\\"')
    )
    return f'"{_inert(escaped)}"'


def _inert(text: str) -> str:
    """Text in which Graphviz reads entities, without `##[`, which GitHub's runner obeys anywhere in a line."""
    return text.replace("##[", "#&#35;[")


def mermaid_text(text: str) -> str:
    r"""Text in the quoted label of a Mermaid flowchart.

    Mermaid 11 takes it for entities first, then for Markdown, then for HTML; `$$` begins a formula.

    >>> mermaid_text('a "b" #1; [N, 3] in_channels *')
    'a #34;b#34; #35;1#59; [N, 3] in_channels #92;#42;'
    """
    text = without_line_breaks(text).replace("$$", "$\u2060$").replace("$$", "$\u2060$")
    escaped = _MARKDOWN.sub(r"\\\g<0>", text)
    return "".join(f"#{ord(c)};" if c in _ENTITIES else c for c in escaped)


_MARKDOWN = re.compile(r"[\\`*~]|\[(?=.*\]\()|(?<![^\W_])_|_(?![^\W_])")
"""Characters that are markup in Markdown; a `_` within a word is not."""
_ENTITIES = frozenset('"#;&<>`*~\\')
