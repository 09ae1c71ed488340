"""PyTorch's own samples of its functions as specs: what `netspec` says, and what the compiled module computes."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any, NamedTuple

import torch
import yaml
from layer_oracle import flat

TABLE = """
sin Sin *input
cos Cos *input
tan Tan *input
asin Asin *input
acos Acos *input
atan Atan *input
sinh Sinh *input
cosh Cosh *input
asinh Asinh *input
acosh Acosh *input
atanh Atanh *input
sinc Sinc *input
deg2rad Deg2Rad *input
rad2deg Rad2Deg *input
exp2 Exp2 *input
expm1 Expm1 *input
log2 Log2 *input
log10 Log10 *input
log1p Log1p *input
logit Logit *input
erf Erf *input
erfc Erfc *input
erfinv Erfinv *input
lgamma Lgamma *input
digamma Digamma *input
reciprocal Reciprocal *input
floor Floor *input
ceil Ceil *input
trunc Trunc *input
frac Frac *input
sign Sign *input
square Square *input
round Round *input decimals
nan_to_num NanToNum *input nan posinf neginf
isnan IsNan *input
isinf IsInf *input
isfinite IsFinite *input
signbit Signbit *input
logical_not LogicalNot *input
bitwise_not BitwiseNot *input
eq Eq *input *other
ne Ne *input *other
lt Lt *input *other
le Le *input *other
gt Gt *input *other
ge Ge *input *other
logical_and LogicalAnd *input *other
logical_or LogicalOr *input *other
logical_xor LogicalXor *input *other
bitwise_and BitwiseAnd *input *other
bitwise_or BitwiseOr *input *other
bitwise_xor BitwiseXor *input *other
bitwise_left_shift BitwiseLeftShift *input *other
bitwise_right_shift BitwiseRightShift *input *other
floor_divide FloorDivide *input *other
remainder Remainder *input *other
fmod Fmod *input *other
pow Pow *input *exponent
atan2 Atan2 *input *other
hypot Hypot *input *other
copysign Copysign *input *other
logaddexp LogAddExp *input *other
xlogy Xlogy *input *other
fmax Fmax *input *other
fmin Fmin *input *other
where Where *condition *input *other
masked_fill MaskedFill *input *mask value
std Std *input dim correction keepdim
var Var *input dim correction keepdim
all All *input dim keepdim
any Any *input dim keepdim
logsumexp LogSumExp *input dim keepdim
count_nonzero CountNonzero *input dim
prod Prod *input dim keepdim
argmax ArgMax *input dim keepdim
argmin ArgMin *input dim keepdim
cumsum CumSum *input dim
cumprod CumProd *input dim
logcumsumexp LogCumSumExp *input dim
cummax CumMax *input dim
cummin CumMin *input dim
sort Sort *input dim descending stable
argsort ArgSort *input dim descending stable
topk TopK *input k dim largest sorted
kthvalue KthValue *input k dim keepdim
median Median *input dim keepdim
nn.functional.normalize Normalize *input p dim eps
zeros_like ZerosLike *input
ones_like OnesLike *input
full_like FullLike *input fill_value
flip Flip *input dims
tril Tril *input diagonal
triu Triu *input diagonal
movedim Movedim *input source destination
narrow Narrow *input dim start length
unbind Unbind *input dim
repeat Repeat *input repeats
tile Tile *input dims
repeat_interleave RepeatInterleave *input repeats dim
gather Gather *input dim *index
index_select IndexSelect *input dim *index
take_along_dim TakeAlongDim *input *indices dim
scatter Scatter *input dim *index *src
scatter_add ScatterAdd *input dim *index *src
nn.functional.one_hot OneHot *input num_classes
nn.functional.grid_sample GridSample *input *grid mode padding_mode align_corners
einsum Einsum equation *tensors
outer Outer *input *vec2
meshgrid Meshgrid *tensors indexing
"""
"""Function of torch, op, and the function's arguments in order; tensors are marked."""

NO_SAMPLES = {
    "Swapaxes": "an alias of transpose",
    "AffineGrid": "not in torch's table",
    "Arange": "its samples have no tensor", "Linspace": "its samples have no tensor",
    "Zeros": "its samples have no tensor", "Ones": "its samples have no tensor",
    "Full": "its samples have no tensor", "Eye": "its samples have no tensor",
    "AsType": "the sample of `to` is a method with many forms",
}  # fmt: skip
"""The layers of version 1.1 without a row, each with the reason."""

EMPTY = "a tensor without elements"
NUMBER_INPUTS = {"other", "exponent", "input", "src"}
"""Inputs that an argument of the same name, or `value` for `src`, takes the place of."""


