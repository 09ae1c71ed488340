"""`check --fix`: the text is fixed where that is safe, and nothing else of it changes."""

from __future__ import annotations

import contextlib
import io
import os
import pathlib
import subprocess
from contextlib import redirect_stderr, redirect_stdout
from difflib import SequenceMatcher

import pytest

from netspec.check import Report, check_text
from netspec.cli import main
from netspec.fix import fix

GOOD = """netspec: 1   # a header
name: "fixed"\r
inputs: {image: [N, 3, 32, 32]}

body:
  - conv: {op: Conv2d, out_channels: 16, kernel_size: 3}   # as in the paper
  - relu: ReLU
  - head:
      op: Conv2d
      in_channels: 16
      out_channels: 10
      kernel_size: 1
"""

SLIPS = [
    ("op: Conv2d, out", "op: Conv2D, out"),
    ("kernel_size: 3}", "kernal_size: 3}"),
    ("ReLU", "Relu"),
    ("in_channels: 16", "in_channels: 61"),
    ("inputs:", "input:"),
    ("out_channels: 10", "out_chanels: 10"),
]


def check(text: str) -> Report:
    return check_text(text, "net.yaml")


def broken(*slips: tuple[str, str]) -> str:
    text = GOOD
    for right, wrong in slips:
        assert right in text
        text = text.replace(right, wrong, 1)
    return text


def test_the_good_text_is_good() -> None:
    assert check(GOOD).diagnostics == ()
    assert fix(check(GOOD), check).text == GOOD


@pytest.mark.parametrize("slip", SLIPS)
def test_one_slip_is_fixed_to_the_intended_text(slip: tuple[str, str]) -> None:
    fixed = fix(check(broken(slip)), check)
    assert fixed.text == GOOD
    assert len(fixed.applied) == 1
    assert fixed.report.diagnostics == ()


def test_all_slips_are_fixed_at_once() -> None:
    fixed = fix(check(broken(*SLIPS)), check)
    assert fixed.text == GOOD
    assert len(fixed.applied) == len(SLIPS)


def test_what_is_not_certain_is_left() -> None:
    text = broken(
        ("relu: ReLU", "relu: {op: ReLU, from: nowhere_near}"), ("kernel_size: 3", "kernal_size: 3")
    )
    fixed = fix(check(text), check)
    changes = [o for o in SequenceMatcher(None, text, fixed.text).get_opcodes() if o[0] != "equal"]
    assert [text[a:b] for _, a, b, _, _ in changes] == ["a"]
    assert [d.code for d in fixed.report.errors] == ["NS103"]


def run(*arguments: str) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = main(["check", *arguments])
    return code, out.getvalue(), err.getvalue()


