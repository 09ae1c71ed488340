"""Errors and warnings, as data: a code, a sentence, and the places in the text that it is about.

Nothing here prints. The command line and the editor draw the same `Diagnostic` in their own way.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence

from netspec.diagnostic_codes import Code, Phase, Severity
from netspec.printable import one_line
from netspec.record import field, record, replace

__all__ = [
    "Code",
    "Diagnostic",
    "Diagnostics",
    "Edit",
    "Help",
    "Label",
    "Phase",
    "ScopeFrame",
    "Severity",
    "Source",
    "Span",
    "SpecError",
    "Suggestion",
    "advice",
    "did_you_mean",
]


class Source:
    """A text and its name; converts character offsets to lines and columns."""

    __slots__ = ("_starts", "name", "text")

    def __init__(self, text: str, name: str) -> None:
        self.text = text
        self.name = name
        self._starts: list[int] | None = None

    @property
    def line_starts(self) -> list[int]:
        """The offset of the beginning of each line; computed once, when something is printed."""
        if self._starts is None:
            starts, line_break = [0], self.text.find("\n")
            while line_break >= 0:
                starts.append(line_break + 1)
                line_break = self.text.find("\n", line_break + 1)
            self._starts = starts
        return self._starts

    def line_column(self, offset: int) -> tuple[int, int]:
        """Line and column of a character, both counted from 1."""
        line = bisect_right(self.line_starts, offset)
        return line, offset - self.line_starts[line - 1] + 1

    def line(self, number: int) -> str:
        """The text of line `number` (from 1), without its line break."""
        starts = self.line_starts
        end = starts[number] if number < len(starts) else len(self.text)
        return self.text[starts[number - 1] : end].rstrip("\r\n")

    def __repr__(self) -> str:
        return f"Source({self.name!r}, {len(self.text)} characters)"


@record(frozen=True, slots=True)
class Span:
    """A stretch of a text, in characters from its beginning; `end` is exclusive."""

    source: Source
    start: int
    end: int

    @property
    def line(self) -> int:
        """The line that the span starts on, from 1."""
        return self.source.line_column(self.start)[0]

    @property
    def where(self) -> str:
        """`file:line:column`, as terminals and editors make it clickable."""
        line, column = self.source.line_column(self.start)
        return f"{self.source.name}:{line}:{column}"

    @property
    def text(self) -> str:
        """The characters of the span."""
        return self.source.text[self.start : self.end]


@record(frozen=True, slots=True)
class Label:
    """A second place that has to do with the matter, and a few words on how."""

    span: Span
    text: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", one_line(self.text))


@record(frozen=True, slots=True)
class Edit:
    """A change of a text: a splice."""

    span: Span
    replacement: str


@record(frozen=True, slots=True)
class Help:
    """Advice, with the edits that carry it out if there are any.

    Edits are tried before they are given: see `netspec/advice.py`.
    """

    text: str
    edits: tuple[Edit, ...] = ()
    safe: bool = True
    """Whether `--fix` may apply the edits: they keep the intention of the author. Other edits are only offered."""

    def edits_only(self, name: str) -> bool:
        """Whether it has edits, and all of them are in the file of this name."""
        return bool(self.edits) and all(edit.span.source.name == name for edit in self.edits)

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", one_line(self.text))


class Suggestion(str):
    """A help that offers one word instead of another; `replacement` is that word."""

    replacement: str
    safe: bool

    def __new__(cls, text: str, replacement: str, *, safe: bool = True) -> Suggestion:
        """A help with the message `text`, which suggests `replacement`."""
        made = super().__new__(cls, text)
        made.replacement, made.safe = replacement, safe
        return made


def did_you_mean(word: str, more: str = "") -> Suggestion:
    """The help that offers `word`.

    >>> did_you_mean("ReLU")
    'did you mean `ReLU`?'
    """
    return Suggestion(f"did you mean `{word}`?{more}", word)


_WORD = r"""(["']?)([\w.-]+)\1"""


def advice(text: str, span: Span | None = None, word: str = "") -> Help:
    """A help; a suggestion of another word for the text at `span` has the edit.

    `word` is the part of it that the suggestion replaces, where only the first of several words
    around dots is.

    >>> source = Source("op: Relu", "a.yaml")
    >>> advice(did_you_mean("ReLU"), Span(source, 4, 8)).edits[0].replacement
    'ReLU'
    """
    if span is None or not isinstance(text, Suggestion):
        return Help(str(text))
    written = re.fullmatch(_WORD, span.text)
    replacement = text.replacement
    if written is None or not re.fullmatch(_NAME, replacement):
        return Help(str(text))
    quote, wrong = written.groups()
    if "." not in replacement and word and wrong.startswith(f"{word}."):
        start = span.start + len(quote)
        span = Span(span.source, start, start + len(word))
    elif replacement[0] == ".":
        if quote or wrong.count(".") != 1:
            return Help(str(text))
        span = Span(span.source, span.start + wrong.index("."), span.end)
    return Help(str(text), (Edit(span, replacement),), text.safe)


_NAME = r"[\w.]+|\[\d+(?:, \d+)*\]"
"""A word or a list of numbers that is a value itself, where a name may be."""


@record(frozen=True, slots=True)
class ScopeFrame:
    """One level between the body of the file and the location: a use of a block, or a group."""

    path: str
    span: Span


@record(frozen=True, slots=True)
class Diagnostic:
    r"""An error or a warning, as data.

    Attributes:
        code: The code, such as `NS201`; `netspec explain NS201` explains it.
        message: One sentence.
        span: The range of the text; None for a diagnostic about the whole file.
        label: The text at the mark.
        labels: Other ranges of the text that are involved, each with a text.
        notes: Notes, such as the arithmetic.
        helps: Advice, each with the edits that carry it out if there are any.
        severity: `error` or `warning`.
        path: The path of the node, as in the `state_dict`.
        frames: The blocks and groups around the node, outermost first.
        name: The unknown name. Several uses of it are one diagnostic.
        uses: The number of times that it occurred, such as once for each use of a block.

    Example:
        >>> import netspec
        >>> network = netspec.load("netspec: 1\ninputs: {image: [N, 3, H, W]}\nbody: [Relu]")
        >>> (diagnostic,) = network.diagnostics
        >>> str(diagnostic.severity), diagnostic.span.line, diagnostic.helps[0].edits[0].replacement
        ('error', 3, 'ReLU')
    """

    code: str
    message: str
    span: Span | None = None
    label: str = ""
    labels: tuple[Label, ...] = ()
    notes: tuple[str, ...] = ()
    helps: tuple[Help, ...] = ()
    severity: Severity = Severity.ERROR
    path: str = ""
    frames: tuple[ScopeFrame, ...] = ()
    name: str = ""
    uses: int = 1

    @property
    def phase(self) -> Phase:
        """The topic, which the code determines."""
        return Phase.of(self.code)

    def __post_init__(self) -> None:
        object.__setattr__(self, "message", one_line(self.message))
        object.__setattr__(self, "label", one_line(self.label))
        object.__setattr__(self, "notes", tuple(map(one_line, self.notes)))

    def with_uses(self, uses: int) -> Diagnostic:
        """Return the same diagnostic with a different number of occurrences.

        Args:
            uses: The number of times that it occurred.

        Returns:
            The diagnostic.
        """
        return replace(self, uses=uses)


class SpecError(Exception):
    r"""A spec has errors. It prints as `netspec check` prints them.

    Args:
        diagnostics: The errors.
        text: The text of the exception; by default, each error with its notes and helps.

    Attributes:
        diagnostics: The errors, as data.

    Example:
        >>> import netspec
        >>> try:
        ...     netspec.source("netspec: 1\ninputs: {image: [N, 3, H, W]}\nbody: [Relu]")
        ... except netspec.SpecError as error:
        ...     error.diagnostics[0].message
        'unknown op `Relu`'
    """

    def __init__(self, *diagnostics: Diagnostic, text: str = "") -> None:
        self.diagnostics = diagnostics
        super().__init__(text or "\n".join(map(_lines, diagnostics)))


def _lines(diagnostic: Diagnostic) -> str:
    where = f"{one_line(diagnostic.span.where)}: " if diagnostic.span else ""
    first = f"{where}{diagnostic.severity}[{diagnostic.code}]: {diagnostic.message}"
    notes = (f"  note: {note}" for note in diagnostic.notes)
    return "\n".join([first, *notes, *(f"  help: {h.text}" for h in diagnostic.helps)])


@record(slots=True)
class Diagnostics:
    """Collects diagnostics, one for each mistake, however often it occurs."""

    _by_key: dict[tuple[str, str, int, int], list[Diagnostic]] = field(default_factory=dict)

    def add(self, diagnostic: Diagnostic) -> None:
        """Add a diagnostic; the same code at the same place, at another node, is the same mistake."""
        here = self._by_key.setdefault(_key(diagnostic), [])
        if any(d.message == diagnostic.message and d.path == diagnostic.path for d in here):
            return
        if here and (diagnostic.name or all(d.path != diagnostic.path for d in here)):
            here[0] = here[0].with_uses(here[0].uses + 1)
        else:
            here.append(diagnostic)

    def count_again(self, diagnostic: Diagnostic) -> None:
        """Count one more node with a mistake that was added, without a diagnostic of its own."""
        here = self._by_key[_key(diagnostic)]
        here[0] = here[0].with_uses(here[0].uses + 1)

    def __iter__(self) -> Iterator[Diagnostic]:
        return (d for here in self._by_key.values() for d in here)

    def ordered(self) -> tuple[Diagnostic, ...]:
        """All of them, in the order of the text; a name that is unknown in several places is one."""
        return tuple(_folded(sorted(self, key=_place)))

    @property
    def failed(self) -> bool:
        """Whether any of them is an error."""
        return any(d.severity == Severity.ERROR for d in self)


def _key(diagnostic: Diagnostic) -> tuple[str, str, int, int]:
    """What the same mistake at several nodes has in common."""
    span = diagnostic.span
    place = (span.source.name, span.start, span.end) if span else (diagnostic.message, 0, 0)
    return (diagnostic.code, *place)


def _helps_of_all(first: Diagnostic, others: Sequence[Diagnostic]) -> tuple[Help, ...]:
    """The helps of one name in several places: an op that all are advised the same of is edited in all of them.

    Of any other name the declaration is misspelled most often, and there are no edits.
    """
    alike = [d.helps for d in (first, *others)]
    texts = {tuple(h.text for h in helps) for helps in alike}
    if (
        first.code != Code.UNKNOWN_OP
        or len(texts) > 1
        or not all(h.edits for hs in alike for h in hs)
    ):
        return tuple(Help(h.text) for h in first.helps)
    return tuple(
        replace(first.helps[k], edits=tuple(e for helps in alike for e in helps[k].edits))
        for k in range(len(first.helps))
    )


def _folded(diagnostics: list[Diagnostic]) -> Iterator[Diagnostic]:
    """Report one name once, even if several places use it: most often its declaration is misspelled."""
    same: dict[tuple[str, str | int], list[Diagnostic]] = {}
    for k, diagnostic in enumerate(diagnostics):
        span, name = diagnostic.span, diagnostic.name
        key = (name, span.source.name) if name and span is not None else ("", k)
        same.setdefault(key, []).append(diagnostic)
    for first, *others in same.values():
        labels = [Label(d.span, "also here") for d in others if d.span is not None]
        more = len(labels) - _MOST_PLACES
        yield (
            replace(
                first,
                helps=_helps_of_all(first, others),
                labels=(*first.labels, *labels[:_MOST_PLACES]),
                notes=(*first.notes, *([f"and {more} more places"] if more > 0 else [])),
            )
            if others
            else first
        )


def _place(diagnostic: Diagnostic) -> tuple[str, int]:
    span = diagnostic.span
    return (span.source.name, span.start) if span else ("", -1)


_MOST_PLACES = 4
"""How many more places of one unknown name are shown."""
