"""Expressions: where text is one, what it may say, and what it is rejected for."""

from __future__ import annotations

import pytest
import torch

import netspec
from language.spec_case import good, image, module, rejected, shape, warned, whole

PARAMS = "params: {w: 4, h: 2.5, l: [1, 2, 3], flag: true, mode: reflect}\n"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2 * w + 1", 9), ("l[1] * 2 ** 3 // 3", 5), ("3 if w == 4 and not l[0] > 1 else 1", 3), ("sum(l[:2]) + len(l)", 6),
        ("max(w, 9)", 9), ("min(l)", 1), ("max(l)", 3), ("int(w / 3) + round(2.5) + floor(2.7) + ceil(2.1)", 8), ("sum([2 * k for k in l])", 12),
        ("sum([k for k in range(10) if k % 2 == 0])", 20), ("-(-7 // 2)", 4), ("1 if 1 < w <= 4 else 2", 1), ("=w", 4), ("len(l[1:])", 2),
        ("[5, 6][l[0]]", 6), ("l[-1]", 3), ("1 if flag or 1 // 0 else 2", 1), ("7 if 2 in l else 8", 7), ("7 if 5 not in l else 8", 7),
        ("sum([a for a in [w, w]])", 8), ("+w", 4), ("w % 3", 1), ("2 ** w", 16), ("int(h)", 2), ("(w)", 4), ("len(range(1, 9, 3))", 3),
        ("x.channels + input.channels + image.channels", 9), ("x.rank", 4), ("x.size(1)", 3), ("x.size(-3)", 3), ("x[0].channels", 3),
        ("w * 1.5", 6), ("w / 2", 2),
    ],
)  # fmt: skip
def test_an_expression_computes_as_in_python(text: str, value: int) -> None:
    assert shape(f"{PARAMS}body: [{{op: Conv2d, out_channels: '{text}', kernel_size: 1}}]")[
        1
    ] == str(value)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("grwth", "NS121"), ("w +", "NS120"), ("abs(w)", "NS120"), ("w.channels", "NS122"), ("x.chanels", "NS120"), ("x", "NS122"),
        ("x[1].channels", "NS120"), ("x.size(7)", "NS120"), ("l[7]", "NS120"), ("w // 0", "NS120"), ("9 ** 9 ** 9", "NS123"),
        ("[0] * 10 ** 10", "NS122"), ("sum(range(10 ** 12))", "NS123"), ("(lambda: 3)()", "NS120"), ("__import__(\"os\")", "NS120"),
        ("x.__class__", "NS120"), ("w if", "NS120"), ("mode + 1", "NS122"), ("l + 1", "NS122"), ("not", "NS120"), ("import os", "NS120"),
        ("f\"{w}\"", "NS120"), ("w := 3", "NS120"), ("l.append(3)", "NS120"), ("{1: 2}", "NS120"), ("[].__class__", "NS120"),
        ("w is 3", "NS120"), ("1 +" * 500 + "1", "NS123"), ("(" * 300 + "1" + ")" * 300, "NS123"), ("x.height", "NS125"), ("x.height * 2", "NS125"),
        ("w / 3", "NS108"), ("later.channels", "NS121"), ("${w}", "NS120"), ("2w", "NS120"), ("", "NS120"),
    ],
)  # fmt: skip
def test_what_is_no_expression_or_has_no_value_is_one_error(text: str, code: str) -> None:
    rejected(
        f"{PARAMS}body: [{{op: Conv2d, out_channels: '{text}', kernel_size: 1}}, later: ReLU]", code
    )


def test_the_place_in_a_long_expression_is_exact() -> None:
    rejected(
        "params: {width: 3}\nbody: [{op: Conv2d, out_channels: 2 * width + «widht» * 3, kernel_size: 1}]",
        "NS121",
        "did you mean `width`",
    )


def test_the_place_in_a_quoted_expression_is_exact() -> None:
    rejected(
        "params: {width: 3}\nbody: [{op: Conv2d, out_channels: '2 * width + «widht»', kernel_size: 1}]",
        "NS121",
        "did you mean `width`",
    )


def test_text_is_text_where_text_is_wanted_and_equals_computes() -> None:
    conv = "body: [c: {op: Conv2d, out_channels: 3, kernel_size: 3, padding: 1, padding_mode: %s}]"
    assert module(PARAMS + conv % "=mode").c.padding_mode == "reflect"
    assert module(PARAMS + conv % "replicate").c.padding_mode == "replicate"
    assert module(PARAMS + conv % "\"='circular' if w > 3 else mode\"").c.padding_mode == "circular"
    rejected(PARAMS + conv % "«mode»", "NS108", "reflect")


