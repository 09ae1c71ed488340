"""Mutants of small specs through every command and every request of the language server, in this very process.

The law is that no input makes netspec fail: no exception leaves a command or an answer, and none takes long.
`python tests/command_mutants.py FIRST_SEED SECONDS MUTANTS FOLDER` tries many, and writes what fails into a folder.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import signal
import sys
import traceback
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random
from time import monotonic, process_time
from typing import Any

import hostile_texts

import netspec.cli.internal_error
from netspec.cli import exit_codes, main
from netspec.lsp.convert import Units

ROOT = Path(__file__).parent.parent
MOST_SECONDS = 5
"""Of the processor's time: more than any of these takes, by far."""
FEATURES = """netspec: 1
name: Features
inputs: {image: {shape: [N, 3, H, W], example: [2, 3, 32, 32]}, mask: {shape: [N, T], dtype: int64}}
params: {width: 8, ways: [1, 2, 3], named: {a: 4, b: 5}, flag: true}
presets: {wide: {width: 16}}
dims: {H: {min: 4, multiple_of: 2}, W: 32}
blocks:
  Unit:
    params: {channels: int, stride: 1}
    body:
      - conv: {op: Conv2d, out_channels: channels, kernel_size: 3, padding: 1, stride: stride}
      - norm: {op: BatchNorm2d, when: stride == 1}
      - ReLU
  Residual:
    inputs: [x]
    params: {channels: =x.channels}
    body:
      - unit: {op: Unit, channels: channels, from: x}
      - Add: {from: [x, unit]}
init: {"*.conv": {weight: kaiming_normal_}}
body:
  - stem: {op: Unit, channels: width, from: image, expect: [N, 8, _, _]}
  - "stage{i}": {op: Residual, each: {i: ways}}
  - twice: {op: Residual, repeat: 2}
  - parts: {op: Chunk, chunks: 2, dim: 1}
  - half: {op: Conv2d, out_channels: "parts.0.channels // 2", kernel_size: 1, from: parts.0}
  - again: {share: half, from: parts.1}
  - cat: {op: Concat, from: [half, again], dim: 1}
  - words: {op: Embedding, num_embeddings: 10, embedding_dim: width, from: mask}
  - {op: LSTM, hidden_size: 4, batch_first: true}
  - p: {op: Parameter, shape: [width, 1, 1], init: zeros_}
  - sum: {op: Add, from: [cat, p]}
  - {op: AdaptiveAvgPool2d, output_size: 1, checkpoint: true}
  - {op: Flatten, inline: true}
  - head: {op: Linear, out_features: 10}
outputs: {scores: head, features: sum}
"""
WORDS = [
    "0", "-1", "1", "2", "null", "true", "1e400", ".nan", ".inf", "0x10", "1_000", "10000000000000000000", "9223372036854775807", "1000000000",
    "[]", "{}", "[N]", "[[1, 2], [3]]", "{a: 1}", "*a", "&a", "<<: *a", "!!x", "!!int", "!!binary", "2001-01-01", "input", "previous", "image",
    "mask", "x", "=x", "=x.height", "='a'", "=[1, 2]", "=width / 0", "=2 ** 99999", "=ways[9]", "=[k for k in range(9)]", "'{i}'", "'{'", "\\0",
    "\u2028", "\x07", "\ufeff", "é", "😀", "\t", "- ", ": ", "_", "N", "H", "T*2", "N + 1", "'N, 1'", "'*'", "[_, _]", "[..., 3]",
    "repeat: 3", "repeat: 0", "repeat: =x", "each: {k: [1, 2]}", "each: {k: []}", "share: a", "share: stem", "from: [a, b]", "from: input",
    "from: [stem, stem]", "when: x.height > 3", "when: false", "inline: true", "checkpoint: true", "expect: [N, _]", "expect: []",
    "op: LSTM", "op: Transformer", "op: Unit", "op: Residual", "op: MultiheadAttention", "op: Split", "op: Reshape", "op: MaxUnpool2d", "op: Unfold",
    "op: Fold", "op: Concat", "op: Permute", "op: Squeeze", "op: Slice", "op: Einsum", "op: Matmul", "op: Bilinear", "op: GRUCell", "op: Pad",
    "use: {u: net.yaml}", "use: {u: seed.yaml}", "u.Unit", "dtype: int64", "dtype: bool", "ignore: NS201", "# netspec: ignore[NS501]",
]  # fmt: skip
COMMANDS = [
    ["check"], ["check", "--format", "concise"], ["check", "--format", "sarif"], ["check", "--format", "json"], ["check", "--format", "junit"],
    ["check", "--format", "github"], ["check", "--format", "gitlab"], ["check", "--diff"], ["check", "--strict", "--color", "always"],
    ["check", "--set", "width=3"], ["check", "--set", "width=[1, 2]"], ["check", "--preset", "wide"], ["check", "--specs-only"],
    ["check", "--fix"], ["check", "--locked"], ["fmt"], ["fmt", "--check"], ["fmt", "--diff"],
    ["summary"], ["summary", "--depth", "1"], ["summary", "--format", "json"], ["summary", "--size", "H=7"],
    ["explain"], ["explain", "stem"], ["explain", "stage1.unit.conv"], ["explain", "head", "--format", "json"], ["explain", "--size", "H=8"],
    ["compile", "-o", os.devnull], ["compile", "--annotate", "-o", os.devnull], ["compile", "--presets", "-o", os.devnull],
    ["render", "--format", "rail"], ["render", "--format", "boxes"], ["render", "--format", "dot"], ["render", "--format", "mermaid"],
    ["render", "--format", "rail", "--ascii", "--depth", "1"], ["render", "--format", "boxes", "--unfold"],
    ["render", "--format", "dot", "--by", "macs"], ["render", "--focus", "stage1", "--format", "dot"], ["render", "--html", os.devnull],
    ["render", "--format", "dot", "--diff", "seed.yaml"], ["render", "--format", "rail", "--diff", "seed.yaml"],
    ["diff", "seed.yaml"], ["diff", "seed.yaml", "--format", "json"], ["diff", "seed.yaml", "--all"], ["diff", "net.yaml", "--to-set", "width=3"],
    ["lock"],
]  # fmt: skip
LIGHT_COMMANDS = [c for c in COMMANDS if c[0] in ("check", "fmt", "summary", "explain")]
"""Commands that take milliseconds, tried the most."""
OTHER_COMMANDS = [["layers"], ["explain"], ["new"], ["schema"], ["completion"], ["help"]]
"""Commands that read no spec; their words are mutants."""
REQUESTS = [
    "hover", "definition", "references", "documentHighlight", "documentSymbol", "completion", "rename", "prepareRename",
    "codeAction", "formatting",
]  # fmt: skip


