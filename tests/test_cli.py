"""The command line as its users meet it: what is printed where, and the exit codes."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from netspec import __version__
from netspec.cli import main
from netspec.cli.command_table import COMMANDS, FORMATS

ROOT = Path(__file__).parents[1]
SPECS = ROOT / "specs"
DENSENET = str(SPECS / "densenet121.yaml")

GOOD = "netspec: 1\ninputs: {a: [N, 3, H, W]}\nbody: [ReLU]\n"
BAD = "netspec: 1\ninputs: {a: [N, 3, H, W]}\nbody: [Relu]\n"
WARNS = (
    "netspec: 1\ninputs: {a: [N, 3, H, W]}\nbody:\n"
    "  - {op: MaxPool2d, kernel_size: 2}\n  - {op: Upsample, scale_factor: 2}\n"
    "  - {op: Concat, from: [input, previous]}\n"
)
INCEPTION = """\
netspec: 1
inputs: {image: [N, 10, 12, 12]}
blocks:
  InceptionA:
    - join:
        op: Concat
        branches:
          branch1x1: {op: Conv2d, out_channels: 16, kernel_size: 1}
          branch5x5:
            - {op: Conv2d, out_channels: 16, kernel_size: 1}
            - {op: Conv2d, out_channels: 24, kernel_size: 5, padding: 2}
          branch3x3:
            - {op: Conv2d, out_channels: 16, kernel_size: 1}
            - {op: Conv2d, out_channels: 24, kernel_size: 3, padding: 1}
            - {op: Conv2d, out_channels: 24, kernel_size: 3, padding: 1}
          branch_pool:
            - {op: AvgPool2d, kernel_size: 3, stride: 1, padding: 1}
            - {op: Conv2d, out_channels: 24, kernel_size: 1}
body:
  - incep1: InceptionA
  - head: {op: Conv2d, in_channels: 80, out_channels: 20, kernel_size: 5}
"""

FLAGSHIP = """\
error[NS201]: `head` declares `in_channels: 80`, but its input `incep1.join` has 88 channels
  --> net.yaml:21:37
   |
 8 |           branch1x1: {op: Conv2d, out_channels: 16, kernel_size: 1}
   |                                                 -- 16 channels from `incep1.branch1x1`
...
11 |             - {op: Conv2d, out_channels: 24, kernel_size: 5, padding: 2}
   |                                          -- 24 channels from `incep1.branch5x5.1`
...
15 |             - {op: Conv2d, out_channels: 24, kernel_size: 3, padding: 1}
   |                                          -- 24 channels from `incep1.branch3x3.2`
...
18 |             - {op: Conv2d, out_channels: 24, kernel_size: 1}
   |                                          -- 24 channels from `incep1.branch_pool.1`
...
21 |   - head: {op: Conv2d, in_channels: 80, out_channels: 20, kernel_size: 5}
   |                                     ^^ declared 80, inferred 88
   |
   = note: 88 = 24×3 + 16: `incep1.join` concatenates 4 branches
   = help: set `in_channels: 88`, or omit it: netspec infers it
   = help: or make the branches sum to 80 (now 8 too many), e.g. `out_channels: 8` on line 8 \
(`incep1.branch1x1`) or `out_channels: 16` on line 11 (`incep1.branch5x5.1`)

"""


class CommandResult:
    """What a command line said, and its exit code."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err


@pytest.fixture
def run(capsys, monkeypatch, tmp_path):
    """Run a command line in an empty directory."""
    monkeypatch.chdir(tmp_path)
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "NETSPEC_DEBUG"):
        monkeypatch.delenv(name, raising=False)

    def call(*argv: str) -> CommandResult:
        code = main(argv)
        captured = capsys.readouterr()
        assert "Traceback" not in captured.out + captured.err
        return CommandResult(code, captured.out, captured.err)

    return call


def write(name: str, text: str | bytes) -> str:
    """Write a file below the current directory."""
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return name


