"""`netspec diff`, `netspec lock` and `netspec check --locked`, as they are called."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from netspec.cli.exit_codes import CLEAN, ERRORS, USAGE

ROOT = Path(__file__).parents[2]
NET = """netspec: 1
inputs: {image: [N, 3, 32, 32]}
params: {width: 8}
presets: {large: {width: 64}}
body:
  - conv: {op: Conv2d, out_channels: width, kernel_size: 3}
  - relu: ReLU
"""


@pytest.fixture
def net(tmp_path, monkeypatch):
    """A spec in a folder of its own, which is the current one."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "net.yaml"
    path.write_text(NET)
    return path


def git(*arguments: str) -> None:
    """Run git in the current folder, with a fixed author."""
    who = ("-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *who, *arguments], check=True, capture_output=True)


def commit(message: str) -> None:
    git("add", "-A")
    git("commit", "-q", "-m", message)


# ---- diff ----------------------------------------------------------------------------------------


def test_two_files(run, net):
    Path("other.yaml").write_text(NET.replace("ReLU", "GELU"))
    code, out, err = run("diff", "net.yaml", "other.yaml")
    assert (code, err) == (ERRORS, "")
    assert out == "~ name  net → other\n\nchanged (1 node)\n~ relu  GELU  op ReLU → GELU\n"
    Path("other.yaml").write_text(
        NET.replace("width, kernel_size: 3", "width,   kernel_size: 3 # k")
    )
    assert run("diff", "net.yaml", "net.yaml") == (CLEAN, "no difference\n", "")


def test_one_file_with_other_settings(run, net):
    code, out, _ = run("diff", "net.yaml", "--to-set", "width=16")
    assert code == ERRORS
    assert "settings\n~ width  8 → 16\n" in out
    code, again, _ = run("diff", "net.yaml", "--to-preset", "large", "--to-set", "width=16")
    assert (code, again) == (ERRORS, out)
    code, out, _ = run("diff", "net.yaml", "net.yaml", "--set", "width=4", "--to-preset", "large")
    assert (code, out) == (CLEAN, "no difference\n")


def test_a_revision_of_git_with_the_files_that_it_uses(run, net):
    git("init", "-q")
    Path("parts").mkdir()
    Path("parts/blocks.yaml").write_text(
        "netspec: 1\nblocks: {Act: {body: [{op: LeakyReLU, negative_slope: 0.1}]}}\n"
    )
    net.write_text(
        "use: {parts: parts/blocks.yaml}\n" + NET.replace("relu: ReLU", "act: parts.Act")
    )
    commit("first")
    git("tag", "v1")
    assert run("diff", "net.yaml") == (CLEAN, "no difference\n", "")
    parts = Path("parts/blocks.yaml")
    parts.write_text(parts.read_text().replace("0.1", "0.2"))
    expected = "changed (1 node)\n~ act.0  LeakyReLU  negative_slope 0.1 → 0.2\n"
    assert run("diff", "net.yaml") == (ERRORS, expected, "")
    commit("second")
    assert run("diff", "net.yaml") == (CLEAN, "no difference\n", "")
    for older in ("net.yaml@v1", "net.yaml@HEAD~1"):
        assert run("diff", older) == (ERRORS, expected, "")
        assert run("diff", older, "net.yaml") == (ERRORS, expected, "")
    code, out, _ = run("diff", "net.yaml@HEAD", "net.yaml@v1")
    assert (code, out) == (ERRORS, expected.replace("0.1 → 0.2", "0.2 → 0.1"))


def test_a_file_whose_name_has_an_at_sign_is_that_file(run, net):
    Path("net.yaml@v1").write_text(NET.replace("ReLU", "GELU"))
    code, out, _ = run("diff", "net.yaml@v1", "net.yaml")
    assert (code, out) == (ERRORS, "changed (1 node)\n~ relu  ReLU  op GELU → ReLU\n")


def test_both_are_counted_at_the_same_sizes(run, net):
    free = NET.replace("32, 32]", "H, W]")
    Path("a.yaml").write_text(free.replace("body:", "dims: {H: 4, W: 4}\nbody:"))
    Path("b.yaml").write_text(free.replace("kernel_size: 3", "kernel_size: 5"))
    _, out, _ = run("diff", "a.yaml", "b.yaml")
    assert (
        "~ MACs                              10,645,344 → 29,040,000 (+172.8%) at H=224, N=1, W=224\n"
        in out
    )
    _, out, _ = run("diff", "a.yaml", "b.yaml", "--size", "H=5,W=5")
    assert "~ MACs                              1,944 → 600 (-69.1%) at H=5, N=1, W=5\n" in out
    assert run("diff", "a.yaml", "b.yaml", "--size", "H=4")[2] == (
        "netspec: H = 4 is invalid: `b` is valid for H >= 5\n"
    )


def test_what_git_cannot_give(run, net, monkeypatch):
    code, out, err = run("diff", "net.yaml")
    assert (code, out) == (USAGE, "")
    assert err == (
        "netspec: `net.yaml` is not in a git repository, so it has no revisions\n"
        "  help: compare two files: `netspec diff A B`\n"
    )
    git("init", "-q")
    Path("empty").write_text("")
    git("add", "empty")
    git("commit", "-q", "-m", "nothing")
    assert run("diff", "net.yaml")[2] == "netspec: `net.yaml` is not in revision `HEAD`\n"
    assert run("diff", "net.yaml@nowhere")[2] == (
        "netspec: git has no revision `nowhere`\n"
        "  help: pass a commit, a branch or a tag: `net.yaml@HEAD~1`\n"
    )
    assert run("diff", "net.yaml@--all")[0] == USAGE
    monkeypatch.setenv("PATH", "/nonexistent")
    assert (
        run("diff", "net.yaml")[2]
        == "netspec: a revision requires git, but `git` is not on the path\n"
    )


def test_command_lines_that_compare_nothing(run, net):
    assert "compares two specs" in run("diff")[2]
    assert "compares two specs" in run("diff", "a", "b", "c")[2]
    assert "one of the two" in run("diff", "-", "-")[2]
    assert "has no revisions" in run("diff", "-")[2]
    code, out, err = run("diff", "missing.yaml")
    assert (code, out) == (USAGE, "")
    assert "error[NS001]: there is no file `missing.yaml`" in err
    Path("bad.yaml").write_text(NET.replace("Conv2d", "Conv2D"))
    code, out, err = run("diff", "net.yaml", "bad.yaml")
    assert (code, out) == (USAGE, "")
    assert "unknown op `Conv2D`" in err
    assert err.endswith("`bad.yaml` has errors, so it cannot be compared\n")
    Path("library.yaml").write_text("netspec: 1\nblocks: {A: [ReLU]}\n")
    assert run("diff", "library.yaml", "net.yaml")[2] == (
        "`library.yaml` is a library without a body to compare\n"
    )


def test_the_difference_for_programs(run, net):
    code, out, _ = run("diff", "net.yaml", "--to-set", "width=16", "--format", "json")
    data = json.loads(out)
    assert code == ERRORS
    assert data["format_version"] == "1.0"
    assert data["different"] is True
    assert data["settings"] == [{"name": "width", "before": "8", "after": "16"}]
    [conv, relu] = data["changed"]
    assert conv["decided"] == [{"name": "out_channels", "before": "8", "after": "16"}]
    assert conv["after"]["parameters"] == 16 * 28
    assert relu["follows"][0]["after"] == "[N, 16, 30, 30]"


# ---- lock ----------------------------------------------------------------------------------------


def test_what_is_locked_is_clean_until_the_network_is_another_one(run, net):
    assert run("lock", "net.yaml") == (CLEAN, "net.lock: 2 nodes\n", "")
    assert run("lock", "net.yaml") == (CLEAN, "net.lock: unchanged\n", "")
    assert Path("net.lock").read_text() == (
        """netspec-lock: 1
name: net
settings: {width: 8}
inputs: {image: "[N, 3, 32, 32]"}
outputs: {0: "[N, 8, 30, 30]"}
returns: one
made_by: {0: relu}
valid: ""
sizes: "N=1"
parameters: 224
macs: 194400
field: {"height of image": 3, "width of image": 3}
nodes:
  conv: {op: Conv2d, with: {out_channels: 8, kernel_size: 3}, from: [image], gives: ["[N, 8, 30, 30]"], parameters: 224, macs: 194400}
  relu: {op: ReLU, from: [conv], gives: ["[N, 8, 30, 30]"]}
"""
    )
    assert run("check", "--locked", "net.yaml")[0] == CLEAN
    net.write_text("# another text\n" + NET.replace("conv: {op", "conv:   {op"))
    assert run("check", "--locked", "net.yaml")[0] == CLEAN
    net.write_text(NET.replace("kernel_size: 3", "kernel_size: 3, dilation: 2"))
    assert run("check", "net.yaml")[0] == CLEAN
    code, out, _ = run("check", "--locked", "net.yaml")
    assert code == ERRORS
    assert (
        out
        == """\
error[NS504]: the network does not match lock file `net.lock`
 --> net.yaml:6:5
  |
6 |   - conv: {op: Conv2d, out_channels: width, kernel_size: 3, dilation: 2}
  |     ^^^^ changed
  |
  = note: ~ MACs                              194,400 → 169,344 (-12.9%) at N=1
          ~ receptive field, height of image  3 → 5
          ~ receptive field, width of image   3 → 5
          outputs
          ~ 0  [N, 8, 30, 30] → [N, 8, 28, 28]
          changed (1 node)
          ~ conv  Conv2d  dilation (default) → 2
          follows from this (1 node)
            relu  ReLU  height 30 → 28, width 30 → 28
  = help: if this is intended, update it: `netspec lock net.yaml`

"""
    )
    assert run("lock", "net.yaml") == (CLEAN, "net.lock: 2 nodes\n", "")
    assert run("check", "--locked", "net.yaml")[0] == CLEAN


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("width: 8}", "width: 9}"),
        ("kernel_size: 3", "kernel_size: 5"),
        ("kernel_size: 3", "kernel_size: 3, stride: 2"),
        ("kernel_size: 3", "kernel_size: 3, bias: false"),
        ("kernel_size: 3", "kernel_size: 3, padding_mode: reflect"),
        ("relu: ReLU", "relu: GELU"),
        ("relu: ReLU", "act: ReLU"),
        ("relu: ReLU", "relu: {op: ReLU, checkpoint: true}"),
        ("  - relu: ReLU\n", ""),
        ("  - relu: ReLU\n", "  - relu: ReLU\n  - more: ReLU\n"),
        ("[N, 3, 32, 32]", "[N, 1, 32, 32]"),
        ("[N, 3, 32, 32]", "[N, 3, H, 32]"),
        ("inputs: {image", "inputs: {picture"),
    ],
)
def test_every_edit_that_changes_the_network_is_noticed(run, net, old, new):
    run("lock", "net.yaml")
    assert old in NET
    net.write_text(NET.replace(old, new))
    code, out, _ = run("check", "--locked", "net.yaml")
    assert code == ERRORS
    assert "error[NS504]" in out


