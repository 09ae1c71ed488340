"""PyTorch's own samples of its functions, against the rules: those that run, and those that fail."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
import torch
from layer_oracle import Numbers, Shapes, flat, infer
from test_against_torch import stricter

from netspec.layer.base import Function, ShapeError
from netspec.layers import OPS, find
from netspec.layers.elements import misfit
from netspec.layers.op_tables import SINCE

SAME = """
abs Abs *input
add Add *input *other
amax Max *input dim keepdim
amin Min *input dim keepdim
cat Concat *tensors dim=0
chunk Chunk *input chunks dim=0
div Div *input *other
exp Exp *input
expand Expand *input size
linalg.vector_norm Norm *input ord dim keepdim
log Log *input
matmul MatMul *input *other
maximum Maximum *input *other
mean Mean *input dim keepdim
minimum Minimum *input *other
mul Mul *input *other
neg Neg *input
permute Permute *input dims
reshape Reshape *input shape
roll Roll *input shifts dims
rsqrt Rsqrt *input
select Select *input dim index
split Split *input split_size dim=0
split_with_sizes Split *input split_size dim=0
sqrt Sqrt *input
squeeze Squeeze *input dim
stack Stack *tensors dim=0
sub Sub *input *other
sum Sum *input dim keepdim
transpose Transpose *input dim0 dim1
unsqueeze Unsqueeze *input dim
flatten Flatten *input start_dim=0 end_dim
unflatten Unflatten *input dim unflattened_size
sigmoid Sigmoid *input
tanh Tanh *input
softmax Softmax *input dim
log_softmax LogSoftmax *input dim
nn.functional.adaptive_avg_pool1d AdaptiveAvgPool1d *input output_size
nn.functional.adaptive_avg_pool2d AdaptiveAvgPool2d *input output_size
nn.functional.adaptive_avg_pool3d AdaptiveAvgPool3d *input output_size
nn.functional.adaptive_max_pool1d AdaptiveMaxPool1d *input output_size return_indices
nn.functional.adaptive_max_pool2d AdaptiveMaxPool2d *input output_size return_indices
nn.functional.adaptive_max_pool3d AdaptiveMaxPool3d *input output_size return_indices
nn.functional.alpha_dropout AlphaDropout *input p training=0 inplace
nn.functional.avg_pool1d AvgPool1d *input kernel_size stride padding ceil_mode count_include_pad
nn.functional.avg_pool2d AvgPool2d *input kernel_size stride padding ceil_mode count_include_pad divisor_override
nn.functional.avg_pool3d AvgPool3d *input kernel_size stride padding ceil_mode count_include_pad divisor_override
nn.functional.celu CELU *input alpha inplace
nn.functional.channel_shuffle ChannelShuffle *input groups
nn.functional.cosine_similarity CosineSimilarity *x1 *x2 dim eps
nn.functional.dropout Dropout *input p training inplace
nn.functional.dropout2d Dropout2d *input p training inplace
nn.functional.dropout3d Dropout3d *input p training inplace
nn.functional.elu ELU *input alpha inplace
nn.functional.feature_alpha_dropout FeatureAlphaDropout *input p training=0 inplace
nn.functional.gelu GELU *input approximate
nn.functional.glu GLU *input dim
nn.functional.hardshrink Hardshrink *input lambd
nn.functional.hardsigmoid Hardsigmoid *input inplace
nn.functional.hardswish Hardswish *input inplace
nn.functional.hardtanh Hardtanh *input min_val max_val inplace
nn.functional.interpolate Interpolate *input size scale_factor mode align_corners recompute_scale_factor antialias
nn.functional.leaky_relu LeakyReLU *input negative_slope inplace
nn.functional.local_response_norm LocalResponseNorm *input size alpha beta k
nn.functional.logsigmoid LogSigmoid *input
nn.functional.max_pool1d MaxPool1d *input kernel_size stride padding dilation ceil_mode return_indices
nn.functional.max_pool2d MaxPool2d *input kernel_size stride padding dilation ceil_mode return_indices
nn.functional.max_pool3d MaxPool3d *input kernel_size stride padding dilation ceil_mode return_indices
nn.functional.max_unpool1d MaxUnpool1d *input *indices kernel_size stride padding output_size
nn.functional.max_unpool2d MaxUnpool2d *input *indices kernel_size stride padding output_size
nn.functional.max_unpool3d MaxUnpool3d *input *indices kernel_size stride padding output_size
nn.functional.mish Mish *input inplace
nn.functional.pad Pad *input pad mode value
nn.functional.pairwise_distance PairwiseDistance *x1 *x2 p eps keepdim
nn.functional.pixel_shuffle PixelShuffle *input upscale_factor
nn.functional.pixel_unshuffle PixelUnshuffle *input downscale_factor
nn.functional.relu ReLU *input inplace
nn.functional.relu6 ReLU6 *input inplace
nn.functional.rrelu RReLU *input lower upper training inplace
nn.functional.scaled_dot_product_attention ScaledDotProductAttention *query *key *value *attn_mask dropout_p is_causal scale enable_gqa
nn.functional.selu SELU *input inplace
nn.functional.silu SiLU *input inplace
nn.functional.softmin Softmin *input dim
nn.functional.softplus Softplus *input beta threshold
nn.functional.softshrink Softshrink *input lambd
nn.functional.softsign Softsign *input
nn.functional.tanhshrink Tanhshrink *input
nn.functional.threshold Threshold *input threshold value inplace
nn.functional.unfold Unfold *input kernel_size dilation padding stride
nn.functional.upsample_bilinear UpsamplingBilinear2d *input size scale_factor
nn.functional.upsample_nearest UpsamplingNearest2d *input size scale_factor
"""
"""Function of torch, op of ours, and the function's arguments: tensors marked, defaults that differ."""