def process(*argv: str, **rest: object) -> subprocess.CompletedProcess[bytes]:
    """Run a command line as a process of its own."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, "-m", "netspec", *argv],
        capture_output=True, check=False, env=environment, **rest,  # type: ignore[call-overload]
    )  # fmt: skip


# ---- check ------------------------------------------------------------------------------------


def test_a_spec_in_order_is_one_line(run):
    result = run("check", DENSENET)
    assert result.code == 0
    assert result.err == ""
    assert result.out == (
        f"{DENSENET}: ok: 427 nodes, 7,978,856 parameters, 2.83 G MACs at 3×224×224, "
        "valid for H, W >= 29\n"
    )


def test_an_error_is_shown_with_its_place_and_counted(run):
    result = run("check", write("bad.yaml", BAD))
    assert result.code == 1
    assert result.out.startswith("error[NS101]: unknown op `Relu`\n --> bad.yaml:3:8\n")
    assert "3 | body: [Relu]\n  |        ^^^^ " in result.out
    assert result.err == "1 error in 1 file\n"


def test_the_flagship(run):
    result = run("check", write("net.yaml", INCEPTION))
    assert result.code == 1
    assert result.out == FLAGSHIP


def test_warnings_fail_only_when_strict(run):
    path = write("net.yaml", WARNS)
    result = run("check", path)
    assert result.code == 0
    assert "warning[NS301]: valid only for H and W divisible by 2" in result.out
    assert "net.yaml: ok, 1 warning: 3 nodes" in result.out
    assert result.err == "1 warning in 1 file\n"
    strict = run("check", path, "--strict")
    assert strict.code == 1
    assert "ok" not in strict.out.splitlines()[-1]


def test_all_files_are_checked_in_one_run(run):
    good, bad, warns = write("a.yaml", GOOD), write("b.yaml", BAD), write("c.yaml", WARNS)
    result = run("check", good, bad, bad, warns)
    assert result.code == 1
    assert result.err == "1 error, 1 warning in 3 files\n"
    assert result.out.startswith("a.yaml: ok: 1 node, 0 parameters")


def test_a_directory_stands_for_the_specs_in_it(run):
    write("d/a.yaml", "# a comment\n" + GOOD)
    write("d/deep/b.yml", GOOD)
    write("d/c.json", '{"netspec": 1, "inputs": {"a": [2, 3]}, "body": ["ReLU"]}')
    write("d/broken.yaml", "netspec: 1\nbody: [")
    write("d/compose.yaml", "services: {}\n")
    write("d/data.json", "[1, 2, 3]")
    write("d/.hidden/x.yaml", BAD)
    write("d/readme.txt", "netspec: 1")
    result = run("check", "d")
    assert result.code == 1
    assert re.findall(r"^(\S+): ok", result.out, re.M) == ["d/a.yaml", "d/c.json", "d/deep/b.yml"]
    assert " --> d/broken.yaml:2:" in result.out
    assert result.err == "1 error in 4 files (2 other files skipped)\n"


def test_a_mistake_in_a_used_file_is_reported_once(run):
    write("d/lib.yaml", "netspec: 1\nblocks: {A: [Relu]}\n")
    for name in ("a", "b"):
        write(f"d/{name}.yaml", f"{GOOD.replace('[ReLU]', '[l.A]')}use: {{l: ./lib.yaml}}\n")
    result = run("check", "d")
    assert result.code == 1
    assert result.out.count("unknown op `Relu`") == 1
    assert result.err == "1 error in 3 files\n"


def test_links_that_go_in_a_circle_are_not_followed(run):
    write("d/a.yaml", GOOD)
    Path("d/again").symlink_to(".", target_is_directory=True)
    assert run("check", "d").out.count("ok") == 1


def test_checking_nothing_is_not_green(run):
    Path("empty").mkdir()
    result = run("check", "empty")
    assert result.code == 2
    assert result.out.startswith("error[NS001]: no netspec file in `empty`\n --> empty\n")
    write("other/x.yaml", "a: 1")
    result = run("check", "other")
    assert result.code == 2
    assert "skipped 1 file without it" in result.out
    result = run("check")
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith("netspec: no file to check\n  help: ")


def test_standard_input(run, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(BAD.encode())))
    result = run("check", "-")
    assert result.code == 1
    assert " --> <stdin>:3:8\n" in result.out
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"\xff")))
    result = run("check", "-")
    assert result.code == 2
    assert "`<stdin>` is not UTF-8" in result.out


def test_a_line_for_each_diagnostic(run):
    result = run("check", write("b.yaml", BAD), write("a.yaml", GOOD), "--format", "concise")
    assert result.code == 1
    assert result.out == "b.yaml:3:8: error[NS101]: unknown op `Relu`\n"


def test_diagnostics_for_programs(run):
    good, bad = write("a.yaml", GOOD), write("b.yaml", BAD)
    result = run("check", good, bad, "missing.yaml", "--format=json")
    assert result.code == 2
    data = json.loads(result.out)
    assert data["format_version"] == "1.0"
    assert data["valid"] is False
    assert data["summary"] == {"files": 3, "errors": 2, "warnings": 0, "skipped": 0}
    assert [f["kind"] for f in data["files"]] == ["network", "network", "unreadable"]
    assert data["files"][0]["parameters"] == 0
    first, second = data["diagnostics"]
    assert first["code"] == "NS101"
    assert first["primary"]["start"] == {"line": 3, "col": 8, "byte": BAD.index("Relu")}
    assert first["help"][0]["message"].startswith("did you mean `ReLU`?")
    assert second["file"] == "missing.yaml"


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize(("text", "code"), [(GOOD, 0), (WARNS, 0), (BAD, 1), (b"\xff", 2)])
def test_a_format_never_changes_the_exit_code(run, format, text, code):
    assert run("check", write("net.yaml", text), "--format", format).code == code


def test_parameters_are_set(run):
    grown = run("check", DENSENET, "--set", "growth=48", "--set=stages=[6, 12, 36, 24]")
    assert "28,681,000 parameters" in grown.out
    assert grown.code == 0
    assert grown.out != run("check", DENSENET).out
    wrong = run("check", DENSENET, "--set", "grwth=48")
    assert wrong.code == 1
    assert "has no parameter `grwth`" in wrong.out
    assert "= help: did you mean `growth`?" in wrong.out
    assert run("check", DENSENET, "--set", "growth").code == 2
    assert "no preset `x`" in run("check", DENSENET, "--preset", "x").out


def test_presets_are_chosen(run):
    text = GOOD.replace("[ReLU]", "[{op: ReLU, repeat: n}]")
    path = write("net.yaml", f"{text}params: {{n: 1}}\npresets: {{deep: {{n: 5}}}}\n")
    assert "ok: 5 nodes" in run("check", path, "--preset", "deep").out
    assert "ok: 7 nodes" in run("check", path, "--preset", "deep", "--set", "n=7").out


def test_color_is_for_terminals_and_on_request(run, monkeypatch):
    path = write("bad.yaml", BAD)
    assert "\x1b[" not in run("check", path).out
    assert "\x1b[1;31merror[NS101]" in run("check", path, "--color", "always").out
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[" in run("check", path).out
    assert "\x1b[" not in run("check", path, "--color=never").out
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[" not in run("check", path).out
    assert "\x1b[" in run("check", path, "--color=always").out


# ---- bad inputs: one clear diagnostic, the right code, never a traceback --------------------------

HEAD = "netspec: 1\ninputs: {a: [N, 3, H, W]}\n"
BOMB = "netspec: 1\nparams:\n  a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"  {b}: &{b} [{', '.join([f'*{a}'] * 10)}]\n"
    for a, b in zip("abcdefg", "bcdefgh", strict=True)
)

UNREADABLE = {
    "missing": (None, "there is no file `net.yaml`"),
    "binary": (b"netspec: 1\x00", "is not a text file: byte 10 is zero"),
    "latin-1": ("netspec: 1\nname: café".encode("latin-1"), "is not UTF-8: byte 20 (0xe9, in line 2)"),
    "utf-16": (GOOD.encode("utf-16"), "is UTF-16, but a spec must be UTF-8"),
}  # fmt: skip

WRONG = {
    "empty": ("", "the file is empty"),
    "no mapping": ("hello\n", "this is not a netspec file: its top level is not a mapping"),
    "no spec": ("a: 1\n", "this is not a netspec file: it has no `netspec` key"),
    "newer": ("netspec: 9\n", "this file uses version 9 of the language"),
    "syntax": ("netspec: 1\nbody: [ReLU\n", "is never closed"),
    "tag": ("netspec: 1\nbody: !!python/object/apply:os.system [id]\n", "is a YAML tag"),
    "deep": (f"netspec: 1\nbody: {'[' * 3000}{']' * 3000}\n", "nested more than 100 deep"),
    "aliases": (BOMB, "the aliases of this file expand to more than 100,000 values"),
    "repeats": (f"{HEAD}body: [{{op: ReLU, repeat: 1e9}}]\n", "cannot be repeated 1,000,000,000"),
    "range": (f"{HEAD}body:\n  - each: {{k: range(10**8)}}\n    body: [ReLU]\n", "more than 100000 items"),
    "power": (f"{HEAD}body: [{{op: Conv2d, out_channels: 2 ** 10**9, kernel_size: 1}}]\n", "out of range"),
    "recursion": (f"{HEAD}blocks: {{A: [B], B: [A]}}\nbody: [A]\n", "a block cannot contain itself: A → B → A"),
    "import": (f"{HEAD}body: [{{op: Dropout, p: \"__import__('os').getpid()\"}}]\n", "reads `.getpid`"),
    "class": (f"{HEAD}body: [{{op: Dropout, p: (1).__class__}}]\n", "reads `.__class__`"),
    "call": (f"{HEAD}body: [{{op: Dropout, p: open(1)}}]\n", "`open` is not a function of the expression language"),
}  # fmt: skip


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_cannot_be_read_is_one_diagnostic_and_code_2(run, name):
    data, message = UNREADABLE[name]
    if data is not None:
        write("net.yaml", data)
    for command in (("check",), ("summary",), ("compile",)):
        result = run(*command, "net.yaml")
        report_text = result.out if command == ("check",) else result.err
        assert result.code == 2
        assert report_text.count("error[") == 1
        assert message in report_text


@pytest.mark.parametrize("name", WRONG)
def test_what_makes_no_sense_is_one_diagnostic_and_code_1(run, name):
    text, message = WRONG[name]
    path = write("net.yaml", text)
    for command in ("check", "summary", "compile"):
        begun = time.perf_counter()
        result = run(command, path)
        report_text = result.out if command == "check" else result.err
        assert result.code == 1
        assert report_text.count("error[") == 1, report_text
        assert message in report_text
        assert time.perf_counter() - begun < 10


def test_a_huge_file_is_rejected_unread(run):
    with open("huge.yaml", "wb") as file:
        file.truncate(17 * 1024 * 1024)
    result = run("check", "huge.yaml")
    assert result.code == 2
    assert "has 17,825,792 bytes; the limit for a spec is 4,194,304" in result.out


def test_a_link_to_itself(run):
    Path("loop.yaml").symlink_to("loop.yaml")
    result = run("check", "loop.yaml")
    assert result.code == 2
    assert "its symbolic links form a cycle" in result.out


def test_a_pipe_is_not_waited_for(run):
    os.mkfifo("pipe.yaml")
    assert "is not a regular file" in run("check", "pipe.yaml").out


def test_files_that_use_each_other(run):
    write("a.yaml", "netspec: 1\nuse: {b: ./b.yaml}\nblocks: {A: [b.B]}\n")
    write("b.yaml", "netspec: 1\nuse: {a: ./a.yaml}\nblocks: {B: [a.A]}\n")
    result = run("check", "a.yaml")
    assert result.code == 1
    assert result.out.count("error[") == 1
    assert "the files use each other in a cycle: a.yaml → b.yaml → a.yaml" in result.out


# ---- summary ----------------------------------------------------------------------------------


def test_a_summary_is_a_table(run):
    result = run("summary", DENSENET, "--depth", "2")
    assert (result.code, result.err) == (0, "")
    rows = result.out.splitlines()
    assert rows[0] == "densenet121: image [N, 3, H, W]"
    assert rows[9].split() == [
        "denselayer1…6", "DenseLayer", "×6", "[N,", "256,", "(H+3)//4,", "(W+3)//4]", "335,040",
        "1.04", "G",
    ]  # fmt: skip
    assert rows[-2].split() == [
        "total", "427", "nodes", "[N,", "1000]", "7,978,856", "2.83", "G",
    ]  # fmt: skip
    assert rows[-1] == "MACs at 3×224×224, valid for H, W >= 29"


def test_sizes_are_put_in_and_held_to_what_is_valid(run):
    result = run("summary", DENSENET, "--size", "H=64,W=32", "--depth=0")
    assert "[N, 1024, 2, 1]" in result.out
    result = run("summary", DENSENET, "--size", "H=28")
    assert (result.code, result.out) == (2, "")
    assert result.err == (
        "netspec: H = 28 is invalid: `densenet121` is valid for H >= 29\n"
    )  # fmt: skip
    assert (
        "has no size `h`\n  help: did you mean `H`?" in run("summary", DENSENET, "--size=h=64").err
    )
    assert "a size must be at least 1" in run("summary", DENSENET, "--size", "H=0").err
    assert "sets no size" in run("summary", DENSENET, "--size", "H=big").err
    assert "a number of levels" in run("summary", DENSENET, "--depth", "-1").err


def test_a_summary_for_programs(run):
    result = run("summary", DENSENET, "--format", "json", "--depth", "1", "--size", "H=64")
    data = json.loads(result.out)
    assert data["parameters"] == 7978856
    assert data["inputs"] == {"image": ["N", 3, 64, "W"]}
    assert [row["name"] for row in data["rows"]] == [
        "features", "relu", "pool", "flatten", "classifier",
    ]  # fmt: skip
    assert sum(row["parameters"] for row in data["rows"]) == data["parameters"]
    assert "children" not in data["rows"][0]["children"][4]


def test_a_spec_with_errors_has_no_summary(run):
    result = run("summary", write("bad.yaml", BAD))
    assert (result.code, result.out) == (1, "")
    assert result.err.startswith("error[NS101]")


def test_a_library_has_no_summary(run):
    result = run("summary", write("lib.yaml", "netspec: 1\nblocks: {A: [ReLU]}\n"))
    assert (result.code, result.out) == (2, "")
    assert "library" in result.err


# ---- compile ----------------------------------------------------------------------------------


def test_the_program_is_printed_or_written(run):
    printed = run("compile", DENSENET)
    assert (printed.code, printed.err) == (0, "")
    assert "class DenseNet121(nn.Module):" in printed.out
    result = run("compile", DENSENET, "-o", "new/net.py")
    lines = printed.out.count("\n")
    assert (result.code, result.out) == (0, "")
    assert result.err == f"new/net.py: class DenseNet121, {lines} lines\n"
    assert Path("new/net.py").read_text() == printed.out
    assert [p.name for p in Path("new").iterdir()] == ["net.py"]
    umask = os.umask(0)
    os.umask(umask)
    assert Path("new/net.py").stat().st_mode & 0o777 == 0o666 & ~umask


FAMILY = """\
netspec: 1
name: net
params: {width: 8, kind: {type: op, default: Wide}}
presets:
  net: {}
  slim-1: {width: 4}
  narrow: {kind: Narrow}
  broken: {width: 0}
