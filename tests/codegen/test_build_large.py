"""Networks larger than any that a person writes: what Python's compiler takes, and the same numbers."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from functools import reduce
from types import FrameType

import pytest
import torch
from sampling import some
from torch import Tensor, nn

import netspec
from netspec.codegen import generate

WRITERS = ("codegen/forward.py", "codegen/value_references.py", "codegen/variables.py")
FOLDED: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "Add": torch.add,
    "Mul": torch.mul,
    "Maximum": torch.maximum,
    "Minimum": torch.minimum,
}


def _join_of(op: str, count: int, *, last: bool) -> str:
    """A network that joins `count` tensors of different values, some of them twice."""
    parts = [
        {f"s{k}": {"op": "Pad", "from": "x0", "pad": [k % 4, 3 - k % 4], "value": (k * 7 % 10) / 10}}
        for k in range(count - 1)
    ]  # fmt: skip
    first = {"w": {"op": "Pad", "from": "x0", "pad": [3, 0], "value": 0.3}}
    names = ["w", *(f"s{k}" for k in range(count - 1))]
    join = {"join": {"op": op, "from": names}}
    spec = {"netspec": 1, "inputs": {"x0": [2, 5]}, "body": [first, *parts, join]}
    if not last:
        spec["body"] += [{"after": {"op": "Sub", "from": ["join", "s1"]}}]
    return json.dumps(spec)


def _by_hand(op: str, count: int, x: Tensor, *, last: bool) -> Tensor:
    parts = [nn.functional.pad(x, (3, 0), value=0.3)]
    parts += [
        nn.functional.pad(x, (k % 4, 3 - k % 4), value=(k * 7 % 10) / 10) for k in range(count - 1)
    ]
    joined = reduce(FOLDED[op], parts)
    return joined if last else joined - parts[2]


@pytest.mark.parametrize("last", [True, False], ids=["returned", "read on"])
@pytest.mark.parametrize("count", [7, 8, 9, 15, 16, 250])
@pytest.mark.parametrize("op", FOLDED)
def test_a_join_of_many_is_the_fold_of_pairs_bit_for_bit(op: str, count: int, last: bool) -> None:
    module = netspec.compile(_join_of(op, count, last=last))
    x = torch.rand(2, 5, generator=torch.Generator().manual_seed(1)) * 0.25 + 0.9
    mine, its = x.clone().requires_grad_(), x.clone().requires_grad_()
    result, expected = module(mine), _by_hand(op, count, its, last=last)
    assert torch.equal(result, expected)
    result.sum().backward()
    expected.sum().backward()
    assert torch.equal(mine.grad, its.grad)


@pytest.mark.parametrize("op", some(FOLDED, 2))
def test_a_join_of_thousands_compiles(op: str) -> None:
    x = torch.full((2, 5), 1.125)
    module = netspec.compile(_join_of(op, 3000, last=True))
    assert torch.equal(module(x), _by_hand(op, 3000, x, last=True))


@pytest.mark.parametrize("op", ["Concat", "Stack"])
def test_thousands_of_tensors_are_put_together(op: str) -> None:
    body = [{f"s{k}": {"op": "Pow", "from": "x0", "exponent": k % 3}} for k in range(3000)]
    join = {"op": op, "from": [f"s{k}" for k in range(3000)], "dim": 1}
    module = netspec.compile(
        json.dumps({"netspec": 1, "inputs": {"x0": [2, 3]}, "body": [*body, join]})
    )
    x = torch.rand(2, 3)
    put = torch.cat if op == "Concat" else torch.stack
    assert torch.equal(module(x), put([x.pow(k % 3) for k in range(3000)], 1))


def test_a_wide_forward_is_written_in_linear_work() -> None:
    """Each of many tensors is read by the last step alone, so that all of them are live at each statement."""

    def wide(count: int) -> str:
        body = [{f"s{k}": {"op": "ReLU", "from": "x0"}} for k in range(count)]
        join = {"op": "Concat", "from": [f"s{k}" for k in range(count)]}
        return json.dumps({"netspec": 1, "inputs": {"x0": [2, 3]}, "body": [*body, join]})

    def operations(count: int) -> int:
        """How many operations of the writers of `forward` run, those of comprehensions included."""
        graph, seen = netspec.load(wide(count)).elaborate(), 0

        def see(frame: FrameType, event: str, _argument: object) -> Callable[..., object] | None:
            nonlocal seen
            if not frame.f_code.co_filename.endswith(WRITERS):
                return None
            frame.f_trace_opcodes = True
            seen += event == "opcode"
            return see

        sys.settrace(see)
        try:
            generate(graph)
        finally:
            sys.settrace(None)
        return seen

    operations(10)
    small, large = operations(50), operations(400)
    assert large < 8 * 1.3 * small


def test_thousands_of_steps_in_one_forward() -> None:
    body = [{f"s{k}": {"op": "Clamp", "min": 0.25, "max": 1.0 - k / 10_000}} for k in range(2500)]
    body += [{f"r{k}": "ReLU"} for k in range(2500)]
    module = netspec.compile(json.dumps({"netspec": 1, "inputs": {"x0": [2, 3]}, "body": body}))
    x = torch.rand(2, 3)
    assert torch.equal(module(x), x.clamp(0.25, 1.0 - 2499 / 10_000))


@pytest.mark.parametrize(
    "inner", [["ReLU"], ["ReLU", {"op": "Add", "from": ["input", "previous"]}]]
)
def test_groups_nested_as_deep_as_a_spec_may_nest_them(inner: list[object]) -> None:
    body = inner
    for _ in range(58):
        body = [body, "ReLU"]
    module = netspec.compile(json.dumps({"netspec": 1, "inputs": {"x0": [2, 3]}, "body": body}))
    x = torch.rand(2, 3)
    assert torch.equal(module(x), x if len(inner) == 1 else 2 * x)


@pytest.mark.parametrize("terms", [5, 90])
def test_a_size_that_is_a_long_expression(terms: int) -> None:
    size = "(" + " + ".join(["x.height"] * terms) + f") // {terms}"
    body = [{"op": "Interpolate", "size": [size, "x.width + 1"]}]
    text = {"netspec": 1, "inputs": {"x0": ["N", 1, "H", "W"]}, "body": body}
    network = netspec.load(json.dumps(text))
    assert network.diagnostics == ()
    assert network.compile()(torch.zeros(1, 1, 4, 5)).shape == (1, 1, 4, 6)