WITHOUT = {
    "Clamp": "all samples bound by tensors",
    "Pow": "see test_later_op_db.py: the exponent may be a tensor",
    "DropPath": "torch has no such function; its tests draw what torchvision draws",
    "Slice": "torch has no function for it, only brackets",
}
"""The functions of ours that have no samples, each with the reason."""


class Row(NamedTuple):
    """A line of the table."""

    theirs: str
    ours: str
    parameters: tuple[str, ...]


ROWS = [Row(t, o, tuple(p)) for t, o, *p in (line.split() for line in SAME.split("\n") if line)]


def torch_ops(name: str) -> list[Any]:
    """The entries of torch's table for a function, one for each variant."""
    try:
        from torch.testing._internal.common_methods_invocations import op_db
    except ImportError as error:
        pytest.skip(f"torch's samples cannot be imported here: {error}")
    return [op for op in op_db if op.name == name and torch.float32 in op.dtypes]


def call_of(row: Row, sample: Any) -> tuple[dict[str, Any], dict[str, torch.Tensor]] | None:
    """The arguments and the inputs of a sample; None where a spec cannot say it."""
    names = [p.partition("=")[0] for p in row.parameters]
    defaults = {n: int(d) for n, e, d in (p.partition("=") for p in row.parameters) if e}
    positional = [sample.input, *sample.args]
    if len(positional) > len(names):
        positional = [*positional[: len(names) - 1], tuple(positional[len(names) - 1 :])]
    call_values = dict(zip(names, positional, strict=False))
    call_values |= {
        f"*{k}" if f"*{k}" in names else k: v for k, v in sample.kwargs.items() if v is not None
    }
    if not call_values.keys() <= set(names) or not call_values.pop(
        "training", defaults.pop("training", 1)
    ):
        return None
    args: dict[str, Any] = dict(defaults)
    tensors: dict[str, torch.Tensor] = {}
    for name, value in call_values.items():
        if name.startswith("*"):
            flat_tensors = flat(list(value) if isinstance(value, tuple | list) else value)
            if not all(isinstance(t, torch.Tensor) for t in flat_tensors):
                return None
            tensors |= {f"{name}{k}": t for k, t in enumerate(flat_tensors)}
        else:
            args[name] = list(value) if isinstance(value, tuple | torch.Size) else value
    known = not any(isinstance(v, torch.Tensor) for v in args.values())
    return (args, tensors) if known and tensors else None


