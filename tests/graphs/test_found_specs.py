"""The smallest specs of the defects that random graphs found, each by what it was about."""

from __future__ import annotations

import pytest
from graph_oracle import disagreements

import netspec

CONV = "{op: Conv2d, out_channels: 4, kernel_size: 1}"

SUB = """blocks:
  S: {inputs: [a, b], body: [f: {op: Conv2d, out_channels: 4, kernel_size: 1}, {op: Sub, from: [f, b]}]}"""

VALID = {
    "a group called like a keyword of Python": "body: [None: [{op: Neg}, {op: Slice, dim: 0, start: 0}], true: [{op: Concat, branches: [[], []]}]]",
    "a network called like a module of torch": "name: F\nbody: [{op: Interpolate, size: [x.height, x.width]}]",
    "one part is a tuple of one": f"body: [{{op: Chunk, chunks: 1}}, {CONV}, {{op: Split, split_size: 9}}, {CONV}]",
    "a function shared from inside a group": "body: [m: {op: Min, dim: 1, keepdim: true}, [{share: m}]]",
    "unnamed branches come in the order of the text": f"body: [{{op: Concat, branches: [{CONV}, h: [BatchNorm2d]]}}]",
    "a repeated step shared twice": "body: [c: {op: Conv2d, out_channels: 4, kernel_size: 1, repeat: 1}, {share: c}, {share: c}]",
    "an iteration read from outside its loop": "body: ['r{i}': {op: ReLU, repeat: 3}, {op: Concat, from: [previous, r0, r1]}]",
    "an argument of a function differs between uses of a block": "body: [{op: B, k: 2}, {op: B, k: 3}]\nblocks: {B: {params: {k: int}, body: [{op: Pow, exponent: k}]}}",
    "a repeat that grows in a function": "body: [{op: B, repeat: 2}]\nblocks: {B: [{op: Split, split_size: input.channels}, {op: Concat, from: [previous, previous]}]}",
    "two inputs of a block that are one tensor": "body: [{op: B, from: [input, input], repeat: 2}, {op: Add, from: [previous, x0]}]\nblocks: {B: {inputs: [a, b], body: [GELU]}}",
    "a name with both quotes in a loop": "body: [{each: {k: [1, 2]}, body: [{name: \"'q\\\"{k.index}\", op: ReLU}]}]",
    "outputs of a group that nothing reads": "body: [{outputs: [x0, previous], body: [é: ReLU]}]",
    "a branch whose only step is omitted": "body: [{op: Concat, branches: [[], i1: ReLU, norm: [{op: ReLU, when: x.rank == 3}]]}]",
    "a list of one output": "body: [ReLU]\noutputs: [previous]",
    "outputs by a wildcard": "body: [{each: {k: [1, 2]}, body: ['r{k.index}': ReLU, Neg]}]\noutputs: ['r*']",
    "a step called like a function of the program": "body: [_check_inputs: ReLU]\noutputs: [previous, x0]",
    "a checkpointed step called like the function that does it": "body: [_recompute: {op: ReLU, checkpoint: true}, Tanh]\noutputs: [previous, _recompute]",
    "a parameter tied to a shared step": f"body: [a: {CONV}, b: {{share: a}}, c: {{op: Conv2d, out_channels: 4, kernel_size: 1, share: {{weight: b.weight}}}}]",
    "a parameter tied to a step that is shared elsewhere": f"body: [a: {CONV}, h: [b: {{share: a}}, {{op: Conv2d, out_channels: 4, kernel_size: 1, share: {{weight: b.weight}}}}]]",
    "a chain of ties across levels": f"body: [a: {CONV}, [h: {{op: Conv2d, out_channels: 4, kernel_size: 1, share: {{bias: a.bias}}}}, {{op: Conv2d, out_channels: 4, kernel_size: 1, share: {{bias: h.bias}}}}]]",
    "an empty block shared from inside a group": "body: [w: T, [{share: w}]]\nblocks: {T: {body: []}}",
    "a step of a loop shared from inside a group": "body: [[{each: {k: [3, 3]}, body: ['m{k.index}': ReLU]}, [{share: m1}]]]",
    "a shared step whose argument is computed": "body: [h: {op: Interpolate, size: [2 * x.height, x.width + 1]}, {op: MaxPool2d, kernel_size: 2, padding: 1}, {share: h}]",
    "a count differs between uses of a block": "body: [{op: B, n: 3}, {op: B, n: 4}]\nblocks: {B: {params: {n: int}, body: [{op: ReLU, repeat: n}, {op: Div, from: [previous, input]}]}}",
    "a shared block whose functions depend on its input": "body: [s: B, {share: s}]\nblocks: {B: [{op: Reshape, shape: [input.batch, input.channels, -1, 1]}, {op: AvgPool2d, kernel_size: [2, 1], stride: 1}]}",
    "a name of other letters": "body: [é: ReLU, d: {op: Parameter, shape: [1]}, {op: Add, from: [previous, d]}]",
    "a branch read by what is around the join": "body: [r: ReLU, {op: Stack, branches: {g1: []}}, {op: B, from: [r, g1]}]\nblocks: {B: {inputs: [a, b], body: [{op: Sub, from: [b, a]}]}}",
    "the axis of a slice differs between uses of a block": "body: [{op: B, n: 3}, {op: B, n: 1}]\nblocks: {B: {params: {n: int}, body: [{op: Slice, dim: n, start: 1}]}}",
    "joins of repeats of nothing": "body: [{op: Mul, branches: [{op: Maximum, branches: [b: [], {repeat: 2, body: []}]}, a: [ReLU]]}]",
    "a repeated join of an unnamed and a named branch": "body: [{op: Concat, repeat: 1, branches: [[], x1: {op: B, from: {a: input, b: x0}}]}]\nblocks: {B: {inputs: [a, b], body: [{op: Add, from: [b, a]}]}}",
    "a shared block whose owner was given one tensor twice": f"body: [p: {CONV}, one: {{op: S, from: [x0, x0]}}, two: {{share: one, from: [x0, p]}}, {{op: Add, from: [one, two]}}]\n{SUB}",
    "the same inside a block that is given one tensor twice": f"body: [p: {CONV}, one: {{op: T, from: [x0, x0]}}, two: {{share: one, from: [p, x0]}}, {{op: Add, from: [one, two]}}]\n{SUB}\n  T: {{inputs: [a, b], body: [{{op: S, from: [b, a]}}]}}",
    "the same recomputed": f"body: [p: {CONV}, one: {{op: S, from: [x0, x0], checkpoint: true}}, two: {{share: one, from: [x0, p], checkpoint: true}}, {{op: Add, from: [one, two]}}]\n{SUB}",
    "the same where an input is handed out": f"body: [p: {CONV}, one: {{op: H, from: [x0, x0]}}, two: {{share: one, from: [x0, p]}}, {{op: Sub, from: [two.0, two.1]}}, {{op: Add, from: [previous, one.0]}}]\nblocks: {{H: {{inputs: [a, b], body: [f: {CONV}, {{op: Sub, from: [f, b]}}], outputs: [previous, b]}}}}",
    "the same repeated": f"body: [p: {CONV}, one: {{op: S, from: [x0, x0], repeat: 2}}, two: {{share: one, from: [x0, p]}}, {{op: Add, from: [one, two]}}]\n{SUB}",
    "a use of a block with one tensor twice before one with two": f"body: [p: {CONV}, one: {{op: S, from: [x0, x0]}}, two: {{op: S, from: [one, p]}}]\n{SUB}",
    "a shared group that reads its input by name": f"body: [g: [{{op: Add, from: [input, x0]}}], {CONV}, {{share: g}}]",
    "a shared group that gives its input by name to a block": "body: [g: [{op: M, from: [previous, x0]}], Neg, {share: g}]\nblocks: {M: {inputs: [a, b], body: [{op: Sub, from: [a, b]}]}}",
    "a shared group whose inner group reads the input of both by name": f"body: [p: {CONV}, g: {{from: p, body: [{{from: p, body: [f: {CONV}, {{op: Sub, from: [f, input]}}]}}, {{op: Sub, from: [previous, p]}}]}}, {{share: g, from: x0}}]",
    "a shared repeat of a group that reads its input by name": f"body: [p: {CONV}, g: {{from: p, repeat: 2, body: [f: {CONV}, {{op: Sub, from: [f, p]}}]}}, {{share: g, from: x0}}]",
    "a shared join that reads its input by name": f"body: [p: {CONV}, g: {{op: Sub, from: p, branches: [{CONV}, {{op: Neg, from: p}}]}}, {{share: g, from: x0}}]",
}  # fmt: skip


