"""The diagnostics for a layer that does not accept its input, in full, as users read them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netspec.check import check_text
from netspec.diagnosis.size_trace import SizeTrace
from netspec.diagnostics import Diagnostic
from netspec.report.diagnostic import full


def diagnostics_of(inputs: str, body: str, more: str = "") -> tuple[Diagnostic, ...]:
    """What is found in a spec."""
    return check_text(f"netspec: 1\n{more}inputs: {inputs}\nbody:\n{body}", "net.yaml").diagnostics


def only(inputs: str, body: str, more: str = "") -> Diagnostic:
    """The one diagnostic of a spec."""
    [diagnostic] = diagnostics_of(inputs, body, more)
    return diagnostic


def test_a_linear_layer_that_expects_another_map():
    diagnostic = only(
        "{image: [N, 3, 32, 32]}",
        """\
  - c1: {op: Conv2d, out_channels: 64, kernel_size: 3}
  - p1: {op: MaxPool2d, kernel_size: 2}
  - c2: {op: Conv2d, out_channels: 88, kernel_size: 5}
  - p2: {op: MaxPool2d, kernel_size: 2}
  - flat: Flatten
  - fc: {op: Linear, in_features: 1408, out_features: 10}
""",
    )
    assert (
        full(diagnostic)
        == """\
error[NS205]: `fc` declares `in_features: 1408`, but its input `flat` has 2200 features
 --> net.yaml:9:35
  |
6 |   - c2: {op: Conv2d, out_channels: 88, kernel_size: 5}
  |                                    -- 88 channels from `c2`
7 |   - p2: {op: MaxPool2d, kernel_size: 2}
  |     -- a height of 5 and a width of 5 from `p2`
8 |   - flat: Flatten
9 |   - fc: {op: Linear, in_features: 1408, out_features: 10}
  |                                   ^^^^ declared 1408, inferred 2200
  |
  = note: 2200 = 88 × 5 × 5 (channels × height × width), flattened by `flat`
  = note: height at each step: 32 (image) → 30 (c1) → 15 (p1) → 11 (c2) → 5 (p2)
  = note: 1408 requires a feature map of 4×4
  = help: set `in_features: 2200`, or omit it: netspec infers it
  = help: or use an input of 26×26 to 29×29; `image` is 32×32"""
    )


def test_a_linear_layer_that_expects_pooling():
    diagnostic = only(
        "{image: [N, 3, 32, 32]}",
        "  - c: {op: Conv2d, out_channels: 8, kernel_size: 3}\n  - f: Flatten\n"
        "  - fc: {op: Linear, in_features: 8, out_features: 10}\n",
    )
    assert "8 requires a feature map of 1×1" in diagnostic.notes
    assert diagnostic.helps[-1].text == "or pool to 1×1 first, with `AdaptiveAvgPool2d`"


def test_a_map_that_shrinks_to_nothing():
    pools = "".join(f"  - pool{k}: {{op: AvgPool2d, kernel_size: 2}}\n" for k in range(4))
    diagnostic = only("{image: [N, 3, 12, W]}", pools)
    assert (
        full(diagnostic)
        == """\
error[NS206]: `pool3`: `AvgPool2d` expects a height of at least 2, but its input has a height of 1
 --> net.yaml:7:41
  |
6 |   - pool2: {op: AvgPool2d, kernel_size: 2}
  |     ----- a height of 1 from `pool2`
