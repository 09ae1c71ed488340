"""No input makes a command fail: mutants of small specs through the commands and the language server."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from command_mutants import Sweep
from sampling import examples

from netspec.cli import exit_codes, main


def test_no_mutant_fails(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert not Sweep(1).run(examples(1_200))


@pytest.mark.sweep
@pytest.mark.parametrize("seed", range(2, 42))
def test_no_mutant_of_many_fails(seed: int, tmp_path: Path, monkeypatch) -> None:
    """200,000 mutants in all; `python tests/command_mutants.py` tries as many as there is time for."""
    monkeypatch.chdir(tmp_path)
    assert not Sweep(seed).run(5_000)


@pytest.mark.parametrize(
    "arguments", [["check"], ["check", "--specs-only"], ["summary"], ["fmt", "--check"]]
)
def test_a_pipe_is_not_waited_for(
    arguments: list[str], tmp_path: Path, monkeypatch, capsys
) -> None:
    monkeypatch.chdir(tmp_path)
    os.mkfifo("pipe.yaml")
    assert main([*arguments, "pipe.yaml"]) == exit_codes.USAGE
    captured = capsys.readouterr()
    assert "not a regular file" in captured.out + captured.err


def test_layers_from_a_pipe_are_rejected(tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    os.mkfifo("layers.py")
    Path("net.yaml").write_text("netspec: 1\ninputs: {a: [N, 3]}\nbody: [ReLU]\n")
    assert main(["check", "net.yaml", "--layers", "layers.py"]) == exit_codes.USAGE
    assert "`layers.py` is not a file" in capsys.readouterr().err


def test_a_huge_file_of_a_revision_is_rejected(tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    net = Path("net.yaml")
    net.write_text("netspec: 1\ninputs: {a: [N, 3]}\nbody: [ReLU]\n" + "# x\n" * 1_200_000)
    for command in (
        ["init", "-q"],
        ["add", "."],
        ["-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "-qm", "a"],
    ):
        subprocess.run(["git", *command], check=True)
    net.write_text("netspec: 1\ninputs: {a: [N, 3]}\nbody: [ReLU]\n")
    assert main(["diff", "net.yaml@HEAD", "net.yaml"]) == exit_codes.USAGE
    assert "exceeds the limit of 4,194,304 bytes" in capsys.readouterr().err


def test_a_journal_of_a_later_version_is_read(tmp_path: Path) -> None:
    from netspec_tui.core.journal import read_stamp

    known = {"mtime_ns": 1, "size": 2, "digest": "d"}
    assert read_stamp({**known, "inode": 3}) == read_stamp(known)
    assert read_stamp(known) is not None
    assert read_stamp({"size": "x"}) is None
