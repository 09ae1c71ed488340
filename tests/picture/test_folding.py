"""A folded picture says what the unfolded one says: two networks that differ never have one picture.

The oracle is graph isomorphism, by networkx, of what the two networks unfold into.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import networkx as nx
import pytest

import netspec
from netspec.graph import Graph
from netspec.render import Scene, scene
from netspec.render.boxes import boxes
from netspec.render.dot import dot
from netspec.render.mermaid import mermaid
from netspec.render.rail import rail
from netspec_tui.core.graph_rows import graph_table

ROOT = Path(__file__).parents[2]


def editor(drawn: Scene) -> str:
    """The rows of the editor's graph."""
    return "\n".join(
        f"{r.rail} {r.depth} {r.name} {r.call} {r.shape}" for r in graph_table(drawn).rows
    )


FORMATS = {"rail": rail, "boxes": lambda drawn: boxes(drawn).text, "mermaid": mermaid,
           "dot": lambda drawn: dot(drawn, links=False), "editor": editor}  # fmt: skip


UNSAID = ("inplace",)
"""Arguments that no picture says, as they change no value."""
ORDERLESS = ("Add", "Mul", "Maximum", "Minimum")


def unfolded(graph: Graph) -> nx.MultiDiGraph:
    """The network node by node, as networkx sees it: which result each input is, and whose weights are used."""
    multigraph = nx.MultiDiGraph()
    for value in graph.inputs:
        multigraph.add_node(id(value.node), label=f"input {value.node.name} {value.dtype}")
    for node in graph.nodes:
        shapes = [tuple(map(str, v.shape or ())) for v in node.outputs]
        arguments = {k: v for k, v in node.layer.changed().items() if k not in UNSAID}
        multigraph.add_node(id(node), label=f"{node.op} {shapes} {arguments}")
        for place, value in enumerate(node.inputs):
            name = "" if node.op in ORDERLESS else (node.layer.taken or range(9))[place]
            multigraph.add_edge(id(value.node), id(node), label=f"{name} {value.index}")
        if node.owner is not None and node.owner.parameters:
            multigraph.add_edge(id(node.owner), id(node), label="weights")
    for number, value in enumerate(graph.outputs.values):
        multigraph.add_node(number, label=f"output {number}")
        multigraph.add_edge(id(value.node), number, label=f"{value.index}")
    return multigraph


def alike(a: nx.MultiDiGraph, b: nx.MultiDiGraph) -> bool:
    """Whether two networks are one."""
    return nx.is_isomorphic(
        a,
        b,
        node_match=lambda m, n: m["label"] == n["label"],
        edge_match=lambda m, n: (
            sorted(e["label"] for e in m.values()) == sorted(e["label"] for e in n.values())
        ),
    )


class Pictures:
    """Every picture that was drawn, and a network that it is of."""

    def __init__(self) -> None:
        self.met: dict[tuple[str, str], tuple[str, nx.MultiDiGraph]] = {}
        self.folded = 0

    def take(self, text: str) -> None:
        """Draw a spec; nothing else that differs from it may have the same picture."""
        network = netspec.load(text)
        graph = network.report.graph
        if network.report.errors or graph is None:
            return
        drawn = scene(graph)
        self.folded += any(box.times > 1 for box in drawn.boxes) or len(drawn.leaves) < len(
            graph.nodes
        )
        plain = unfolded(graph)
        for name, draw in FORMATS.items():
            before = self.met.setdefault((name, draw(drawn)), (text, plain))
            if before[1] is not plain:
                assert alike(before[1], plain), (
                    f"one picture as {name} of\n{before[0]}\nand of\n{text}"
                )


HEAD = """netspec: 1
name: n
inputs: {image: [N, 4, 8, 8]}
body:
  - p: ReLU
  - q: {op: Sigmoid, from: image}
"""
SOURCES = ("input", "p", "q", "c")


