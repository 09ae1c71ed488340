"""Networks that are not in the gallery: the style, the equality and the arguments of their programs."""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from small_networks import ROOT
from test_build_style import mypy_remarks, own_remarks, ruff_remarks

import netspec
from netspec import Network

sys.path += [str(ROOT / "tests/graphs"), str(ROOT / "tests/layers")]
from graph_oracle import disagreements

SPECS = sorted((ROOT / "tests/codegen/unseen").glob("*.yaml"))
LIVE = {
    "attention_unet": {"widths": (4, 8, 16), "classes": 5},
    "crnn": {"alphabet": 11, "hidden": 8},
    "perceiver": {"latents": 8, "width": 32, "heads": 2, "depth": 1, "classes": 3},
    "tied_lm": {
        "vocab": 50,
        "width": 32,
        "heads": 8,
        "kv_heads": 4,
        "layers": 2,
        "context": 90,
        "dropout": 0.0,
    },
    "two_views": {
        "width": 6,
        "depth": 3,
        "name": 2,
        "classes": 3,
        "std": 0.5,
    },
    "block_choice": {"widths": (4, 8, 12), "depth": 1, "classes": 3},
    "convmixer": {"width": 32, "depth": 2, "kernel": 5, "patch": 4, "classes": 3},
    "dcgan": {"latent": 10, "width": 4, "channels": 1, "levels": 2},
    "deeplab": {"width": 8, "rates": (2, 3, 4), "classes": 2},
    "ghostnet": {"rows": ((3, 16, 12, True, 2),), "classes": 3},
    "highway": {"characters": 20, "width": 8, "layers": 1, "classes": 3},
    "hrnet": {"width": 8, "joints": 3},
    "inception_v4": {"width": 2, "classes": 3},
    "mlp_mixer": {"width": 32, "tokens": 8, "channels": 16, "depth": 1, "classes": 3},
    "pointnet": {"classes": 3, "dropout": 0.0},
    "res_unet": {"widths": (8, 16, 24), "groups": 4, "classes": 3},
    "se_resnext": {"layers": (1, 2, 4), "cardinality": 4, "base": 8, "reduction": 8},
    "siamese_text": {"vocabulary": 20, "width": 8, "hidden": 6},
    "style_net": {"width": 8, "blocks": 1},
    "swiglu_lm": {"vocabulary": 20, "width": 16, "heads": 2, "depth": 1, "multiple": 2},
    "tcn": {"widths": (5, 6), "kernel": 3, "dropout": 0.0, "classes": 3},
    "tiny_yolo": {"widths": (4, 8, 12, 16), "anchors": 2, "classes": 3},
    "translation": {
        "source_vocabulary": 30,
        "target_vocabulary": 20,
        "width": 16,
        "heads": 2,
        "depth": 1,
        "hidden": 20,
        "dropout": 0.0,
    },
    "two_stream": {"widths": (4, 8), "classes": 3},
    "vae": {"widths": (8, 16), "latent": 6},
    "wavenet": {"residual": 4, "skip": 6, "classes": 9},
}
"""For each program arguments that it takes, and other values of them."""


def programs(path: Path) -> Iterator[tuple[str, Network]]:
    spec = netspec.load(path).report.spec
    assert spec is not None
    for preset in (None, *spec.presets):
        yield f"{path.stem}__{preset}" if preset else path.stem, netspec.load(path, preset=preset)


def numbered(source: str) -> list[str]:
    """The local variables that count: `skip2`, where no argument, child or step has the name.

    Items of an argument count: `width1, width2 = widths`.
    """
    tree = ast.parse(source)
    stored = {
        n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Name):
            items = {n.id for n in ast.walk(node.targets[0]) if isinstance(n, ast.Name)}
            stored -= {i for i in items if i.rstrip("0123456789").strip("_") in node.value.id}
    children = {n.attr for n in ast.walk(tree) if isinstance(n, ast.Attribute)}
    steps = {child for child in children if child[-1].isdigit()}
    return sorted(
        label for label in stored - children if label[-1].isdigit() and label not in steps
    )


@pytest.mark.parametrize("path", SPECS, ids=lambda p: p.stem)
def test_it_is_the_network(path: Path) -> None:
    assert netspec.load(path).diagnostics == ()
    assert disagreements(path.read_text(encoding="utf-8")) == []