def test_a_preset_has_a_lock_of_its_own(run, net):
    assert run("lock", "net.yaml", "--preset", "large")[1] == "net.large.lock: 2 nodes\n"
    assert run("check", "--locked", "net.yaml", "--preset", "large")[0] == CLEAN
    code, out, _ = run("check", "--locked", "net.yaml")
    assert code == ERRORS
    assert "`net.yaml` has no lock file: there is no file `net.lock`" in out
    assert "= help: create it: `netspec lock net.yaml`" in out


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "it is not a lock file"),
        ("a: 1\n", "it does not start with `netspec-lock`"),
        ("netspec-lock: 2\n", "it has version 2; this netspec writes version 1"),
        ("netspec-lock: 1\n", "its `name` is missing"),
        ("netspec-lock: 1\nname: [a\n", "it is not a lock file"),
        ("[1, 2]", "it is not a lock file"),
    ],
)
def test_a_lock_that_cannot_be_used(run, net, text, why):
    Path("net.lock").write_text(text)
    code, out, _ = run("check", "--locked", "net.yaml")
    assert code == ERRORS
    assert f"error[NS504]: `net.lock` cannot be used: {why}\n" in out


@pytest.mark.parametrize(
    ("old", "new", "place", "why"),
    [
        (
            "netspec-lock: 1",
            "netspec-lock: 2",
            "1:15",
            "it has version 2; this netspec writes version 1",
        ),
        ("parameters: 224", "parameters: many", "10:13", "its `parameters` is not a number"),
        ("name: net", "name: [net]", "2:7", "its `name` is not a text"),
        ("name: net\n", "", "1:15", "its `name` is missing"),
        ("  conv: {op: Conv2d, ", "  conv: {", "14:3", "its `op` is missing"),
        ("from: [image]", "from: image", None, "its `from` is not a list"),
        ("settings: {width: 8}", "settings: {width: 8", None, "it is not a lock"),
        ("settings: {width: 8}", "settings: [width]", "3:11", "its `settings` is not a mapping"),
    ],
)
def test_a_wrong_lock_is_reported_at_its_line(run, net, old, new, place, why):
    run("lock", "net.yaml")
    text = Path("net.lock").read_text()
    assert old in text, text
    Path("net.lock").write_text(text.replace(old, new, 1))
    code, out, _ = run("check", "--locked", "net.yaml", "--format", "concise")
    assert code == ERRORS
    assert re.match(rf"net\.lock:{place or '[0-9]+:[0-9]+'}: error", out), out
    assert f"`net.lock` cannot be used: {why}" in out


