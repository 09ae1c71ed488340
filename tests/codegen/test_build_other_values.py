"""A program with other arguments is the network with other parameters: the same keys, shapes, weights and outputs."""

from __future__ import annotations

import inspect
from typing import Any

import pytest
import torch
from small_networks import ROOT  # noqa: F401 - one thread for PyTorch
from torch import nn

import netspec

ONE_REPEAT = """
params: {depths: [1, 2], copies: 1, width: 8}
inputs: {image: [2, 3, 4, 4]}
body:
  - a: {op: Conv2d, out_channels: width, kernel_size: 3, padding: 1, repeat: "depths[0]"}
  - b: {op: Conv2d, out_channels: 2 * x.channels, kernel_size: 1, repeat: "depths[1]"}
  - c{i}: {op: Conv2d, out_channels: 2 * width, kernel_size: 1, repeat: copies}
  - head: {op: Conv2d, out_channels: 2, kernel_size: 1}
"""
ONE_GROUP = """
params: {stages: [1, 1], width: 8}
inputs: {image: [2, 3, 4, 4]}
body:
  - each: {n: stages}
    body:
      - stage{n.index}:
          - {op: Conv2d, out_channels: "width * 2 ** n.index", kernel_size: 1}
          - repeat: n
            body:
              - up: {op: Conv2d, out_channels: 2 * x.channels, kernel_size: 1}
              - down: {op: Conv2d, out_channels: x.channels // 2, kernel_size: 1}
              - {op: Add, from: [down, input]}
  - tail:
      repeat: "stages[0]"
      body: [{op: Conv2d, out_channels: 6, kernel_size: 1}, ReLU]
  - head: {op: Conv2d, out_channels: 2, kernel_size: 1}
"""
ONE_OF_EACH = """
params: {widths: [8]}
inputs: {image: [2, 3, 4, 4]}
body:
  - trunk:
      - each: {width: widths}
        body: [{op: Conv2d, out_channels: width, kernel_size: 1}, ReLU]
  - head: {op: Conv2d, out_channels: 2, kernel_size: 1}
"""
ONE_OF_TWO_INPUTS = """
params: {depth: 1, width: 8}
inputs: {a: [2, 5, 16], b: [2, 7, 16]}
blocks:
  Cross:
    inputs: [query, memory]
    params: {width: int}
    body:
      - q: {op: Linear, from: query, out_features: width}
      - kv: {op: Linear, from: memory, out_features: width}
      - {op: ScaledDotProductAttention, from: [q, kv, kv]}
body:
  - cross: {op: Cross, from: [a, b], repeat: depth, width: width}
  - head: {op: Linear, out_features: 4}
"""
DENSE = """
params: {layers: [1, 1], growth: 4}
inputs: {image: [2, 3, 4, 4]}
blocks:
  Dense:
    params: {n: int, growth: int}
    body:
      - layer0: []
      - each: {k: range(n)}
        body:
          - layer{k + 1}:
              - {op: Concat, from: "layer*"}
              - {op: Conv2d, out_channels: growth, kernel_size: 1}
      - {op: Concat, from: "layer*"}
body:
  - each: {n: layers}
    body:
      - block{n.index}: {op: Dense, n: n, growth: growth}
      - pool{n.index}: {op: Conv2d, out_channels: 2 * growth, kernel_size: 1}
"""
BY_PATTERN = """
params: {n: 1, width: 4}
inputs: {image: [2, 3, 4, 4]}
body:
  - each: {k: range(n)}
    body:
      - side{k}: {op: Conv2d, from: image, out_channels: width, kernel_size: 1}
  - all: {op: Concat, from: "side*"}
  - head: {op: Conv2d, out_channels: 2, kernel_size: 1}
"""
OUTPUT_BY_NAME = """
params: {n: 2, width: 4}
inputs: {image: [2, 3, 4, 4]}
body:
  - each: {k: range(n)}
    body:
      - d{k}: {op: Conv2d, out_channels: width, kernel_size: 1}
outputs: {b: d1}
"""
OUTPUT_OF_A_GROUP_BY_NAME = """
params: {n: 2, width: 4}
inputs: {image: [2, 3, 4, 4]}
body:
  - group:
      body:
        - each: {k: range(n)}
          body:
            - d{k}: {op: Conv2d, out_channels: width, kernel_size: 1}
      outputs: {b: d1}
  - head: {op: Conv2d, out_channels: 2, kernel_size: 1}
"""
LAST_OUTPUT = OUTPUT_BY_NAME.replace("outputs: {b: d1}", 'outputs: "d{n - 1}"')
CASES = [
    (LAST_OUTPUT, {"n": 3, "width": 5}),
    (ONE_REPEAT, {"depths": (2, 1)}),
    (ONE_REPEAT, {"depths": (3, 3), "width": 5}),
    (ONE_GROUP, {"stages": (2, 1)}),
    (ONE_GROUP, {"stages": (2, 3), "width": 4}),
    (ONE_OF_EACH, {"widths": (4, 8, 6)}),
    (ONE_OF_TWO_INPUTS, {"depth": 3, "width": 6}),
    (DENSE, {"growth": 3}),
    (BY_PATTERN, {"width": 3}),
]


