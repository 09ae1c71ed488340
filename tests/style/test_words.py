"""Words that do not come back: the lists of docs/style.md against the names and the prose of the whole tree."""

from __future__ import annotations

import re

from banned_words import ROOT, counted, in_name, in_text, names, phrases, rows

_TABLES = ("In names", "In text", "Titles", "Spelling")


def test_no_file_has_a_banned_word() -> None:
    instead = {forms[0]: text for table in _TABLES for forms, text in rows(table)}
    assert [
        f"{path}: `{word}` {count} times; write {instead[word.removeprefix('name:')]} (docs/style.md)"
        for (path, word), count in counted().items()
    ] == []


def test_every_banned_word_has_a_replacement_and_one_row() -> None:
    for sections in (("In names", "Spelling"), ("In text", "Titles", "Spelling")):
        table = [row for section in sections for row in rows(section)]
        forms = [form for forms, _ in table for form in forms]
        assert len(forms) == len(set(forms))
        assert all(forms and instead.strip() for forms, instead in table)


def test_every_form_of_the_lists_is_recognized() -> None:
    for form, first in phrases().items():
        assert [*in_text(f"a {form}, b")] == [first]
        assert [*in_text(f"{form[0].upper()}{form[1:]}.")] == [first]
    for form, first in names().items():
        assert [*in_name(form)] == [*in_name(f"_{form}")] == [f"name:{first}"]


def test_terms_of_the_glossary_are_in_the_code() -> None:
    text = (ROOT / "docs/glossary.md").read_text(encoding="utf-8")
    terms = re.findall(r"^\| [^|]+ \| [^|]+ \| `([\w/]+\.py)` `(\w+)` \|$", text, re.MULTILINE)
    assert len(terms) == len(re.findall(r"^\| (?!term|-)", text, re.MULTILINE))
    for path, name in terms:
        source = (ROOT / path).read_text(encoding="utf-8")
        assert re.search(rf"^(?:class |def )?{name}\b", source, re.MULTILINE), (path, name)


def test_no_term_of_the_glossary_is_banned() -> None:
    text = (ROOT / "docs/glossary.md").read_text(encoding="utf-8")
    assert [*in_text(text)] == []
    assert re.findall(r"^\| ([^|]+) \|", text, re.MULTILINE)