7 |   - pool3: {op: AvgPool2d, kernel_size: 2}
  |                                         ^ a window of 2
  |
  = note: height at each step: 12 (image) → 6 (pool0) → 3 (pool1) → 1 (pool2)
  = note: `pool3` receives [N, 3, 1, W//8] from `pool2`
  = help: use an input `image` with a height of at least 16; it has 12
  = help: or use a smaller window in `pool3`, or downsample less before it"""
    )


def test_a_branch_that_is_smaller_than_the_others():
    diagnostic = only(
        "{image: [N, 10, 12, 12]}",
        """\
  - cat:
      op: Concat
      branches:
        b1: {op: Conv2d, out_channels: 16, kernel_size: 1}
        b3: {op: Conv2d, out_channels: 24, kernel_size: 3}
        bp: {op: Conv2d, out_channels: 24, kernel_size: 1}
""",
    )
    assert (
        full(diagnostic)
        == """\
error[NS202]: `cat`: `Concat` cannot concatenate: the height differs (12 and 10)
 --> net.yaml:8:9
  |
7 |         b1: {op: Conv2d, out_channels: 16, kernel_size: 1}
  |         -- a height of 12 from `b1`
8 |         b3: {op: Conv2d, out_channels: 24, kernel_size: 3}
  |         ^^ [N, 24, 10, 10]
  |         -- a height of 10 from `b3`
  |
  = note: the other 2 inputs have height 12
  = note: `cat` receives [N, 16, 12, 12] from `b1`, [N, 24, 10, 10] from `b3`, [N, 24, 12, 12] from `bp`
  = help: `padding: 1` in `b3` makes the sizes agree"""
    )


def test_a_shortcut_with_other_channels():
    diagnostic = only(
        "{image: [N, 64, H, W]}",
        """\
  - conv: {op: Conv2d, out_channels: 128, kernel_size: 3, padding: 1}
  - sum: {op: Add, from: [conv, image]}
""",
    )
    assert (
        full(diagnostic)
        == """\
error[NS203]: `sum`: `Add` cannot broadcast its inputs: the number of channels differs (128 and 64)
 --> net.yaml:5:33
  |
2 | inputs: {image: [N, 64, H, W]}
  |                     -- 64 channels from `image`
3 | body:
4 |   - conv: {op: Conv2d, out_channels: 128, kernel_size: 3, padding: 1}
  |                                      --- 128 channels from `conv`
5 |   - sum: {op: Add, from: [conv, image]}
  |                                 ^^^^^ [N, 64, H, W]
  |
  = note: `sum` receives [N, 128, H, W] from `conv`, [N, 64, H, W] from `image`
  = help: make the number of channels equal (128 and 64), for example with a 1×1 Conv2d on one of them"""
    )


DENSE = """\
blocks:
  DenseLayer:
    params: {growth: int}
    body:
      - conv: {op: Conv2d, in_channels: 100, out_channels: growth, kernel_size: 3, padding: 1}
      - cat: {op: Concat, from: [input, conv]}
"""


def test_a_mistake_in_a_block_is_one_diagnostic_with_its_uses():
    diagnostics, _ = diagnostics_of(
        "{image: [N, 3, H, W]}",
        "  - layer{i + 1}: {op: DenseLayer, repeat: 6, growth: 32}\n"
        "  - mid: {op: Conv2d, in_channels: 99, out_channels: 20, kernel_size: 1}\n",
        DENSE,
    )
    text = full(diagnostics)
    assert text.startswith(
        "error[NS201]: `layer1.conv` declares `in_channels: 100`, but its input `image` has "
    )
    assert text.endswith("  = in: layer1 (net.yaml:10), and 5 more uses")


def test_a_sum_of_many_is_grouped():
    body = (
        "  - layer{i + 1}: {op: DenseLayer, repeat: 6, growth: 32}\n"
        "  - mid: {op: Conv2d, in_channels: 99, out_channels: 20, kernel_size: 1}\n"
    )
    diagnostic = only("{image: [N, 3, H, W]}", body, DENSE.replace("in_channels: 100, ", ""))
    assert diagnostic.notes == (
        "195 = 32×6 + 3: concatenated by `layer6.cat` and the joins before it",
    )
    assert [label.text for label in diagnostic.labels] == [
        "3 channels from `image`",
        "32 channels, 6 times: `layer1.conv` … `layer6.conv`",
    ]


def test_a_change_that_would_fit_counts_how_often_it_is_used():
    body = (
        "  - c{i}: {op: C, repeat: 3}\n"
        "  - mid: {op: Conv2d, in_channels: 39, out_channels: 20, kernel_size: 1}\n"
    )
    block = (
        "blocks:\n  C:\n    - conv: {op: Conv2d, out_channels: 8, kernel_size: 1}\n"
        "    - cat: {op: Concat, from: [input, conv]}\n"
    )
    diagnostic = only("{image: [N, 3, H, W]}", body, block)
    assert diagnostic.helps[1].text == (
        "or make the branches sum to 39 (now 12 too few), "
        "e.g. `out_channels: 12` on line 4 (`c0.conv`)"
    )


@pytest.mark.parametrize(
    ("step", "inputs", "message"),
    [
        ("{op: BatchNorm2d, num_features: 4}", "[N, 3, H, W]",
         "declares `num_features: 4`, but its input `data` has 3 channels"),
        ("{op: GroupNorm, num_groups: 2, num_channels: 8}", "[N, 6, H, W]",
         "declares `num_channels: 8`, but its input `data` has 6 channels"),
        ("{op: LayerNorm, normalized_shape: 512}", "[N, T, 768]",
         "declares `normalized_shape: 512`, but its input `data` has 768 features"),
        ("{op: Linear, in_features: 700, out_features: 1}", "[N, 700, 768]",
         "declares `in_features: 700`, but its input `data` has 768 features"),
    ],
)  # fmt: skip
def test_a_declared_size_is_compared_with_the_axis_that_decides_it(step, inputs, message):
    diagnostic = only(f"{{data: {inputs}}}", f"  - step: {step}\n")
    assert message in diagnostic.message
    size = re.search(r"has (\d+)", diagnostic.message)
    assert size is not None
    assert diagnostic.labels[0].span.text == size[1]
    assert diagnostic.labels[0].text.endswith("from `data`")


@given(st.integers(1, 50), st.integers(1, 50), st.integers(1, 50))
def test_the_offered_edit_fixes_the_spec(a, b, declared):
    text = (
        "netspec: 1\ninputs: {image: [N, 3, H, W]}\nbody:\n"
        f"  - a: {{op: Conv2d, out_channels: {a}, kernel_size: 1}}\n"
        f"  - b: {{op: Conv2d, out_channels: {b}, kernel_size: 1, from: image}}\n"
        "  - cat: {op: Concat, from: [a, b]}\n"
        f"  - head: {{op: Conv2d, in_channels: {declared}, out_channels: 1, kernel_size: 1}}\n"
    )
    report = check_text(text)
    assert report.valid == (a + b == declared)
    for diagnostic in report.errors:
        [edit] = diagnostic.helps[0].edits
        edited_text = text[: edit.span.start] + edit.replacement + text[edit.span.end :]
        assert check_text(edited_text).valid
        for line, value in re.findall(
            r"`out_channels: (\d+)` in line (\d+)", str(diagnostic.helps)
        ):
            rows = text.split("\n")
            rows[int(value) - 1] = re.sub(
                r"out_channels: \d+", f"out_channels: {line}", rows[int(value) - 1]
            )
            assert check_text("\n".join(rows)).valid


def test_no_edit_is_offered_where_one_number_cannot_be_right_for_all():
    diagnostics = diagnostics_of(
        "{image: [N, 3, H, W]}", "  - l{i}: {op: DenseLayer, repeat: 2, growth: 4}\n", DENSE
    )
    assert diagnostics[0].helps[0].edits == ()


windows = st.tuples(
    st.sampled_from(["Conv2d", "MaxPool2d", "AvgPool2d"]),
    st.integers(1, 4), st.integers(1, 3), st.integers(0, 2),
)  # fmt: skip


@given(st.lists(windows, min_size=1, max_size=4), st.integers(1, 40), st.integers(1, 6))
def test_the_inputs_that_are_reported_to_fit_do_fit(chain, size, fitting_inputs):
    layers = [(op, k, s, min(p, k // 2)) for op, k, s, p in chain]
    steps = "".join(
        f"  - {{op: {op}, kernel_size: {k}, stride: {s}, padding: {p}"
        f"{', out_channels: 1' if op == 'Conv2d' else ''}}}\n"
        for op, k, s, p in layers
    )

    def height(of: int) -> int | None:
        text = f"netspec: 1\ninputs: {{image: [N, 1, {of}, {of}]}}\nbody:\n{steps}"
        report = check_text(text)
        assert report.graph is not None
        shape = report.graph.outputs.values[0].shape
        return None if shape is None else int(str(shape[2]))

    report = check_text(f"netspec: 1\ninputs: {{image: [N, 1, 200, 200]}}\nbody:\n{steps}")
    assert report.graph is not None
    value = report.graph.outputs.values[0]
    if value.shape is None:
        return
    domain = SizeTrace(value, 2).giving(fitting_inputs)
    assert (domain is not None and size in domain) == (height(size) == fitting_inputs)