def repeats() -> Iterator[str]:
    """A repeat of two steps that read whatever they can."""
    for count, first, a, b, tail in product(
        (2, 3), SOURCES[:3], SOURCES, SOURCES, ("", "p", "image")
    ):
        text = HEAD + (
            f"  - r:\n      from: p\n      repeat: {count}\n      body:\n"
            f"        - c: {{op: ReLU, from: {first}}}\n        - a: {{op: Add, from: [{a}, {b}]}}\n"
        )
        yield text + (f"  - t: {{op: Add, from: [r, {tail}]}}\n" if tail else "")


def loops() -> Iterator[str]:
    """An `each` whose iterations are single steps that read the one before, the one before that, or none."""
    for count, source, tail in product(
        (3, 4), ("x", "p", "q", "s{max(k-1,0)}", "s{max(k-2,0)}", "s0", "s{k-k%2}"),
        ("s2", "[s1, s2]", "[s0, s1, s2]", "[s0, s2]", "[p, s2]"),
    ):  # fmt: skip
        body = f"      - s{{k+1}}: {{op: Tanh, from: '{source}'}}\n"
        op = "Add" if "," in tail else "ReLU"
        yield HEAD + (
            f"  - s0: {{op: ReLU, from: p}}\n  - each: {{k: range({count})}}\n    body:\n{body}"
            f"  - t: {{op: {op}, from: {tail}}}\n"
        )


def nested() -> Iterator[str]:
    """A repeat in a repeat."""
    for m, n, a, b, last in product(
        (2, 3), (2, 3), ("input", "p", "q"), ("input", "p", "c"), ("input", "p", "c")
    ):
        yield HEAD + (
            f"  - r:\n      from: p\n      repeat: {m}\n      body:\n"
            f"        - c: {{op: ReLU, from: {a}}}\n"
            f"        - in:\n            repeat: {n}\n            from: c\n            body:\n"
            f"              - d: ReLU\n              - e: {{op: Add, from: [d, {b}]}}\n"
            f"        - f: {{op: Add, from: [in, {last}]}}\n"
        )


def widths() -> Iterator[str]:
    """Iterations of different widths, and of different strides."""
    for count, width, stride, inner in product(
        (2, 3, 4), ("8", "4*(i+1)", "4*2**i", "4*(i+2)", "4*(1+(i>0))", "4*(1+i%2)"),
        ("1", "2", "1+(i>0)", "1+i%2"), ("", "repeat: 2, "),
    ):  # fmt: skip
        yield HEAD + (
            f"  - r:\n      from: p\n      repeat: {count}\n      body:\n"
            f"        - c: {{op: Conv2d, {inner}out_channels: '={width}', kernel_size: 1, stride: '={stride}'}}\n"
            "        - d: ReLU\n"
        )


def references() -> Iterator[str]:
    """Operands in any order and number, and results of steps that have several, in a repeat and outside."""
    head = HEAD.replace("[N, 4,", "[N, 8,").replace("image}", "h.0}").replace(
        "body:\n  - p: ReLU", "body:\n  - h: {op: Chunk, chunks: 2, dim: 1}\n  - p: {op: ReLU, from: h.1}"
    )  # fmt: skip
    for op, a, b in product(
        ("{op: Sub", "{op: Add", "{op: Concat, dim: 2"), *[("p", "q", "h.0", "h.1", "c")] * 2
    ):
        cut = ", {op: Slice, dim: 2, end: 8}" if "Concat" in op else ""
        yield (
            head
            + f"  - r: {{from: p, repeat: 3, body: [c: ReLU, {op}, from: [{a}, {b}]}}{cut}]}}\n"
        )
        yield head + f"  - c: {{op: ReLU, from: p}}\n  - s: {op}, from: [{a}, {b}]}}\n"
        yield head + f"  - c: {{op: ReLU, from: p}}\noutputs: [{a}, {b}]\n"