def seeds() -> list[str]:
    """Texts to begin with."""
    paths = [
        *sorted((ROOT / "benchmarks/faults/others").glob("*.yaml")),
        *sorted((ROOT / "benchmarks/faults/sfdata").glob("*.yaml"))[:12],
        *sorted((ROOT / "tests/build/unseen").glob("*.yaml")),
        *sorted((ROOT / "specs").glob("*.yaml"), key=lambda path: path.stat().st_size)[:8],
    ]
    return [*[FEATURES] * 12, *(path.read_text(encoding="utf-8") for path in paths)]


def mutant(text: str, random: Random) -> str:
    """The text with one to three changes: of characters, of words, or of lines."""
    if random.random() < 0.25:
        return hostile_texts.mutant(text, random)
    for _ in range(random.choice((1, 1, 2, 3))):
        text = random.choice((_piece, _word, _word, _word, _added_key, _added_step))(text, random)
    return text


def _piece(text: str, random: Random) -> str:
    start = random.randrange(len(text) + 1)
    end = min(len(text), start + random.choice([0, 1, 3, 8, 30]))
    piece = random.choice(
        [random.choice(WORDS), text[start:end] * 2, "", "\n", random.choice(WORDS)]
    )
    return text[:start] + piece + text[end:]


def _word(text: str, random: Random) -> str:
    """A word or number gives way to another one."""
    words = list(re.finditer(r"[\w.=*]+", text))
    if not words:
        return text
    word = random.choice(words)
    other = random.choice((random.choice(WORDS), random.choice(words)[0]))
    return text[: word.start()] + other + text[word.end() :]