def asked(row: Row, args: dict[str, Any], tensors: dict[str, torch.Tensor]) -> Shapes | str:
    """The shapes that the rule gives, or its rejection."""
    cls = find(row.ours)
    assert cls is not None
    layer, errors = cls.make(args)
    if layer is None:
        return errors[0].message
    if not layer.variadic and len(tensors) > len(layer.inputs):
        return "too many inputs"
    wrong = misfit(layer, [str(t.dtype).removeprefix("torch.") for t in tensors.values()])
    if wrong is not None:
        return wrong.message
    inferred = infer(layer, Numbers(), [tuple(t.shape) for t in tensors.values()])
    if isinstance(inferred, ShapeError):
        return (
            ""
            if stricter(row.ours, layer, [tuple(t.shape) for t in tensors.values()])
            else inferred.message
        )
    return inferred


def ran(op: Any, sample: Any) -> Shapes | str:
    """The shapes that torch gives, or why it does not."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            out = op(sample.input, *sample.args, **sample.kwargs)
        except (RuntimeError, ValueError, IndexError, TypeError, NotImplementedError) as error:
            return f"{type(error).__name__}: {error}"
    shapes = [tuple(t.shape) for t in flat(out)]
    return shapes if all(all(shape) for shape in shapes) else "nothing is left"


def compared(
    row: Row, op: Any, made: Iterator[Any]
) -> Iterator[tuple[Any, Shapes | str, Shapes | str]]:
    """What torch and the rule say of samples that a spec can say."""
    for sample in made:
        call = call_of(row, sample)
        if call is None or any(t.numel() == 0 for t in call[1].values()):
            continue
        ours = asked(row, *call)
        if ours != "":
            yield sample, ran(op, sample), ours


def agree(row: Row, ours: Shapes | str, theirs: Shapes | str, args: dict[str, Any]) -> bool:
    """Whether both give the same shapes, or both reject."""
    if isinstance(ours, str) and isinstance(theirs, str):
        return True
    return ours == theirs or (isinstance(ours, str) and (row.ours, ours) in STRICTER)


STRICTER = {
    ("AvgPool2d", "`padding` of `AvgPool2d` cannot be [1]"),  # two axes have two numbers
    ("AvgPool2d", "`padding` of `AvgPool2d` cannot be [2]"),
    ("AvgPool2d", "`stride` of `AvgPool2d` cannot be []"),
    ("Hardtanh", "min_val=0 of `Hardtanh` is not below max_val=0"),  # as `nn.Hardtanh` has it
}
"""What the functions of torch take and the rules reject, on purpose."""

OTHERWISE = (
    "tensor has more than 64 dims",
    "only tensors with up to 64 dims",
    "expected Tensor as element",
)
"""Why torch may reject a call for reasons that no spec can bring about."""


@pytest.mark.sweep
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.theirs)
def test_the_rules_give_what_torchs_own_samples_give(row: Row) -> None:
    count = 0
    for op in torch_ops(row.theirs):
        for args, theirs, ours in compared(row, op, op.sample_inputs("cpu", torch.float32)):
            assert agree(row, ours, theirs, args), (args, ours, theirs)
            count += 1
    assert count


@pytest.mark.sweep
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.theirs)
def test_the_rules_reject_what_torchs_own_samples_say_is_wrong(row: Row) -> None:
    for op in torch_ops(row.theirs):
        if op.error_inputs_func is None:
            continue
        made = (error.sample_input for error in op.error_inputs("cpu"))
        for args, theirs, ours in compared(row, op, made):
            otherwise = isinstance(theirs, str) and any(reason in theirs for reason in OTHERWISE)
            assert otherwise or agree(row, ours, theirs, args), (args, ours, theirs)


def test_every_function_is_in_the_table_or_says_why_not() -> None:
    functions = {op for op in OPS if isinstance(c := find(op), type) and issubclass(c, Function)}
    functions -= SINCE.keys()  # test_later_op_db.py has those of version 1.1
    listed = {row.ours for row in ROWS}
    assert functions - listed == set(WITHOUT)
    assert not listed & set(WITHOUT)