def arguments() -> Iterator[str]:
    """Iterations whose arguments differ, also in ways that keep the shape."""
    conv = "Conv2d, out_channels: 4"
    for call in (
        f"{conv}, kernel_size: 3, padding: '1 + TURN', dilation: '1 + TURN'",
        f"{conv}, kernel_size: 5, stride: 5, padding: 'TURN // 2'",
        f"{conv}, kernel_size: 3, padding: 1, groups: '1 + TURN'",
        f"{conv}, kernel_size: 3, padding: 2, dilation: 2, groups: 2, stride: 1, padding_mode: '=[\"zeros\", \"circular\"][TURN]'",
        f"{conv}, kernel_size: 1, bias: 'TURN == 0'",
        "ReLU, when: 'TURN == 0'",
        "Roll, dims: 2, shifts: TURN",
        "LeakyReLU, negative_slope: 0.1 + TURN",
        "Dropout, p: 0.1 * TURN",
        "'=[\"ReLU\", \"Tanh\"][TURN]'",
    ):  # fmt: skip
        for turn in ("(0)", "(1)", "int(i == 1)", "int(i == 2)", "(i % 2)", "(1 - i % 2)"):
            step = call.replace("TURN", turn)
            yield (
                HEAD.replace("8, 8", "32, 32")
                + f"  - r: {{repeat: 3, body: [c: {{op: {step}}}, d: Neg]}}\n"
            )


def shares() -> Iterator[str]:
    """Iterations that use the weights of others."""
    conv = "{op: Conv2d, out_channels: 4, kernel_size: 1}"
    for owner, repeat in product(
        ("a0", "a1", "a2", "a{k}", "a{2 - k}", "a{(k + 1) % 3}", "a{k % 2}"), (2, 3)
    ):
        yield HEAD + (
            f'  - each: {{k: range(3)}}\n    body: ["a{{k}}": {conv}]\n'
            f'  - each: {{k: range({repeat})}}\n    body: ["b{{k}}": {{share: "{owner}"}}]\n'
        )
    for last in ("{share: r}", "{share: s}", conv, "{share: t}"):
        yield HEAD + (
            f"  - t: {conv}\n  - r: {{repeat: 3, body: [c: {conv}]}}\n  - s: {{repeat: 3, body: [c: {conv}]}}\n  - u: {last}\n"
        )


@pytest.mark.parametrize(
    "family",
    [repeats, loops, nested, widths, references, arguments, shares],
    ids=lambda f: f.__name__,
)
def test_networks_that_differ_have_different_pictures(family) -> None:
    pictures = Pictures()
    for text in family():
        pictures.take(text)
    assert len(pictures.met) > 5 * 15
    assert pictures.folded > 10


def random_spec(chance: random.Random) -> str:
    """A loop of up to three steps, maybe in another one, that read from anywhere."""
    known = ["input", "p", "q"]
    lines = []
    for name in "cde"[: chance.randint(1, 3)]:
        op = chance.choice(["ReLU", "Add", "Maximum", "Sub"])
        sources = chance.sample(known, 1 if op == "ReLU" else 2)
        lines.append(f"- {name}: {{op: {op}, from: [{', '.join(sources)}]}}")
        known.append(name)
    count = chance.randint(2, 3)
    if chance.random() < 0.5:
        lines = [
            f"- g: {{from: {chance.choice(['input', 'p'])}, repeat: {chance.randint(2, 3)}, body: [",
            *(f"{line[2:]}," if line.startswith("- ") else line for line in lines),
            "]}",
        ]
        lines = [
            lines[0] + " ".join(f"{{{part.rstrip(',')}}}," for part in lines[1:-1]) + lines[-1]
        ]
    body = "\n".join(f"        {line}" for line in lines)
    tail = chance.choice(
        ["", "  - t: {op: Add, from: [r, p]}\n", "  - t: {op: Add, from: [r, q]}\n"]
    )
    return HEAD + f"  - r:\n      from: p\n      repeat: {count}\n      body:\n{body}\n{tail}"


@pytest.mark.sweep
def test_random_networks_that_differ_have_different_pictures() -> None:
    chance, pictures = random.Random(7), Pictures()
    for _ in range(6000):
        pictures.take(random_spec(chance))
    assert pictures.folded > 1000


def test_a_handful_of_random_networks() -> None:
    chance, pictures = random.Random(8), Pictures()
    for _ in range(200):
        pictures.take(random_spec(chance))
    assert pictures.folded > 50
