"""The pages for users: every example is run, and every answer that they show is today's."""

from __future__ import annotations

import re
from difflib import get_close_matches
from pathlib import Path

import pytest
from doc_pages import (
    ANSWERS,
    ASKED,
    PAGES,
    ROOT,
    Example,
    Fence,
    answer,
    examples,
    fences,
    network,
    run_forward,
)

from netspec.layer.categories import TITLES
from netspec.layers import OPS
from netspec.layers.op_tables import CATEGORIES
from netspec.syntax.key_tables import BLOCK_KEYS, BUDGET_KEYS, FILE_KEYS, TYPES
from netspec.syntax.step_keys import RESERVED

LANGUAGE = (ROOT / "docs/language.md").read_text(encoding="utf-8")


def asked(*kinds: str) -> list[Fence]:
    """The blocks of these kinds on all pages, once each."""
    return [f for page in PAGES for f in fences(page) if f.kind in kinds]


RECOMMENDED = asked("yaml spec", "yaml fragment") + [
    f for f in asked("yaml file") if f.page == "docs/language.md" or f.name == "fixed.yaml"
]


@pytest.mark.parametrize("fence", RECOMMENDED, ids=lambda f: f.where)
def test_what_a_page_recommends_is_without_a_diagnostic_and_runs(fence: Fence) -> None:
    loaded = network(fence)
    assert [d.message for d in loaded.diagnostics] == []
    if loaded.report.graph is None:
        return  # a library
    outputs = run_forward(loaded)
    values = loaded.elaborate().outputs.values
    tensors = (
        outputs.values() if isinstance(outputs, dict) else outputs if len(values) > 1 else [outputs]
    )
    assert [t.dim() for t in tensors] == [len(v.shape or ()) for v in values]


ANSWERED = [e for page in PAGES for e in examples(page)]


@pytest.mark.parametrize("example", ANSWERED, ids=lambda e: e.answer.where)
def test_the_answer_on_a_page_is_the_answer_of_the_program(example: Example) -> None:
    assert answer(example) == example.answer.text


@pytest.mark.parametrize("fence", asked("yaml wrong"), ids=lambda f: f.where)
def test_what_is_wrong_has_its_message_on_the_page(fence: Fence) -> None:
    (example,) = [e for e in examples(fence.page) if e.asked.line == fence.line]
    assert example.answer.kind in ("text diagnostics", "text report")
    assert example.answer.text


def test_every_block_of_a_page_says_what_it_is() -> None:
    known = {
        *ASKED,
        *ANSWERS,
        "yaml",
        "console",
        "sh",
        "text",
        "toml",
        "json",
        "json file",
        "lua",
        "elisp",
        "python code",
        "python layer",
        "python file",
    }
    for page in PAGES:
        for fence in fences(page):
            assert fence.kind in known, fence.where


def test_the_layers_of_the_page_are_the_layers_there_are() -> None:
    section = LANGUAGE[LANGUAGE.index("\n## Layers\n") :]
    rows = re.findall(r"^\| (.*) \| `(.*)` \|$", section, re.MULTILINE)
    ops_by_title = {
        title: " ".join(op for op in OPS if CATEGORIES[op] == category)
        for category, title in TITLES.items()
    }
    assert rows == [(title, ops) for title, ops in ops_by_title.items() if ops]


@pytest.mark.parametrize(
    ("heading", "words"),
    [
        ("The file", FILE_KEYS), ("A budget", BUDGET_KEYS), ("Steps", RESERVED), ("Blocks", BLOCK_KEYS),
        ("Blocks", TYPES),
    ],
)  # fmt: skip
def test_the_page_has_every_word_of_the_language(heading: str, words: tuple[str, ...]) -> None:
    section = re.split(rf"^##+ {heading}$", LANGUAGE, flags=re.MULTILINE)[1].split("\n## ")[0]
    assert [w for w in words if not re.search(rf"\b{w}\b", section)] == []


PROSE = sorted(
    [
        ROOT / "README.md",
        ROOT / "CHANGELOG.md",
        ROOT / "CONTRIBUTING.md",
        *ROOT.glob("docs/**/*.md"),
    ]
)


@pytest.mark.parametrize("page", PROSE, ids=lambda p: str(p.relative_to(ROOT)))
def test_the_links_of_a_page_lead_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if target.startswith("http"):
            continue
        file, _, anchor = target.partition("#")
        other = (page.parent / file) if file else page
        assert other.exists(), target
        if anchor:
            headings = re.findall(r"^#+ (.*)$", other.read_text(encoding="utf-8"), re.MULTILINE)
            anchors = [re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in headings]
            assert anchor in anchors, get_close_matches(anchor, anchors)
