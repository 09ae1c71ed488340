"""The law of one slip: misspell one word, or write one line twice, and there is one diagnostic that shows it."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterator
from functools import cache
from random import Random

import pytest
from docs.doc_pages import PAGES, ROOT, fences, network
from sampling import share_of

from netspec import Diagnostic
from netspec.check import check_text
from netspec.layers import OPS
from netspec.syntax.keys import SYNONYMS

_WORD = re.compile(r"[A-Za-z_][A-Za-z_0-9]*")
_OFFER = re.compile(r"did you mean `([\w.]+)`")
_SKIPPED = re.compile(r"\s*(#|doc:|name:)|.*#")
"""What comes before a word that is for people, or a name of the author's own."""


@cache
def good_specs() -> list[str]:
    """The gallery, and what the pages of the documentation recommend: texts without a diagnostic."""
    texts = [path.read_text("utf-8") for path in sorted((ROOT / "specs").glob("*.yaml"))]
    pages = [f for page in PAGES for f in fences(page)]
    recommended = [f for f in pages if f.kind in ("yaml spec", "yaml fragment")]
    texts += [network(f).report.document.source.text for f in recommended]
    return [t for t in dict.fromkeys(texts) if not re.search("^use:", t, re.MULTILINE)]


def misspelled(word: str, r: Random) -> str:
    """The word with a letter missing, doubled, or two in each other's place."""
    k = r.randrange(1, len(word) - 1)
    swapped = word[:k] + word[k + 1] + word[k] + word[k + 2 :]
    return r.choice([word[:k] + word[k + 1 :], word[:k] + word[k] + word[k:], swapped])


def mistakes(text: str, r: Random, share: float) -> Iterator[tuple[str, str, str]]:
    """Some of the ways to misspell one word of a text: the word, what became of it, and the text."""
    for match in _WORD.finditer(text):
        word = match.group()
        before = text[text.rfind("\n", 0, match.start()) + 1 : match.start()]
        if r.random() > share or len(word) < 3 or _SKIPPED.match(before):
            continue
        new = misspelled(word, r)
        if new != word and new not in OPS and not keyword.iskeyword(new):
            yield word, new, text[: match.start()] + new + text[match.end() :]


def shown(diagnostic: Diagnostic) -> str:
    """Everything that a diagnostic says or points at."""
    places = [diagnostic.span, *(label.span for label in diagnostic.labels)]
    helps = [h.text for h in diagnostic.helps]
    return "\n".join([diagnostic.message, *helps, *(p.text for p in places if p is not None)])


def broken(seed: int, share: float) -> list[str]:
    """The misspellings that have more diagnostics than one, or one that does not show the word."""
    r, failures = Random(seed), []
    for text in good_specs():
        for word, new, wrong in mistakes(text, r, share):
            diagnostics = check_text(wrong).diagnostics
            if len(diagnostics) > 1 or any(new not in shown(d) for d in diagnostics):
                lines = "\n  ".join(f"{d.code} {d.message}" for d in diagnostics)
                failures.append(f"{word} -> {new}\n  {lines}\n{wrong}")
    return failures


def test_what_is_misspelled_has_no_diagnostic_before() -> None:
    assert [t for t in good_specs() if check_text(t).diagnostics] == []
    assert len(good_specs()) > 30


def test_one_misspelled_word_is_one_diagnostic() -> None:
    assert broken(0, share_of(0.04)) == []


def fixed_text(text: str, diagnostic: Diagnostic) -> str:
    """The text with the edits of a diagnostic made."""
    edits = [edit for help_ in diagnostic.helps for edit in help_.edits]
    for edit in sorted(edits, key=lambda e: e.span.start, reverse=True):
        text = text[: edit.span.start] + edit.replacement + text[edit.span.end :]
    return text


