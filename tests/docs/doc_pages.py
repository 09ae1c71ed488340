"""The fenced blocks of the documentation, and what the program answers to each of them.

A block says by the words after its language what it is:

    yaml spec       a whole file without a diagnostic
    yaml fragment   a part of one: the frame (`netspec: 1`, an image, `body:`) is put around it
    yaml wrong      either of these, with diagnostics
    yaml file NAME  a file that the commands of the page find under that name
    json file NAME  as above
    python file NAME  as above; one in `netspec/` is put into a copy of the package
    python layer FAMILY.CLASS  a class, copied from `netspec/layers`
    python run      a program that runs
    python continued  more of the program before it, which keeps its variables

and the blocks after it are what comes of it: `text keys` (the `state_dict`), `text paths` (the modules),
`text shape`, `text summary`, `text diagnostics`, `text report` (diagnostics in full), `text output`, and `python source`, a piece of the generated
program. `console` blocks hold commands after `$`, with what they print.

`python tests/docs/doc_pages.py [PAGE…]` writes the answers of today into the pages; look at the difference
before you keep it.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import runpy
import shlex
import shutil
import subprocess
import sys
import textwrap
import warnings
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch

import netspec
from netspec import Diagnostic, Network
from netspec.check import check_text
from netspec.graph.nodes import axes
from netspec.report.diagnostic import full
from netspec.report.summary import Summary
from netspec.report.table import table

ROOT = Path(__file__).parents[2]
CODE_PAGES = sorted(str(p.relative_to(ROOT)) for p in ROOT.glob("docs/diagnostics/NS*.md"))
"""The pages on codes, which `netspec explain` prints."""
MESSAGES = sorted(str(p.relative_to(ROOT)) for p in ROOT.glob("docs/messages/NS*.md"))
"""The pages with every message: a spec, and the whole report on it."""
PAGES = (
    "README.md",
    "docs/README.md",
    "docs/commands.md",
    "docs/guarantees.md",
    "docs/language.md",
    "docs/onboarding.md",
    "docs/python.md",
    "docs/adding-a-layer.md",
    "docs/your-own-layers.md",
    "docs/specs-as-data.md",
    "docs/architecture.md",
    "docs/ci.md",
    "docs/editors.md",
    "docs/graph-model.md",
    "docs/messages/examples.md",
    "docs/pictures.md",
    "docs/reports.md",
    "docs/weights.md",
    *CODE_PAGES,
    *MESSAGES,
)

LAYERS = "docs/layers.md"
"""The page that is written from the layers."""
CODES = "docs/diagnostics/README.md"
"""The generated list of the pages on codes."""
MESSAGES_INDEX = "docs/messages/README.md"
"""The generated list of the pages of messages."""

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
    def name(self) -> str:
        """The file that it is, for `yaml file NAME`."""
        return self.info.partition(" ")[2]

    @property
    def where(self) -> str:
        """The name that pytest shows."""
        return f"{self.page}:{self.line}"


@dataclass
class Example:
    """A block, and one after it that says what comes of it."""

    asked: Fence
    answer: Fence


def fences(page: str) -> list[Fence]:
    """All fenced blocks of a page."""
    text = (ROOT / page).read_text(encoding="utf-8") if (ROOT / page).exists() else ""
    return [
        Fence(
            page, text.count("\n", 0, m.start()) + 1, m[1] or "", m[2], m[3], m.start(3), m.end(3)
        )
        for m in _FENCE.finditer(text)
    ]


def examples(page: str) -> list[Example]:
    """What a page says comes of its blocks."""
    parsed = []
    asked = None
    for block in fences(page):
        if block.kind in ASKED:
            asked = block
        elif asked and block.kind in ANSWERS:
            parsed.append(Example(asked, block))
        else:
            asked = None
    return parsed


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
    """What a block means; a file is read among the other files of its page."""
    if fence.kind != "yaml file":
        return netspec.load(whole(fence))
    with TemporaryDirectory() as folder:
        write_files(Path(folder), fence.page)
        return netspec.load(Path(folder) / fence.name)


def write_files(folder: Path, page: str) -> None:
    """Put the files of a page into a folder, and the gallery next to them."""
    shutil.copytree(ROOT / "specs", folder / "specs")
    if any(f.kind == "python file" for f in fences(page)):
        shutil.copytree(ROOT / "netspec", folder / "netspec")  # what Python has compiled as well
    for fence in fences(page):
        if fence.kind in ("yaml file", "json file", "python file"):
            (folder / fence.name).write_text(fence.text, encoding="utf-8")
        if fence.name.startswith("netspec/layers/"):
            _index(folder / "netspec/layers/index.py", fence)


def _index(index: Path, fence: Fence) -> None:
    """Add the layers of a file to the index, as `tests/docs/layer_index.py` does."""
    module = Path(fence.name).stem
    rows = "".join(
        f'    "{op}": "{module}",\n' for op in re.findall(r"^@layer\nclass (\w+)", fence.text, re.M)
    )
    head, brace, rest = index.read_text(encoding="utf-8").partition("= {\n")
    index.write_text(head + brace + rows + rest, encoding="utf-8")


def short(diagnostic: Diagnostic) -> str:
    """A diagnostic as these pages show it: its sentence, its notes, what to do."""
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
    return without_trailing_space(table(Summary(network(fence).elaborate(), {}), None, 100)) + "\n"


def _diagnostics(fence: Fence) -> str:
    return "".join(short(d) for d in network(fence).diagnostics)


def _reported(fence: Fence) -> str:
    """The diagnostics in full, as `netspec check net.yaml` prints them."""
    diagnostics = check_text(fence.text, "net.yaml").diagnostics
    return "\n\n".join(full(d, columns=100) for d in diagnostics) + "\n"


def _output(fence: Fence) -> str:
    """The output of a program of the page; of a continued one, that of the last part."""
    variables: dict[str, object] = {"__name__": "__main__"}
    with TemporaryDirectory() as folder, contextlib.chdir(folder):
        write_files(Path(folder), fence.page)
        torch.manual_seed(0)
        for part in _program_parts(fence):
            output = io.StringIO()
            with contextlib.redirect_stdout(output):
                exec(compile(part.text, part.where, "exec"), variables)
    return output.getvalue()


def _program_parts(fence: Fence) -> list[Fence]:
    """The parts of a program up to `fence`: a `python run` block and the `python continued` blocks after it."""
    programs = [f for f in fences(fence.page) if f.kind in ("python run", "python continued")]
    programs = [f for f in programs if f.line <= fence.line]
    first = max(k for k, part in enumerate(programs) if part.kind == "python run")
    return programs[first:]


def _source(fence: Fence) -> str:
    """The generated program without the comments that say shapes and places."""
    return re.sub(r"  # .*$", "", network(fence).source(), flags=re.MULTILINE)


ASKED = ("python run", "python continued", "yaml spec", "yaml fragment", "yaml wrong", "yaml file")
"""Blocks that the program is asked about."""
ANSWERS = {
    "text keys": _keys,
    "text paths": _paths,
    "text shape": _shape,
    "text summary": _summary,
    "text diagnostics": _diagnostics,
    "text report": _reported,
    "text output": _output,
    "python source": _source,
}


def layer_page() -> str:
    """The page that has every layer, from the classes."""
    from netspec.reference.layer_guide import built_in
    from netspec.reference.layer_page import layer_page

    return layer_page(built_in())


def code_page() -> str:
    """The list of all codes, from their pages."""
    from netspec.report.code_page import GROUPS, pages

    intro = "Every error and warning has a code. `netspec explain CODE` prints its page in the terminal."
    parts = ["# Diagnostics", intro]
    for digit, title in GROUPS.items():
        rows = [f"- [{p.code}]({p.code}.md): {p.summary}" for p in pages() if p.code[2] == digit]
        parts += [f"## {title}", "\n".join(rows)] if rows else []
    return "\n\n".join(parts) + "\n"


def message_page() -> str:
    """The list of the pages of messages, with the number of messages on each."""
    from netspec.report.code_page import page

    rows = []
    for name in MESSAGES:
        page_text = page(name[-8:-3])
        assert page_text is not None
        count = sum(1 for f in fences(name) if f.kind == "text report")
        rows.append(f"- [{page_text.code}]({page_text.code}.md): {page_text.title} ({count})")
    head = (
        "# Messages\n\n"
        "Every message of `netspec check`, each with a minimal spec and the whole report. Each example is a test. "
        "[Diagnostics](../diagnostics/README.md) explains what each code means and why it matters. The "
        "[worked examples](examples.md) show nine complete cases.\n\n"
    )
    return head + "\n".join(rows) + "\n"


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
    answer_text = ANSWERS[example.answer.kind](example.asked)
    return (
        excerpt(example.answer.text, answer_text)
        if example.answer.language == "python"
        else answer_text
    )


def run_forward(loaded_network: Network) -> Any:
    """Compile and run a network once, at small valid sizes; return the output."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    graph = loaded_network.elaborate()
    sizes = {name: next(v for v in range(12, 1000) if v in d) for name, d in graph.domains.items()}
    sizes["N"] = 2
    inputs = []
    for value in graph.inputs:
        shape = axes(value.shape or (), sizes)
        dtype = getattr(torch, value.dtype)
        inputs.append(
            torch.randn(shape) if dtype.is_floating_point else torch.zeros(shape, dtype=dtype)
        )
    with torch.no_grad():
        return loaded_network.compile()(*inputs)