@pytest.mark.parametrize(("text", "values"), CASES)
def test_other_arguments_make_the_other_network(text: str, values: dict[str, Any]) -> None:
    made, expected = both(text, values)
    assert {k: v.shape for k, v in made.state_dict().items()} == {
        k: v.shape for k, v in expected.state_dict().items()
    }
    inputs = example_inputs(text)
    assert torch.equal(made(*inputs), expected(*inputs))


def both(text: str, values: dict[str, Any]) -> tuple[torch.nn.Module, torch.nn.Module]:
    """The class of the program for the defaults with `values`, and the module of the spec with these."""
    text = "netspec: 1\n" + text
    made = program_class(text)
    assert set(values) <= set(inspect.signature(made).parameters)
    torch.manual_seed(0)
    module = made(**values)
    torch.manual_seed(0)
    lists = {k: list(v) if isinstance(v, tuple) else v for k, v in values.items()}
    return module.eval(), netspec.load(text, **lists).compile().eval()


def program_class(text: str) -> type[torch.nn.Module]:
    network = netspec.load(text)
    scope: dict[str, Any] = {"__name__": "standalone"}
    exec(compile(network.source(), "<standalone>", "exec"), scope)
    program: type[torch.nn.Module] = scope[type(network.compile()).__name__]
    return program


def example_inputs(text: str) -> list[torch.Tensor]:
    graph = netspec.load("netspec: 1\n" + text).elaborate()
    shapes = [[int(str(size)) for size in value.shape or ()] for value in graph.inputs]
    return [torch.randn(shape) for shape in shapes]


@pytest.mark.parametrize(
    ("text", "lost"),
    [
        (ONE_REPEAT, "copies"),
        (DENSE, "layers"),
        (BY_PATTERN, "n"),
        (OUTPUT_BY_NAME, "n"),
        (OUTPUT_OF_A_GROUP_BY_NAME, "n"),
    ],
)
def test_what_one_iteration_does_not_show_is_no_argument(text: str, lost: str) -> None:
    assert lost not in inspect.signature(program_class("netspec: 1\n" + text)).parameters


@pytest.mark.parametrize(
    ("parameter", "loop"),
    [
        ("widths: [8]", "widths"),
        ("width: [4, 8]", "width"),
        ("widths: [4, 8, 6]", "widths[1:]"),
        ("widths: [1, 2, 3, 4, 5, 6, 7, 8, 9]", "widths"),
        ("convs: [4, 8]", "convs"),
    ],
)
def test_a_list_of_another_length_is_rejected_where_its_loop_is_written_out(
    parameter: str, loop: str
) -> None:
    made = program_class(f"""
netspec: 1
params: {{{parameter}}}
inputs: {{image: [2, 3, 4, 4]}}
body:
  - each: {{item: "{loop}"}}
    body:
      - conv{{item.index + 1}}: {{op: Conv2d, out_channels: item, kernel_size: 1}}
  - join: {{op: Concat, from: [conv1, previous]}}
""")
    (label,) = inspect.signature(made).parameters
    length = parameter.count(",") + 1
    made(**{label: (2,) * length})
    with pytest.raises(ValueError, match="too many values to unpack"):
        made(**{label: (2,) * (length + 1)})
    with pytest.raises(ValueError, match="not enough values to unpack"):
        made(**{label: (2,) * (length - 1)})


def test_a_list_is_unpacked_where_it_also_decides_the_sizes_of_inputs() -> None:
    text = """
netspec: 1
params: {depths: [2, 1]}
inputs: {image: [2, 3, 8, 8]}
body:
  - each: {n: depths}
    body:
      - stage{n.index}: {op: MaxPool2d, kernel_size: 2, repeat: n}
      - conv{n.index}: {op: Conv2d, out_channels: 3, kernel_size: 1}
  - join: {op: Concat, from: [conv1, conv1]}
"""
    assert "depth1, depth2 = depths" in netspec.load(text).source()
    with pytest.raises(ValueError, match="unpack"):
        program_class(text)(depths=(2, 1, 1))


OPS = """
netspec: 1
params: {act: {type: op, default: {op: LeakyReLU, negative_slope: 0.2}}, pool: {type: op, default: MaxPool2d}}
inputs: {image: [N, 3, H, W]}
body:
  - stem: {op: Conv2d, out_channels: 8, kernel_size: 3, padding: 1}
  - act: act
  - pool: {op: pool, kernel_size: 2}
"""


def test_a_layer_that_a_parameter_decides_is_an_argument() -> None:
    module = netspec.compile(OPS)
    assert isinstance(module.act, nn.LeakyReLU)
    assert module.act.negative_slope == 0.2
    other = type(module)(act=nn.GELU, pool=nn.AvgPool2d)
    assert isinstance(other.act, nn.GELU)
    assert isinstance(other.pool, nn.AvgPool2d)
    image = torch.rand(2, 3, 8, 8)
    assert torch.equal(other(image), other.pool(other.act(other.stem(image))))


def test_the_default_of_a_layer_with_arguments_checks_the_inputs() -> None:
    module = netspec.compile(OPS)
    with pytest.raises(ValueError, match="must be"):
        module(torch.rand(2, 3, 8, 1))
    with pytest.raises(RuntimeError, match="too small"):
        type(module)(pool=nn.AvgPool2d)(torch.rand(2, 3, 8, 1))