def test_the_programs_are_written_well(tmp_path: Path) -> None:
    folder = tmp_path / "generated_programs"
    folder.mkdir()
    (folder / "__init__.py").write_text('"""Generated programs."""\n')
    remarks = []
    for path in SPECS:
        for label, network in programs(path):
            source = network.source()
            (folder / f"{label}.py").write_text(source, encoding="utf-8")
            remarks += [(label, r) for r in (*own_remarks(source, network), *numbered(source))]
    family = netspec.load(ROOT / "tests/codegen/unseen/vae.yaml").source(presets=True)
    (folder / "vae__presets.py").write_text(family, encoding="utf-8")
    assert remarks == []
    assert ruff_remarks(folder) == ""
    assert mypy_remarks(folder) == ""


@pytest.mark.parametrize("stem", LIVE)
def test_an_argument_is_the_parameter(stem: str) -> None:
    """A class with other arguments has the parameters of the spec with those values."""
    path = ROOT / f"tests/codegen/unseen/{stem}.yaml"
    scope: dict[str, Any] = {"__name__": "standalone"}
    network = netspec.load(path)
    exec(compile(network.source(), "<standalone>", "exec"), scope)
    made = scope[type(network.compile()).__name__]
    assert set(LIVE[stem]) <= set(inspect.signature(made).parameters)
    for name, value in {**{n: {n: v} for n, v in LIVE[stem].items()}, "all": LIVE[stem]}.items():
        spec_values = {n: list(v) if isinstance(v, tuple) else v for n, v in value.items()}
        with torch.device("meta"):
            expected = netspec.load(path, **spec_values).compile()
            assert shapes(made(**value)) == shapes(expected), name


def shapes(module: torch.nn.Module) -> dict[str, torch.Size]:
    return {key: tensor.shape for key, tensor in module.state_dict().items()}


def body(text: str, **values: Any) -> str:
    """The classes of a program, without what stands above them."""
    source = netspec.load("netspec: 1\n" + text, **values).source()
    return source[source.index("\nclass ") :]


def test_an_item_of_a_range_is_a_number_and_the_count_is_held() -> None:
    source = body("""
params: {depth: 3, width: 8}
inputs: {image: [N, 3, H, W]}
body:
  - each: {k: range(depth)}
    body:
      - conv{k}: {op: Conv2d, out_channels: width * 2 ** k, kernel_size: 1}
  - join: {op: Concat, from: [conv0, conv2]}
""")
    assert "range" not in source and "[0]" not in source
    assert "width: int = 8" in source and "depth" not in source
    assert "self.conv2 = nn.Conv2d(width * 2, width * 4, 1)" in source


def test_an_item_of_a_reversed_list_is_counted_from_its_end() -> None:
    source = body("""
params: {widths: [8, 16, 32]}
inputs: {image: [N, 3, H, W]}
body:
  - each: {width: "widths[-2::-1]"}
    body:
      - conv{width.index}: {op: Conv2d, out_channels: width, kernel_size: 1}
  - join: {op: Concat, from: [conv1, image, conv0]}
""")
    assert "_, width1" not in source and "width1, width2, _ = widths" in source
    assert "self.conv1 = nn.Conv2d(width2, width1, 1)" in source


def test_equal_sizes_are_counted() -> None:
    source = body("""
params: {width: 8}
inputs: {image: [N, 3, H, W]}
body:
  - a: {op: Conv2d, out_channels: width, kernel_size: 1}
  - b: {op: Concat, from: [a, a, a]}
  - c: {op: Concat, from: [b, image, b]}
  - d: {op: Conv2d, out_channels: 4, kernel_size: 1}
""")
    assert "nn.Conv2d(6 * width + 3, 4, 1)" in source


def test_a_size_that_is_given_again_and_again_is_a_variable_of_the_step_s_name() -> None:
    source = body("""
params: {stages: [[8, 1], [16, 2]], width: 1.5}
inputs: {image: [N, 3, H, W]}
body:
  - each: {stage: stages}
    body:
      - dark{stage.index}:
          - {op: Conv2d, out_channels: "int(stage[0] * width)", kernel_size: 1}
          - {op: BatchNorm2d}
          - {op: Conv2d, out_channels: "int(stage[0] * width)", kernel_size: 1}
  - join: {op: Concat, from: [dark1, image, dark0]}
""")
    assert source.count("int(stage1[0] * width)") == 1
    assert "dark1_channels = int(stage2[0] * width)" in source


