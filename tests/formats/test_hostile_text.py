"""Text of a spec and of a command line reaches terminals and logs of CI: nothing of it is ever obeyed.

The markers are harmless: they would move a cursor, color a word, or be read as a command that prints something.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest

from netspec.cli import main
from netspec.report.terminal import inert_json, terminal

ESCAPE, C1, BIDI = "\x1b[5m", "\x9b5m", "\u202e"
COMMANDS = "::debug::marker", "##[debug]marker"
MARKERS = [ESCAPE, C1, BIDI, "\x07", "\x85", "\u2028", *COMMANDS]

COMMAND = re.compile(r"^\s*::(?:debug|error|warning|notice)|##\[")
COLORS = re.compile(r"\x1b\[[0-9;]*m")
OUR_COMMANDS = re.compile(r"::(?:error|warning|notice) [^:]*::")


def yaml_text(text: str) -> str:
    """A text in double quotes, every odd character escaped: what JSON writes is YAML too."""
    return json.dumps(text)


def spec(marker: str) -> dict[str, str]:
    """Specs in which a marker is in every place that takes a text."""
    text, name = yaml_text(f"a {marker} b"), yaml_text(f"k{marker}k")
    begin = f"netspec: 1\nname: {text}\ndoc: {text}\n"
    return {
        "valid": f"{begin}inputs: {{image: [N, 3, H, W]}}\nblocks:\n  B: {{doc: {text}, body: [ReLU]}}\nbody:\n"
        f"  - b: {{op: B, doc: {text}}}\n  - conv: {{op: Conv2d, out_channels: 8, kernel_size: 3, doc: {text}}}\n",
        "block": f"{begin}inputs: {{image: [N, 3, H, W]}}\nblocks: {{{name}: {{body: [ReLU]}}}}\n"
        f"body:\n  - s: {{op: {name}}}\n",
        "step": f"{begin}inputs: {{image: [N, 3, H, W]}}\nbody:\n  - {name}: ReLU\n",
        "op": f"{begin}inputs: {{image: [N, 3, H, W]}}\nbody:\n  - {{op: {name}}}\n  - {{op: ReLU, {name}: 1}}\n",
        "reference": f"{begin}inputs: {{image: [N, 3, H, W]}}\nbody:\n  - {{op: ReLU, from: {name}}}\n",
        "value": f"{begin}inputs: {{image: [N, 3, H, W]}}\nparams: {{p: {text}, {name}: 1}}\ndims: {{{name}: 3}}\n"
        f"init: {{{name}: {{weight: zeros_}}}}\nuse: {{u: {text}}}\n"
        f"body:\n  - {{op: Conv2d, out_channels: {text}, kernel_size: {name}}}\noutputs: {{{name}: input}}\n",
        "key": f"{begin}{name}: 1\ninputs: {{{name}: [N, 3]}}\nbody: [ReLU]\n",
        "not yaml": f"netspec: 1\nbody: [ReLU # {marker}\n {marker}\n",
    }  # fmt: skip


def command_lines(path: str, marker: str) -> Iterator[list[str]]:
    """Every command that prints text of a spec, or words of its command line."""
    for format in ("full", "concise", "json", "github", "gitlab", "sarif", "junit"):
        yield ["check", path, "--format", format]
    yield ["check", path, "--color", "always"]
    yield ["check", path, "--strict"]
    yield ["summary", path]
    yield ["summary", path, "--format", "json"]
    yield ["summary", path, "--set", f"p{marker}=1"]
    yield ["summary", path, "--sizes", f"H{marker}=1"]
    yield ["explain", path, "conv"]
    yield ["explain", path, "conv", "--format", "json"]
    yield ["explain", path, f"conv{marker}"]
    yield ["explain", marker]
    yield ["layers", marker]
    yield ["render", path, "--format", "rail"]
    yield ["render", path, "--format", "boxes"]
    yield ["render", path, "--format", "dot"]
    yield ["render", path, "--format", "mermaid"]
    yield ["render", path, "--format", "dot", "--by", "macs"]
    yield ["render", "--diff", path, path, "--format", "mermaid"]
    yield ["render", "--diff", path, path, "--format", "boxes"]
    yield ["render", path, "--focus", f"b{marker}"]
    yield ["render", path, "--expand", f"b{marker}"]
    yield ["render", path, "--format", marker]
    yield ["render", path, "-o", f"x{marker}"]
    yield ["explain", path]
    yield ["explain", path, "--format", "json"]
    yield ["summary", path, "--depth", marker]
    yield ["summary", path, "--size", f"H{marker}=1"]
    yield ["summary", path, "--size", f"H=1{marker}"]
    yield ["check", path, "--set", f"p={marker}"]
    yield ["check", path, "--weights", f"w{marker}.pt"]
    yield ["check", path, "--layers", f"l{marker}.py"]
    yield ["check", path, "-o", f"sarif:no/folder{marker}"]
    yield ["check", path, "-o", f"{marker}:x"]
    yield ["compile", path, "-o", f"no/folder{marker}.py"]
    yield ["diff", path, path, "--format", "json"]
    yield ["diff", f"{path}@{marker}"]
    yield ["diff", path, "--to-set", f"p={marker}"]
    yield ["new", marker]
    yield ["new", "lenet", "-o", f"no/folder{marker}.yaml"]
    yield ["schema", "--of", marker]
    yield ["completion", marker]
    yield ["help", marker]
    yield ["lsp", "--port", marker]
    yield ["tui", f"no{marker}.yaml"]
    yield ["diff", path, path + marker]
    yield ["lock", path]
    yield ["check", path, "--locked"]
    yield ["fmt", "--check", path]
    yield ["check", path, "--preset", marker]
    yield ["check", f"{path}{marker}"]
    yield [f"check{marker}", path]
    yield ["check", f"--{marker}", path]
    yield ["compile", path, "-o", os.devnull]


def obeyed(text: str, *, color: bool, commands: bool) -> list[str]:
    """The lines of an output that a terminal or GitHub's runner would obey."""
    text = COLORS.sub("", text) if color else text
    obeyed_lines = [
        line
        for line in text.split("\n")
        if re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u202e]", line)
    ]
    lines = text.splitlines()
    if commands:
        lines = [OUR_COMMANDS.sub("", line, count=1) for line in lines]
    return obeyed_lines + [
        line for line in lines if COMMAND.search(line) and not line.startswith("::")
    ]