inputs: {image: [N, 3, H, W]}
blocks:
  Wide:
    params: {channels: int}
    body:
      - near: {op: Conv2d, out_channels: channels, kernel_size: 1}
      - far: {op: Conv2d, out_channels: 2 * channels, kernel_size: 1}
      - {op: Concat, from: [near, far]}
  Narrow:
    params: {channels: int}
    body:
      - near: {op: Conv2d, out_channels: channels + 1, kernel_size: 1}
body:
  - first: {op: kind, channels: width}
  - head: {op: Conv2d, out_channels: 2, kernel_size: 1}
"""


def test_presets_are_functions_of_one_program(run):
    path = write("net.yaml", FAMILY)
    printed = run("compile", path, "--presets")
    assert printed.code == 0
    assert printed.out.startswith(run("compile", path).out)
    assert printed.out.endswith(
        "def net() -> Net:\n"
        '    """Build the preset `net`, 226 parameters."""\n'
        "    return Net()\n\n\n"
        "def slim_1() -> Net:\n"
        '    """Build the preset `slim-1`, 82 parameters."""\n'
        "    return Net(width=4)\n"
    )
    assert printed.err.splitlines() == [
        "the preset `narrow` is skipped: `Net` cannot be one class with it: "
        "`in_channels` is a number that differs, and no parameter says it",
        "the preset `broken` is skipped: the network has errors with it",
    ]
    result = run("compile", path, "--presets", "-o", "net.py")
    lines = printed.out.count("\n")
    assert result.err.splitlines()[-1] == f"net.py: class Net, 2 presets, {lines} lines"
    assert Path("net.py").read_text() == printed.out


def test_set_is_stronger_than_what_a_function_sets(run):
    path = write("net.yaml", FAMILY)
    printed = run("compile", path, "--presets", "--set", "width=16")
    assert "width: int = 16" in printed.out
    assert "def slim_1(*, width: int = 16) -> Net:" in printed.out


def test_presets_of_a_spec_without_any(run):
    result = run("compile", write("net.yaml", GOOD), "--presets")
    assert (result.code, result.out) == (2, "")
    assert result.err == (
        "netspec: `net` has no presets for `--presets`\n"
        "  help: remove `--presets`, or add presets to the spec: `presets: {large: {width: 128}}`\n"
    )


def test_a_program_is_written_whole_or_not_at_all(run):
    write("bad.yaml", BAD)
    write("net.py", "old")
    assert run("compile", "bad.yaml", "-o", "net.py").code == 1
    assert Path("net.py").read_text() == "old"
    write("good.yaml", GOOD)
    Path("link.py").symlink_to("net.py")
    assert run("compile", "good.yaml", "--output=link.py").code == 0
    assert Path("link.py").is_symlink()
    assert "class Good" in Path("net.py").read_text()


def test_a_program_does_not_overwrite_what_it_should_not(run):
    path = write("net.yaml", GOOD)
    Path("dir").mkdir()
    result = run("compile", path, "-o", "net.yaml")
    assert (result.code, result.err) == (
        2, "netspec: `net.yaml` is the spec itself\n  help: write the program to another file\n",
    )  # fmt: skip
    assert "is a directory" in run("compile", path, "-o", "dir").err
    assert "cannot be written" in run("compile", path, "-o", "net.yaml/x.py").err
    assert run("compile", path, "-o", "").code == 2
    assert Path("net.yaml").read_text() == GOOD


def test_warnings_do_not_mix_with_the_program(run):
    result = run("compile", write("net.yaml", WARNS))
    assert result.code == 0
    assert "warning[NS301]" in result.err
    compile(result.out, "net.py", "exec")


def test_a_library_is_not_compiled(run):
    result = run("compile", write("lib.yaml", "netspec: 1\nblocks: {A: [ReLU]}\n"))
    assert (result.code, result.out) == (1, "")
    assert "is a library: it has no body" in result.err


# ---- the rest ---------------------------------------------------------------------------------


def test_the_version(run):
    assert run("--version").out == f"netspec {__version__}\n"


def test_the_overview_names_every_command(run):
    pages = {run(*argv).out for argv in [(), ("--help",), ("-h",), ("help",)]}
    assert len(pages) == 1
    page = pages.pop()
    assert all(f"\n  {name}" in page for name in COMMANDS)
    assert all(len(line) <= 100 for line in page.splitlines())


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_a_page(run, name):
    page = run("help", name).out
    assert page == run(name, "--help").out
    assert page.startswith(f"usage: netspec {name}")
    assert all(option.name in page for option in COMMANDS[name].options)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_operand_has_a_description(name):
    described = [operand for operand, _ in COMMANDS[name].operand_docs]
    assert described == re.findall(r"\b[A-Z]+\b", COMMANDS[name].operands)


@pytest.mark.parametrize(
    ("argv", "help"),
    [
        (["chek"], "did you mean `check`?"),
        (["net.yaml"], "write `netspec check net.yaml`"),
        (["fly"], "the commands are check, fmt, summary"),
        (["help", "sumary"], "did you mean `summary`?"),
        (["check", "x.yaml", "--fromat", "json"], "did you mean `--format`?"),
        (["check", "x.yaml", "--format", "jsn"], "did you mean `json`?"),
        (
            ["check", "x.yaml", "--format"],
            "write `--format full|concise|json|sarif|github|gitlab|junit`",
        ),
        (["check", "x.yaml", "--strict=yes"], "remove `=yes`"),
        (["summary"], "write `netspec summary SPEC`"),
        (["compile", "a", "b"], "write `netspec compile SPEC`"),
        (["completion", "tcsh"], "choose from bash, zsh, fish"),
    ],
)
def test_a_command_line_that_makes_no_sense_is_code_2_and_says_what_to_write(run, argv, help):
    result = run(*argv)
    assert (result.code, result.out) == (2, "")
    assert f"  help: {help}" in result.err


def test_a_dash_dash_ends_the_options(run):
    write("--strict", GOOD)
    assert run("check", "--", "--strict").code == 0


def test_short_options_take_their_value_attached(run):
    run("compile", write("net.yaml", GOOD), "-onet.py")
    assert Path("net.py").exists()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_knows_every_command_and_option(run, shell):
    script = run("completion", shell).out
    for command in COMMANDS.values():
        assert command.name in script
        assert all(option.name.removeprefix("--") in script for option in command.options)


def test_bash_completes():
    script = process("completion", "bash").stdout.decode()
    ask = 'COMP_WORDS=(netspec check --st); COMP_CWORD=2; _netspec; echo "${COMPREPLY[@]}"'
    done = subprocess.run(["bash", "-c", f"{script}\n{ask}"], capture_output=True, check=True)
    assert done.stdout == b"--strict\n"


def test_a_bug_says_so_and_keeps_its_traceback(run, monkeypatch, capsys):
    def broken(*_: object) -> None:
        raise KeyError("oops")

    monkeypatch.setattr("netspec.cli.setting_options.check_document", broken)
    result = run("check", "net.yaml")
    assert (result.code, result.out) == (101, "")
    assert result.err.startswith("netspec: internal error: KeyError: 'oops' (test_cli.py:")
    assert "while checking net.yaml" in result.err
    assert "this is a bug in netspec" in result.err
    monkeypatch.setenv("NETSPEC_DEBUG", "1")
    assert main(["check", "net.yaml"]) == 101
    assert "Traceback" in capsys.readouterr().err


def test_ctrl_c_is_quiet(run, monkeypatch):
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("netspec.cli.setting_options.check_document", interrupted)
    result = run("check", "net.yaml")
    assert (result.code, result.out, result.err) == (130, "", "")


def test_as_a_process():
    done = process("check", DENSENET, "--set", "growth=33")
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode().startswith(f"{DENSENET}: ok: 427 nodes")
    assert process("chek").returncode == 2


def test_a_reader_that_goes_away_is_no_error():
    command = [sys.executable, "-m", "netspec", "summary", str(DENSENET), "--format", "json"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment
    ) as running:
        assert running.stdout is not None and running.stderr is not None
        running.stdout.close()
        stderr = running.stderr.read()
    assert (running.returncode, stderr) == (141, b"")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full here")
def test_a_full_disk_is_reported():
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "netspec", "--help"],
            stdout=full, stderr=subprocess.PIPE, check=False,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip
    assert (done.returncode, done.stderr) == (
        2,
        b"netspec: cannot write: no space left on device\n",
    )
