"""Work on what is wrong, counted: it grows with the text, and not with how often a mistake is come by."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from work import calls

from netspec.check import check_text
from netspec.elaborate import unknown_op

IMAGE = "netspec: 1\ninputs: {image: [N, 3, 8, 8]}\n"
SHAPES: dict[str, Callable[[int], str]] = {
    "parentheses": lambda n: "(" * n + "1" + ")" * n,
    "open parentheses": lambda n: "(" * n,
    "brackets": lambda n: "[" * n + "1" + "]" * n,
    "calls": lambda n: "max(" * n + "1, 2" + ")" * n,
    "minus": lambda n: "-" * n + "1",
    "not": lambda n: "not " * n + "true",
    "comparisons": lambda n: " < ".join("1" * n),
    "conditionals": lambda n: "1 if true else " * n + "1",
    "comprehensions": lambda n: "[" * n + "1" + " for i in [1]]" * n,
    "powers": lambda n: "**".join("1" * n),
    "indices": lambda n: "image" + "[0]" * n,
    "names": lambda n: " + ".join(f"x{k}" for k in range(n)),
    "closing": lambda n: ")" * n,
    "mixed": lambda n: "([{" * n,
    "quotes": lambda n: "'" * n,
}


@pytest.mark.parametrize("quoted", ['"=@"', "@"])
@pytest.mark.parametrize("shape", SHAPES)
def test_hostile_expressions_take_little_work(shape: str, quoted: str) -> None:
    def check(n: int) -> Callable[[], object]:
        value = quoted.replace("@", SHAPES[shape](n))
        text = f"{IMAGE}body:\n  - {{op: Conv2d, out_channels: {value}, kernel_size: 1}}\n"
        return lambda: check_text(text, "net.yaml")

    check(20)()
    small, large = calls(check(400)), calls(check(1600))
    assert large < 5 * small + 20_000


def test_an_unknown_op_is_looked_for_once_in_all_iterations(monkeypatch) -> None:
    asked = []
    explain = unknown_op.unknown_op
    monkeypatch.setattr(unknown_op, "unknown_op", lambda *a: asked.append(1) or explain(*a))
    report = check_text(f"{IMAGE}body:\n  - {{op: '=x', repeat: 1000}}\n", "net.yaml")
    assert [d.code for d in report.diagnostics] == ["NS101"]
    assert len(asked) <= 1


def test_a_thousand_bad_blocks_are_compared_within_the_budget() -> None:
    def text(n: int) -> str:
        blocks = "".join(f"  B{k}: {{body: [Relu{k}x]}}\n" for k in range(n))
        return f"{IMAGE}blocks:\n{blocks}body:\n" + "".join(f"  - B{k}\n" for k in range(n))

    small, large = (calls(lambda n=n: check_text(text(n), "net.yaml")) for n in (400, 1600))
    assert large < 6 * small
