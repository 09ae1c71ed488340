"""The pages on codes: one for each code, with an example that has it and a fixed spec.

The tests of all pages run the examples: the answers are current, and a fixed spec has no diagnostic and runs.
"""

from __future__ import annotations

import re

import pytest
from doc_pages import CODE_PAGES, CODES, ROOT, code_page, fences

from netspec.diagnostics import Code
from netspec.report.code_page import page, pages

_HEAD = r"^(?:error|warning)\[(NS\d+)\]: "


def test_every_code_has_a_page_and_every_page_a_code() -> None:
    codes = {c for c in vars(Code).values() if isinstance(c, str) and c.startswith("NS")}
    assert {f"docs/diagnostics/{code}.md" for code in codes} == set(CODE_PAGES)
    assert [p.code for p in pages()] == sorted(codes)


@pytest.mark.parametrize("name", CODE_PAGES)
def test_a_page_shows_its_diagnostic_and_no_other(name: str) -> None:
    before, _, after = (ROOT / name).read_text(encoding="utf-8").partition("\n## Fixed\n")
    assert re.findall(_HEAD, before, re.MULTILINE) == [name[-8:-3]]
    assert re.findall(_HEAD, after, re.MULTILINE) == []
    assert "```yaml file fixed.yaml" in after or ".yaml: ok:" in after


@pytest.mark.parametrize("name", CODE_PAGES)
def test_a_page_has_its_parts(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    page_text = page(name[-8:-3])
    assert page_text is not None
    assert text.startswith(f"# {page_text.code}: {page_text.title}\n\n{page_text.summary[:20]}")
    assert re.findall(r"^## (.*)$", text, re.MULTILINE) == [
        "Why it matters",
        "Example",
        "Fixed",
    ]
    assert not re.match(r"(?:an?|the) ", page_text.title)
    assert page_text.summary.endswith(".")
    assert "\n" not in page_text.summary
    assert any(f.kind == "console" for f in fences(name))


def test_the_list_of_pages_is_todays() -> None:
    page_text = (ROOT / CODES).read_text(encoding="utf-8")
    assert page_text == code_page(), "run `python tests/docs/doc_pages.py`"