@pytest.mark.parametrize("marker", MARKERS, ids=repr)
@pytest.mark.parametrize("kind", spec("x"))
def test_no_command_prints_what_is_obeyed(
    kind: str, marker: str, tmp_path: Path, monkeypatch, capsys
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("net.yaml").write_text(spec(marker)[kind], encoding="utf-8")
    wrong = {}
    for arguments in command_lines("net.yaml", marker):
        code = main(arguments)
        output = capsys.readouterr()
        assert "internal error" not in output.err, arguments
        assert code != 101, arguments
        for text in (output.out, output.err):
            lines = obeyed(text, color="always" in arguments, commands="github" in arguments)
            if lines:
                wrong[" ".join(arguments)] = lines[:3]
    assert not wrong


@pytest.mark.parametrize("marker", MARKERS, ids=repr)
def test_a_file_may_have_any_name(marker: str, tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    name = f"{marker} net.yaml".replace("/", "")
    for text in (spec("x")["valid"], spec("x")["step"].replace("ReLU", "Relu")):
        Path(name).write_text(text, encoding="utf-8")
        for format in ("full", "concise", "json", "github", "sarif", "junit"):
            main(["check", name, "--format", format])
            output = capsys.readouterr()
            assert not obeyed(output.out, color=False, commands=format == "github")
            assert not obeyed(output.err, color=False, commands=False)
            if format == "junit":
                ElementTree.fromstring(output.out)
            if format in ("json", "sarif"):
                json.loads(output.out)
        assert main(["check", name, "--output", "junit:out.xml"]) in (0, 1)
        ElementTree.parse("out.xml")
        capsys.readouterr()


def test_a_name_that_is_not_utf_8(tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    name = os.fsdecode(b"caf\xe9.yaml")
    Path(name).write_text("netspec: 1\ninputs: {a: [N, 3]}\nbody: [Relu]\n")
    for format in ("full", "concise", "json", "github", "gitlab", "sarif", "junit"):
        assert main(["check", name, "--format", format]) == 1
        assert "internal error" not in capsys.readouterr().err
        assert main(["check", name, "--output", f"{format}:out"]) == (
            2 if format in ("full", "concise") else 1
        )
        capsys.readouterr()


@pytest.mark.parametrize("marker", MARKERS, ids=repr)
def test_json_keeps_its_meaning(marker: str) -> None:
    text = json.dumps({marker: [f"a{marker}"]}, ensure_ascii=False)
    assert json.loads(inert_json(text)) == json.loads(text)
    assert not obeyed(inert_json(text), color=False, commands=False)


def test_our_own_colors_stay() -> None:
    assert terminal("\x1b[1;31merror\x1b[0m: \x1b[5m", color=True) == "\x1b[1;31merror\x1b[0m: ␛[5m"
    assert terminal("\x1b[1;31merror\x1b[0m") == "␛[1;31merror␛[0m"