def test_equals_may_be_used_everywhere() -> None:
    good(
        PARAMS
        + "body: [{op: Conv2d, out_channels: =w, kernel_size: =1, bias: =flag, when: =flag}, {op: ReLU, repeat: =w - 3}]"
    )


def test_true_and_false_are_computed() -> None:
    made = module(
        PARAMS
        + "body: [a: {op: Conv2d, out_channels: 3, kernel_size: 1, bias: w > 4}, b: {op: Conv2d, out_channels: 3, kernel_size: 1, bias: not flag or w == 4}]"
    )
    assert made.a.bias is None
    assert made.b.bias is not None


def test_lists_of_expressions() -> None:
    assert shape(
        PARAMS
        + "body: [{op: Conv2d, out_channels: 1, kernel_size: [w, w - 1], padding: '[k for k in [1, 0]]'}]"
    )[2:] == ["H-1", "W-2"]


# ---- tensors -------------------------------------------------------------------------------------


def test_the_sizes_of_a_tensor() -> None:
    text = "inputs: {t: [2, 3, 5, 7]}\nbody: [{op: Conv2d, out_channels: x.%s, kernel_size: 1}]"
    for name, value in [
        ("batch", 2),
        ("channels", 3),
        ("height", 5),
        ("width", 7),
        ("features", 7),
        ("rank", 4),
        ("size(2)", 5),
    ]:
        assert shape(text % name)[1] == str(value)


def test_x_is_what_flows_into_this_very_step() -> None:
    conv = "{op: Conv2d, out_channels: %s, kernel_size: 1}"
    assert (
        shape(
            f"body: [a: {conv % 5}, ReLU, {conv % 'x.channels * 2'}, {conv % 'a.channels + x.channels + input.channels'}]"
        )[1]
        == "18"
    )
    assert (
        shape(
            f"body: [a: {conv % 5}, {{op: Conv2d, from: image, out_channels: x.channels + a.channels, kernel_size: 1}}]"
        )[1]
        == "8"
    )
    assert shape(f"body: [g: [{conv % 5}, h: [{conv % 'input.channels + x.channels'}]]]")[1] == "10"
    assert shape(f"body: [{conv % 'previous.channels + 1'}]")[1] == "4"


def test_x_of_several() -> None:
    block = "blocks: {J: {params: {c: int}, inputs: [a, b], body: [{op: Conv2d, out_channels: c, kernel_size: 1}, {op: Add, from: [previous, b]}]}}\n"
    use = "body: [a: ReLU, b: {op: Conv2d, out_channels: 5, kernel_size: 1}, {op: J, from: [a, b], c: %s}]"
    assert shape(block + use % '"x[1].channels"')[1] == "5"
    rejected(block + use % "«x.channels»", "NS120", "x[0].channels")


def test_in_a_repeat_x_is_that_iterations_input() -> None:
    assert (
        shape("body: [{op: Conv2d, out_channels: 2 * x.channels, kernel_size: 1, repeat: 3}]")[1]
        == "24"
    )


def test_an_attribute_that_this_tensor_has_not() -> None:
    rejected(
        "inputs: {t: [N, 5]}\nbody: [{op: Linear, out_features: «x.height»}]",
        "NS120",
        "2 dimensions",
    )
    assert (
        shape("inputs: {t: [N, T, 5]}\nbody: [{op: Linear, out_features: x.features * 2}]")[2]
        == "10"
    )


def test_outputs_of_a_step_have_sizes_too() -> None:
    text = "inputs: {t: [N, 6]}\nbody: [s: {op: Split, split_size: [1, 5], dim: 1}, {op: Linear, from: s.1, out_features: s.features + x.features}]"
    assert shape(text)[1] == "6"


def test_a_symbolic_size_stays_symbolic() -> None:
    text = "inputs: {t: [N, 3, H, W]}\nbody: [{op: Reshape, shape: [x.batch, -1, x.width]}, {op: Unsqueeze, dim: 1}]"
    assert shape(text) == ["N", "1", "3*H", "W"]
    rejected(
        "body: [{op: Conv2d, out_channels: «x.height», kernel_size: 1}]",
        "NS125",
        "must be a constant",
        "H",
    )
    rejected(
        "body: [{op: Conv2d, out_channels: 2, kernel_size: «x.height // 2»}]",
        "NS125",
        "must be a constant",
    )


