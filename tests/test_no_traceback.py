"""No input makes a command fail: mutants of small specs through the commands, in this very process."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from random import Random

import pytest
from sampling import examples

from netspec.cli import exit_codes, main

ROOT = Path(__file__).parent.parent
SEEDS = [
    *sorted((ROOT / "benchmarks/faults/others").glob("*.yaml")),
    *sorted((ROOT / "benchmarks/faults/sfdata").glob("*.yaml"))[:12],
]
WORDS = [
    "0", "-1", "null", "true", "1e400", "10000000000000000000", "[]", "{}", "[N]", "*a", "&a", "<<: *a", "!!x", "input",
    "previous", "x", "=x", "'{i}'", "\\0", "\u2028", "\x07", "é", "\t", "- ", ": ", "repeat: 3", "each: {k: [1, 2]}", "share: a",
    "from: [a, b]", "when: x.height > 3", "inline: true", "expect: [N, _]", "op: LSTM", "op: Transformer", "use: {u: net.yaml}",
]  # fmt: skip
COMMANDS = [
    ["check"], ["check", "--format", "sarif"], ["check", "--format", "json"], ["check", "--diff"], ["summary"],
    ["summary", "--format", "json"], ["compile", "-o", os.devnull], ["render", "--format", "rail"],
    ["render", "--format", "dot"], ["render", "--format", "boxes"], ["explain"], ["diff", "seed.yaml"], ["lock"], ["fmt"],
]  # fmt: skip


def mutant(text: str, random: Random) -> str:
    """The text with one to three pieces taken out, doubled, or replaced."""
    for _ in range(random.randint(1, 3)):
        start = random.randrange(len(text) + 1)
        end = min(len(text), start + random.choice([0, 1, 3, 8, 30]))
        piece = random.choice(
            [random.choice(WORDS), text[start:end] * 2, "", "\n", random.choice(WORDS)]
        )
        text = text[:start] + piece + text[end:]
    return text


def fails(count: int, seed: int, folder: Path, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """The command lines that ended in an internal error, each with its mutant."""
    random, found = Random(seed), []
    for _ in range(count):
        text = random.choice(SEEDS).read_text(encoding="utf-8")
        (folder / "seed.yaml").write_text(text, encoding="utf-8")
        text = mutant(text, random)
        (folder / "net.yaml").write_text(text, encoding="utf-8", errors="surrogatepass")
        command, *options = random.choice(COMMANDS)
        code = main([command, "net.yaml", *options])
        errors = capsys.readouterr().err
        if code == exit_codes.INTERNAL:
            found.append(f"{command} {options}: {errors}\n{text}")
    return found


def test_no_mutant_fails(tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    assert not fails(examples(2_000), 1, tmp_path, capsys)


@pytest.mark.sweep
@pytest.mark.parametrize("seed", range(2, 22))
def test_no_mutant_of_many_fails(seed: int, tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    assert not fails(10_000, seed, tmp_path, capsys)


@pytest.mark.parametrize(
    "arguments", [["check"], ["check", "--specs-only"], ["summary"], ["fmt", "--check"]]
)
def test_a_pipe_is_not_waited_for(
    arguments: list[str], tmp_path: Path, monkeypatch, capsys
) -> None:
    monkeypatch.chdir(tmp_path)
    os.mkfifo("pipe.yaml")
    assert main([*arguments, "pipe.yaml"]) == exit_codes.USAGE
    said = capsys.readouterr()
    assert "not a regular file" in said.out + said.err


def test_layers_from_a_pipe_are_refused(tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    os.mkfifo("layers.py")
    Path("net.yaml").write_text("netspec: 1\ninputs: {a: [N, 3]}\nbody: [ReLU]\n")
    assert main(["check", "net.yaml", "--layers", "layers.py"]) == exit_codes.USAGE
    assert "`layers.py` is not a file" in capsys.readouterr().err


def test_a_huge_file_of_a_revision_is_refused(tmp_path: Path, monkeypatch, capsys) -> None:
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
    assert "above 4,194,304 bytes" in capsys.readouterr().err


def test_a_journal_of_a_later_version_is_read(tmp_path: Path) -> None:
    from netspec_tui.core.state import _stamp

    known = {"mtime_ns": 1, "size": 2, "digest": "d"}
    assert _stamp({**known, "inode": 3}) == _stamp(known)
    assert _stamp(known) is not None
    assert _stamp({"size": "x"}) is None
