"""The intention of a `{…}` or `[…]` that YAML reads differently or rejects.

YAML ends an unquoted value at the first `,`, `]` or `}`; who writes `widths[0]` or `max(a, b)`
means the brackets to belong to the value. This reads them so and finds what to fix.
"""

from __future__ import annotations

import re

from netspec.diagnostics import Diagnostic, Edit, Help, Label, Source, Span
from netspec.document import text_diagnostics
from netspec.document.tree import MAX_DEPTH

_CLOSES = {"{": "}", "[": "]", "(": ")"}
_BLANK = re.compile(r"(?:\s+|(?<=\s)#[^\n]*)*")
_SPACES = re.compile(r"[ \t]*")
_QUOTED = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^']|'')*'", re.DOTALL)
_QUOTED_IN_LINE = re.compile(r"\"(?:[^\"\\\n]|\\.)*\"|'[^'\n]*'")
_COLON = re.compile(r":(?=[\s,\]}]|\Z)")
_KEY = re.compile(r"""[^\s:"'{}\[\],]+ *:(?:\s|\Z)""")
_SPECIAL = re.compile(r"[\[\]{},\n(]|:(?=[\s,\]}]|\Z)|(?<=\s)#")
_BRACKET = re.compile(r"[\[\]{}()]|(?<!\w)[\"']")
_TUPLE = re.compile(r"\( *[\w.-]+(?: *, *[\w.-]+)* *,? *\)")
"""A tuple of Python, which is a list here."""
_NEEDS_QUOTES = re.compile(r"[\[\]{},]|^[*&!|>%@`\"']")
_DOLLAR = re.compile(r"\$\{([^{}]*)\}")
_GLUED = re.compile(r"\w\$\{|\$\{[^{}]*\}\w")
"""`${…}` as a part of a word: a name that is computed."""
_SIMPLE = re.compile(r"[\w.]+")
_LONGEST_EXPRESSION = 1000
_PATIENCE = 300_000
"""Characters that may be looked through for closing brackets, all in all."""


def flow_collection_diagnostic(source: Source, start: int) -> Diagnostic | None:
    """Why the collection that begins at `start` cannot be read; None if nothing is found."""
    reader = _FlowReader(source, start)
    try:
        reader.read()
    except _FaultError as fault:
        return reader.expressions() or fault.diagnostic
    return reader.expressions()


def split_expressions(source: Source, start: int) -> Diagnostic | None:
    """Text that YAML accepts, but splits at a comma within parentheses."""
    reader = _FlowReader(source, start)
    try:
        reader.read()
    except _FaultError:
        return None
    return reader.expressions()


def without_dollar(text: str, *, name: bool) -> str:
    """The text with `${…}` as netspec has it: bare in an expression, `{…}` in a name.

    >>> without_dollar("${growth} * 2", name=False), without_dollar("conv${i}", name=True)
    ('growth * 2', 'conv{i}')
    """
    if name or _GLUED.search(text):
        return text.replace("${", "{")
    whole = _DOLLAR.fullmatch(text)
    if whole:
        return whole[1].strip()
    return _DOLLAR.sub(lambda m: m[1] if _SIMPLE.fullmatch(m[1]) else f"({m[1]})", text)