def test_the_size_that_a_reshape_works_out_follows_the_arguments() -> None:
    source = body("""
params: {heads: 4, width: 32}
inputs: {tokens: [N, T, 16]}
body:
  - wide: {op: Linear, out_features: width}
  - split: {op: Reshape, shape: [x.batch, x.size(1), heads, -1]}
  - norm: LayerNorm
  - order: {op: Transpose, dim0: 1, dim1: 2}
  - again: {op: Transpose, dim0: 1, dim1: 2}
  - whole: {op: Reshape, shape: [x.batch, x.size(1), -1]}
  - out: {op: Linear, out_features: 8}
""")
    assert "nn.LayerNorm(width // heads)" in source
    assert "self.out = nn.Linear(" in source and "nn.Linear(32" not in source


def test_a_rate_decides_no_size() -> None:
    """The file promises the sizes that are checked: they are the same for all arguments."""
    source = netspec.load(ROOT / "tests/codegen/unseen/tied_lm.yaml").source()
    assert "ids.size(1) <= 80" in source and "checks_inputs" not in source


def test_none_is_compared_by_identity() -> None:
    source = body("""
inputs: {image: [N, 3, H, W]}
blocks:
  Pool:
    params: {pool: {type: any, default: null}}
    body:
      - conv: {op: Conv2d, out_channels: 3, kernel_size: 1}
      - down: {op: MaxPool2d, kernel_size: pool, when: pool != null}
body: [{op: Pool}, {op: Pool, pool: 2}, {op: Pool, pool: 3}]
""")
    assert "pool is not None" in source and "!= None" not in source


def test_a_sum_of_many_hides_no_import() -> None:
    names = [f"a{k}" for k in range(12)]
    steps = "".join(f"  - {n}: {{op: Tanh, from: input}}\n" for n in names)
    source = netspec.load(
        f"netspec: 1\ninputs: {{image: [N, 3, H, W]}}\nbody:\n{steps}  - {{op: Add, from: a*}}\n"
    ).source()
    assert "functools" not in source and "total = a0 + " in source


def test_layers_that_a_parameter_chooses_are_one_class() -> None:
    source = body("""
inputs: {image: [N, 3, H, W]}
blocks:
  Act:
    params: {act: {type: op, default: {op: LeakyReLU, negative_slope: 0.1}}}
    body: [conv: {op: Conv2d, out_channels: 3, kernel_size: 1}, act: act]
body: [{op: Act}, {op: Act, act: SiLU}, {op: Act}]
""")
    assert source.count("\nclass ") == 2
    assert source.count("partial(nn.LeakyReLU, negative_slope=0.1)") == 1


def test_rules_for_two_ends_of_paths_are_one_test() -> None:
    source = body("""
inputs: {features: [N, 8]}
init:
  "**.out": {weight: zeros_}
  "**.down": {weight: zeros_}
body:
  - a: [out: {op: Linear, out_features: 8}, {op: Linear, out_features: 8}]
  - b: [down: {op: Linear, out_features: 8}]
""")
    assert 'name.endswith((".out", ".down"))' in source


def test_an_input_of_a_parameter_s_size_is_checked_for_that_value_only() -> None:
    """No layer uses the size of `noise`, yet it follows the argument."""
    text = """
params: {latent: 4}
inputs: {features: [N, 8], noise: [N, latent]}
body:
  - mean: {op: Linear, from: features, out_features: latent}
  - sum: {op: Add, from: [mean, noise]}
"""
    network = netspec.load("netspec: 1\n" + text)
    scope: dict[str, Any] = {"__name__": "standalone"}
    exec(compile(network.source(), "<standalone>", "exec"), scope)
    made = scope[type(network.compile()).__name__](latent=6)
    assert made(torch.zeros(1, 8), torch.zeros(1, 6)).shape == (1, 6)


def test_a_list_of_modules_hides_no_argument() -> None:
    source = body("""
params: {layers: [2, 3]}
inputs: {image: [N, 8, H, W]}
body:
  - each: {n: layers}
    body:
      - layer{n.index}:
          - {op: Conv2d, out_channels: 8, kernel_size: 1}
          - {op: Conv2d, out_channels: 8, kernel_size: 1, repeat: n}
  - {op: Conv2d, out_channels: 8, kernel_size: 1}
""")
    assert "layers: tuple[int, ...]" in source and "layers: list" not in source