def text(rest: str, shape: str = "[1, 4, 4, 4]") -> str:
    return f"netspec: 1\ninputs: {{x0: {shape}}}\n{rest}\n"


@pytest.mark.parametrize("about", VALID)
def test_the_module_does_what_its_nodes_do(about: str) -> None:
    spec = text(VALID[about])
    assert [d.message for d in netspec.load(spec).report.errors] == []
    assert disagreements(spec) == []


@pytest.mark.parametrize("about", VALID)
def test_it_does_so_for_symbolic_sizes(about: str) -> None:
    assert disagreements(text(VALID[about], "[N, 4, H, W]")) == []


REJECTED = {
    "a share of a block with fewer inputs than it takes": "body: [t: {op: B, from: [x0, x0]}, {share: t}]\nblocks: {B: {inputs: [a, b], body: [{op: Add, from: [a, b]}]}}",
    "a share with more inputs than it takes": "body: [t: ReLU, u: ReLU, {share: t, from: [t, u]}]",
    "a share of statistics of other channels": "body: [b: {op: BatchNorm2d, affine: false}, {op: Conv2d, out_channels: 2, kernel_size: 1}, {share: b}]",
    "a share that would need a different number of results": "body: [g: [f: {op: Split, split_size: 1, dim: 1}, {op: Concat, from: [f.0, f.1]}, {op: Conv2d, out_channels: 6, kernel_size: 1}], {share: g}]",
}  # fmt: skip


