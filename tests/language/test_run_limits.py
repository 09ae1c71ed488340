"""Small files that ask for much: each gets its diagnostic, in little time and memory."""

from __future__ import annotations

import tracemalloc
from pathlib import Path
from time import process_time

import pytest

from netspec.check import Report, check, check_text
from netspec.limits import MOST_BYTES

SECONDS = 4.0
"""Of the processor: a slow machine has room, a loop without a bound has none."""
IMAGE = "netspec: 1\ninputs: {image: [N, 3, 32, 32]}\n"
FEATURES = "netspec: 1\ninputs: {a: [N, 3]}\n"


def doubled(first: str, item: str) -> str:
    """Parameters each of which holds the one before twice."""
    lines = "".join(f"  a{k}: {item.replace('@', f'a{k - 1}')}\n" for k in range(1, 28))
    return f"netspec: 1\nparams:\n  a0: {first}\n{lines}inputs: {{a: [N, 3]}}\nbody: [ReLU]\n"


CASES = {
    "padding of a huge kernel": (
        f"{IMAGE}body:\n  - a: {{op: Conv2d, out_channels: 3, kernel_size: 3}}\n"
        "  - b: {op: Conv2d, out_channels: 3, kernel_size: 1000000000, padding: 499999990, from: input}\n"
        "  - {op: Add, from: [a, b]}\n",
        "the height differs (30 and 13)",
    ),
    "divisors of huge channels": (
        "netspec: 1\ninputs: {image: [N, 1000000000, 8, 8]}\n"
        "body: [{op: Conv2d, out_channels: 1000000000, kernel_size: 1, groups: 7}]\n",
        "not divisible by groups=7",
    ),
    "divisors of huge features": (
        "netspec: 1\ninputs: {tokens: [N, T, 1000000000]}\n"
        "body: [{op: TransformerEncoderLayer, nhead: 7, batch_first: true}]\n",
        "not divisible by nhead=7",
    ),
    "chunks": (f"{FEATURES}body: [{{op: Chunk, chunks: {10**19}, dim: 1}}]\n", "`chunks`"),
    "chunks again and again": (
        "netspec: 1\ninputs: {a: [N, 10000]}\nbody:\n"
        "  - {each: {k: range(100)}, body: [{'c{k}': {op: Chunk, chunks: 10000, dim: 1, from: input}}]}\n",
        "more than 100,000 steps",
    ),
    "layers of a stack": (
        "netspec: 1\ninputs: {a: [N, T, 64]}\n"
        "body: [{op: TransformerEncoder, nhead: 4, num_layers: 10000000}]\n",
        "`num_layers`",
    ),
    "weights of a stack by name": (
        "netspec: 1\ninputs: {a: [N, T, 64]}\ninit: {LSTM: {weight_hh_l0: orthogonal_}}\n"
        "body: [{op: LSTM, hidden_size: 4, num_layers: 1000000}]\n",
        "limit on individually named weights, 200,000",
    ),
    "lists that double": (doubled("'=[1, 2]'", "'=[@, @]'"), "more than 100000 items"),
    "lists of YAML that double": (doubled("[1, 2]", "['=@', '=@']"), "more than 100,000 values"),
    "lists that double in a loop": (
        doubled("'=[1, 2]'", "'=[@ for k in range(2)]'"),
        "more than 100000 items",
    ),
    "lists that double by sum": (doubled("'=[1, 2]'", "'=@ + @'"), "the limit for a list is 100000"),
    "an expression again and again": (
        f"{FEATURES}body:\n  - {{op: ReLU, repeat: 1000, when: 'len([k for k in range(4000) if k % 2 == i % 2]) > 3'}}\n",
        "more than 2,000,000 operations",
    ),
    "a long expression again and again": (
        f"{FEATURES}body:\n  - {{op: ReLU, repeat: 100000, when: '{'1 + ' * 240}i > 3'}}\n",
        "more than 2,000,000 operations",
    ),
    "repeats of repeats": (
        f"{FEATURES}body: [{{repeat: 1000, body: [{{repeat: 1000, body: [ReLU]}}]}}]\n",
        "more than 100,000 steps",
    ),
    "loops without steps": (
        f"{FEATURES}body: [{{each: {{k: range(100000)}}, body: [{{each: {{j: range(100000)}}, body: []}}]}}]\n",
        "more than 2,000,000 operations",
    ),
    "loops that see many names": (
        "netspec: 1\nparams:\n" + "".join(f"  p{k}: {k}\n" for k in range(1000)) + "inputs: {a: [N, 3]}\n"
        "body: [{each: {k: range(100000)}, body: [ReLU]}]\n",
        "more than 2,000,000 operations",
    ),
    "long lists in many parameters": (
        "netspec: 1\nparams:\n"
        + "".join(f"  p{k}: '=[{k} + j for j in range(90000)]'\n" for k in range(100))
        + "inputs: {a: [N, 3]}\nbody: [ReLU]\n",
        "more than 2,000,000 operations",
    ),
    "everything before, again and again": (
        f"{FEATURES}body:\n  - r: ReLU\n"
        "  - {each: {k: range(20000)}, body: [{'r{k}': {op: Concat, from: ['r*', input]}}]}\n",
        "more than 2,000,000 operations",
    ),
    "aliases of aliases": (
        "netspec: 1\nparams:\n  a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n"
        + "".join(f"  a{k}: &a{k} [{', '.join([f'*a{k - 1}'] * 10)}]\n" for k in range(1, 6))
        + "inputs: {a: [N, 3]}\nbody: [ReLU]\n",
        "the aliases of this file expand to more than 100,000 values",
    ),
    "many values": (
        "netspec: 1\nx: [" + "[]," * 600_000 + "]\n",
        "lines, commas and colons; the limit for a spec is 500,000",
    ),
}  # fmt: skip