def unmended(seed: int, share: float) -> list[str]:
    """The misspellings that offer a word, but no edit after which there is less to say."""
    r, failures = Random(seed), []
    for text in good_specs():
        for word, new, wrong in mistakes(text, r, share):
            for diagnostic in check_text(wrong).diagnostics:
                computed = diagnostic.span is None or not _WORD.fullmatch(
                    diagnostic.span.text.strip("'\"")
                )
                offered = [o[1] for h in diagnostic.helps if (o := _OFFER.match(h.text))]
                declared = new in offered  # then the word of the declaration is the one misspelled
                if (
                    not offered
                    or computed
                    or declared
                    or any(label.text == "also here" for label in diagnostic.labels)
                ):
                    continue
                if check_text(fixed_text(wrong, diagnostic)).diagnostics:
                    failures.append(f"{word} -> {new}: {diagnostic.helps[0]}\n{wrong}")
    return failures


def test_the_intended_word_can_replace_the_misspelled_one() -> None:
    assert unmended(1, share_of(0.08)) == []


@pytest.mark.sweep
@pytest.mark.parametrize("seed", range(1, 21))
def test_any_misspelled_word_is_one_diagnostic(seed: int) -> None:
    assert broken(seed, 1.0) == []


def doubled(seed: int, share: float) -> list[str]:
    """The lines that have more diagnostics than one when they are written twice."""
    r, failures = Random(seed), []
    for text in good_specs():
        lines = text.split("\n")
        for k, line in enumerate(lines):
            if line.strip() and r.random() < share:
                diagnostics = check_text("\n".join([*lines[:k], line, *lines[k:]])).diagnostics
                if len(diagnostics) > 1:
                    failures.append(
                        "\n  ".join([line, *(f"{d.code} {d.message}" for d in diagnostics)])
                    )
    return failures


def test_a_line_written_twice_is_one_diagnostic_at_most() -> None:
    assert doubled(0, share_of(0.06)) == []


@pytest.mark.sweep
def test_any_line_written_twice_is_one_diagnostic_at_most() -> None:
    assert doubled(0, 1.0) == []


WITH_A_BUDGET = """
netspec: 1
inputs: {image: [N, 3, 8, 8]}
body: [{op: Conv2d, out_channels: 4, kernel_size: 3}]
budget: {params: 1000}
"""


def with_key_renamed(text: str, key: str, word: str) -> str | None:
    """The text with the first `key:` called `word`, or None without such a key."""
    pattern = re.compile(rf"^(\s*(?:- )?){key}:(?=\s)", re.MULTILINE)
    return pattern.sub(rf"\g<1>{word}:", text, count=1) if pattern.search(text) else None


@pytest.mark.parametrize(("word", "key"), SYNONYMS.items())
def test_a_key_by_the_word_of_another_format_is_read_as_that_key(word: str, key: str) -> None:
    texts = [*good_specs(), WITH_A_BUDGET]
    renamed = [r for t in texts if (r := with_key_renamed(t, key, word)) is not None]
    assert renamed
    for text in renamed[:5]:
        (diagnostic,) = check_text(text).diagnostics
        assert diagnostic.code == "NS021"
        assert check_text(fixed_text(text, diagnostic)).diagnostics == ()


@pytest.mark.parametrize("declaration", ["[itn]", "{type: [itn]}", "itn"])
def test_a_misspelled_type_of_a_list_is_reported_at_the_type(declaration: str) -> None:
    text = f"""netspec: 1
inputs: {{t: [N, 4]}}
blocks:
  Layers:
    params: {{widths: {declaration}}}
    body: [{{each: {{width: widths}}, body: [{{op: Linear, out_features: width}}]}}]
body: [{{op: Layers, widths: [8, 8]}}]
"""
    (diagnostic,) = check_text(text).diagnostics
    assert diagnostic.code == "NS025"
    assert diagnostic.message.startswith("`itn` is not a parameter type")
    assert [h.text for h in diagnostic.helps] == ["did you mean `int`?"]
