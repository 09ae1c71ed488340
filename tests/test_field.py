"""The receptive field, compared with torch: which pixels of the input have a gradient at one of the output."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sampling import examples, some

import netspec
from netspec.explain.receptive_field import ReceptiveFields, Seen
from netspec.graph import Node

ROOT = Path(__file__).parents[1]


Stretch = tuple[int, int] | None


def positive(network: Any) -> torch.nn.Module:
    """The compiled module in double precision, every weight positive and of a fair size."""
    module: torch.nn.Module = network.compile().double().eval()
    for name, parameter in module.named_parameters():
        fan_in = parameter[0].numel() if parameter.dim() > 1 else 1
        small = (
            0.01 if name.endswith("bias") else 1
        )  # otherwise they add up beyond what ReLU6 lets through
        parameter.data = (torch.rand_like(parameter) + 0.5) / fan_in * small
    return module


def maps_of(module: torch.nn.Module, image: torch.Tensor) -> dict[str, torch.Tensor]:
    """What each part of a module gives for an image, by its path, as far as these are maps."""
    maps: dict[str, torch.Tensor] = {}

    def keep(name: str) -> Any:
        return lambda _, __, out: maps.__setitem__(name, out)

    for name, child in module.named_modules():
        child.register_forward_hook(keep(name))
    module(image)
    return {n: m for n, m in maps.items() if isinstance(m, torch.Tensor) and m.dim() == 4}


def seen_by_torch(part: torch.Tensor, pixel: tuple[int, int], image: torch.Tensor) -> list[Stretch]:
    """The first and last row and column with a gradient, for one pixel of a map."""
    image.grad = None
    part[0, :, pixel[0], pixel[1]].sum().backward(retain_graph=True)
    assert image.grad is not None
    has_gradient = (image.grad[0] != 0).any(dim=0)
    places = [has_gradient.any(dim=1 - axis).nonzero().flatten().tolist() for axis in (0, 1)]
    return [(p[0], p[-1]) if p else None for p in places]


class Compared:
    """What torch and we say of many pixels of many maps."""

    def __init__(self, network: netspec.Network, rows: int, most: int) -> None:
        self.network, self.rows = network, rows
        assert self.network.diagnostics == ()
        self.exact = 0
        """How many pixels saw all that was claimed, and had to."""
        self.wrong: list[str] = []
        graph = self.network.elaborate()
        self.fills = any("Pad" in node.op for node in graph.nodes)
        channels = (graph.inputs[0].shape or ())[1]
        image = (torch.rand(1, channels, rows, rows, dtype=torch.float64) + 0.5).requires_grad_()
        maps = maps_of(positive(self.network), image)
        fields = [ReceptiveFields(graph, graph.inputs[0], axis, graph.examples) for axis in (2, 3)]
        for node in spread([n for n in graph.nodes if n.path in maps], most):
            seen = [field for s in fields if (field := s.of(node.outputs[0])) is not None]
            assert len(seen) == len(fields)
            if all(s.axis in (-1, axis) for axis, s in enumerate(seen, 2)):  # channels not last
                self.compare(node, maps[node.path], image, seen)

    def compare(
        self, node: Node, part: torch.Tensor, image: torch.Tensor, seen: list[Seen]
    ) -> None:
        """Compare some pixels of one map."""
        height, width = part.shape[2:]
        for pixel in {
            (0, 0),
            (height // 2, width // 2),
            ((height + 1) // 3, width // 3),
            (height - 1, 0),
        }:
            real = seen_by_torch(part, pixel, image)
            ours = [self.claimed(s, place) for s, place in zip(seen, pixel, strict=True)]
            exact = all(s.kind == "stretch" for s in seen)
            inside = exact and all(o is not None and o[0] >= 0 and o[1] < self.rows for o in ours)
            if real == [None, None] and self.fills:
                continue  # a pixel of a filled edge: behind a layer that widens, its claim may be inside
            self.exact += inside
            if (real != ours) if inside else not all(map(within, real, ours)):
                self.wrong.append(f"{node.path} {node.op} at {pixel}: {real}, not {ours}")

    def claimed(self, seen: Seen, place: int) -> Stretch:
        """What we say; it may reach over the edges."""
        if seen.kind == "everything":
            return 0, self.rows - 1
        assert seen.field is not None
        return seen.field.span_of(place)


def spread(nodes: list[Node], most: int) -> list[Node]:
    """Some of many nodes, from all over; the first and the last are among them."""
    return [*nodes[:: len(nodes) // most + 1], nodes[-1]]


def within(real: Stretch, ours: Stretch) -> bool:
    return real is None or (ours is not None and ours[0] <= real[0] and real[1] <= ours[1])


def spec(body: str, rows: int) -> str:
    return f"netspec: 1\ninputs: {{image: [1, 3, {rows}, {rows}]}}\nbody:\n{body}"


# ---- single layers, by the textbook ---------------------------------------------------------------

STEPS = {
    "a convolution": ("{op: Conv2d, out_channels: 4, kernel_size: 3, padding: 1}", 3, 1, -1),
    "a stride": ("{op: Conv2d, out_channels: 4, kernel_size: 7, stride: 2, padding: 3}", 7, 2, -3),
    "dilation": ("{op: Conv2d, out_channels: 4, kernel_size: 3, dilation: 2, padding: 2}", 5, 1, -2),
    "an even window that keeps the size": ("{op: Conv2d, out_channels: 4, kernel_size: 4, padding: same}", 4, 1, -1),
    "a pool": ("{op: MaxPool2d, kernel_size: 3, stride: 2, padding: 1}", 3, 2, -1),
    "a transposed convolution": ("{op: ConvTranspose2d, out_channels: 4, kernel_size: 2, stride: 2}", 1, 0.5, 0),
    "one that overlaps": ("{op: ConvTranspose2d, out_channels: 4, kernel_size: 4, stride: 2, padding: 1}", 2, 0.5, -1),
    "upsampling": ("{op: Upsample, scale_factor: 2}", 1, 0.5, 0),
    "bilinear upsampling": ("{op: Upsample, scale_factor: 2, mode: bilinear}", 2, 0.5, -1),
    "padding": ("{op: ZeroPad2d, padding: [1, 2, 3, 4]}", 1, 1, -3),
}  # fmt: skip


@pytest.mark.parametrize("name", STEPS)
def test_a_step_sees_what_the_textbook_says(name: str) -> None:
    step, size, jump, start = STEPS[name]
    graph = netspec.load(spec(f"  - step: {step}\n", 16)).elaborate()
    seen = ReceptiveFields(graph, graph.inputs[0], 2, {}).of(graph.nodes[-1].outputs[0])
    assert seen is not None
    assert seen.field is not None
    assert (seen.field.size, float(seen.field.jump), seen.field.start) == (size, jump, start)


def test_the_recurrence_of_the_textbook() -> None:
    body = """\
  - c1: {op: Conv2d, out_channels: 4, kernel_size: 7, stride: 2, padding: 3}
  - p1: {op: MaxPool2d, kernel_size: 3, stride: 2, padding: 1}
  - c2: {op: Conv2d, out_channels: 4, kernel_size: 3, dilation: 2, padding: 2}
