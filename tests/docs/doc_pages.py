"""The fenced blocks of the documentation, and what the program answers to each of them.

A block says by the words after its language what it is:

    yaml spec       a whole file without a finding
    yaml fragment   a part of one: the frame (`netspec: 1`, an image, `body:`) is put around it
    yaml wrong      either of these, with findings
    yaml file NAME  a file that the commands of the page find under that name
    python run      a program that runs

and the block after it, if it begins with `text` or `python source`, is what comes of it: `text keys`
(the `state_dict`), `text paths` (the modules), `text shape`, `text summary`, `text findings`, or a piece of
the generated source. `console` blocks hold commands after `$`, with what they print.

`python tests/docs/doc_pages.py` writes the answers of today into the pages; look at the difference
before you keep it.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shutil
import subprocess
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import netspec
from netspec import Diagnostic, Network

ROOT = Path(__file__).parents[2]
PAGES = ("README.md", "docs/language.md", "docs/adding-a-layer.md", "docs/architecture.md")

_FENCE = re.compile(r"^```(\S+)?[ ]*(.*?)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_FRAME = "inputs: {image: [N, 3, H, W]}\n"


@dataclass
class Fence:
    """One fenced block: where it is, what it says it is, and its text."""

    page: str
    line: int
    language: str
    info: str
    text: str
    start: int
    end: int
    """Where its text is in the page."""

    @property
    def kind(self) -> str:
        """`yaml spec`, `text keys`, …"""
        return f"{self.language} {self.info.partition(' ')[0]}".strip()

    @property
    def where(self) -> str:
        """The name that pytest shows."""
        return f"{self.page}:{self.line}"


@dataclass
class Example:
    """A block with the one after it that says what comes of it."""

    asked: Fence
    answer: Fence | None


def fences(page: str) -> list[Fence]:
    """All fenced blocks of a page."""
    text = (ROOT / page).read_text(encoding="utf-8") if (ROOT / page).exists() else ""
    return [
        Fence(page, text.count("\n", 0, m.start()) + 1, m[1] or "", m[2], m[3], m.start(3), m.end(3))
        for m in _FENCE.finditer(text)
    ]


def examples(*kinds: str) -> list[Example]:
    """All blocks of these kinds on all pages, each with its answer if it has one."""
    found = []
    for page in PAGES:
        blocks = fences(page)
        for block, after in zip(blocks, [*blocks[1:], None], strict=True):
            if block.kind in kinds:
                answers = after is not None and after.kind in ANSWERS
                found.append(Example(block, after if answers else None))
    return found


def whole(fence: Fence) -> str:
    """A complete file from a block."""
    text = fence.text
    if re.search(r"^netspec:", text, re.MULTILINE):
        return text
    if not re.search(r"^body:", text, re.MULTILINE) and text.lstrip().startswith("- "):
        text = f"body:\n{text}"
    if not re.search(r"^body:", text, re.MULTILINE):
        text = f"{text}body:\n- ReLU\n"
    if not re.search(r"^inputs:", text, re.MULTILINE):
        text = f"{_FRAME}{text}"
    return f"netspec: 1\n{text}"


def network(fence: Fence) -> Network:
    """What a block means."""
    return netspec.load(whole(fence))


def short(diagnostic: Diagnostic) -> str:
    """A finding as these pages show it: its sentence, its notes, what to do."""
    lines = [f"{diagnostic.severity}[{diagnostic.code}]: {diagnostic.message}"]
    lines += [f"  note: {note}" for note in diagnostic.notes]
    lines += [f"  help: {help_.text}" for help_ in diagnostic.helps]
    return "\n".join(lines) + "\n"


def _keys(fence: Fence) -> str:
    return "".join(f"{key}\n" for key in network(fence).compile().state_dict())


def _paths(fence: Fence) -> str:
    modules = network(fence).compile().named_modules()
    return "".join(f"{path}\n" for path, _ in modules if path)


def _shape(fence: Fence) -> str:
    values = network(fence).elaborate().outputs.values
    return "".join(f"[{', '.join(map(str, v.shape or ()))}]\n" for v in values)


def _summary(fence: Fence) -> str:
    from netspec.render.summary import Summary
    from netspec.render.table import table

    return without_trailing_space(table(Summary(network(fence).elaborate(), {}), None)) + "\n"


def _findings(fence: Fence) -> str:
    return "".join(short(d) for d in network(fence).diagnostics)


ANSWERS = {
    "text keys": _keys,
    "text paths": _paths,
    "text shape": _shape,
    "text summary": _summary,
    "text findings": _findings,
    "python source": lambda fence: network(fence).source(),
}


def without_trailing_space(text: str) -> str:
    """The text with every line ending where it ends for the eye."""
    return "\n".join(line.rstrip() for line in text.split("\n")).rstrip("\n")


def excerpt(piece: str, source: str) -> str:
    """What of `source` a page shows: the stretch from the first line of `piece` to its last."""
    lines = piece.strip("\n").splitlines()
    bare = [line.strip() for line in source.splitlines()]
    if not lines or lines[0].strip() not in bare:
        return source
    start = bare.index(lines[0].strip())
    last = lines[-1].strip()
    end = bare.index(last, start) if last in bare[start:] else start + len(lines) - 1
    return textwrap.dedent("\n".join(source.splitlines()[start : end + 1])) + "\n"


def answer(example: Example) -> str:
    """What the program says to a block today, in the form of the block after it."""
    assert example.answer is not None
    said = ANSWERS[example.answer.kind](example.asked)
    return excerpt(example.answer.text, said) if example.answer.language == "python" else said


def run_forward(found: Network) -> Any:
    """Compile and run a network once at its example sizes; gives back what comes out."""
    import torch

    torch.set_num_threads(1)
    torch.manual_seed(0)
    graph = found.elaborate()
    sizes = {**graph.examples, "N": 2}
    from netspec.elaborate.graph import axes

    inputs = []
    for value in graph.inputs:
        shape = axes(value.shape or (), sizes)
        dtype = getattr(torch, value.dtype)
        inputs.append(torch.randn(shape) if dtype.is_floating_point else torch.zeros(shape, dtype=dtype))
    with torch.no_grad():
        return found.compile()(*inputs)


# ---- commands ------------------------------------------------------------------------------------


class Shell:
    """Runs the commands of a page in a folder that holds the gallery and the files of the page."""

    def __init__(self, folder: Path, page: str) -> None:
        self.folder = folder
        shutil.copytree(ROOT / "specs", folder / "specs")
        for fence in fences(page):
            if fence.kind == "yaml file":
                (folder / fence.info.split()[1]).write_text(fence.text, encoding="utf-8")
        program = folder / "bin" / "netspec"
        program.parent.mkdir()
        program.write_text(f'#!/bin/sh\nexec {sys.executable} -m netspec "$@"\n', encoding="utf-8")
        program.chmod(0o755)

    def run(self, command: str) -> str:
        """What a command prints: standard output, then what it says besides."""
        environment = {
            **os.environ,
            "PATH": f"{self.folder / 'bin'}{os.pathsep}{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "COLUMNS": "100",
            "NO_COLOR": "1",
        }
        done = subprocess.run(
            ["sh", "-c", command], cwd=self.folder, env=environment, text=True, check=False,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60,
        )  # fmt: skip
        return without_trailing_space(done.stdout) + "\n" if done.stdout else ""

    def session(self, text: str) -> str:
        """A console block with the output of today: lines with only `…` stand for what they leave out."""
        said = []
        for command, shown in commands(text):
            output = self.run(command)
            said.append(f"$ {command}\n{abridge(shown, output)}")
        return "".join(said)


def commands(text: str) -> list[tuple[str, str]]:
    """The commands of a console block, each with the output that is shown."""
    parts = re.split(r"^\$ (.*)\n", text, flags=re.MULTILINE)[1:]
    return list(zip(parts[::2], parts[1::2], strict=True))


def abridge(shown: str, output: str) -> str:
    """The output, cut where the page cuts it: after as many lines as stand before a lone `…`."""
    lines, wanted = output.splitlines(), shown.splitlines()
    if "…" not in wanted:
        return output
    head = wanted.index("…")
    tail = len(wanted) - head - 1
    kept = [*lines[:head], "…", *(lines[-tail:] if tail else [])]
    return "\n".join(kept) + "\n"


def _rewritten(page: str) -> str:
    """A page with the answers of today."""
    text = (ROOT / page).read_text(encoding="utf-8")
    edits = []
    asked = ("yaml spec", "yaml fragment", "yaml wrong", "yaml file")
    for example in examples(*asked):
        if example.answer is not None and example.asked.page == page:
            edits.append((example.answer.start, example.answer.end, answer(example)))
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        shell = Shell(Path(folder), page)
        for fence in fences(page):
            if fence.kind == "console":
                edits.append((fence.start, fence.end, shell.session(fence.text)))
            if fence.kind == "console program":
                edits.append((fence.start, fence.end, fence.text))
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    return text


if __name__ == "__main__":
    for name in PAGES:
        if (ROOT / name).exists():
            with contextlib.redirect_stderr(io.StringIO()):
                changed = _rewritten(name)
            (ROOT / name).write_text(changed, encoding="utf-8")