def cheap(text: str) -> Report:
    """The report on a text, which must not take long."""
    began = process_time()
    report = check_text(text, "net.yaml")
    assert process_time() - began < SECONDS
    return report


@pytest.mark.parametrize("name", CASES)
def test_what_asks_for_much_gets_a_diagnostic(name: str) -> None:
    text, message = CASES[name]
    assert message in " ".join([d.message + d.label for d in cheap(text).errors])


def test_it_takes_little_memory() -> None:
    """Tracing is slow, so only of those that once took gigabytes."""
    for name in ("chunks", "lists that double", "layers of a stack"):
        tracemalloc.start()
        check_text(CASES[name][0], "net.yaml")
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 200e6, name


@pytest.mark.parametrize("layers", [3, 1_000_000])
@pytest.mark.parametrize(
    ("op", "arguments"),
    [("TransformerEncoder", "nhead: 4, norm: LayerNorm"), ("LSTM", "hidden_size: 16, bidirectional: true")],
)  # fmt: skip
def test_equal_layers_are_counted_as_a_product(op: str, arguments: str, layers: int) -> None:
    def parameters(count: int) -> int:
        text = (
            "netspec: 1\ninputs: {a: [5, N, 64]}\n"
            f"body: [{{op: {op}, {arguments}, num_layers: {count}}}]\n"
        )
        graph = cheap(text).graph
        assert graph is not None
        assert graph.macs() > 0
        return graph.parameter_count

    one, two = parameters(1), parameters(2)
    third = parameters(3) - two
    assert parameters(layers) == (one if layers == 1 else two + third * (layers - 2))


def test_files_together_have_a_limit(tmp_path: Path) -> None:
    large = "netspec: 1\n" + "# a comment\n" * 100_000
    for k in range(5):
        (tmp_path / f"f{k}.yaml").write_text(large)
    uses = ", ".join(f"u{k}: f{k}.yaml" for k in range(5))
    spec = tmp_path / "net.yaml"
    spec.write_text(f"netspec: 1\nuse: {{{uses}}}\ninputs: {{a: [N, 3]}}\nbody: [ReLU]\n")
    (diagnostic,) = check(str(spec)).errors
    assert (
        diagnostic.message == f"the files of this spec have more than {MOST_BYTES:,} bytes in total"
    )


def test_files_that_use_each_other_have_a_limit(tmp_path: Path) -> None:
    for k in range(400):
        (tmp_path / f"f{k}.yaml").write_text(f"netspec: 1\nuse: {{u: f{k + 1}.yaml}}\n")
    (diagnostic,) = check(str(tmp_path / "f0.yaml")).errors
    assert diagnostic.message == "files use each other more than 50 deep"


def test_files_that_are_used_on_many_ways_are_read_once(tmp_path: Path) -> None:
    for k in range(40):
        uses = f"use: {{u: f{k + 1}.yaml, v: f{k + 1}.yaml}}\n" if k < 39 else ""
        (tmp_path / f"f{k}.yaml").write_text(f"netspec: 1\n{uses}blocks: {{B: [ReLU]}}\n")
    spec = tmp_path / "net.yaml"
    spec.write_text(
        "netspec: 1\nuse: {u: f0.yaml}\ninputs: {a: [N, 3]}\ninit: {Linear: {weight: zeros_}}\n"
        "body: [{op: Linear, out_features: 3}]\n"
    )
    began = process_time()
    assert check(str(spec)).valid
    assert process_time() - began < SECONDS


def test_a_path_with_a_zero_in_it(tmp_path: Path) -> None:
    spec = tmp_path / "net.yaml"
    spec.write_text('netspec: 1\nuse: {u: "b\\0c.yaml"}\ninputs: {a: [N, 3]}\nbody: [ReLU]\n')
    (diagnostic,) = check(str(spec)).errors
    assert (diagnostic.code, diagnostic.message) == ("NS026", "`use: u` is not a path")
