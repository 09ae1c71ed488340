"""Common syntax that YAML cannot read, in plain terms, with the fix if it is certain."""

from __future__ import annotations

import re
from collections.abc import Callable

from netspec.diagnostics import Diagnostic, Help, Label, Span
from netspec.document import flow_collections, yaml_pitfalls
from netspec.document.arguments_below import arguments_below
from netspec.document.broken_text import Broken
from netspec.document.pure_loader import BAD_TAG
from netspec.document.text_diagnostics import (
    bad_escape,
    labeled,
    open_quote,
    quote,
    shortened,
    syntax,
)

_NO_SPACE = re.compile(r" *(?:- +)*[A-Za-z_]\w*:(?=[\w\"'\[{(.=-])")
_BRACE_NAME = re.compile(r" *(?:- +)*(\{[^{}\n]*\}[^\s:\"'#,]+(?: +[^\s:\"'#]+)*) *:(?:\s|$)")
_ENTRY = re.compile(r" *(?:- +)*[^\s\"'\[\]{}#-][^\n]*?:[ \t]+(?=[^\s#])")
_FLOW_LINE = re.compile(r" *(?:- +)*(?:[^'\"#\[{\n]*?: +)?(?=[\[{])")
_ENTRIES = re.compile(
    r"(?:op|name|from|body|repeat|when|each|branches|share|type|shape): |\w+: [\[{]"
)
_OPEN_SIZE = re.compile(r"[\[,] *(\?) *(?=[,\]])")
_DASH = re.compile(r" *(-)[A-Za-z_]\w*(?::(?:\s|$)|\s*$)")
_TABS = re.compile(r"^ *\t[ \t]*", re.MULTILINE)
_COLON = re.compile(r":(?=\s|$)")
_ITEMS = re.compile(r" *(?:- +)*")


def syntax_hint(broken: Broken) -> Diagnostic:
    """The diagnostic with the most likely intention."""
    for guess in _GUESSES:
        diagnostic = guess(broken)
        if diagnostic:
            return diagnostic
    return syntax(
        broken.source,
        broken.offset,
        broken.offset + 1,
        "invalid YAML",
        Help(f"the YAML parser reports: {broken.problem}"),
    )


def _unclosed_quote(broken: Broken) -> Diagnostic | None:
    if "unexpected end of stream" in broken.problem or "document separator" in broken.problem:
        return _quote_at(broken, broken.context)
    if broken.quoted and broken.quoted[1] <= broken.offset <= broken.line(broken.quoted[1])[1]:
        several_lines = "\n" in broken.text[slice(*broken.quoted)]
        return _quote_at(broken, broken.quoted[0]) if several_lines else None
    return None


def _quote_at(broken: Broken, offset: int) -> Diagnostic | None:
    return (
        open_quote(broken.source, offset)
        if broken.text[offset : offset + 1] in ('"', "'")
        else None
    )


def _escape(broken: Broken) -> Diagnostic | None:
    if "escape" not in broken.problem:
        return None
    backslash = broken.text.rfind("\\", max(broken.offset - 2, 0), broken.offset + 1)
    return bad_escape(broken.source, backslash if backslash >= 0 else broken.offset)


def _tag(broken: Broken) -> Diagnostic | None:
    if broken.problem != BAD_TAG or not broken.text.startswith("!", broken.context):
        return None
    return yaml_pitfalls.tag(broken.source, broken.context, broken.line(broken.context)[1])


def _nameless(broken: Broken) -> Diagnostic | None:
    if not _COLON.match(broken.text, broken.offset):
        return None
    begin, _ = broken.line(broken.offset)
    in_brackets = broken.text[: broken.offset].rstrip()[-1:] in ("{", "[", ",")
    if not in_brackets and not _ITEMS.fullmatch(broken.text, begin, broken.offset):
        return None
    shown_name = "{op: …}" if in_brackets else "op: …"
    help = Help(f"write the key before it: `{shown_name}`")
    return syntax(broken.source, broken.offset, broken.offset + 1, "missing key before `:`", help)


def _colon_first(broken: Broken) -> Diagnostic | None:
    """`{:op: ReLU}`, which libyaml does not read although YAML 1.2 allows it."""
    if broken.char != ":" or "node content" not in broken.problem:
        return None
    message = "text in brackets cannot start with `:`"
    edit = broken.edit(broken.offset, broken.offset + 1, "")
    return syntax(
        broken.source, broken.offset, broken.offset + 1, message, Help("remove the `:`", (edit,))
    )