# ---- commands ------------------------------------------------------------------------------------


class Shell:
    """Runs the commands of a page in a folder that holds the gallery and the files of the page."""

    def __init__(self, folder: Path, page: str) -> None:
        self.folder = folder
        write_files(folder, page)
        program = folder / "bin" / "netspec"
        program.parent.mkdir()
        program.write_text(
            f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m netspec "$@"\n', encoding="utf-8"
        )
        program.chmod(0o755)

    def run(self, command: str) -> str:
        """The output of a command: standard output, then standard error."""
        if program := re.fullmatch(r"python (\w+\.py)", command):
            return self._run_here(program[1])
        programs = [str(self.folder / "bin"), str(Path(sys.executable).parent), os.environ["PATH"]]
        environment = {
            **os.environ,
            "PATH": os.pathsep.join(programs),
            "PYTHONPATH": f"{self.folder}{os.pathsep}{ROOT}",
            "COLUMNS": "100",
            "NO_COLOR": "1",
        }
        done = subprocess.run(
            ["sh", "-c", command], cwd=self.folder, env=environment, text=True, check=False,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60,
        )  # fmt: skip
        return without_trailing_space(done.stdout) + "\n" if done.stdout else ""

    def _run_here(self, program: str) -> str:
        """What a program of the page prints, in this process, which has imported PyTorch already."""
        output = io.StringIO()
        with (
            contextlib.chdir(self.folder),
            contextlib.redirect_stdout(output),
            warnings.catch_warnings(action="ignore", category=ResourceWarning),  # as Python does
        ):
            runpy.run_path(program, run_name="__main__")
        return without_trailing_space(output.getvalue()) + "\n" if output.getvalue() else ""

    def session(self, text: str) -> str:
        """The commands of a console block, each with what it prints today."""
        commands = re.findall(r"^\$ (.*)$", text, re.MULTILINE)
        return "".join(f"$ {command}\n{self.run(command)}" for command in commands)


def rewritten(page: str) -> str:
    """A page with the answers of today."""
    text = (ROOT / page).read_text(encoding="utf-8")
    edits = [(e.answer.start, e.answer.end, answer(e)) for e in examples(page)]
    sessions = [f for f in fences(page) if f.kind == "console"]
    if sessions:
        with TemporaryDirectory() as folder:
            shell = Shell(Path(folder), page)
            edits += [(f.start, f.end, shell.session(f.text)) for f in sessions]
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    return text


if __name__ == "__main__":
    for name in sys.argv[1:] or PAGES:
        (ROOT / name).write_text(rewritten(name), encoding="utf-8")
    (ROOT / LAYERS).write_text(layer_page(), encoding="utf-8")
    (ROOT / CODES).write_text(code_page(), encoding="utf-8")
    (ROOT / MESSAGES_INDEX).write_text(message_page(), encoding="utf-8")