SYMBOLIC = [
    ("{op: Reshape, shape: [x.batch, -1, x.width]}", lambda a: a.reshape(a.size(0), -1, 12)),
    (
        "{op: Reshape, shape: '[x.batch * x.channels, x.height * x.width]'}",
        lambda a: a.reshape(6, -1),
    ),
    (
        "{op: Interpolate, size: [2 * x.height, x.width + 1]}",
        lambda a: torch.nn.functional.interpolate(a, (16, 13)),
    ),
    (
        "{op: Interpolate, size: [image.height // 2, 5], mode: bilinear}",
        lambda a: torch.nn.functional.interpolate(a, (4, 5), mode="bilinear"),
    ),
    (
        "{op: Pad, pad: [0, x.width % 5, x.height % 3, 0]}",
        lambda a: torch.nn.functional.pad(a, (0, 2, 2, 0)),
    ),
    (
        "{op: Interpolate, size: ['max(x.height, x.width)', 'min(x.height, x.width, 5)']}",
        lambda a: torch.nn.functional.interpolate(a, (12, 5)),
    ),
    (
        "{op: Interpolate, size: [ceil(x.width / 5), int(x.height / 3) + floor(x.width / 7)]}",
        lambda a: torch.nn.functional.interpolate(a, (3, 3)),
    ),
    ("{op: Slice, dim: 2, end: 'min(x.height, 5)'}", lambda a: a[:, :, :5]),
    ("{op: Slice, dim: 2, start: x.height // 4, end: x.height // 2}", lambda a: a[:, :, 2:4]),
    ("{op: Slice, dim: -1, end: x.width - 1, step: 2}", lambda a: a[..., :-1:2]),
    ("{op: Expand, size: [x.batch, 3, x.height, x.width]}", lambda a: a),
]


@pytest.mark.parametrize(("step", "expected"), SYMBOLIC)
def test_a_symbolic_argument_is_computed_at_run_time(step: str, expected) -> None:
    a = image(2, 3, 8, 12)
    torch.testing.assert_close(module(f"body: [{step}]")(a), expected(a))


def test_a_symbolic_argument_in_a_block_and_a_group() -> None:
    a = image(2, 3, 9, 7)
    text = """
blocks:
  Up: {inputs: [low, skip], body: [{op: Interpolate, from: low, size: [skip.height, skip.width]}, {op: Add, from: [previous, skip]}]}
body:
  - down: {op: AvgPool2d, kernel_size: 2}
  - g: [{op: Up, from: [down, image]}, {op: Slice, dim: 2, end: down.height}]
"""
    low = torch.nn.functional.avg_pool2d(a, 2)
    up = torch.nn.functional.interpolate(low, a.shape[2:]) + a
    torch.testing.assert_close(module(text)(a), up[:, :, : low.size(2)])


def test_the_class_token_of_a_transformer() -> None:
    a = image(2, 5, 4)
    text = """
inputs: {t: [N, T, 4]}
body:
  - class_token: {op: Parameter, shape: [1, 1, 4], init: ones_}
  - cls: {op: Expand, size: [input.batch, -1, -1], from: class_token}
  - {op: Concat, dim: 1, from: [cls, input]}
  - {op: Select, dim: 1, index: 0}
"""
    assert torch.equal(module(text)(a), torch.ones(2, 4))
    assert list(module(text).state_dict()) == ["class_token"]


@pytest.mark.parametrize(
    "size",
    [
        "x.height * x.width",
        "x.height % 7 + x.width // 3",
        "x.height * x.height",
        "max(x.height * x.width, 2)",
        "sum([x.height, x.width]) // 3 % 5 - 1",
    ],
)
def test_sizes_that_grow_without_end_are_rejected_where_they_do(size: str) -> None:
    text = f"dims: {{H: {{min: 9}}, W: {{min: 9}}}}\nbody: [{{op: Interpolate, repeat: 60, size: ['«{size}»', x.height]}}]"
    rejected(text, "NS123", "becomes a size")


def test_a_relation_with_an_extreme_is_held_at_run_time() -> None:
    text = "inputs: {t: [N, T], s: [N, S]}\nbody: [{op: Slice, dim: 1, end: 'min(x.size(1), 5)'}, {op: «Add», from: [previous, s]}]"
    warned(text, "NS304", "min(T, 5)")
    net = netspec.load(whole(text.replace("«", "").replace("»", ""))).compile()
    t = image(2, 9)
    torch.testing.assert_close(net(t, t[:, :5]), t[:, :5] * 2)
    torch.testing.assert_close(net(t[:, :3], t[:, :3]), t[:, :3] * 2)
    with pytest.raises(ValueError, match=r"valid only where .*min\(T, 5\)"):
        net(t, t)


def test_an_extreme_is_no_fixed_number_and_decides_no_condition() -> None:
    rejected(
        "body: [{op: Conv2d, out_channels: «'max(x.height, x.width)'», kernel_size: 1}]", "NS125"
    )
    rejected("body: [{op: ReLU, when: '«max(x.height, x.width) > 9»'}]", "NS124")
    good("body: [{op: ReLU, when: 'max(x.height, x.width, 9) > 8'}]")
    rejected("body: [{op: ReLU, repeat: «'min(x.height, 3)'»}]", "NS124", "this is `min(H, 3)`")
