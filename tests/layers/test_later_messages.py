"""The messages of the layers of version 1.1 that no page of the manual shows."""

from __future__ import annotations

import pytest

import netspec

HEAD = """netspec: 1.1
inputs: {a: [N, 8, H, W], b: [N, 8], c: {shape: [N, 8], dtype: int64}, m: {shape: [N, 8], dtype: bool}, s: {shape: [N, 8], dtype: float64}, t: [8, 4], v: [8], ix: {shape: [8], dtype: int64}, iv: {shape: [2], dtype: int64}, z: [], zi: {shape: [], dtype: int64}, a3: [2, 8, 8, 8], g: [N, 4, 4, 2], g2: [3, 4, 4, 2], gd: {shape: [N, 4, 4, 2], dtype: float64}, a5: [N, 8, D, H, W], g5: [N, 4, 4, 4, 3], big: [20000, 2]}
body:
"""

MESSAGES = [
    (
        '{op: Var, from: b, dim: [1, 1]}',
        'NS209', '`y`: dim [1, 1] of `Var` contains a dimension twice',
    ),
    (
        '{op: Where, from: {condition: m, input: b}}',
        'NS109', '`y`: `Where` requires `other` once: as an input, or as a number',
    ),
    (
        '{op: MaskedFill, from: [c, m], value: 1.0e+30}',
        'NS212', '`y`: `MaskedFill` cannot write 1e+30 into elements of int64',
    ),
    (
        '{op: Constant, value: 300, dtype: uint8}',
        'NS108', '300 is no value of uint8',
    ),
    (
        '{op: Arange, from: b, end: 3, step: 0}',
        'NS108', '`step` of `Arange` must not be 0',
    ),
    (
        '{op: Arange, from: b, start: 3, end: 1}',
        'NS206', '`y`: `Arange` has no elements',
    ),
    (
        '{op: Linspace, from: b, start: 0, end: 1, steps: 0}',
        'NS108', '`steps` of `Linspace` cannot be 0',
    ),
    (
        '{op: Flip, from: b, dims: [1, 1]}',
        'NS209', '`y`: dims [1, 1] of `Flip` contain a dimension twice',
    ),
    (
        '{op: Movedim, from: b, source: [0, 1], destination: [0]}',
        'NS108', '`Movedim` moves 2 dimensions to 1 positions',
    ),
    (
        '{op: Movedim, from: b, source: [0, 0], destination: [0, 1]}',
        'NS209', '`y`: source [0, 0] of `Movedim` contains a dimension twice',
    ),
    (
        '{op: Tril, from: v}',
        'NS207', '`y`: `Tril` expects at least 2 dimensions, but its input [8] has 1 dimension',
    ),
    (
        '{op: Gather, from: [b, v], dim: 0}',
        'NS212', '`y`: `Gather` requires integers as `index`, but `v` has float32',
    ),
    (
        '{op: Gather, from: [t, c], dim: 0}',
        'NS203', '`y`: the index of `Gather` has size 8 in dimension 1, more than 4 of `input`',
    ),
    (
        '{op: Scatter, from: [b, c, s], dim: 1}',
        'NS212', '`y`: `Scatter` requires `src` of the element type of its input, but they have float64 and float32',
    ),
    (
        '{op: Scatter, from: [c, c], dim: 1, value: 1.0e+30}',
        'NS212', '`y`: `Scatter` cannot write 1e+30 into elements of int64',
    ),
    (
        '{op: Scatter, from: [b, c], dim: 1}',
        'NS109', '`y`: `Scatter` requires either a third input `src`, or the number `value`',
    ),
    (
        '{op: Scatter, from: [b, c, b], dim: 1, value: 2}',
        'NS108', '`y`: `Scatter` requires either a third input `src`, or the number `value`',
    ),
    (
        '{op: TakeAlongDim, from: [b, v], dim: 1}',
        'NS212', '`y`: `TakeAlongDim` requires int64 as `indices`, but `v` has float32',
    ),
    (
        '{op: IndexSelect, from: [b, c], dim: 1}',
        'NS207', '`y`: `IndexSelect` expects an index of 1 dimension, but its input [N, 8] has 2 dimensions',
    ),
    (
        '{op: GridSample, from: [a, b]}',
        'NS207', '`y`: `GridSample` of [N, 8, H, W] requires a grid of 4 dimensions, the last of size 2, but it is [N, 8]',
    ),
    (
        '{op: AffineGrid, from: b, size: [2, 3, 8, 8]}',
        'NS207', '`y`: `AffineGrid` for the size [2, 3, 8, 8] requires [2, 2, 3], but its input is [N, 8]',
    ),
    (
        '{op: TopK, from: b, k: 9}',
        'NS206', '`y`: `TopK` requires 9 elements in dimension 1, but its input [N, 8] has 8',
    ),
    (
        '{op: Remainder, from: [m, m]}',
        'NS212', '`y`: `Remainder` requires numbers, but both inputs have booleans',
    ),
    (
        '{op: Eq, from: b}',
        'NS109', '`y`: `Eq` requires a second input or the number `other`',
    ),
    (
        '{op: Eq, from: [b, b], other: 2}',
        'NS108', '`y`: `Eq` has two inputs and the number `other`',
    ),
    (
        '{op: Narrow, from: b, dim: 1, start: 5, length: 9}',
        'NS206', '`y`: `Narrow` selects 9 elements from 5 of 8 features',
    ),
    (
        '{op: Unbind, from: b, dim: 0}',
        'NS125', '`y`: `Unbind` has an unknown number of results: N depends on the input size',
    ),
    (
        "{op: Einsum, from: [b], equation: 'ijk->i'}",
        'NS207', '`y`: `ijk` of `Einsum` names 3 dimensions, but the input [N, 8] has 2',
    ),
    (
        "{op: Einsum, from: [b, s], equation: 'ij,ij->i'}",
        'NS212', '`y`: `Einsum` requires inputs of one element type, but they have float32 and float64',
    ),
    (
        "{op: Einsum, from: [b], equation: 'ij,ij->i'}",
        'NS110', '`y`: `ij,ij->i` has 2 inputs, but `Einsum` got 1',
    ),
    (
        "{op: Einsum, from: [b], equation: 'i?->i'}",
        'NS108', '`equation` of `Einsum` is wrong: `i?` are not letters',
    ),
    (
        '{op: Meshgrid, from: [v, c]}',
        'NS212', '`y`: `Meshgrid` requires inputs of one element type, but they have float32 and int64',
    ),
    (
        '{op: Repeat, from: b, repeats: [2]}',
        'NS207', '`y`: `Repeat` has 1 numbers of copies for 2 dimensions',
    ),
    (
        '{op: Prod, from: b, keepdim: true}',
        'NS108', '`Prod` requires `dim` for `keepdim`',
    ),
    (
        '{op: KthValue, from: b, k: 9}',
        'NS206', '`y`: `KthValue` requires 9 elements in dimension 1, but its input [N, 8] has 8',
    ),
    (
        '{op: Where, from: m}',
        'NS109', '`y`: `Where` requires `input` once: as an input, or as a number',
    ),
    (
        '{op: TakeAlongDim, from: [b, ix], dim: 1}',
        'NS207', '`y`: `TakeAlongDim` requires `indices` of the rank of its input, but their shapes are [8] and [N, 8]',
    ),
    (
        '{op: Gather, from: [b, ix], dim: 0}',
        'NS207', '`y`: `Gather` requires `index` of the rank of its input, but their shapes are [8] and [N, 8]',
    ),
    (
        '{op: GridSample, from: [a5, g5], mode: bicubic}',
        'NS209', '`y`: mode bicubic of `GridSample` requires an image, not a volume',
    ),
    (
        '{op: GridSample, from: [a, gd]}',
        'NS212', '`y`: `GridSample` requires inputs of one element type, but they have float32 and float64',
    ),
    (
        '{op: Unbind, from: big, dim: 0}',
        'NS123', '`y`: `Unbind` splits a batch of 20000 into 20,000 results',
    ),
    (
        "{op: Einsum, from: [t, t], equation: 'ij,ji->i'}",
        'NS205', '`y`: the dimension `j` of `Einsum` has the sizes 4 and 8',
    ),
    (
        '{op: Fmod, from: [m, m]}',
        'NS212', '`y`: `Fmod` requires numbers, but both inputs have booleans',
    ),
    (
        '{op: IndexSelect, from: [z, iv], dim: 0}',
        'NS207', '`y`: `IndexSelect` selects 1 element of an input without dimensions',
    ),
    (
        '{op: Hypot, from: [c, c]}',
        'NS212', '`y`: `Hypot` requires floating-point numbers in one of its inputs, but they have int64',
    ),
    (
        '{op: BitwiseLeftShift, from: [m, m]}',
        'NS212', '`y`: `BitwiseLeftShift` requires numbers, but both inputs have booleans',
    ),
    (
        '{op: LogAddExp, from: [c, c]}',
        'NS212', '`y`: `LogAddExp` requires floating-point numbers in one of its inputs, but they have int64',
    ),
    (
        '{op: Normalize, from: b, dim: [1, 1]}',
        'NS209', '`y`: dim [1, 1] of `Normalize` contains a dimension twice',
    ),
    (
        '{op: Arange, from: b, start: 0.5, end: b.batch}',
        'NS125', '`y`: `Arange` cannot count floats up to a size that depends on the input',
    ),
    (
        '{op: TakeAlongDim, from: [b, zi], dim: 1}',
        'NS207', '`y`: `TakeAlongDim` requires `indices` of the rank of its input, but their shapes are [] and [N, 8]',
    ),
    (
        '{op: TakeAlongDim, from: [z, ix], dim: 0}',
        'NS207', '`y`: `TakeAlongDim` requires indices of the rank of its input',
    ),
    (
        '{op: GridSample, from: [a3, g2]}',
        'NS203', '`y`: `GridSample` requires an image for each grid, but the batches have 2 and 3 items',
    ),
]  # fmt: skip


@pytest.mark.parametrize(("step", "code", "message"), MESSAGES, ids=[m[0] for m in MESSAGES])
def test_messages_of_later_layers(step: str, code: str, message: str) -> None:
    network = netspec.load(f"{HEAD}  - y: {step}\n")
    errors = [(d.code, d.message) for d in network.diagnostics if d.severity == "error"]
    assert errors == [(code, message)]