def _brackets(broken: Broken) -> Diagnostic | None:
    start = broken.flow
    if start is None:
        begin, end = broken.line(broken.offset)
        line = _FLOW_LINE.match(broken.text, begin, end)
        start = line.end() if line and line.end() < broken.offset else None
    return (
        None if start is None else flow_collections.flow_collection_diagnostic(broken.source, start)
    )


def _brace_name(broken: Broken) -> Diagnostic | None:
    begin, _ = broken.line(broken.offset)
    match = _BRACE_NAME.match(broken.text, begin)
    if not match or broken.offset < match.start(1):
        return None
    new = quote(match[1])
    return syntax(
        broken.source,
        match.start(1),
        match.end(1),
        "a name that starts with `{` needs quotes",
        Help(f"write `{shortened(new)}:`", (broken.edit(match.start(1), match.end(1), new),)),
    )


def _open_size(broken: Broken) -> Diagnostic | None:
    """`[?, 3, 224, 224]`, in which `?` is an open size in the notation of other programs."""
    begin, end = broken.line(broken.offset)
    match = _OPEN_SIZE.search(broken.text, begin, end)
    if not match:
        return None
    edit = broken.edit(match.start(1), match.end(1), "N")
    help = Help("write a name that begins with a capital, such as `N`", (edit,))
    return syntax(broken.source, match.start(1), match.end(1), "`?` is not a size", help)


def _no_space_after_dash(broken: Broken) -> Diagnostic | None:
    """`-conv: ReLU`, which is a name and not an item of a list."""
    for begin, end in broken.lines_up():
        match = _DASH.match(broken.text, begin, end)
        if match:
            help = Help("write `- `", (broken.edit(match.end(1), match.end(1), " "),))
            message = "a space is missing after `-`"
            return syntax(broken.source, match.start(1), end, message, help)
    return None


def _tabs(broken: Broken) -> Diagnostic | None:
    begin, _ = broken.line(broken.offset)
    tab = _TABS.match(broken.text, begin) or (_TABS.match(broken.text, begin) if begin else None)
    if not tab or broken.offset > tab.end():
        return None
    edits = tuple(
        broken.edit(m.start(), m.end(), m[0].replace("\t", "  "))
        for m in _TABS.finditer(broken.text)
    )
    return syntax(
        broken.source,
        tab.start(),
        tab.end(),
        "this line is indented with a tab; YAML requires spaces",
        Help("replace each tab with two spaces", edits),
    )


def _after_bracket(broken: Broken) -> Diagnostic | None:
    begin, end = broken.line(broken.offset)
    line = _FLOW_LINE.match(broken.text, begin, end)
    before = broken.text[begin : broken.offset].rstrip()
    if (
        not line
        or line.end() >= broken.offset
        or broken.char in ("]", "}")
        or before[-1:] not in "]}"
    ):
        return None
    start = line.end()
    if ": " not in broken.text[start : broken.offset]:
        return _quote_rest(broken, start, "text continues after its closing bracket")
    help = Help("remove a bracket, or quote the text")
    message = "nothing can follow the closing bracket"
    return syntax(broken.source, broken.offset, end, message, help)


def _forbidden_begin(broken: Broken) -> Diagnostic | None:
    if broken.char not in ("@", "`", "%") or broken.flow is not None:
        return None
    shown_char = "a backtick" if broken.char == "`" else f"`{broken.char}`"
    return _quote_rest(broken, broken.offset, f"text that starts with {shown_char} needs quotes")


def _sigil(broken: Broken) -> Diagnostic | None:
    char = broken.text[broken.context : broken.context + 1]
    if char not in ("*", "&", "!", "|", ">") or broken.context > broken.offset:
        return None
    if char == "!":
        return yaml_pitfalls.tag(broken.source, broken.context, broken.line(broken.context)[1])
    return _quote_rest(broken, broken.context, f"text that starts with `{char}` needs quotes")


def _after_quotes(broken: Broken) -> Diagnostic | None:
    quoted = broken.quoted
    if not quoted or not quoted[1] <= broken.offset < broken.line(quoted[1])[1]:
        return None
    return _quote_rest(broken, quoted[0], "text continues after its closing quote")


def _extra_closer(broken: Broken) -> Diagnostic | None:
    if broken.char not in ("]", "}"):
        return None
    return syntax(
        broken.source,
        broken.offset,
        broken.offset + 1,
        f"unmatched `{broken.char}`",
        Help("remove it", (broken.edit(broken.offset, broken.offset + 1, ""),)),
    )


