"""The API reference is that of the docstrings, has every public name, and its examples run."""

from __future__ import annotations

import doctest
from collections.abc import Iterator
from typing import Any

import api_page
import pytest
from api_members import members
from google_docstring import parse

import netspec
import netspec.layer

ENTRIES = {e.__name__: e for _, entries in api_page.SECTIONS.values() for e in entries}
NAMES = {n: getattr(netspec, n) for n in netspec.__all__} | {
    n: getattr(netspec.layer, n) for n in netspec.layer.__all__
}


def functions() -> Iterator[tuple[str, Any]]:
    """The functions and methods of the page."""
    for name, entry in ENTRIES.items():
        if not isinstance(entry, type):
            yield name, entry
            continue
        for key, member in members(entry).items():
            if not isinstance(member, property):
                yield f"{name}.{key}", getattr(member, "__func__", member)


FUNCTIONS = dict(functions())
KINDS = {n: v for n, v in NAMES.items() if isinstance(v, type) and n not in ENTRIES}
"""Classes that have a row of a table on the page, such as the kinds of values."""


def test_the_page_is_that_of_the_docstrings() -> None:
    assert api_page.FILE.read_text(encoding="utf-8") == api_page.page()


@pytest.mark.parametrize(
    "name", sorted({*netspec.__all__, *netspec.layer.__all__} - {"__version__"})
)
def test_every_public_name_is_on_the_page(name: str) -> None:
    text = api_page.page()
    assert f"### {name}\n" in text or f"| `{name}`" in text or f"| `{name}(" in text


@pytest.mark.parametrize("name", [*ENTRIES, *FUNCTIONS, *KINDS])
def test_an_example_of_the_page_runs(name: str) -> None:
    """As a reader runs it: with the names of its section imported, and nothing else."""
    example = parse(({**ENTRIES, **FUNCTIONS, **KINDS}[name]).__doc__).example
    test = doctest.DocTestParser().get_doctest(example, dict(NAMES), name, None, None)
    output: list[str] = []
    doctest.DocTestRunner(verbose=False).run(test, out=output.append)
    assert output == []
