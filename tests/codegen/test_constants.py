"""Constants in generated programs: their expressions, their element types, and whether they are saved."""

from __future__ import annotations

import ast

import torch

import netspec
from netspec.check import check_text
from netspec.compare.state_dict import state

ROPE = """
netspec: 1.1
blocks:
  Rope:
    params: {d: int, theta: 10000.0}
    inputs: [ids]
    body:
      - places: {op: Arange, from: ids, end: ids.size(1), dtype: float32}
      - rates: {op: Constant, dtype: float32, value: "=[theta ** (-2 * k / d) for k in range(d // 2)]"}
      - shift: {op: Constant, value: "=[cos(pi * k / d) for k in range(d // 2)]", persistent: true}
      - angles: {op: Outer, from: [places, rates]}
      - {op: Add, from: [angles, shift]}
inputs: {ids: {shape: [N, T], dtype: int64}}
body:
  - a: {op: Rope, d: 8, from: ids}
  - b: {op: Rope, d: 16, from: ids}
  - frozen: {op: Parameter, shape: [4], init: ones_, requires_grad: false}
  - sum: {op: Add, from: [a, frozen]}
outputs: [sum, b]
"""


def rates(d: int) -> torch.Tensor:
    return torch.tensor([10000.0 ** (-2 * k / d) for k in range(d // 2)])


def test_one_class_has_the_expression_once() -> None:
    source = netspec.load(ROPE).source()
    assert source.count("class Rope") == source.count("** (-2 * k / self.d)") == 1
    assert "[math.cos(math.pi * k / self.d) for k in range(self.d // 2)]" in source
    tables = [
        node.args[0]
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "torch.tensor"
    ]
    assert [type(table) for table in tables] == [ast.ListComp, ast.ListComp]


def test_a_constant_with_a_dtype_keeps_its_values_when_the_module_is_converted() -> None:
    module = netspec.compile(ROPE)
    assert torch.equal(module.a.rates, rates(8))
    assert torch.equal(module.b.rates, rates(16))
    module.bfloat16()
    assert module.a.shift.dtype == torch.bfloat16
    assert torch.equal(module.a.rates, rates(8))
    module.half().double()
    assert module.a.rates.dtype == torch.float32
    assert torch.equal(module.a.rates, rates(8))


def test_constants_are_filled_behind_a_meta_device() -> None:
    with torch.device("meta"):
        module = netspec.compile(ROPE)
    module = module.bfloat16().to_empty(device="cpu")
    assert torch.equal(module.a.rates, rates(8))
    assert torch.equal(module.b.shift, netspec.compile(ROPE).bfloat16().b.shift)


def test_a_persistent_constant_is_saved_and_a_frozen_parameter_is_not_trained() -> None:
    graph, module = check_text(ROPE).graph, netspec.compile(ROPE)
    assert list(module.state_dict()) == ["frozen", "a.shift", "b.shift"]
    assert graph is not None
    entries = state(graph)
    assert {k: e[0].shape for k, e in entries.items()} == {
        k: tuple(t.shape) for k, t in module.state_dict().items()
    }
    assert [name for name, p in module.named_parameters() if p.requires_grad] == []
    other = netspec.compile(ROPE)
    other.a.shift.fill_(7.0)
    module.load_state_dict(other.state_dict())
    assert torch.equal(module.double().a.shift, torch.full((4,), 7.0, dtype=torch.float64))


def test_the_program_computes_what_torch_computes() -> None:
    sums, b = netspec.compile(ROPE)(torch.zeros(2, 5, dtype=torch.int64))
    places = torch.arange(5, dtype=torch.float32)
    shift = torch.cos(torch.pi * torch.arange(8) / 16)
    assert torch.allclose(b, torch.outer(places, rates(16)) + shift)
    assert sums.shape == (5, 4)


def test_a_step_may_have_the_name_of_an_internal_attribute_of_modules() -> None:
    text = "netspec: 1\ninputs: {image: [N, 2]}\nbody:\n  - backend: {op: Constant, value: [1.0, 2.0]}\n  - {op: Add, from: [image, backend]}\n"
    module = netspec.compile(text)
    assert torch.equal(module(torch.zeros(1, 2)), torch.tensor([[1.0, 2.0]]))
