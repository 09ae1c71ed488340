"""Element types compared with PyTorch: those of the inputs and of the results."""

from __future__ import annotations

import warnings
from typing import Any

import pytest
import torch
from layer_cases import CASES
from layer_oracle import Numbers, drawn, flat, infer, make, run, tensors_for

from netspec.layer.base import Layer, ShapeError
from netspec.layers.elements import misfit

WITH_INPUT = [op for op in CASES if op not in ("Parameter", "Constant")]


def name_of(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")


def accepted(op: str, count: int) -> list[tuple[Layer, list[tuple[int, ...]]]]:
    """Some layers of that op, and shapes that they take."""
    accepted_cases: list[tuple[Layer, list[tuple[int, ...]]]] = []
    for i in range(count):
        args, names, shapes = drawn(op, f"{op} elements {i}")
        layer = make(op, args, names)
        if layer is not None and not isinstance(infer(layer, Numbers(), shapes), ShapeError):
            accepted_cases.append((layer, shapes))
    return accepted_cases


def outcome(layer: Layer, shapes: list[tuple[int, ...]], dtype: torch.dtype) -> list[str] | None:
    """The element types that torch gives, or None where it fails."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return [name_of(t.dtype) for t in flat(run(layer, shapes, dtype))]
        except (RuntimeError, ValueError, TypeError, AssertionError, NotImplementedError):
            return None


def dtypes_of(layer: Layer, shapes: list[tuple[int, ...]], dtype: torch.dtype) -> list[str] | None:
    """The element types that the layer says, or None for a rejection."""
    dtypes = [name_of(t.dtype) for t in tensors_for(layer, shapes, dtype).values()]
    if misfit(layer, dtypes) is not None:
        return None
    try:
        layer.check_dtypes(dtypes, shapes)
    except ShapeError:
        return None
    result: Any = infer(layer, Numbers(), shapes)
    return [layer.result_dtype(dtypes, shapes, k) for k in range(len(result))]


def stricter(layer: Any) -> bool:
    """Where torch lets a kind of elements through that it otherwise rejects."""
    op = type(layer).__name__
    if op == "MaskedFill":
        return True  # a negative number becomes a large one in bytes
    if op in ("KthValue", "Median"):
        return True  # of a tensor without dimensions, any elements
    if op == "Einsum":
        return True  # of integers, as long as no matrices of them are multiplied on a GPU
    if op.startswith("Upsampl"):
        return True  # bytes, on some devices and in some modes
    return "Drop" in op and layer.p in (0, 1)  # nothing or everything is dropped without drawing


DTYPES_ASKED = [torch.float32, torch.int64, torch.bool]
OTHER_WHOLE = [torch.int32, torch.uint8]


def disagreements(op: str, dtype: torch.dtype, count: int) -> list[str]:
    """Where the layer says other element types than torch gives."""
    failures = []
    for layer, shapes in accepted(op, count):
        ours, theirs = dtypes_of(layer, shapes, dtype), outcome(layer, shapes, dtype)
        if ours != theirs and not (ours is None and stricter(layer)):
            failures.append(f"{vars(layer)} on {shapes}: says {ours}, torch {theirs}")
    return failures


@pytest.mark.parametrize("dtype", DTYPES_ASKED, ids=name_of)
@pytest.mark.parametrize("op", WITH_INPUT)
def test_element_types_are_those_of_torch(op: str, dtype: torch.dtype) -> None:
    assert disagreements(op, dtype, 12) == []


@pytest.mark.parametrize("dtype", OTHER_WHOLE, ids=name_of)
def test_short_integers_are_rejected_where_torch_has_no_kernel(dtype: torch.dtype) -> None:
    lines_by_op = {op: disagreements(op, dtype, 3) for op in WITH_INPUT}
    assert {op: lines for op, lines in lines_by_op.items() if lines} == {}


@pytest.mark.sweep
@pytest.mark.parametrize("dtype", DTYPES_ASKED, ids=name_of)
@pytest.mark.parametrize("op", WITH_INPUT)
def test_element_types_are_those_of_torch_in_hundreds_of_cases(op: str, dtype: torch.dtype) -> None:
    assert disagreements(op, dtype, 400) == []
