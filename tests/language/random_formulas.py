"""Random formulas of three tensors, with their inputs in PyTorch."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

import torch

DTYPES = ("bool", "uint8", "int32", "int64", "float16", "bfloat16", "float32", "float64")
SHAPES: tuple[tuple[int | str, ...], ...] = (
    (), (3,), (4,), (2, 3), (1, 3), (4, 1), (2, 1, 3), (2, 4, 3), (3, 4),
    ("N", 3), ("N", "L"), ("L",), ("N", 3, "L"), ("N", "L", 3), (1, "L"), ("N", 1),
)  # fmt: skip
OPERATORS = ("+", "-", "*", "/", "+", "*", "//", "%", "**", "@", "&", "|", "<", ">=", "==")
NUMBERS = ("2", "0.5", "n", "(n + 1)", "1", "-1")
ITEMS = (
    ":",
    ":",
    "None",
    "...",
    "0",
    "-1",
    "1:",
    "::2",
    ":2",
    "1:3",
    ":n",
    "n:",
    "0:1",
    "-2:",
    ":-1",
)


@dataclass
class RandomFormula:
    """A formula over `a`, `b`, `c` and the parameter `n`, which is 2."""

    text: str
    shapes: dict[str, tuple[int | str, ...]]
    dtypes: dict[str, str]

    @property
    def spec(self) -> str:
        """The network that computes it."""
        inputs = "".join(
            f"  {name}: {{shape: [{', '.join(map(str, shape))}], dtype: {self.dtypes[name]}}}\n"
            for name, shape in self.shapes.items()
        )
        return f'netspec: 1.1\nparams: {{n: 2}}\ninputs:\n{inputs}body:\n  - y: "={self.text}"\n'

    def tensors(self, sizes: dict[str, int]) -> dict[str, torch.Tensor]:
        """Inputs at concrete sizes: small numbers, so that they are indices as well."""
        made = {}
        for name, shape in self.shapes.items():
            dtype = getattr(torch, self.dtypes[name])
            size = [sizes[s] if isinstance(s, str) else s for s in shape]
            drawn = torch.rand(size) + 0.5 if dtype.is_floating_point else torch.randint(0, 2, size)
            made[name] = drawn.to(dtype)
        return made

    def evaluate(self, tensors: dict[str, torch.Tensor]) -> Any:
        """What PyTorch computes; raises what PyTorch raises."""
        return eval(self.text, {"n": 2, **tensors})


def random_formula(generator: random.Random) -> RandomFormula | None:
    """A formula; None for one without a tensor."""
    shapes = {name: generator.choice(SHAPES) for name in "abc"}
    dtypes = {
        name: generator.choice(DTYPES) if generator.random() < 0.5 else "float32" for name in "abc"
    }
    text = _tensor(generator, generator.randint(1, 3))
    used = [name for name in "abc" if name in text]
    if not used:
        return None
    return RandomFormula(text, {k: shapes[k] for k in used}, {k: dtypes[k] for k in used})


def _tensor(generator: random.Random, depth: int) -> str:
    kind = generator.random()
    if depth <= 0 or kind < 0.25:
        return generator.choice("abc")
    operand = _tensor(generator, depth - 1)
    if kind < 0.6:
        other = _tensor(generator, depth - 1) if kind < 0.45 else generator.choice(NUMBERS)
        pair = (operand, other) if generator.random() < 0.8 else (other, operand)
        return f"({pair[0]} {generator.choice(OPERATORS)} {pair[1]})"
    if kind < 0.7:
        return f"{generator.choice('-~-')}({operand})"
    items = [
        generator.choice("abc") if generator.random() < 0.1 else generator.choice(ITEMS)
        for _ in range(generator.randint(1, 3))
    ]
    return f"({operand})[{', '.join(items)}]"
