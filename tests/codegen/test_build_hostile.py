"""A spec may come from anyone: what is written in it is text in the program, and never code."""

from __future__ import annotations

import ast
import json
import pathlib
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sampling import examples

import netspec

PIECES = ['"', '"""', "'", "\\", "\n", "\r", "#", "{", "}", "%", "(", ")", ";", " ", "\t", "x", "é", "µ", "ﬁ",
          "\u2028", "\x0b", "PWNED()", "import os", "a" * 60]  # fmt: skip
TEXTS = st.lists(st.sampled_from(PIECES), min_size=1, max_size=8).map("".join).filter(str.strip)
LITERALS = (ast.Module, ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef, ast.Expr)


def spec(text: str) -> dict[str, Any]:
    """A network with `text` wherever a spec takes a text of one's own."""
    name = text.replace(".", "_").replace("{", "(").replace("}", ")")[:150]
    return {
        "netspec": 1,
        "name": text,
        "doc": text,
        "inputs": {f"a{name}": ["N", 3, "H", "W"]},
        "blocks": {
            f"B{name}": {"doc": text, "body": [{f"c{name}": {"op": "Conv2d", "out_channels": 3, "kernel_size": 1}}]}
        },
        "body": [
            {f"s{name}": {"op": f"B{name}", "doc": text, "repeat": 2}},
            {f"g{name}": {"doc": text, "body": ["ReLU", {f"r{name}": "Sigmoid"}, {"op": "Add", "from": ["input", f"r{name}"]}]}},
            {f"p{name}": {"op": "Parameter", "shape": [3, 1, 1], "init": "zeros_"}},
            {f"d{name}": {"op": "Add", "from": [f"g{name}", f"p{name}"]}},
            {f"t{name}": {"share": f"s{name}"}},
        ],
        "outputs": {f"o{name}": f"t{name}", "other": f"d{name}"},
    }  # fmt: skip


def check(source: str) -> None:
    """Hold a program to definitions, and to names that no text of the spec brought in."""
    tree = ast.parse(source)
    assert {type(node) for node in tree.body} <= set(LITERALS)
    for node in tree.body:
        if isinstance(node, ast.Expr):
            assert isinstance(node.value, ast.Constant)
    called = {
        n.func.id
        for n in ast.walk(tree)
        if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)
    }
    assert "PWNED" not in called
    imported = {a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
    assert imported <= {"torch", "torch.fx", "torch.nn.functional", "math"}


@settings(max_examples=examples(80), deadline=None)
@given(TEXTS)
def test_whatever_a_spec_is_called_the_program_holds_nothing_but_the_network(text: str) -> None:
    network = netspec.load(json.dumps(spec(text)))
    assert network.diagnostics == ()
    check(network.source())
    module = network.compile()
    out = module(torch.zeros(1, 3, 4, 4))
    assert [tuple(t.shape) for t in out.values()] == [(1, 3, 4, 4)] * 2
    name = text.replace(".", "_").replace("{", "(").replace("}", ")")[:150]
    assert f"s{name}.0.c{name}.weight" in module.state_dict()


@pytest.mark.parametrize("name", ['x""";PWNED();"""', "a\nPWNED()\n#", "\\", '"', "it's"])
def test_the_name_of_the_file_is_text_too(name: str, tmp_path: pathlib.Path) -> None:
    file = tmp_path / f"{name}.yaml"
    file.write_text(
        "netspec: 1\ninputs: {a: [N, 3]}\nbody: [g: {body: [ReLU, {op: Add, from: [input, previous]}]}]\n"
    )
    network = netspec.load(file)
    check(network.source())
    network.compile()


def test_the_check_of_programs_can_fail() -> None:
    with pytest.raises(AssertionError):
        check('"""x""";PWNED();""""""')


def test_names_that_python_takes_for_one_stay_two() -> None:
    body = ["µ", "μ", "ﬁ", "fi"]
    steps = ", ".join(
        f"{{{n}: {{op: Conv2d, out_channels: {k + 2}, kernel_size: 1}}}}"
        for k, n in enumerate(body)
    )
    module = netspec.compile(f"netspec: 1\ninputs: {{a: [N, 3, 4, 4]}}\nbody: [{steps}]\n")
    assert [key for key in module.state_dict() if key.endswith("weight")] == [
        f"{n}.weight" for n in body
    ]
    assert module(torch.zeros(1, 3, 4, 4)).shape == (1, 5, 4, 4)


def test_a_module_shared_with_a_group_has_its_own_name_there() -> None:
    text = """netspec: 1
inputs: {a: [N, 3, 4, 4]}
body:
  - bn: {op: Conv2d, out_channels: 3, kernel_size: 1}
  - b-n: {op: Conv2d, out_channels: 3, kernel_size: 1}
  - g:
    - shared_bn: {op: Conv2d, out_channels: 3, kernel_size: 1}
    - {share: bn}
    - {share: b-n}
"""
    module = netspec.compile(text).eval()
    x = torch.randn(1, 3, 4, 4)
    first, second = module.bn, getattr(module, "b-n")
    expected = second(first(module.g.shared_bn(second(first(x)))))
    assert torch.equal(module(x), expected)
