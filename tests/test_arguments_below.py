"""Arguments indented below an op: the diagnostic offers the edit that makes a step of them."""

from __future__ import annotations

import pytest

from netspec.check import check_text
from netspec.fix import fix

HEAD = "netspec: 1\ninputs: {image: [N, 3, 8, 8]}\nbody:\n"


@pytest.mark.parametrize(
    "body",
    [
        "  - conv: Conv2d\n      out_channels: 64\n      kernel_size: 3\n  - ReLU\n",
        "  - conv: Conv2d  # wide\n\n      # how many\n      out_channels: 64\n      kernel_size: 3\n",
        "  - Conv2d\n      out_channels: 64\n      kernel_size: 3\n",
        "  - conv: nn.Conv2d\n      out_channels: 64\n      kernel_size: [3, 3]\n",
        "  - ReLU\n  - conv: Conv2d\n      out_channels: 64\n      kernel_size: 3\n  - c2: Conv2d\n      out_channels: 2\n      kernel_size: 1\n",
    ],
)  # fmt: skip
def test_the_op_gets_its_arguments(body: str) -> None:
    report = check_text(HEAD + body)
    [diagnostics, *_] = [d for d in report.diagnostics if d.code == "NS010"]
    assert "are indented below it" in diagnostics.message
    assert diagnostics.helps[0].edits
    fixed = fix(report, check_text)
    assert [d.message for d in fixed.report.diagnostics] == []
    graph = fixed.report.graph
    assert graph is not None
    [conv] = [n for n in graph.nodes if n.op == "Conv2d"][:1]
    assert [str(size) for size in conv.outputs[0].shape or ()] == ["N", "64", "6", "6"]


@pytest.mark.parametrize(
    "body",
    [
        "  - conv: Conv2d\n    out_channels: 64\n    kernel_size: 3\n  - ReLU\n",
        "  - conv: Conv2d  # wide\n    # how many\n    out_channels: 64\n    kernel_size: [3, 3]\n",
        "  - {conv: Conv2d, out_channels: 64, kernel_size: 3}\n",
        "  - conv: nn.Conv2d\n    kernel_size:\n      - 3\n      - 3\n    out_channels: 64\n",
    ],
)
def test_arguments_next_to_the_name_come_under_it(body: str) -> None:
    report = check_text(HEAD + body)
    [diagnostics, *_] = [d for d in report.diagnostics if d.code == "NS024"]
    assert "are not under it" in diagnostics.message
    assert diagnostics.helps[0].edits
    fixed = fix(report, check_text)
    assert [d.message for d in fixed.report.diagnostics] == []
    assert fixed.report.graph is not None
    assert [str(n) for n in fixed.report.graph.nodes[0].outputs[0].shape or ()] == [
        "N",
        "64",
        "6",
        "6",
    ]


@pytest.mark.parametrize("text", ["a: 1\n b: 2", "- a: b\n    c: 2\n", "doc: Text\n  b: 2\n"])
def test_other_values_keep_their_diagnostic(text: str) -> None:
    assert "are indented below it" not in check_text(text).diagnostics[0].message