def test_a_lock_is_broken_anywhere(run, net):
    run("lock", "net.yaml")
    whole = Path("net.lock").read_text()
    for cut in range(0, len(whole) - 1, 7):
        Path("net.lock").write_text(whole[:cut])
        code, out, _ = run("check", "--locked", "net.yaml")
        assert (code, "error[NS504]" in out) == (ERRORS, True), whole[:cut]


def test_what_cannot_be_locked(run, net):
    assert "no spec to lock" in run("lock")[2]
    assert "cannot have a lock file" in run("lock", "-")[2]
    Path("bad.yaml").write_text(NET.replace("Conv2d", "Conv2D"))
    code, out, err = run("lock", "bad.yaml")
    assert (code, out, Path("bad.lock").exists()) == (ERRORS, "", False)
    assert "unknown op" in err
    assert run("lock", "missing.yaml")[0] == USAGE
    Path("library.yaml").write_text("netspec: 1\nblocks: {A: [ReLU]}\n")
    assert run("lock", "library.yaml")[1] == "library.yaml: a library, without a network to lock\n"


def test_locks_are_no_specs(run, net):
    run("lock", ".")
    code, out, err = run("check", ".")
    assert (code, err) == (CLEAN, "")
    assert out.startswith("net.yaml: ok")
    assert run("check", "--locked", ".")[0] == CLEAN
