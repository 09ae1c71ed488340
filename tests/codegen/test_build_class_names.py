"""The names of generated classes: never one of PyTorch's or Python's; groups that are equal are one class."""

from __future__ import annotations

import ast
import builtins
from functools import cache

import pytest
import torch
from small_networks import SPECS

import netspec
from netspec.codegen.torch_names import OF_TORCH_NN

BODY = """
      - {op: Conv2d, out_channels: 4, kernel_size: 1}
      - {op: Add, from: [previous, previous]}
"""
STAGES = """
name: stages
params: {width: 4}
inputs: {image: [N, 3, 8, 8]}
body:
  - start: {op: Conv2d, out_channels: width, kernel_size: 1}
"""
STAGE = """
  - NAME:
      - inner:
          repeat: COUNT
          body: [{op: Conv2d, out_channels: width, kernel_size: KERNEL, padding: same}, ReLU]
      - {op: Add, from: [previous, input]}
"""


def source_of(text: str) -> str:
    return netspec.load("netspec: 1\n" + text).source()


def classes_of(text: str) -> list[str]:
    return [n.name for n in ast.walk(ast.parse(text)) if isinstance(n, ast.ClassDef)]


def stage(name: str, count: int, kernel: int = 3) -> str:
    text = STAGE.replace("NAME", name).replace("COUNT", str(count))
    return text.replace("KERNEL", str(kernel))


def test_the_names_of_torch_are_known() -> None:
    """Another version of PyTorch may have more: those of today are all in the list."""
    assert {n for n in dir(torch.nn) if n[0].isupper()} <= OF_TORCH_NN


@pytest.mark.parametrize(
    "name", ["conv2d", "linear", "module", "sequential", "print", "tensor", "transformer", "list"]
)
def test_a_group_called_like_a_class_of_torch_has_another_name(name: str) -> None:
    text = f"inputs: {{image: [N, 3, 4, 4]}}\nbody:\n  - first: ReLU\n  - {name}:{BODY}"
    group, _ = classes_of(source_of(text))
    assert group not in {*OF_TORCH_NN, "Tensor", *dir(builtins)}
    netspec.load("netspec: 1\n" + text).compile()


@pytest.mark.parametrize("name", ["conv2d", "transformer", "module", "sequential"])
def test_a_network_called_like_a_class_of_torch_has_another_name(name: str) -> None:
    text = f"name: {name}\ninputs: {{image: [N, 3, 4, 4]}}\nbody: [a: ReLU, b: ReLU]\n"
    assert classes_of(source_of(text))[-1] not in OF_TORCH_NN


def test_a_block_called_like_a_class_of_torch_has_another_name() -> None:
    text = f"""
inputs: {{image: [N, 3, 4, 4]}}
blocks:
  Container:
    body: {BODY}
body: [a: Container, b: ReLU]
"""
    block, _ = classes_of(source_of(text))
    assert block not in OF_TORCH_NN


def test_groups_without_a_name_say_what_they_are() -> None:
    text = f"inputs: {{image: [N, 3, 4, 4]}}\nbody:\n  - first: ReLU\n  - body: {BODY}"
    assert classes_of(source_of(text))[0] == "Conv2dBlock"
    residual = text.replace("from: [previous, previous]", "from: [previous, input]").replace(
        "out_channels: 4", "out_channels: 3"
    )
    assert classes_of(source_of(residual))[0] == "Residual"


@cache
def gallery() -> list[str]:
    return [netspec.load(path).source() for path in sorted(SPECS.rglob("*.yaml"))]


def test_no_class_of_the_gallery_is_called_like_one_of_torch() -> None:
    names = {name for text in gallery() for name in classes_of(text)}
    assert len(names) > 50  # the gallery was read
    assert not names & {*OF_TORCH_NN, "Tensor", *dir(builtins)}


def test_groups_that_differ_in_a_count_are_one_class_with_an_argument() -> None:
    text = STAGES + stage("stage1", 2) + stage("stage2", 3) + stage("stage3", 4)
    source = source_of(text)
    assert classes_of(source) == ["Stage", "Stages"]
    assert "for _ in range(depth)" in source
    assert "self.stage3 = Stage(width=width, depth=4)" in source
    module = netspec.load("netspec: 1\n" + text).compile()
    assert [len(getattr(module, f"stage{k}").inner) for k in (1, 2, 3)] == [2, 3, 4]


def test_groups_that_differ_in_nothing_are_one_class() -> None:
    text = STAGES + stage("left", 2) + stage("right", 2)
    source = source_of(text)
    assert classes_of(source) == ["Left", "Stages"]
    assert '"""`left` and `right`: Conv2d, ReLU, Add."""' in source


def test_groups_that_differ_in_more_than_a_count_keep_their_classes() -> None:
    text = STAGES + stage("stage1", 2) + stage("stage2", 3, kernel=1)
    assert classes_of(source_of(text)) == ["Stage1", "Stage2", "Stages"]


def test_a_docstring_of_the_gallery_lists_all_arguments_or_none() -> None:
    listed = 0
    for text in gallery():
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.ClassDef) and "\n    Args:" in (
                ast.get_docstring(node, clean=False) or ""
            ):
                init = next(m for m in node.body if isinstance(m, ast.FunctionDef))
                arguments = [a.arg for a in init.args.args[1:] if not a.arg.startswith("in_")]
                doc = ast.get_docstring(node) or ""
                assert [a for a in arguments if f"\n    {a}: " not in doc] == []
                listed += 1
    assert listed > 1


def test_groups_that_differ_in_the_names_of_their_arguments_are_one_class() -> None:
    text = STAGES.replace("width: 4", "width: 4, n1: 2, n2: 3")
    text += stage("left", 0).replace("repeat: 0", "repeat: n1")
    text += stage("right", 0).replace("repeat: 0", "repeat: n2")
    source = source_of(text)
    assert classes_of(source) == ["Left", "Stages"]
    assert "self.right = Left(width=width, n=n2)" in source