class OpRow(NamedTuple):
    """A line of the table."""

    theirs: str
    ours: str
    parameters: tuple[str, ...]


OP_ROWS = [OpRow(t, o, tuple(p)) for t, o, *p in (x.split() for x in TABLE.split("\n") if x)]


class SampleSpec(NamedTuple):
    """A sample as a spec, with the tensors for its inputs."""

    text: str
    tensors: tuple[torch.Tensor, ...]


def entries(name: str) -> list[Any]:
    """The entries of torch's table for a function, one for each variant."""
    from torch.testing._internal.common_methods_invocations import op_db

    return [op for op in op_db if op.name == name]


def bound(row: OpRow, sample: Any) -> dict[str, Any] | None:
    """The arguments of a sample by name; None where the layer has no such argument."""
    names = [p.lstrip("*") for p in row.parameters]
    positional = [sample.input, *sample.args]
    if len(positional) > len(names) and row.ours != "Meshgrid":
        positional = [*positional[: len(names) - 1], tuple(positional[len(names) - 1 :])]
    if row.ours == "Where" and len(positional) == 3:
        positional = [positional[1], positional[0], positional[2]]
    if row.ours == "Einsum":
        positional = [sample.args[0], sample.input]
    if row.ours == "Meshgrid":
        positional = [[*flat(sample.input), *flat(list(sample.args))]]
    values = dict(zip(names, positional, strict=False))
    values |= {k: v for k, v in sample.kwargs.items() if v is not None}
    if row.ours in ("Std", "Var") and isinstance(values.get("dim"), bool):
        return None  # the old form, with `unbiased`
    if row.ours == "Median" and "dim" not in values:
        return None  # of all elements: one result instead of two
    return values if values.keys() <= set(names) else None


def plain(value: Any) -> Any:
    """A value as YAML has it."""
    if isinstance(value, tuple | list | torch.Size):
        return [plain(item) for item in value]
    return value


def as_spec(row: OpRow, sample: Any) -> SampleSpec | None:
    """The spec of a sample; None where a spec cannot say it."""
    values = bound(row, sample)
    if values is None:
        return None
    marked = {p.lstrip("*") for p in row.parameters if p.startswith("*")}
    inputs: dict[str, torch.Tensor] = {}
    step: dict[str, Any] = {"op": row.ours}
    for name, value in values.items():
        if name in marked and name == "tensors":
            tensors = flat(list(value) if isinstance(value, tuple | list) else value)
            inputs |= {f"in_{k}": tensor for k, tensor in enumerate(tensors)}
        elif name in marked and isinstance(value, torch.Tensor):
            inputs[f"in_{name}"] = value
        elif isinstance(value, torch.Tensor | complex):
            return None
        elif name in marked:
            step["value" if name == "src" else name] = value
        else:
            step[name] = plain(value)
    if not inputs or any(not isinstance(t, torch.Tensor) for t in inputs.values()):
        return None
    if any(t.is_complex() or t.numel() == 0 for t in inputs.values()):
        return None
    named = {n.removeprefix("in_"): n for n in inputs}
    step["from"] = list(inputs) if "tensors" in marked else named
    if len(inputs) == 1:
        step["from"] = next(iter(inputs))
    declared = {
        n: {"shape": list(t.shape), "dtype": str(t.dtype).removeprefix("torch.")}
        for n, t in inputs.items()
    }
    outputs: Any = "step"
    spec = {"netspec": 1.1, "inputs": declared, "body": [{"step": step}], "outputs": outputs}
    text = yaml.safe_dump(spec, sort_keys=False, default_flow_style=None)
    return SampleSpec(text, tuple(t.detach().clone() for t in inputs.values()))


def ran(op: Any, sample: Any) -> list[torch.Tensor] | str:
    """What torch computes, or why it does not."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            out = op(sample.input, *sample.args, **sample.kwargs)
        except (RuntimeError, ValueError, IndexError, TypeError, NotImplementedError) as error:
            return f"{type(error).__name__}: {error}"
    return flat(out)


def samples(
    row: OpRow, dtypes: tuple[torch.dtype, ...], *, wrong: bool
) -> Iterator[tuple[Any, Any]]:
    """The samples of a row with their functions; with `wrong`, those that torch says are errors."""
    for op in entries(row.theirs):
        if wrong:
            if op.error_inputs_func is not None:
                yield from ((op, each.sample_input) for each in op.error_inputs("cpu"))
            continue
        for dtype in dtypes:
            if dtype in op.dtypes:
                yield from ((op, each) for each in op.sample_inputs("cpu", dtype))