@pytest.mark.parametrize(
    ("comment", "summary"),
    [
        ("# yaml-language-server: $schema=./netspec.json\n# A small net.\n", "A small net."),
        ("# -*- coding: utf-8 -*-\n#\n# A small net.\n#\n# It is old.\n", "A small net."),
        ("# =====\n# A small net.\n# =====\n", "A small net."),
        ("## A small net.\n", "A small net."),
        ("# vim: set ts=2:\n", "The network `small`."),
        ("#!/usr/bin/env netspec\n", "The network `small`."),
    ],
)
def test_a_comment_for_tools_is_no_description(comment: str, summary: str) -> None:
    text = "netspec: 1\nname: small\ninputs: {image: [N, 3, H, W]}\nbody: [ReLU]\n"
    assert f'"""{summary}"""' in netspec.load(comment + text).source()


def test_a_class_of_two_inputs_is_no_sequence() -> None:
    source = body("""
params: {width: 8}
inputs: {image: [N, 3, H, W], other: [N, 8, H, W]}
body:
  - stem:
      - {op: Conv2d, out_channels: width, kernel_size: 1}
      - {op: Conv2d, out_channels: width, kernel_size: 1}
      - {op: Add, from: [previous, other]}
""")
    assert "class Stem(nn.ModuleList):" in source
    assert "def forward(self, image: Tensor, other: Tensor) -> Tensor:" in source


def test_a_parameter_called_like_a_variable_of_the_loop_over_modules() -> None:
    source = body("""
params: {name: 4, path: 2}
inputs: {features: [N, 8]}
init:
  Linear: {weight: {fn: normal_, std: 1 / name}}
  "**.out": {bias: {fn: constant_, val: path}}
body:
  - a: [inner: {op: Linear, out_features: name}, out: {op: Linear, out_features: name}]
""")
    assert "for module_name, module in self.named_modules():" in source
    assert 'module_name.endswith(".out")' in source and "std=1 / name" in source


def test_a_loop_without_iterations_is_decided() -> None:
    """The program has no step for it, so that its number of iterations cannot be an argument."""
    text = """
params: {count: 1, width: 8}
inputs: {image: [N, 8, H, W]}
body:
  - stem: {op: Conv2d, out_channels: width, kernel_size: 3}
  - {op: Conv2d, out_channels: width, kernel_size: 1, repeat: count - 1}
"""
    assert "count" not in body(text)
    assert "count: int = 2" in body(text, count=2)


def test_a_size_that_no_iteration_changes_has_no_variable() -> None:
    source = body("""
params: {depth: 2}
inputs: {image: [N, 64, H, W]}
blocks:
  Conv: [{op: Conv2d, out_channels: 64, kernel_size: 3, padding: 1}]
body:
  - layers: {op: Conv, repeat: depth}
""")
    assert "nn.Sequential(*(Conv(64) for _ in range(depth)))" in source


def test_a_list_that_a_block_runs_over_decides_its_output_by_its_last_item() -> None:
    source = body("""
params: {widths: [8, 16], classes: 5}
inputs: {left: [N, 3, H, W], right: [N, 2, H, W]}
blocks:
  Trunk:
    params: {widths: [int]}
    body:
      - each: {width: widths}
        body:
          - conv{width.index}: {op: Conv2d, out_channels: width, kernel_size: 3, padding: 1}
body:
  - a: {op: Trunk, from: left, widths: widths}
  - b: {op: Trunk, from: right, widths: widths}
  - {op: Concat, from: [a, b]}
  - head: {op: Conv2d, out_channels: classes, kernel_size: 1}
""")
    assert "self.head = nn.Conv2d(2 * widths[-1], classes, 1)" in source
    assert "in_channels = width" in source and "in_channels2" not in source


def test_parts_are_called_as_the_layer_that_reads_them_calls_its_inputs() -> None:
    source = body("""
inputs: {features: [N, T, 12]}
body:
  - parts: {op: Chunk, chunks: 3, dim: -1}
  - {op: ScaledDotProductAttention, from: [parts.0, parts.1, parts.2]}
""")
    assert "query, key, value = features.chunk(3, dim=-1)" in source


def test_the_inputs_of_a_sequence_are_called_as_its_block_calls_them() -> None:
    source = body("""
inputs: {tokens: [N, T, 8], context: [N, S, 6]}
blocks:
  Cross:
    inputs: [x, memory]
    body:
      - attention: {op: MultiheadAttention, from: [x, memory, memory], num_heads: 2, batch_first: true}
      - {op: Add, from: [x, attention.output]}
body:
  - layers: {op: Cross, from: [tokens, context], repeat: 2}
""")
    assert "def forward(self, x: Tensor, memory: Tensor)" in source
    assert "x1" not in source
