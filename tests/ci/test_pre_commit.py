"""The hooks of pre-commit: read by pre-commit itself, and run on what it hands over."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
MANIFEST = ROOT / ".pre-commit-hooks.yaml"
HOOKS = {hook["id"]: hook for hook in yaml.safe_load(MANIFEST.read_text(encoding="utf-8"))}
GOOD = "netspec: 1\ninputs: {image: [N, 3, 32, 32]}\nbody: [ReLU]\n"


def test_pre_commit_reads_them() -> None:
    command = [sys.executable, "-m", "pre_commit", "validate-manifest", str(MANIFEST)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


@pytest.fixture
def hook(run, tmp_path, monkeypatch):
    """Runs a hook on files, as pre-commit does: other YAML is among them."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "other.yaml").write_text("version: 2\nservices: {}\n")
    (tmp_path / "package.json").write_text("{}")

    def call(name: str, *files: str) -> tuple[int, str, str]:
        program, *arguments = shlex.split(HOOKS[name]["entry"])
        assert program == "netspec"
        return run(*arguments, *files)

    return call


def test_a_file_without_a_spec_is_skipped(hook, tmp_path) -> None:
    code, out, err = hook("netspec-check", "other.yaml", "package.json")
    assert (code, out, err) == (0, "", "")
    (tmp_path / "net.yaml").write_text(GOOD)
    assert hook("netspec-check", "net.yaml", "other.yaml")[0] == 0
    (tmp_path / "net.yaml").write_text(GOOD.replace("ReLU", "Nothing"))
    code, out, _ = hook("netspec-check", "net.yaml", "other.yaml")
    assert code == 1
    assert "unknown op `Nothing`" in out


def test_safe_fixes_are_applied(hook, tmp_path) -> None:
    (tmp_path / "net.yaml").write_text(GOOD.replace("ReLU", "Relu"))
    assert hook("netspec-fix", "net.yaml")[0] == 0
    assert (tmp_path / "net.yaml").read_text() == GOOD


def test_another_network_than_the_locked_one(hook, run, tmp_path) -> None:
    (tmp_path / "net.yaml").write_text(GOOD)
    run("lock", "net.yaml")
    assert hook("netspec-locked", "net.yaml", "other.yaml")[0] == 0
    (tmp_path / "net.yaml").write_text(GOOD.replace("ReLU", "GELU"))
    assert hook("netspec-locked", "net.yaml")[0] == 1


@pytest.mark.sweep
def test_pre_commit_installs_and_runs_them(tmp_path) -> None:
    """From a clone, in an environment that pre-commit makes; it needs the package index."""

    def git(*arguments: str) -> None:
        who = ("-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false")
        subprocess.run(
            ["git", *who, *arguments], cwd=tmp_path / "work", check=True, capture_output=True
        )

    (tmp_path / "work").mkdir()
    git("clone", "-q", str(ROOT), str(tmp_path / "hooks"))
    git("init", "-q")
    (tmp_path / "work/net.yaml").write_text(GOOD.replace("ReLU", "Relu"))
    (tmp_path / "work/other.yaml").write_text("a: 1\n")
    git("add", "-A")
    command = [
        sys.executable,
        "-m",
        "pre_commit",
        "try-repo",
        str(tmp_path / "hooks"),
        "netspec-check",
        "--all-files",
    ]
    done = subprocess.run(
        command, cwd=tmp_path / "work", capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert "error[NS101]: unknown op `Relu`" in done.stdout
