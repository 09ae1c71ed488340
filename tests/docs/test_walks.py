"""The walks of docs/architecture.md: the functions exist, and a real run calls them in that order."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from walks import ROOT, recorded_calls, stops

import netspec
from netspec.cli import main

SPEC = str(ROOT / "specs" / "alexnet.yaml")
ONE_STEP = (
    "netspec: 1\ninputs: {image: [N, 3, H, W]}\n"
    "body: [{conv: {op: Conv2d, out_channels: 8, kernel_size: 3}}]"
)
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")

WALKS: dict[str, Callable[[], object]] = {
    "From text to report": lambda: main(["check", SPEC]),
    "From step to node": lambda: netspec.load(ONE_STEP).elaborate(),
    "From graph to source": lambda: netspec.load(SPEC).source(),
    "From spec to explanation": lambda: main(["explain", SPEC, "features.0"]),
}


@pytest.mark.parametrize("walk", WALKS)
def test_a_run_calls_the_stops_of_a_walk_in_their_order(walk: str) -> None:
    expected = stops(PAGE, walk)
    assert len(expected) > 2
    with recorded_calls(expected) as called:
        WALKS[walk]()
    assert called[: len(expected)] == expected


def test_every_walk_of_the_page_is_run() -> None:
    titles = re.findall(r"^### (From [\w ]+)", PAGE.split("## Walks")[1].split("\n## ")[0], re.M)
    assert titles == list(WALKS)