"""
    graph = netspec.load(spec(body, 64)).elaborate()
    receptive_fields = ReceptiveFields(graph, graph.inputs[0], 2, {})
    fields = [s.field for n in graph.nodes if (s := receptive_fields.of(n.outputs[0])) is not None]
    # r += (span − 1)·jump, start −= padding·jump, jump *= stride
    assert [(f.size, f.jump, f.start) for f in fields if f] == [
        (7, 2, -3),
        (11, 4, -5),
        (27, 4, -13),
    ]


# ---- random networks ------------------------------------------------------------------------------

SIZES = st.integers(1, 4)
LAYER = st.one_of(
    st.builds(
        lambda k, s, p, d: f"{{op: Conv2d, out_channels: 2, kernel_size: {k}, stride: {s}, padding: {min(p, d * (k - 1))}, dilation: {d}}}",
        SIZES, st.integers(1, 2), st.integers(0, 2), st.sampled_from([1, 1, 1, 2]),
    ),
    st.builds(
        lambda k, s, p: f"{{op: AvgPool2d, kernel_size: {k}, stride: {s}, padding: {min(p, k // 2)}}}",
        SIZES, st.integers(1, 3), st.integers(0, 1),
    ),
    st.builds(
        lambda k, s, p: f"{{op: ConvTranspose2d, out_channels: 2, kernel_size: {max(k, s)}, stride: {s}, padding: {min(p, k - 1)}}}",
        SIZES, st.integers(1, 3), st.integers(0, 1),
    ),
    st.sampled_from(["{op: Upsample, scale_factor: 2}", "{op: Upsample, scale_factor: 3, mode: bilinear}", "ReLU",
                     "BatchNorm2d", "{op: ZeroPad2d, padding: [1, 0, 2, 1]}"]),
)  # fmt: skip


@st.composite
def bodies(draw: Any) -> str:
    """A chain of layers, at times in two branches of one stride."""
    parts = []
    for k, layer in enumerate(draw(st.lists(LAYER, min_size=1, max_size=5))):
        parts.append(f"  - s{k}: {layer}\n")
        if draw(st.integers(0, 3)) == 0:
            a, b = draw(st.sampled_from([1, 3, 5])), draw(st.sampled_from([1, 3]))
            parts.append(
                f"  - j{k}:\n      op: Add\n      branches:\n"
                f"        a{k}: {{op: Conv2d, out_channels: 2, kernel_size: {a}, padding: {a // 2}}}\n"
                f"        b{k}:\n          - {{op: Conv2d, out_channels: 2, kernel_size: {b}, padding: {b // 2}}}\n"
                f"          - {{op: Conv2d, out_channels: 2, kernel_size: 3, padding: 2, dilation: 2}}\n"
            )
    return "".join(parts) + "  - last: Identity\n"


@settings(deadline=None, max_examples=examples(25))
@given(bodies())
def test_torch_sees_what_we_say(body: str) -> None:
    network = netspec.load(spec(body, 24))
    if not network.diagnostics:
        assert Compared(network, 24, most=20).wrong == []


# ---- the gallery ----------------------------------------------------------------------------------

GALLERY = {
    "textbook/lenet": 28, "textbook/nin": 96, "textbook/resnet18": 96, "squeezenet": 64, "textbook/googlenet": 64,
    "textbook/inception_mnist": 28, "unet": 48, "densenet121": 64, "resnet_fpn": 64, "shufflenet_v2": 64,
    "mobilenet_v2": 64, "convnext": 64,
}  # fmt: skip
"""Networks with the size of the image that they are given; a minute is enough for all."""


def averaging(text: str, rows: int) -> str:
    """The network for images of that size, and narrower, whose pools take the mean of what they see.

    A maximum passes its gradient to one pixel alone.
    """
    text = text.replace("MaxPool2d", "AvgPool2d").replace("[64, 128, 256, 512]", "[4, 6, 8, 10]")
    text = re.sub(r"(image: \[N, \d), \w+, \w+\]", rf"\1, {rows}, {rows}]", text)
    return re.sub(r"^dims:(?: .*)?\n(?:  .*\n)*", "", text, flags=re.MULTILINE)


@pytest.mark.parametrize("name", some(GALLERY, 6))
def test_torch_sees_the_same_in_networks_of_the_gallery(name: str, tmp_path: Path) -> None:
    for used in {name, "resnet"}:
        text = (ROOT / f"specs/{used}.yaml").read_text(encoding="utf-8")
        (tmp_path / f"{Path(used).name}.yaml").write_text(averaging(text, GALLERY[name]))
    network = netspec.load(tmp_path / f"{Path(name).name}.yaml")
    compared = Compared(network, GALLERY[name], most=8)
    assert compared.wrong == []
    assert compared.exact