@pytest.mark.parametrize("about", REJECTED)
def test_a_use_that_cannot_be_is_rejected(about: str) -> None:
    assert netspec.load(text(REJECTED[about])).report.errors


def test_a_declared_size_is_what_the_code_says() -> None:
    body = "body: [Flatten, {op: Conv1d, out_channels: 2, kernel_size: 1, in_channels: 1}]"
    assert disagreements(text(body, "[N, 1, 1]")) == []


def test_the_error_for_an_input_states_residues() -> None:
    body = (
        "body: [{op: Conv2d, out_channels: 1, kernel_size: 6 + i, padding: 1, stride: 2, repeat: 2},"
        " {op: Min, dim: [0]}, {op: ChannelShuffle, groups: 2}]"
    )
    assert disagreements(text(body, "[1, 1, H, H]")) == []


NOT_SHARED = {
    "a shared group that reads all steps of a name": "body: [c1: Neg, g: [{op: Maximum, from: ['c*', input]}], c2: Neg, {share: g}, {op: Add, from: [g, c2, previous]}]",
}  # fmt: skip


@pytest.mark.parametrize("about", NOT_SHARED)
def test_a_shared_group_that_would_read_other_steps_is_rejected(about: str) -> None:
    (diagnostic,) = netspec.load(text(NOT_SHARED[about])).diagnostics
    assert diagnostic.code == "NS211"
    assert (
        diagnostic.message == "`g` reads different outer steps in this use, so it cannot be shared"
    )
    assert diagnostic.label == "reads `c1` and `c2` here and `c1` there, in addition to its input"


def test_a_shared_group_that_would_connect_its_steps_otherwise_is_rejected() -> None:
    spec = text(
        "body: [g: [s0: Neg, s1: Abs, {op: Sub, from: [s0, 's{1 if input.width > 2 else 0}']},"
        " {op: Add, from: [previous, s1]}], {op: MaxPool2d, kernel_size: 2}, {share: g}]"
    )
    (diagnostic,) = netspec.load(spec).diagnostics
    assert diagnostic.code == "NS211"
    assert diagnostic.message == "`g` has a different graph for this input, so it cannot be shared"
    assert (
        diagnostic.helps[0].text
        == "a `from` or a condition inside it depends on the shape of the input"
    )
