"""What the rules say and what PyTorch does, in one form: shapes of results, or None for no."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from random import Random
from typing import Any

import torch
import torch.nn.functional as F
from layer_cases import CASES
from torch import nn

from netspec.codegen.quoting import literal
from netspec.dims import Size, evaluate, is_symbolic, symbols
from netspec.layer.base import Function, Layer, Module, ShapeError
from netspec.layers import find
from netspec.layers.constant import Constant, Parameter
from netspec.layers.split import Chunk

torch.set_num_threads(1)

Shapes = list[tuple[int, ...]]

DTYPES = {"integer": torch.int64, "int64": torch.int64, "mask": torch.bool, "boolean": torch.bool}


class Numbers:
    """Decides relations between plain numbers."""

    def at_least(self, size: Size, bound: int) -> bool:
        assert isinstance(size, int)
        return size >= bound

    def equal(self, a: Size, b: Size) -> bool:
        assert isinstance(a, int)
        assert isinstance(b, int)
        return a == b

    def divisible(self, size: Size, divisor: int) -> bool:
        assert isinstance(size, int)
        return size % divisor == 0


class Recording:
    """Records every relation that depends on a symbol, and accepts it."""

    def __init__(self) -> None:
        self.conditions: list[tuple[str, Size, Size]] = []

    def _ask(self, relation: str, a: Size, b: Size) -> bool:
        if is_symbolic(a) or is_symbolic(b):
            self.conditions.append((relation, a, b))
            return True
        return _holds(relation, a, b)

    def at_least(self, size: Size, bound: int) -> bool:
        return self._ask("at_least", size, bound)

    def equal(self, a: Size, b: Size) -> bool:
        return self._ask("equal", a, b)

    def divisible(self, size: Size, divisor: int) -> bool:
        return self._ask("divisible", size, divisor)

    def hold(self, values: dict[str, int]) -> bool:
        return all(
            _holds(r, evaluate(a, values), evaluate(b, values)) for r, a, b in self.conditions
        )


def _holds(relation: str, a: Any, b: Any) -> bool:
    if relation == "at_least":
        return bool(a >= b)
    return bool(a == b) if relation == "equal" else a % b == 0


def drawn(op: str, seed: str) -> tuple[dict[str, Any], tuple[str, ...], Shapes]:
    """Arguments, names of inputs where these are not just the first ones, and shapes."""
    args, shapes = CASES[op](Random(seed))
    if isinstance(shapes, dict):
        return args, tuple(shapes), list(shapes.values())
    return args, (), shapes


def make(op: str, args: dict[str, Any], names: tuple[str, ...] = ()) -> Layer | None:
    cls = find(op)
    assert cls is not None, op
    layer = cls.make(args)[0]
    return layer.taking(names) if layer is not None and names else layer


def infer(layer: Layer, solver: Any, shapes: Sequence[Any]) -> list[Any] | ShapeError:
    """The shapes that the rule gives, or its rejection."""
    if not layer.variadic:
        most = len(layer.inputs)
        assert most - layer.optional_inputs <= len(shapes) <= most
    written = {n: v for n in layer.arguments if (v := getattr(layer, n)) is not None}
    for name, size in layer.inferred_arguments(*shapes).items():
        if name in written and written[name] != size and not symbols_in(size):
            return ShapeError("NS201", f"{name} does not fit")
    try:
        result = layer.infer(solver, *shapes)
    except ShapeError as error:
        return error
    return result if isinstance(result, list) else [result]


def symbols_in(size: Any) -> bool:
    return any(symbols_in(s) for s in size) if isinstance(size, tuple) else bool(symbols(size))


def construct(layer: Module, shapes: Sequence[tuple[int, ...]]) -> str:
    """The constructor call, as generated code has it."""
    inferred_arguments, changed = layer.inferred_arguments(*shapes), layer.changed()
    values = {
        n: inferred_arguments.get(n) if (v := getattr(layer, n)) is None else v
        for n in layer.arguments
    }
    named = {
        n: repr(values[n]) for n in layer.arguments
        if (n in inferred_arguments or n in changed) and n not in (*layer.positional, *layer.call_arguments)
    }  # fmt: skip
    return layer.build(*(repr(values[n]) for n in layer.positional), **named)


def tensors_for(
    layer: Layer, shapes: Sequence[tuple[int, ...]], dtype: torch.dtype | None = None
) -> dict[str, torch.Tensor]:
    """Tensors of these shapes, of the elements that the layer asks for, otherwise of `dtype`."""
    names = layer.inputs[:1] * len(shapes) if layer.variadic else layer.taken or layer.inputs
    kinds = {**DTYPES, "bits": dtype or torch.int64}
    return {
        f"x{i}": torch.full(shape, int(name == "other"), dtype=_elements(kinds, layer, name, dtype))
        for i, (name, shape) in enumerate(zip(names, shapes, strict=False))
    }


def _elements(
    kinds: dict[str, torch.dtype], layer: Layer, name: str, dtype: torch.dtype | None
) -> torch.dtype:
    return kinds.get(layer.elements.get(name, ""), dtype or torch.float32)


def run(layer: Layer, shapes: Sequence[tuple[int, ...]], dtype: torch.dtype | None = None) -> Any:
    """What torch makes of tensors of these shapes, by the text that the layer writes."""
    return apply(layer, tensors_for(layer, shapes, dtype), "Drop" in type(layer).__name__)


def apply(layer: Layer, tensors: dict[str, torch.Tensor], training: bool) -> Any:
    """What torch makes of these tensors."""
    shapes = [tuple(t.shape) for t in tensors.values()]
    scope: dict[str, Any] = {"torch": torch, "nn": nn, "F": F, **tensors}
    texts = {n: literal(getattr(layer, n)) for n in layer.arguments}
    if isinstance(layer, Module):
        scope["module"] = eval(construct(layer, shapes), scope).train(training)
        called = {n: texts[n] for n in layer.call_arguments}
        return eval(layer.write("module", *tensors, **called), scope)
    if isinstance(layer, Parameter | Constant):
        return (
            torch.tensor(layer.value) if isinstance(layer, Constant) else torch.empty(layer.shape)
        )
    assert isinstance(layer, Function)
    scope["self"] = nn.Module().train(training)
    return eval(layer.write(*tensors, **texts), scope)


def flat(out: Any) -> list[torch.Tensor]:
    """The tensors of nested tuples, in order."""
    if isinstance(out, tuple | list):
        return [tensor for inner in out for tensor in flat(inner)]
    return [] if out is None else [out]


def crashes(layer: Layer, shapes: Sequence[tuple[int, ...]]) -> bool:
    """Whether torch reads past the end of a tensor instead of rejecting it, and may take us along."""
    op, shapes_by_name = type(layer).__name__, layer.by_name(shapes)
    if op == "EmbeddingBag" and getattr(layer, "include_last_offset"):  # noqa: B009
        return shapes_by_name.get("offsets") == (1,)
    if op not in ("RNNCell", "GRUCell", "LSTMCell"):
        return False
    state = (*shapes[0][:-1], getattr(layer, "hidden_size"))  # noqa: B009
    return any(shape != state for shape in shapes[1:])


def torch_shapes(layer: Layer, shapes: Sequence[tuple[int, ...]]) -> Shapes | None:
    """The shapes that torch gives. An empty tensor, or what is about to be forbidden, is a no."""
    if crashes(layer, shapes):
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.filterwarnings("error", message=".*will result in an error in a future release.*")
        try:
            out = run(layer, shapes)
        except (RuntimeError, ValueError, IndexError, TypeError, AssertionError, UserWarning,
                NotImplementedError, ZeroDivisionError):  # fmt: skip
            return None
    results = flat(out)
    if not all(isinstance(r, torch.Tensor) for r in results):
        return None  # `x == None` is False
    if isinstance(layer, Chunk) and len(results) != layer.chunks:
        return None
    return None if any(r.numel() == 0 for r in results) else [tuple(r.shape) for r in results]


def unchecked(op: str, args: dict[str, Any], names: tuple[str, ...] = ()) -> Layer:
    """The layer with these arguments even where `make` rejects them, so that torch can judge."""
    cls = find(op)
    assert cls is not None
    layer = cls(**{n: tuple(v) if isinstance(v, list) else v for n, v in args.items()})
    return layer.taking(names) if names else layer