class _FaultError(Exception):
    """The error that prevents reading the brackets."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        self.diagnostic = diagnostic


class _FlowReader:
    """Traverses one collection, with balanced brackets also within text that should be quoted."""

    def __init__(self, source: Source, start: int) -> None:
        self.source = source
        self.text = source.text
        self.offset = start
        self.content_end = start
        self.border = _indentation(self.text, start)
        self.stack: list[int] = []
        self.outer_keys: list[bool] = []
        self.patience = _PATIENCE
        self.after_key = False
        self.complete = False
        """A value has been read, and neither a comma nor a bracket since."""
        self.plain = False
        """That value had no quotes, so it may go on in the next line."""
        self.brackets: list[tuple[int, int, bool]] = []
        """Expressions that need quotes: start, end, whether it is a name."""

    def read(self) -> None:
        """Go from the opening bracket to the one that closes it, or to a fault."""
        self._push()
        while self.stack:
            self._blank()
            char = self.text[self.offset : self.offset + 1]
            if char in ("}", "]"):
                self._close(char)
            elif char == ",":
                self._pass(1)
                self.after_key = self.complete = False
            elif _COLON.match(self.text, self.offset):
                self._colon()
            else:
                self._value(char)

    def expressions(self) -> Diagnostic | None:
        """The texts to quote, in one help."""
        if not self.brackets:
            return None
        edits = tuple(self._edit(*place) for place in self.brackets)
        start, end, _ = self.brackets[0]
        was, new = self.text[start:end], edits[0].replacement
        more = f", and also quote {len(edits) - 1} more" if len(edits) > 1 else ""
        if "${" in was:
            message, label = (
                f"`{text_diagnostics.shortened(was)}`: netspec does not support `${{…}}`",
                "an expression",
            )
        else:
            marks = " ".join(f"`{c}`" for c in "[]{}," if c in was)
            message = f"`{text_diagnostics.shortened(was)}` needs quotes here"
            label = "inside brackets, an unquoted value cannot "
            label += f"contain {marks}" if marks else f"start with `{was[0]}`"
        help = Help(f"write `{text_diagnostics.shortened(new)}`{more}", edits)
        return text_diagnostics.syntax(self.source, start, end, message, help, label=label)

    def _edit(self, start: int, end: int, name: bool) -> Edit:
        text = self.text[start:end]
        if _TUPLE.fullmatch(text):
            return text_diagnostics.replacement(
                self.source, start, end, f"[{text[1:-1].strip(', ')}]"
            )
        if "${" in text:
            text = without_dollar(text, name=name)
        if _NEEDS_QUOTES.search(text):
            text = text_diagnostics.quote(text)
        return text_diagnostics.replacement(self.source, start, end, text)

    def _pass(self, count: int) -> None:
        self.offset += count
        self.content_end = self.offset

    def _push(self) -> None:
        if len(self.stack) > MAX_DEPTH:
            raise _FaultError(text_diagnostics.too_deep(self.source, self.offset))
        self.stack.append(self.offset)
        self.outer_keys.append(self.after_key)
        self._pass(1)
        self.after_key = self.complete = False

    def _close(self, char: str) -> None:
        opened = self.stack.pop()
        if _CLOSES[self.text[opened]] != char:
            raise _FaultError(self._mismatch(opened, char))
        self._pass(1)
        self.complete, self.plain, self.after_key = True, False, self.outer_keys.pop()

    def _colon(self) -> None:
        in_mapping = self.text[self.stack[-1]] == "{"
        if in_mapping and self.after_key and self.complete:
            raise _FaultError(self._second_colon())
        self._pass(1)
        self.after_key, self.complete = True, False

    def _value(self, char: str) -> None:
        if self.complete and not (self.plain and not _KEY.match(self.text, self.offset)):
            raise _FaultError(self._missing_comma())
        if char in ("{", "["):
            end = self._balanced(self.offset)
            if end is None or not self._goes_on(end):
                self._push()
                return
        elif char in ('"', "'"):
            quoted = _QUOTED.match(self.text, self.offset)
            if quoted is None:
                raise _FaultError(text_diagnostics.open_quote(self.source, self.offset))
            if not self._goes_on(quoted.end()):
                self._pass(len(quoted[0]))
                self.complete, self.plain = True, False
                return
        self._expression()

    def _goes_on(self, end: int) -> bool:
        """Whether a bracket or quote that closed before `end` only began an expression."""
        spaces = _SPACES.match(self.text, end)
        after = spaces.end() if spaces else end
        char = self.text[after : after + 1]
        if not char or char in ",}]:\n\r#":
            return False
        return after == end or (char not in "[{\"'" and not _KEY.match(self.text, after))

    def _expression(self) -> None:
        """Read unquoted text; brackets within it belong to it."""
        start = end = self.offset
        if self.text[start] in "[{\"'":
            quoted = _QUOTED.match(self.text, start)
            end = quoted.end() if quoted else self._balanced(start) or start + 1
        while special := _SPECIAL.search(self.text, end):
            end = special.start()
            if special[0] not in "[{(":
                break
            closed = self._balanced(end)
            if closed is None and special[0] != "(":
                raise _FaultError(self._unclosed([*self.stack, end]))
            end = closed or end + 1
        else:
            end = len(self.text)
        text = self.text[start:end].rstrip()
        self._pass(end - start)
        self.content_end = start + len(text)
        if _NEEDS_QUOTES.search(text):
            is_name = bool(_COLON.match(self.text, end)) and not self.after_key
            self.brackets.append((start, self.content_end, is_name))
        self.complete = self.plain = True

    def _balanced(self, start: int) -> int | None:
        """Like the function, but with a limit on its work, for hostile texts."""
        end = _balanced(self.text, start) if self.patience > 0 else None
        self.patience -= (end or start + _LONGEST_EXPRESSION) - start
        return end

    def _blank(self) -> None:
        blank = _BLANK.match(self.text, self.offset)
        end = blank.end() if blank else self.offset
        newline = self.text.rfind("\n", self.offset, end)
        char = self.text[end : end + 1]
        if not char or (newline >= 0 and end - newline - 1 <= self.border and char not in "]}"):
            raise _FaultError(self._unclosed(self.stack))
        self.offset = end

    def _unclosed(self, stack: list[int]) -> Diagnostic:
        opened = stack[-1]
        char = self.text[opened]
        closers = "".join(_CLOSES[self.text[offset]] for offset in reversed(stack))
        edits: tuple[Edit, ...] = ()
        if self.text.find("\n", opened, self.content_end) < 0 and len(stack) == len(self.stack):
            offset = self.content_end
            edits = (text_diagnostics.replacement(self.source, offset, offset, closers),)
        help = Help(f"write `{_CLOSES[char]}` where it ends", edits)
        message = f"`{char}` is never closed"
        return text_diagnostics.syntax(
            self.source, opened, opened + 1, message, help, label="opened here"
        )

    def _mismatch(self, opened: int, char: str) -> Diagnostic:
        expected_close = _CLOSES[self.text[opened]]
        outer = self.stack and _CLOSES[self.text[self.stack[-1]]] == char
        edit = text_diagnostics.replacement(
            self.source, self.offset, self.offset + (not outer), expected_close
        )
        diagnostic = text_diagnostics.syntax(
            self.source,
            self.offset,
            self.offset + 1,
            f"`{char}` does not match `{self.text[opened]}`; expected `{expected_close}`",
            Help(f"write `{expected_close}{char if outer else ''}` here", (edit,)),
        )
        label = Label(Span(self.source, opened, opened + 1), "opened here")
        return text_diagnostics.labeled(diagnostic, label)

    def _missing_comma(self) -> Diagnostic:
        edit = text_diagnostics.replacement(self.source, self.content_end, self.content_end, ",")
        end = self.offset + 1
        message = "missing comma before this"
        return text_diagnostics.syntax(
            self.source, self.offset, end, message, Help("separate the two with a comma", (edit,))
        )

    def _second_colon(self) -> Diagnostic:
        message = "second `:` in one entry"
        help = Help("add a comma before the name, or quote the whole value")
        return text_diagnostics.syntax(self.source, self.offset, self.offset + 1, message, help)


def _indentation(text: str, start: int) -> int:
    """The indentation that lines of the collection must exceed; -1 if it begins a line."""
    line = text.rfind("\n", 0, start) + 1
    before = text[line:start]
    return len(before) - len(before.lstrip(" ")) if before.strip() else -1


def _balanced(text: str, start: int) -> int | None:
    """Where the bracket at `start` has been closed, all within it too; None if it is not."""
    stack: list[str] = []
    offset, limit = start, min(len(text), start + _LONGEST_EXPRESSION)
    while bracket := _BRACKET.search(text, offset, limit):
        char, offset = bracket[0], bracket.end()
        if char in _CLOSES:
            stack.append(_CLOSES[char])
        elif char in "\"'":
            quoted = _QUOTED_IN_LINE.match(text, bracket.start(), limit)
            offset = quoted.end() if quoted else offset
        elif char != stack.pop():
            return None
        elif not stack:
            return offset
    return None
