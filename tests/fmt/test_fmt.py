"""`netspec fmt`: nothing is lost, nothing means anything else, and a second time changes nothing."""

from __future__ import annotations

import io
import re
import sys
from pathlib import Path
from random import Random

import pytest
import yaml
from document_texts import content, same, written
from hypothesis import example, given
from sampling import some

from netspec.check import check_text
from netspec.document import parse
from netspec.fmt import UncertainError, formatted

ROOT = Path(__file__).parents[2]
SPECS = sorted((ROOT / "specs").rglob("*.yaml"))


def fmt(text: str) -> str:
    return formatted(parse(text, "net.yaml"))


@pytest.mark.parametrize("path", SPECS, ids=lambda p: p.stem)
def test_the_gallery_is_laid_out(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert fmt(text) == text


@given(written())
@example(("a: &x [1]\nb: *x\n", None, None))
def test_no_text_loses_anything(case) -> None:
    text, *_ = case
    document = parse(text, "net.yaml")
    if document.diagnostics or document.root is None:
        return
    try:
        formatted_text = formatted(document)
    except UncertainError:
        return
    again = parse(formatted_text, "net.yaml")
    assert same(content(again.root), content(document.root))
    assert formatted(again) == formatted_text


def disturbed(text: str, r: Random) -> str:
    """A text laid out in another way, with comments here and there."""
    lines = []
    for line in text.split("\n"):
        inside, deeper = line.lstrip(" "), line
        if r.random() < 0.1:
            lines += [""] * r.randint(1, 3)
        if r.random() < 0.1:
            lines.append(" " * r.randrange(9) + "# remark " + str(r.random()))
        if inside.startswith("- ") and r.random() < 0.3:
            deeper = deeper.replace("- ", "-   ", 1) if inside[2:3] == "{" else deeper
        if ": {" in deeper and "*" not in deeper and r.random() < 0.5:
            deeper = deeper.replace(": {", ":    { ", 1).replace(", ", " ,", 1)
        if inside and r.random() < 0.1:
            deeper += "   # " + r.choice(["here", "# there", "ünïcode"])
        lines.append(deeper + " " * r.choice([0, 0, 2]))
    return "\n".join(lines) + "\n" * r.randrange(3)


@pytest.mark.parametrize("seed", some(range(120), 40))
def test_a_disturbed_spec_comes_back(seed: int) -> None:
    r = Random(seed)
    original = r.choice(SPECS).read_text(encoding="utf-8")
    text = disturbed(original, r)
    if parse(text).diagnostics:
        return
    formatted_text = fmt(text)
    assert fmt(formatted_text) == formatted_text
    remarks = re.compile(r"# remark \S+|# here|# there|# ünïcode")
    assert remarks.findall(formatted_text) == remarks.findall(text)
    bare = [
        line.split("  #")[0].rstrip()
        for line in formatted_text.split("\n")
        if not line.lstrip().startswith("#")
    ]
    expected_lines = [
        line.split("  #")[0].rstrip()
        for line in original.split("\n")
        if not line.lstrip().startswith("#")
    ]
    assert [line for line in bare if line] == [line for line in expected_lines if line]


@pytest.mark.parametrize("indent", [2, 3, 4, 7])
@pytest.mark.parametrize("flow", [False, None])
@pytest.mark.parametrize("path", some(SPECS, 6), ids=lambda p: p.stem)
def test_what_another_program_wrote(path: Path, flow: bool | None, indent: int) -> None:
    text = yaml.dump(
        yaml.safe_load(path.read_text(encoding="utf-8")), default_flow_style=flow, indent=indent, sort_keys=False,
        width=60,
    )  # fmt: skip
    if parse(text).diagnostics:
        return  # a line of text that starts with a dash, as our reader does not take it
    formatted_text = fmt(text)
    assert fmt(formatted_text) == formatted_text
    assert yaml.safe_load(formatted_text) == yaml.safe_load(text)
    before, after = check_text(text, "net.yaml"), check_text(formatted_text, "net.yaml")
    assert [d.message for d in after.diagnostics] == [d.message for d in before.diagnostics]


UGLY = """

# a header


netspec:   1
inputs:   { image : [N,3,  H,W] }   # pictures
doc: |
     two
       lines
blocks:

    Layer:
        params: {width: int}
        body:
        -   conv:   {op: Conv2d, out_channels: width, kernel_size: 3}  # narrow
        # before the norm
        - norm: BatchNorm2d
        -
          op: ReLU
          inplace: true

        # the end of the layer
    # between blocks


body:
- each:    # of them
    w: [1,2]
  body:
  - "l{w}": {op: Layer, width: w}
- long: {op: Conv2d, out_channels: 1234, kernel_size: [3, 3], stride: [1, 1], padding: [1, 1], dilation: 1, groups: 1, bias: false}
- - a: ReLU
  - b: "x
       y"
# the end"""
NEAT = """\
# a header

netspec: 1
inputs: {image: [N, 3, H, W]}  # pictures
doc: |
  two
    lines
blocks:
  Layer:
    params: {width: int}
    body:
      - conv: {op: Conv2d, out_channels: width, kernel_size: 3}  # narrow
      # before the norm
      - norm: BatchNorm2d
      - op: ReLU
        inplace: true

      # the end of the layer
  # between blocks

body:
  - each:  # of them
      w: [1, 2]
    body:
      - "l{w}": {op: Layer, width: w}
  - long:
      op: Conv2d
      out_channels: 1234
      kernel_size: [3, 3]
      stride: [1, 1]
      padding: [1, 1]
      dilation: 1
      groups: 1
      bias: false
  - - a: ReLU
    - b: "x
        y"
# the end
"""


def test_an_ugly_text_becomes_neat() -> None:
    assert fmt(UGLY) == NEAT
    assert fmt(NEAT) == NEAT
    assert fmt(UGLY.replace("\n", "\r\n")) == NEAT
    assert fmt("\ufeff" + UGLY.lstrip()) == NEAT


def test_long_lists_are_filled() -> None:
    numbers = ", ".join(str(k) for k in range(100, 160))
    formatted_text = fmt(f"netspec: 1\nparams: {{w: [{numbers}]}}\n")
    assert formatted_text.splitlines()[1:4] == [
        "params:",
        "  w: [",
        "    " + ", ".join(map(str, range(100, 123))) + ",",
    ]
    assert max(map(len, formatted_text.splitlines())) <= 120
    assert fmt(formatted_text) == formatted_text


@pytest.mark.parametrize(
    "text",
    [
        "netspec: 1\nw: [1, # one\n  2]\n",
        "netspec: 1\ndoc: |+\n  a\n\n",
        "netspec: 1\ndoc: |2\n    a\n",
        "netspec: 1\n? a\n: b\n",
    ],
)
def test_what_is_not_certain_is_kept_or_rejected(text: str) -> None:
    document = parse(text, "net.yaml")
    if document.diagnostics:
        return
    try:
        formatted_text = formatted(document)
    except UncertainError:
        return
    assert same(content(parse(formatted_text).root), content(document.root))


def test_json_is_left_as_it_is() -> None:
    text = '{"netspec":1,   "body":[]}'
    assert fmt(text) == text


# ---- the command ------------------------------------------------------------------------------------


@pytest.fixture
def ugly(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("ugly.yaml").write_text(UGLY)
    Path("neat.yaml").write_text(NEAT)
    return Path("ugly.yaml")


def test_files_are_laid_out(run, ugly) -> None:
    assert run("fmt", ".") == (0, "ugly.yaml\n", "1 file of 2 formatted\n")
    assert ugly.read_text() == NEAT
    assert run("fmt", ".") == (0, "", "0 files of 2 formatted\n")


def test_check_and_diff_write_nothing(run, ugly) -> None:
    assert run("fmt", "--check", ".") == (1, "ugly.yaml\n", "1 file of 2 to format\n")
    code, out, _ = run("fmt", "--diff", ".")
    assert code == 1
    assert "--- a/ugly.yaml\n+++ b/ugly.yaml\n" in out
    assert "-netspec:   1\n" in out
    assert ugly.read_text() == UGLY
    assert run("fmt", "--check", "neat.yaml")[0] == 0


def test_standard_input_to_standard_output(run, ugly, monkeypatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(UGLY.encode())))
    assert run("fmt", "-") == (0, NEAT, "")


def test_what_cannot_be_laid_out_is_left_alone(run, ugly) -> None:
    for text, why in [
        ("netspec: 1\nbody: [a\n", "error[NS010]"),
        ("a: 1\n", "left unchanged: it is not a netspec file"),
        ("netspec: 1\n? a b\n: c\n", ""),
    ]:
        ugly.write_text(text)
        code, out, err = run("fmt", "ugly.yaml")
        assert (code, out, ugly.read_text()) == (2, "", text)
        assert why in err
    assert "no file to format" in run("fmt")[2]
    assert run("fmt", "gone.yaml")[0] == 2
