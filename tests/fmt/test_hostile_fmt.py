"""The laws of `netspec fmt` on hostile text: it changes nothing twice and no diagnostic, or leaves the text alone."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from document_texts import content, same
from hostile_texts import mutant

from netspec.check import check_text
from netspec.document import parse
from netspec.fmt import UncertainError, formatted

ROOT = Path(__file__).parents[2]
SPECS = [p.read_text(encoding="utf-8") for p in sorted((ROOT / "specs").rglob("*.yaml"))]
SHORT = [text for text in SPECS if len(text) < 3000]
HEAD = "netspec: 1\ninputs: {image: [N, 3, 8, 8]}\n"
ODD = [
    f"{HEAD}body:\n  - {{op: ReLU, expect: [_, 3, 30, ]}}\n",
    f"{HEAD}body:\n  - {{op: ReLU, expect: [ N,3 , 30,\n   8 ]}}\n",
    f"{HEAD}a: &a {{op: ReLU, inplace: true}}\nbody:\n  - {{<<: *a, name: b}}\n  - c: {{<<: [*a], inplace: false}}\n",
    f"{HEAD}body:\n  - ReLU\n  - 'it''s\n    two lines'\n  - x: a if b\n      else c\n",
    f"{HEAD}doc: a long text\n  that goes 'on' and\n\n  on\nbody:\n  - a name\n    of two lines\n  - ReLU\n",
    f"{HEAD}body:\n  - ReLU\n    - ReLU\n",
]


def described(text: str) -> list[object]:
    """The diagnostics but for their places."""
    return sorted(
        (d.code, d.message, d.label, [h.text for h in d.helps])
        for d in check_text(text, "net.yaml").diagnostics
    )


def keeps_the_laws(text: str) -> bool:
    """Whether the text was laid out; false where it was left alone."""
    document = parse(text, "net.yaml")
    if document.diagnostics or document.root is None:
        return False
    try:
        laid_out = formatted(document)
    except UncertainError:
        return False
    again = parse(laid_out, "net.yaml")
    assert same(content(again.root), content(document.root))
    assert formatted(again) == laid_out
    assert laid_out == text or described(laid_out) == described(text)
    return True


@pytest.mark.parametrize("text", ODD)
def test_odd_texts(text: str) -> None:
    keeps_the_laws(text)


def test_what_did_not_fit_is_quoted_by_its_values() -> None:
    [diagnostic] = check_text(ODD[0], "net.yaml").diagnostics
    assert diagnostic.message == "`ReLU` has the shape [N, 3, 8, 8], expected [_, 3, 30]"
    assert keeps_the_laws(ODD[0])


def mutants(count: int) -> int:
    """How many mutants were laid out."""
    random = Random(8)
    return sum(keeps_the_laws(mutant(random.choice(SHORT + ODD), random)) for _ in range(count))


def test_mutants_keep_the_laws() -> None:
    assert mutants(100) > 10


@pytest.mark.sweep
def test_thousands_of_mutants_keep_the_laws() -> None:
    assert mutants(4000) > 400