def _no_space(broken: Broken) -> Diagnostic | None:
    for begin, end in broken.lines_up():
        match = _NO_SPACE.match(broken.text, begin, end)
        if match:
            start = match.end() - len(match[0].lstrip(" -"))
            name = broken.text[start : match.end()]
            edit = broken.edit(match.end(), match.end(), " ")
            help = Help(f"write `{name} {shortened(broken.text[match.end() : end])}`", (edit,))
            message = f"missing space after `{name}`"
            return syntax(broken.source, start, end, message, help)
    return None


def _second_colon(broken: Broken) -> Diagnostic | None:
    begin, _ = broken.line(broken.offset)
    entry = _ENTRY.match(broken.text, begin)
    if "mapping values" not in broken.problem or not entry or entry.end() > broken.offset:
        return None
    message = "second `: ` in one line"
    if not _ENTRIES.match(broken.text, entry.end()):
        return _quote_rest(broken, entry.end(), message)
    start, end = entry.end(), broken.line(broken.offset)[1]
    new = "{" + broken.text[start:end] + "}"
    help = Help(f"write `{shortened(new)}`", (broken.edit(start, end, new),))
    return syntax(broken.source, start, end, message, help)


def _item_after_key(broken: Broken) -> Diagnostic | None:
    if "sequence entries are not allowed" not in broken.problem:
        return None
    help = Help("start the list on its own line, or write it as `[…]`")
    return syntax(broken.source, broken.offset, broken.offset + 1, "a list cannot start here", help)


def _items_and_keys(broken: Broken) -> Diagnostic | None:
    if (
        broken.column(broken.offset) != broken.column(broken.context)
        or broken.offset == broken.context
    ):
        return None  # the two are not neighbors
    item = broken.text.startswith("-", broken.offset)
    if item == broken.text.startswith("-", broken.context):
        return None
    begin, end = broken.offset, broken.line(broken.offset)[1]
    words = (
        ("a list item (`- …`)", "`name: value`")
        if item
        else ("`name: value`", "list items (`- …`)")
    )
    diagnostic = syntax(
        broken.source,
        begin,
        end,
        f"{words[0]} cannot be mixed with {words[1]}",
        Help(
            "indent it under the key or item that it belongs to"
            if item
            else "start it with `- `, or indent it less"
        ),
    )
    return _with_begin(broken, diagnostic)


def _indentation(broken: Broken) -> Diagnostic | None:
    begin, end = broken.line(broken.offset)
    first = begin + len(broken.text[begin:end]) - len(broken.text[begin:end].lstrip(" "))
    if below := arguments_below(broken.source, first, end):
        return below
    if "mapping values" in broken.problem:
        message = "this line is indented deeper than the line above, which already has a value"
        return syntax(broken.source, first, end, message, Help("align it with the lines around it"))
    if broken.offset != first or "did not find expected" not in broken.problem:
        return None
    message = "the indentation of this line matches no line above"
    help = Help("align it with the lines around it")
    return _with_begin(broken, syntax(broken.source, first, end, message, help))


def _no_colon(broken: Broken) -> Diagnostic | None:
    if "expected ':'" not in broken.problem:
        return None
    begin, end = broken.line(broken.context)
    message = "this line is neither `name: value` nor a list item (`- …`)"
    return syntax(broken.source, max(begin, broken.context), end, message)


def _rest(broken: Broken) -> Diagnostic | None:
    if "<document start>" not in broken.problem:
        return None
    end = max(broken.line(broken.offset)[1], broken.offset + 1)
    message = "extra text after the end of the spec"
    return syntax(
        broken.source, broken.offset, end, message, Help("indent it to make it part of the spec")
    )


def _with_begin(broken: Broken, diagnostic: Diagnostic) -> Diagnostic:
    begin, end = broken.context, broken.line(broken.context)[1]
    column = broken.column(begin) + 1
    place = Span(broken.source, begin, max(begin, end))
    return labeled(
        diagnostic, Label(place, f"the lines around it start in column {column}, as here")
    )


def _quote_rest(broken: Broken, start: int, message: str) -> Diagnostic:
    """The fix that quotes everything up to the end of the line."""
    end = max(broken.line(start)[1], start)
    new = quote(broken.text[start:end])
    help = Help(f"write `{shortened(new)}`", (broken.edit(start, end, new),))
    return syntax(broken.source, start, end, message, help)


_GUESSES: tuple[Callable[[Broken], Diagnostic | None], ...] = (
    _unclosed_quote,
    _escape,
    _tag,
    _open_size,
    _brace_name,
    _nameless,
    _colon_first,
    _brackets,
    _tabs,
    _no_space_after_dash,
    _forbidden_begin,
    _after_quotes,
    _after_bracket,
    _extra_closer,
    _no_space,
    _second_colon,
    _sigil,
    _item_after_key,
    _items_and_keys,
    _no_colon,
    _rest,
    _indentation,
)
