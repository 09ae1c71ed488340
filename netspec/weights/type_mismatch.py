"""Weights with a different element type or layout in the file, and how torch converts them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from netspec.compare.state_dict import Tensor
from netspec.diagnostics import Code, Diagnostic, Help, Severity
from netspec.graph import Node
from netspec.graph.source_spans import step_span
from netspec.weights.checkpoint import Checkpoint, StoredTensor, fits

_DENSE = "call `tensor.to_dense()` before saving"
_HELPS = {
    "quantized": "call `tensor.dequantize()` before saving",
    "meta": "a tensor on the device `meta` has no data: fill the weights before saving",
    "nested": "a nested tensor cannot be a parameter: save its parts",
    "wrapper_subclass": "save a plain tensor instead",
    **dict.fromkeys(("sparse_coo", "sparse_csr", "sparse_csc", "sparse_bsr", "sparse_bsc"), _DENSE),
}
UNCOPIED = frozenset({
    "float4_e2m1fn_x2", "bits8", "bits16", "bits1x8", "bits2x4", "bits4x2",
    *(f"{sign}int{bits}" for sign in ("", "u") for bits in range(1, 8)),
})  # fmt: skip
"""Types that torch 2.13 copies into no other; a test tries them all."""


class _Conversion(NamedTuple):
    """How torch converts a weight when it loads it."""

    mine: str
    its: str
    severity: Severity
    note: str
    help: str


def type_mismatches(
    expected: Mapping[str, tuple[Tensor, Node]], held: Mapping[str, StoredTensor], file: Checkpoint
) -> Iterator[Diagnostic]:
    """One diagnostic for each pair of types; torch converts the usual ones as it loads."""
    conversions: dict[_Conversion, list[tuple[str, Node]]] = {}
    for key, (tensor, node) in expected.items():
        weight = held.get(key)
        if weight is not None and (weight.dtype != tensor.dtype or weight.layout != "strided"):
            shape_fits = weight.layout == "nested" or fits(tensor.shape, weight.shape)
            if weight.layout != "strided" and not shape_fits:
                continue  # its shape is a diagnostic of its own
            if weight.layout == "sparse_coo" and weight.shape != tensor.shape:
                continue  # its one element is taken out, which is dense
            conversions.setdefault(_conversion(tensor, weight), []).append((key, node))
    for conversion, keys in conversions.items():
        key, node = keys[0]
        others = f", and {len(keys) - 1:,} more" if len(keys) > 1 else ""
        yield Diagnostic(
            Code.WEIGHT_DTYPE,
            f"`{key}` is {conversion.mine} in the network and {conversion.its} in `{file.path}`{others}",
            step_span(node),
            notes=(conversion.note,),
            helps=(Help(conversion.help),) if conversion.help else (),
            severity=conversion.severity,
            path=node.path,
        )


def _conversion(tensor: Tensor, weight: StoredTensor) -> _Conversion:
    mine, its = tensor.dtype, weight.dtype
    if weight.layout != "strided":
        its = f"{weight.layout} {its}".replace("_", " ", 1).strip()
        help = _HELPS.get(weight.layout, "save a plain tensor instead")
        return _Conversion(mine, its, Severity.ERROR, f"torch cannot copy it into {mine}", help)
    if its in UNCOPIED:
        help = f"convert it to {mine} before saving"
        return _Conversion(mine, its, Severity.ERROR, f"torch cannot copy it into {mine}", help)
    note = f"torch converts it to {mine} when it loads it"
    if its.startswith("complex") and not mine.startswith("complex"):
        note += ", and drops the imaginary part"
    return _Conversion(mine, its, Severity.WARNING, note, "")
