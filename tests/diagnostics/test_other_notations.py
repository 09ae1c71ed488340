"""What users of other tools write: each is one error at its place, and `--fix` writes what is certain."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from netspec.advice import apply
from netspec.check import Report, check_text
from netspec.fix import fix


class Case(NamedTuple):
    """A spec, the code and line of its one error, its first help, and the text after `--fix`, if that changes it."""

    spec: str
    code: str
    line: int
    help: str
    fixed: str = ""


IMAGE = "inputs: {image: [N, 3, 64, 64]}\n"
WIDE = (
    "blocks:\n  Wide:\n    params: {width: int, size: 3}\n"
    "    body: [{op: Conv2d, out_channels: width, kernel_size: size}]\n"
)
CONV = "body: [{op: Conv2d, out_channels: 8, kernel_size: 3}]"


def _named(shape: str) -> str:
    return f"inputs: {{image: {shape}}}\nbody: [ReLU]"


CASES = {
    # inputs
    "a_list_of_sizes_as_inputs": Case(
        "inputs: [3, 224, 224]\nbody: [ReLU]", "NS025", 2, "write `inputs: {image: [N, 3, 224, 224]}`"
    ),
    "a_batched_list_of_sizes_as_inputs": Case(
        f"inputs: [N, 3, 64, 64]\n{CONV}", "NS025", 2, "write `inputs: {image: [N, 3, 64, 64]}`", f"{IMAGE}{CONV}"
    ),
    "sizes_in_one_word": Case(
        "inputs: 3x224x224\nbody: [ReLU]", "NS025", 2, "write `inputs: {image: [N, 3, 224, 224]}`"
    ),
    "a_number_of_features_as_inputs": Case(
        "inputs: 784\nbody: [ReLU]", "NS025", 2, "write `inputs: {features: [N, 784]}`"
    ),
    "a_tuple_as_a_shape": Case(
        _named('"(B, 3, 64, 64)"'), "NS025", 2, "write `image: [B, 3, 64, 64]`", _named("[B, 3, 64, 64]")
    ),
    "channels_last": Case(
        "inputs: [None, 28, 28, 1]\nbody: [ReLU]", "NS025", 2, "write `inputs: {image: [N, 1, 28, 28]}`"
    ),
    "names_without_shapes": Case(
        "inputs: [a, b]\nbody: [{op: Add, from: [a, b]}]", "NS025", 2,
        "write `inputs: {a: [N, 3, H, W], b: [N, 3, H, W]}`, with a shape for each",
    ),
    "a_list_of_named_inputs": Case(
        f"inputs:\n  - {{name: image, shape: [N, 3, 64, 64]}}\n{CONV}", "NS025", 3, "write `image: …` without `- `",
        f"inputs:\n    image: {{shape: [N, 3, 64, 64]}}\n{CONV}",
    ),
    "input_shape": Case(
        "input_shape: [3, 224, 224]\nbody: [ReLU]", "NS021", 2, "write `inputs: {image: [N, 3, 224, 224]}`"
    ),
    "input_shape_with_a_batch": Case(
        f"input_shape: [N, 3, 64, 64]\n{CONV}", "NS021", 2, "write `inputs: {image: [N, 3, 64, 64]}`", f"{IMAGE}{CONV}"
    ),
    # sizes
    "none_for_the_batch": Case(
        _named("[None, 3, 8, 8]"), "NS025", 2, "write `image: [N, 3, 8, 8]`; a symbol stands for any size",
        _named("[N, 3, 8, 8]"),
    ),
    "minus_one_for_every_open_size": Case(
        _named("[-1, 3, -1, -1]"), "NS025", 2, "write `image: [N, 3, H, W]`; a symbol stands for any size",
        _named("[N, 3, H, W]"),
    ),
    "open_sizes_of_a_shape_that_has_symbols": Case(
        _named("[None, 3, N, None]"), "NS025", 2, "write `image: [N2, 3, N, W]`; a symbol stands for any size",
        _named("[N2, 3, N, W]"),
    ),
    "symbols_in_small_letters": Case(
        "inputs: {image: [n, 3, h, w]}\ndims: {h: {multiple_of: 2}}\nbody: [ReLU]", "NS121", 2,
        "write `image: [N, 3, H, W]`; a symbol stands for any size",
        "inputs: {image: [N, 3, H, W]}\ndims: {H: {multiple_of: 2}}\nbody: [ReLU]",
    ),
    "a_negative_size": Case(
        _named("[N, -3, 8, 8]"), "NS025", 2, "write a positive integer, or a symbol such as `N`"
    ),
    "a_misspelled_parameter_as_a_size": Case(
        "params: {width: 8}\ninputs: {image: [N, widht]}\nbody: [Identity]", "NS121", 3, "did you mean `width`?",
        "params: {width: 8}\ninputs: {image: [N, width]}\nbody: [Identity]",
    ),
    "blocks_without_bodies": Case(
        f"{IMAGE}blocks: [A, B]\nbody: [A]", "NS025", 3, "write `blocks: {A: [ReLU], B: [ReLU]}`"
    ),
    "a_list_of_values": Case(
        f"{IMAGE}body:\n  - [1, 2]", "NS024", 4, "write `{op: …, …}`, with the name of each argument"
    ),
    "a_dtype_of_tensors": Case(
        "inputs: {t: {shape: [N, 8], dtype: long}}\nbody: [Identity]", "NS025", 2, "did you mean `int64`?",
        "inputs: {t: {shape: [N, 8], dtype: int64}}\nbody: [Identity]",
    ),
    # arguments without names
    "a_list_of_arguments": Case(
        f"{IMAGE}body:\n  - Conv2d: [8, 3]", "NS102", 4, "write `{op: Conv2d, out_channels: 8, kernel_size: 3}`",
        f"{IMAGE}body:\n  - {{op: Conv2d, out_channels: 8, kernel_size: 3}}",
    ),
    "a_list_with_the_op_first": Case(
        f"{IMAGE}body:\n  - c: [Conv2d, 8, 3]", "NS102", 4, "write `{op: Conv2d, out_channels: 8, kernel_size: 3}`",
        f"{IMAGE}body:\n  - c: {{op: Conv2d, out_channels: 8, kernel_size: 3}}",
    ),
    "a_list_below_a_name": Case(
        f"{IMAGE}body:\n  - c: {{Conv2d: [8, 3]}}", "NS102", 4,
        "write `{op: Conv2d, out_channels: 8, kernel_size: 3}`",
        f"{IMAGE}body:\n  - c: {{op: Conv2d, out_channels: 8, kernel_size: 3}}",
    ),
    "the_order_of_torch_where_the_channels_are_those_of_the_input": Case(
        f"{IMAGE}body:\n  - Conv2d: [3, 8, 5]", "NS102", 4,
        "write `{op: Conv2d, in_channels: 3, out_channels: 8, kernel_size: 5}`",
        f"{IMAGE}body:\n  - {{op: Conv2d, in_channels: 3, out_channels: 8, kernel_size: 5}}",
    ),
    "a_row_of_ultralytics": Case(
        f"{IMAGE}body:\n  - [-1, 1, MaxPool2d, [2]]", "NS102", 4, "write `{op: MaxPool2d, kernel_size: 2}`",
        f"{IMAGE}body:\n  - {{op: MaxPool2d, kernel_size: 2}}",
    ),
    "one_argument": Case(
        f"{IMAGE}body:\n  - Dropout: 0.5", "NS102", 4, "write `{op: Dropout, p: 0.5}`",
        f"{IMAGE}body:\n  - {{op: Dropout, p: 0.5}}",
    ),
    "too_few_arguments": Case(
        f"{IMAGE}body:\n  - Conv2d: 64", "NS102", 4,
        "write `{op: Conv2d, out_channels: …, kernel_size: …}`, with the name of each argument",
    ),
    "arguments_in_a_key_of_their_own": Case(
        f"{IMAGE}body:\n  - op: Conv2d\n    kwargs: {{out_channels: 8, kernel_size: 3}}", "NS102", 5,
        "write them next to `op`, without this key",
        f"{IMAGE}body:\n  - op: Conv2d\n    out_channels: 8\n    kernel_size: 3",
    ),
    # the structure
    "a_body_that_is_a_mapping": Case(
        f"{IMAGE}body:\n  a: ReLU\n  b:\n    op: Conv2d\n    out_channels: 8\n    kernel_size: 3\n", "NS025", 4,
        "write each step on a line of its own, after `- `",
        f"{IMAGE}body:\n  - a: ReLU\n  - b:\n      op: Conv2d\n      out_channels: 8\n      kernel_size: 3\n",
    ),
    "a_body_that_is_a_mapping_in_braces": Case(
        f"{IMAGE}body: {{a: ReLU, b: Sigmoid}}", "NS025", 3, "write each step on a line of its own, after `- `",
        f"{IMAGE}body: [a: ReLU, b: Sigmoid]",
    ),
    "a_body_that_is_one_step": Case(
        f"{IMAGE}body: {{op: Conv2d, out_channels: 8, kernel_size: 3}}", "NS025", 3,
        "write each step on a line of its own, after `- `", f"{IMAGE}{CONV}",
    ),
    "a_body_that_is_an_op": Case(
        f"{IMAGE}body: ReLU", "NS025", 3, "write `[ReLU]`", f"{IMAGE}body: [ReLU]"
    ),
    "a_block_that_is_a_mapping_of_steps": Case(
        f"{IMAGE}blocks:\n  B:\n    a: ReLU\n    b: {{op: Dropout, p: 0.5}}\nbody: [B]", "NS025", 5,
        "write each step on a line of its own, after `- `",
        f"{IMAGE}blocks:\n  B:\n    - a: ReLU\n    - b: {{op: Dropout, p: 0.5}}\nbody: [B]",
    ),
    "blocks_in_a_list": Case(
        f"{IMAGE}blocks:\n  - Conv:\n      - ReLU\nbody: [Conv]", "NS025", 4, "write `Conv: …` without `- `",
        f"{IMAGE}blocks:\n    Conv:\n      - ReLU\nbody: [Conv]",
    ),
    "blocks_in_a_list_with_names": Case(
        f"{IMAGE}blocks:\n  - name: Conv\n    body: [ReLU]\nbody: [Conv]", "NS025", 4, "write `Conv: …` without `- `",
        f"{IMAGE}blocks:\n  Conv:\n    body: [ReLU]\nbody: [Conv]",
    ),
    "parameters_in_a_list": Case(
        f"{IMAGE}params: [{{width: 8}}, {{name: k, default: 3}}]\nbody: [{{op: Conv2d, out_channels: width, kernel_size: k}}]",
        "NS025", 3, "write `width: …` without `- `",
        f"{IMAGE}params: {{width: 8, k: {{default: 3}}}}\nbody: [{{op: Conv2d, out_channels: width, kernel_size: k}}]",
    ),
    # steps
    "type_for_op": Case(
        f"{IMAGE}body:\n  - {{type: ReLU}}", "NS021", 4, "did you mean `op`?", f"{IMAGE}body:\n  - {{op: ReLU}}"
    ),
    "layer_for_op_with_arguments": Case(
        f"{IMAGE}body:\n  - {{layer: Dropout, p: 0.5}}", "NS021", 4, "did you mean `op`?",
        f"{IMAGE}body:\n  - {{op: Dropout, p: 0.5}}",
    ),
    "an_op_with_a_colon": Case(
        f"{IMAGE}body:\n  - ReLU:\n  - Sigmoid", "NS024", 4, "write `ReLU`", f"{IMAGE}body:\n  - ReLU\n  - Sigmoid"
    ),
    "inputs_of_a_step": Case(
        f"{IMAGE}body:\n  - a: ReLU\n  - {{op: Add, inputs: [a, image]}}", "NS102", 5, "did you mean `from`?",
        f"{IMAGE}body:\n  - a: ReLU\n  - {{op: Add, from: [a, image]}}",
    ),
    "a_misspelled_key_with_a_value_that_does_not_fit": Case(
        f"{IMAGE}body:\n  - {{op: ReLU, wehn: 1}}", "NS102", 4, "did you mean `when`?",
    ),
    # values
    "causal_padding": Case(
        "inputs: {s: [N, 8, T]}\nbody:\n  - {op: Conv1d, out_channels: 8, kernel_size: 3, dilation: 2, padding: causal}",
        "NS108", 4, "add `{op: Pad, pad: [4, 0]}` before it instead, which pads the start alone",
        "inputs: {s: [N, 8, T]}\nbody:\n  - {op: Pad, pad: [4, 0]}\n"
        "  - {op: Conv1d, out_channels: 8, kernel_size: 3, dilation: 2}",
    ),
    "full_padding": Case(
        f"{IMAGE}body: [{{op: Conv2d, out_channels: 8, kernel_size: 3, padding: full}}]", "NS108", 3, "write `2`",
        f"{IMAGE}body: [{{op: Conv2d, out_channels: 8, kernel_size: 3, padding: 2}}]",
    ),
    "a_padding_mode_as_padding": Case(
        f"{IMAGE}body: [{{op: Conv2d, out_channels: 8, kernel_size: 3, padding: reflect}}]", "NS108", 3,
        "write `padding_mode: reflect`, with `padding` as a number",
    ),
    "a_boolean_of_yaml_1_1_as_a_number": Case(
        f"{IMAGE}body: [{{op: Conv2d, out_channels: yes, kernel_size: 3}}]", "NS108", 3,
        "set `out_channels` to the number of channels of the result",
    ),
    "a_number_as_a_boolean": Case(
        f"{IMAGE}body: [{{op: Conv2d, out_channels: 8, kernel_size: 3, bias: 0}}]", "NS108", 3, "write `false`",
        f"{IMAGE}body: [{{op: Conv2d, out_channels: 8, kernel_size: 3, bias: false}}]",
    ),
    "a_factor_with_an_x": Case(
        f"{IMAGE}body: [{{op: Upsample, scale_factor: 2x}}]", "NS120", 3, "write `2`",
        f"{IMAGE}body: [{{op: Upsample, scale_factor: 2}}]",
    ),
    "a_percentage": Case(
        f"{IMAGE}body: [{{op: Dropout, p: 50%}}]", "NS120", 3, "write `0.5`"
    ),
    "the_momentum_of_keras": Case(
        f"{IMAGE}body: [{{op: BatchNormalization, momentum: 0.99}}]", "NS101", 3,
        "did you mean `BatchNorm2d`? (its `momentum` is 1 minus that of Keras: write `momentum: 0.01`)",
        f"{IMAGE}body: [{{op: BatchNorm2d, momentum: 0.01}}]",
    ),
    # blocks
    "a_bad_value_of_a_parameter_at_the_use": Case(
        f"{IMAGE}blocks:\n  B:\n    params: {{w: int}}\n    body: [{{op: Conv2d, out_channels: w, kernel_size: 1}}]\n"
        "body:\n  - {op: B, w: 8}\n  - {op: B, w: -5}", "NS108", 9,
        "set `out_channels` to the number of channels of the result",
    ),
    "a_bad_default_of_a_parameter": Case(
        f"{IMAGE}blocks:\n  B:\n    params: {{k: 0}}\n    body: [{{op: Conv2d, out_channels: 8, kernel_size: k}}]\n"
        "body: [B]", "NS108", 5, "set `kernel_size` to the size of the window, in elements",
    ),
    "a_bad_value_through_two_blocks": Case(
        f"{IMAGE}blocks:\n  B:\n    params: {{g: 1}}\n    body: [{{op: Conv2d, out_channels: 6, kernel_size: 1, groups: g}}]\n"
        "  C:\n    params: {h: int}\n    body: [{op: B, g: h}]\nbody:\n  - {op: C, h: 4}", "NS204", 11,
        "set `groups` to a common divisor of 3 input channels and 6 output channels: 1, 3",
    ),
    # an op and its arguments in one text
    "an_op_and_numbers_in_one_text": Case(
        f"{IMAGE}body: [Conv2d 64 3, ReLU]", "NS101", 3, "write `{op: Conv2d, out_channels: 64, kernel_size: 3}`",
        f"{IMAGE}body: [{{op: Conv2d, out_channels: 64, kernel_size: 3}}, ReLU]",
    ),
    "an_op_and_a_number_with_a_dot": Case(
        f"{IMAGE}body:\n  - Dropout 0.5\n  - ReLU", "NS101", 4, "write `{op: Dropout, p: 0.5}`",
        f"{IMAGE}body:\n  - {{op: Dropout, p: 0.5}}\n  - ReLU",
    ),
    "an_op_a_window_and_a_name_in_one_text": Case(
        f"{IMAGE}body:\n  - stem: Conv2d 16 7x7 stride=2", "NS101", 4,
        "write `{op: Conv2d, out_channels: 16, kernel_size: [7, 7], stride: 2}`",
        f"{IMAGE}body:\n  - stem: {{op: Conv2d, out_channels: 16, kernel_size: [7, 7], stride: 2}}",
    ),
    "an_op_with_two_readings": Case(
        f"{IMAGE}body: [Conv2d 3 16 3]", "NS101", 3, "write `{op: Conv2d, in_channels: 3, out_channels: 16, kernel_size: 3}`",
        f"{IMAGE}body: [{{op: Conv2d, in_channels: 3, out_channels: 16, kernel_size: 3}}]",
    ),
    "a_call_without_the_inferred_size": Case(
        f"{IMAGE}body:\n  - Conv2d(8, 3)", "NS101", 4, "write `{op: Conv2d, out_channels: 8, kernel_size: 3}`",
        f"{IMAGE}body:\n  - {{op: Conv2d, out_channels: 8, kernel_size: 3}}",
    ),
    "a_block_and_numbers_in_one_text": Case(
        f"{IMAGE}{WIDE}body:\n  - Wide 8 1", "NS101", 8, "write `{op: Wide, width: 8, size: 1}`",
        f"{IMAGE}{WIDE}body:\n  - {{op: Wide, width: 8, size: 1}}",
    ),
    "numbers_that_no_argument_takes": Case(
        f"{IMAGE}body: [ReLU 1 2 3]", "NS101", 3, "write `{op: ReLU, …}` and pass the arguments by name"
    ),
    # parameters of blocks
    "a_block_without_its_parameter": Case(
        f"{IMAGE}{WIDE}body: [Wide, ReLU]", "NS109", 7, "write `{op: Wide, width: …}` (`width` is an integer)"
    ),
    "a_block_with_some_of_its_parameters": Case(
        f"{IMAGE}{WIDE}body:\n  - op: Wide\n    size: 1", "NS109", 8, "add `width: …` to the step (`width` is an integer)"
    ),
    # steps by number
    "a_step_by_its_distance": Case(
        f"{IMAGE}body:\n  - a: {{op: Conv2d, out_channels: 8, kernel_size: 1}}\n  - ReLU\n"
        "  - {op: Add, from: [previous, -2]}", "NS103", 6, "did you mean `a`?",
    ),
    "a_step_without_a_name_by_its_distance": Case(
        f"{IMAGE}body:\n  - {{op: Conv2d, out_channels: 8, kernel_size: 1}}\n  - ReLU\n"
        "  - {op: Add, from: [previous, -2]}", "NS103", 6, "only a named step can be referred to: name the step on line 4 `conv`",
    ),
    "a_step_by_its_place": Case(
        f"{IMAGE}body:\n  - op: Conv2d\n    out_channels: 8\n    kernel_size: 1\n  - ReLU\n"
        "  - {op: Add, from: [previous, 0]}", "NS103", 8, "only a named step can be referred to: name the step on line 4 `conv`",
    ),
    "the_input_by_its_distance": Case(
        f"{IMAGE}body:\n  - {{op: Conv2d, out_channels: 3, kernel_size: 1}}\n"
        "  - {op: Add, from: [previous, -2]}", "NS103", 5, "did you mean `input`?",
    ),
    # branches by name
    "names_as_branches": Case(
        f"{IMAGE}body:\n  - a: ReLU\n  - b: GELU\n  - {{op: Concat, branches: [a, b]}}", "NS101", 6,
        "to join these outputs, write `from: [a, b]`",
        f"{IMAGE}body:\n  - a: ReLU\n  - b: GELU\n  - {{op: Concat, from: [a, b]}}",
    ),
    "a_name_and_the_input_as_branches": Case(
        f"{IMAGE}body:\n  - a: ReLU\n  - sum:\n      op: Add\n      branches:\n        - a\n        - image", "NS101", 8,
        "to join these outputs, write `from: [a, image]`",
        f"{IMAGE}body:\n  - a: ReLU\n  - sum:\n      op: Add\n      from: [a, image]",
    ),
    # conditions
    "a_number_as_a_condition": Case(f"{IMAGE}body: [{{op: ReLU, when: 1}}]", "NS122", 3, "write `true`"),
    "a_count_as_a_condition": Case(
        f"params: {{deep: 2}}\n{IMAGE}body: [{{op: ReLU, when: deep}}]", "NS122", 4, "compare it: `deep != 0`"
    ),
    "a_list_as_a_condition": Case(
        f"params: {{widths: [2, 3]}}\n{IMAGE}body: [{{op: ReLU, when: widths}}]", "NS122", 4,
        "compare its length: `len(widths) > 0`",
    ),
}  # fmt: skip

OFFERED = [
    "a_step_by_its_distance", "a_step_without_a_name_by_its_distance", "a_step_by_its_place", "the_input_by_its_distance",
    "a_number_as_a_condition", "a_count_as_a_condition", "a_list_as_a_condition",
]  # fmt: skip


def check(text: str) -> Report:
    return check_text(text, "net.yaml")


@pytest.mark.parametrize("name", CASES)
def test_it_is_one_error_that_says_what_to_write(name: str) -> None:
    case = CASES[name]
    report = check(f"netspec: 1\n{case.spec}")
    (diagnostic,) = report.diagnostics
    assert diagnostic.span is not None
    assert (diagnostic.code, diagnostic.span.line) == (case.code, case.line)
    assert diagnostic.helps[0].text == case.help


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.fixed])
def test_what_is_certain_is_fixed(name: str) -> None:
    case = CASES[name]
    fixed = fix(check(f"netspec: 1\n{case.spec}"), check)
    assert fixed.text == f"netspec: 1\n{case.fixed}"
    assert fixed.report.errors == ()


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if not case.fixed])
def test_what_is_not_certain_is_left_alone(name: str) -> None:
    text = f"netspec: 1\n{CASES[name].spec}"
    fixed = fix(check(text), check).text
    assert fixed in (text, text.replace("wehn", "when"))


@pytest.mark.parametrize("name", OFFERED)
def test_what_is_offered_leaves_no_error(name: str) -> None:
    text = f"netspec: 1\n{CASES[name].spec}"
    (diagnostic,) = check(text).diagnostics
    edits = diagnostic.helps[0].edits
    assert edits
    assert check(apply(text, edits)).errors == ()


def test_a_suggestion_is_offered_although_the_name_of_the_step_is_reserved() -> None:
    report = check(f"netspec: 1\n{IMAGE}body: [x: {{op: Relu}}]")
    helps = [h.text for d in report.diagnostics if d.code == "NS101" for h in d.helps]
    assert helps == ["did you mean `ReLU`? (ops are spelled as in torch.nn, capitals included)"]