def _added_key(text: str, random: Random) -> str:
    """A mapping in flow style begins with another key."""
    braces = [match.end() for match in re.finditer(r"\{", text)]
    if not braces:
        return text
    brace = random.choice(braces)
    return f"{text[:brace]}{random.choice([w for w in WORDS if ': ' in w])}, {text[brace:]}"


def _added_step(text: str, random: Random) -> str:
    """A line more in a list of steps."""
    starts = list(re.finditer(r"^( *)- .*$", text, re.MULTILINE))
    if not starts:
        return text
    before, like = random.choice(starts), random.choice(starts)
    step = random.choice(
        (like[0].strip(), f"- {{{random.choice(WORDS)}}}", f"- {random.choice(WORDS)}")
    )
    return f"{text[: before.start()]}{before[1]}{step}\n{text[before.start() :]}"


SLOW = 2
"""Seconds that are worth a look."""


class TooLongError(Exception):
    """A command that takes too long."""


def _alarm(*_: object) -> None:
    raise TooLongError


@contextlib.contextmanager
def in_time() -> Iterator[None]:
    """What takes longer than it may is ended; Graphviz has a limit of its own."""
    signal.signal(signal.SIGPROF, _alarm)
    signal.setitimer(signal.ITIMER_PROF, MOST_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def failure(arguments: list[str]) -> str:
    """The traceback of a command line that fails; nothing of one that ends as it should."""
    traces = []

    def keep(error: Exception) -> int:
        traces.append("".join(traceback.format_exception(error)))
        return exit_codes.INTERNAL

    report, netspec.cli.internal_error.report_bug = netspec.cli.internal_error.report_bug, keep
    try:
        with (
            contextlib.redirect_stdout(io.TextIOWrapper(io.BytesIO(), encoding="utf-8")),
            contextlib.redirect_stderr(io.TextIOWrapper(io.BytesIO(), encoding="utf-8")),
            in_time(),
        ):
            main(arguments)
    except BaseException as error:  # what leaves a command is looked for
        traces.append("".join(traceback.format_exception(error)))
    finally:
        netspec.cli.internal_error.report_bug = report
    return "".join(traces)


class Server:
    """The language server without a wire."""

    uri = "file:///nowhere/net.yaml"

    def __init__(self) -> None:
        from lsprotocol import types

        from netspec.lsp.server import language_server

        self.types, self.server = types, language_server()
        for _ in self.server.protocol.lsp_initialize(
            types.InitializeParams(types.ClientCapabilities())
        ):
            pass
        self.server.text_document_publish_diagnostics = lambda *_: None

    def ask(self, request: str, text: str, random: Random) -> str:
        """The traceback of a request about a place of a text, or nothing."""
        t, uri = self.types, self.uri
        document = t.TextDocumentIdentifier(uri)
        where = Units(None).position
        features = self.server.protocol.fm.features
        try:
            with in_time():
                item = t.TextDocumentItem(uri, "yaml", 1, text)
                self.server.workspace.put_text_document(item)
                features["textDocument/didOpen"](t.DidOpenTextDocumentParams(item))
                source = self.server.report(uri).document.source
                place = where(source, random.randrange(len(source.text) + 1))
                params: Any = {
                    "references": lambda: t.ReferenceParams(t.ReferenceContext(True), document, place),
                    "documentSymbol": lambda: t.DocumentSymbolParams(document),
                    "rename": lambda: t.RenameParams(document, place, random.choice(["fresh", "", "a b", "N", "input"])),
                    "codeAction": lambda: t.CodeActionParams(document, t.Range(t.Position(0, 0), place), t.CodeActionContext([])),
                    "formatting": lambda: t.DocumentFormattingParams(document, t.FormattingOptions(2, True)),
                }.get(request, lambda: t.HoverParams(document, place))()  # fmt: skip
                features[f"textDocument/{request}"](params)
        except Exception as error:
            if type(error).__name__ == "JsonRpcInvalidParams":
                return ""
            return "".join(traceback.format_exception(error))
        finally:
            for cache in (self.server.reports, self.server.readable):
                cache.clear()
        return ""


class Sweep:
    """Mutants of one seed through random commands; the files are in the working directory."""

    def __init__(self, seed: int) -> None:
        self.random, self.texts, self.server = Random(seed), seeds(), Server()
        self.tried: Counter[str] = Counter()
        self.failures: list[str] = []
        self.slowest: list[tuple[float, str, str]] = []

    def run(self, count: int) -> list[str]:
        """What failed, each with its mutant."""
        for _ in range(count):
            self.one()
        return self.failures

    def one(self) -> None:
        """One mutant through one command, or request."""
        random = self.random
        seed = random.choice(self.texts)
        text = mutant(seed, random)
        share = random.random()
        began = process_time()
        if share < 0.12:
            name = f"lsp {(request := random.choice(REQUESTS))}"
            trace = self.server.ask(request, text, random)
        elif share < 0.13:
            command, *_ = random.choice(OTHER_COMMANDS)
            words = [
                random.choice((*WORDS, *re.findall(r"\w+", text)[:50]))
                for _ in range(random.randrange(3))
            ]
            name, trace = command, failure([command, *words, *(["-o", os.devnull] * (command == "new"))])  # fmt: skip
        else:
            command, *options = random.choice(LIGHT_COMMANDS if share < 0.7 else COMMANDS)
            Path("seed.yaml").write_text(seed, encoding="utf-8")
            Path("net.yaml").write_text(text, encoding="utf-8", errors="surrogatepass")
            paths = ["seed.yaml", "net.yaml"] if "--diff" in options and command == "render" else ["net.yaml"]  # fmt: skip
            name = " ".join([command, *options])
            trace = failure([command, *paths, *(o for o in options if len(paths) == 1 or o != "seed.yaml")])  # fmt: skip
        took = process_time() - began
        self.tried[name] += 1
        if trace:
            self.failures.append(f"{name}: {trace}\n{text}")
        self.slowest = sorted([*self.slowest, (took, name, text)], key=lambda s: -s[0])[:5]


def long_run(first: int, seconds: float, target: int, out: Path) -> None:
    """Seeds from the first one until time is up or enough mutants are tried; what failed goes into files."""
    began, tried, failed, seed = monotonic(), Counter[str](), 0, first
    while monotonic() - began < seconds and tried.total() < target:
        sweep = Sweep(seed)
        for text in sweep.run(500):
            (out / f"failure{failed}.txt").write_text(text, encoding="utf-8", errors="replace")
            failed += 1
        tried += sweep.tried
        for k, (took, name, text) in enumerate(sweep.slowest):
            if took > SLOW:
                (out / f"slow{seed}_{k}.txt").write_text(
                    f"{took:.1f} {name}\n{text}", errors="replace"
                )
        seed += 1
        print(f"{tried.total()} tried, {failed} failed, next seed {seed}", flush=True)
    for name, count in sorted(tried.items()):
        print(f"{count:7} {name}")


if __name__ == "__main__":
    import tempfile

    first, seconds, target, out = sys.argv[1:]
    Path(out).mkdir(exist_ok=True, parents=True)
    with tempfile.TemporaryDirectory() as folder:
        where = Path(out).absolute()
        os.chdir(folder)
        long_run(int(first), float(seconds), int(target), where)
