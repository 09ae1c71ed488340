"""The walks of docs/architecture.md: the functions exist, and a real run calls them in that order."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import pytest

import netspec
from netspec.cli import main

ROOT = Path(__file__).parents[2]
SPEC = str(ROOT / "specs" / "alexnet.yaml")
ONE_STEP = (
    "netspec: 1\ninputs: {image: [N, 3, H, W]}\n"
    "body: [{conv: {op: Conv2d, out_channels: 8, kernel_size: 3}}]"
)
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")

Stop = tuple[str, str]
"""A file, relative to the project, and the qualified name of a function in it."""

WALKS: dict[str, Callable[[], object]] = {
    "From text to report": lambda: main(["check", SPEC]),
    "From step to node": lambda: netspec.load(ONE_STEP).elaborate(),
    "From graph to source": lambda: netspec.load(SPEC).source(),
    "From spec to explanation": lambda: main(["explain", SPEC, "features.0"]),
}


def stops(walk: str) -> list[Stop]:
    """The stops of a walk, as the page lists them."""
    section = PAGE.split(f"### {walk}")[1].split("\n#")[0]
    return re.findall(r"^\| \d+ \| `([^`]+)` \| `([^`]+)` \|", section, re.MULTILINE)


def calls(run: Callable[[], object], walk: list[Stop]) -> list[Stop]:
    """The calls of these functions, in the order of a run."""
    called: list[Stop] = []
    files = {str(ROOT / file): file for file, _ in walk}

    def note(frame: FrameType, event: str, _: object) -> None:
        file = files.get(frame.f_code.co_filename)
        if event == "call" and file is not None:
            called.append((file, frame.f_code.co_qualname))

    sys.setprofile(note)
    try:
        run()
    finally:
        sys.setprofile(None)
    return [call for call in called if call in walk]


@pytest.mark.parametrize("walk", WALKS)
def test_a_run_calls_the_stops_of_a_walk_in_their_order(walk: str) -> None:
    expected = stops(walk)
    assert len(expected) > 2
    called = calls(WALKS[walk], expected)
    assert called[: len(expected)] == expected


def test_every_walk_of_the_page_is_run() -> None:
    titles = re.findall(r"^### (From [\w ]+)", PAGE.split("## Walks")[1].split("\n## ")[0], re.M)
    assert titles == list(WALKS)