@pytest.fixture
def file(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "net.yaml"
    path.write_bytes(broken(*SLIPS).encode())
    path.chmod(0o640)
    return path


def test_the_file_is_fixed_in_place_with_its_mode(file: pathlib.Path) -> None:
    code, out, err = run("net.yaml", "--fix")
    assert file.read_bytes() == GOOD.encode()
    assert file.stat().st_mode & 0o777 == 0o640
    assert (code, "net.yaml: ok" in out) == (0, True)
    assert "net.yaml: fixed 6 diagnostics" in err
    assert os.listdir() == ["net.yaml"]


def test_a_link_stays_a_link(file: pathlib.Path) -> None:
    os.symlink("net.yaml", "link.yaml")
    assert run("link.yaml", "--fix")[0] == 0
    assert os.path.islink("link.yaml")
    assert file.read_bytes() == GOOD.encode()


def test_the_diff_is_what_git_applies_and_nothing_is_written(file: pathlib.Path) -> None:
    before = file.read_bytes()
    code, out, _ = run("net.yaml", "--diff")
    assert (code, file.read_bytes()) == (1, before)
    subprocess.run(["git", "apply", "-"], input=out.encode(), check=True)
    assert file.read_bytes() == GOOD.encode()
    assert run("net.yaml", "--diff")[:2] == (0, "")


def test_standard_input_cannot_be_fixed_in_place() -> None:
    code, _, err = run("-", "--fix")
    assert code == 2
    assert "use `--diff`" in err


BRANCHES = """netspec: 1
inputs: {image: [N, 16, H, W]}
body:
  - mix:
      op: Concat
      branches:
        one: {op: Conv2d, out_channels: 16, kernel_size: 1}
        five: {op: Conv2d, out_channels: 24, kernel_size: 5, padding: 2}
        three:
          - {op: Conv2d, out_channels: 24, kernel_size: 3}   # as in the paper
          - ReLU
"""
BLOCK_STYLE = """netspec: 1\r
inputs: {image: [N, 16, 28, 28]}\r
body:\r
  - conv:\r
      op: Conv2d\r
      out_channels: 16\r
      kernel_size: 7  # wide\r
      bias: false\r
  - norm: BatchNorm2d\r
  - add: {op: Add, from: [image, norm]}\r
"""


def fixed_text(text: str) -> tuple[str, list[str]]:
    """A text after its fixes, and the messages that are left."""
    fixed = fix(check_text(text, "net.yaml"), lambda t: check_text(t, "net.yaml"))
    return fixed.text, [d.message for d in fixed.report.diagnostics]


def test_a_padding_that_is_missing_is_written_where_it_is_missing() -> None:
    expected = BRANCHES.replace("kernel_size: 3}", "kernel_size: 3, padding: 1}")
    assert fixed_text(BRANCHES) == (expected, [])
    expected = BLOCK_STYLE.replace("# wide\r\n", "# wide\r\n      padding: 3\r\n")
    assert fixed_text(BLOCK_STYLE) == (expected, [])
    at_the_end = BLOCK_STYLE.replace("      bias: false\r\n", "").replace("  # wide", "")
    expected = at_the_end.replace("kernel_size: 7\r\n", "kernel_size: 7\r\n      padding: 3\r\n")
    assert fixed_text(at_the_end) == (expected, [])


@pytest.mark.parametrize("dilation", [1, 2, 3])
@pytest.mark.parametrize("kernel", [3, 5, 7])
def test_the_padding_is_that_of_the_window(kernel: int, dilation: int) -> None:
    text = BRANCHES.replace("kernel_size: 3", f"kernel_size: {kernel}, dilation: {dilation}")
    after, left = fixed_text(text)
    padding = dilation * (kernel - 1) // 2
    assert left == []
    assert f"kernel_size: {kernel}, padding: {padding}, dilation: {dilation}}}" in after


@pytest.mark.parametrize(
    ("old", "new", "helps"),
    [
        # there is one already, and whether that or the window is wrong is not for us to say
        ("kernel_size: 3}", "kernel_size: 5, padding: 1}", ["`padding: 2` in `three` makes the sizes agree"]),
        # the window is computed
        ("kernel_size: 3}", "kernel_size: 1 + 2}", ["`padding: 1` in `three` makes the sizes agree"]),
        # an explicit stride is named, and left
        ("kernel_size: 3}", "kernel_size: 3, stride: 2}",
         ["`stride: 1, padding: 1` in `three` makes the sizes agree: its stride is 2"]),
        # every branch says something else
        ("padding: 2}", "padding: 1}", ["make the height equal: only the joined dimension may differ"]),
    ],
)  # fmt: skip
def test_an_uncertain_padding_is_reported_and_not_written(
    old: str, new: str, helps: list[str]
) -> None:
    text = BRANCHES.replace(old, new)
    assert text != BRANCHES
    [diagnostic] = check_text(text, "net.yaml").diagnostics
    assert [h.text.replace("three.0", "three") for h in diagnostic.helps] == helps
    assert fixed_text(text)[0] == text


def test_of_two_paddings_that_would_do_none_is_written() -> None:
    text = """netspec: 1
inputs: {image: [N, 16, H, W]}
body:
  - a: {op: Conv2d, out_channels: 16, kernel_size: 3}
  - b: {op: Conv2d, out_channels: 16, kernel_size: 3}
  - add: {op: Add, from: [image, b]}
"""
    [diagnostic] = check_text(text, "net.yaml").diagnostics
    assert all(not h.edits for h in diagnostic.helps)
    assert fixed_text(text)[0] == text


ALIKE = {
    "an argument": ("Conv2d, out_chanels: 3, kernel_size: 1", "Conv2d, out_channels: 3, kernel_size: 1"),
    "two arguments": ("Conv2d, out_chanels: 3, kernelsize: 1", "Conv2d, out_channels: 3, kernel_size: 1"),
    "a layer": ("Conv2D, out_channels: 3, kernel_size: 1", "Conv2d, out_channels: 3, kernel_size: 1"),
    "a function": ("F.relu", "ReLU"),
}  # fmt: skip


@pytest.mark.parametrize("kind", ALIKE)
@pytest.mark.parametrize("count", [2, 17, 100])
def test_one_mistake_at_many_steps_is_fixed_at_all_of_them(kind: str, count: int) -> None:
    """More than are tried one by one: diagnostics that say the same are tried together."""
    wrong, right = ALIKE[kind]

    def spec(step: str) -> str:
        steps = "".join(f"  - s{k}: {{op: {step}}}\n" for k in range(count))
        return f"netspec: 1\ninputs: {{image: [N, 3, 8, 8]}}\nbody:\n{steps}"

    checked = []
    report = check_text(spec(wrong), "net.yaml")
    fixed = fix(report, lambda text: checked.append(1) or check_text(text, "net.yaml"))
    assert fixed.text == spec(right)
    assert not fixed.report.diagnostics
    assert len(checked) <= 3


def test_a_name_that_is_misspelled_where_it_is_declared_is_not_renamed_at_its_uses() -> None:
    uses = "".join(f"  - r{k}: {{op: ReLU, from: stem}}\n" for k in range(3))
    text = f"netspec: 1\ninputs: {{image: [N, 3, 8, 8]}}\nbody:\n  - stme: ReLU\n{uses}"
    report = check_text(text, "net.yaml")
    assert fix(report, lambda text: check_text(text, "net.yaml")).text == text


@pytest.mark.parametrize("odd", ["\u2028", "\x85", "\u2029"])
def test_a_diff_of_a_text_with_other_line_breaks_can_be_applied(odd: str, tmp_path) -> None:
    before = f"netspec: 1  # a{odd}b\ninputs: {{image: [N, 3]}}  # c{odd}\nbody: [Relu]  # {odd}d\n"
    path = tmp_path / "net.yaml"
    path.write_text(before, encoding="utf-8", newline="")
    with redirect_stdout(io.StringIO()) as out, contextlib.chdir(tmp_path):
        main(["check", "net.yaml", "--diff"])
    patch = out.getvalue()
    (tmp_path / "fix.patch").write_text(
        patch[: patch.rindex("\n") + 1], encoding="utf-8", newline=""
    )
    subprocess.run(["git", "apply", "--verbose", "fix.patch"], cwd=tmp_path, check=True)
    assert path.read_text(encoding="utf-8") == before.replace("Relu", "ReLU")
