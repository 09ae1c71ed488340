"""Mutants of specs at the level of structure: keys, forms and kinds of value, written as JSON."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from random import Random
from typing import Any

from netspec.document import parse
from netspec.schema.step_models import KEYS
from netspec.syntax import plain_value
from netspec.syntax.key_tables import (
    BLOCK_KEYS,
    BUDGET_KEYS,
    DIMENSION_KEYS,
    FILE_KEYS,
    INPUT_KEYS,
    PARAMETER_KEYS,
)

ROOT = Path(__file__).parents[2]

SMALL = [
    "{netspec: 1, inputs: {image: [N, 3, H, W]}, body: [{conv: {op: Conv2d, out_channels: 8, kernel_size: 3}}, ReLU]}",
    "{netspec: 1, name: a, doc: b, inputs: {image: {shape: [N, 3], dtype: float32, doc: c}}, dims: {N: 2},"
    " body: [{a: [ReLU, {b: Tanh}]}, {op: Linear, out_features: 3, when: true, expect: [N, 3], doc: d}]}",
    "{netspec: 1, params: {w: {type: int, default: 3, min: 1, max: 9, doc: a}, d: 2, act: {op: ReLU}},"
    " presets: {big: {w: 8}}, inputs: {image: [N, 3]}, body: [{l: {op: Linear, out_features: w, repeat: d}}]}",
    "{netspec: 1, inputs: {image: [N, 4]}, blocks: {B: {doc: a, params: {w: int}, inputs: [p], body: [ReLU],"
    " outputs: '0'}, C: [ReLU, Tanh]}, body: [{op: B, w: 3}, {c: C}], outputs: {y: c}}",
    "{netspec: 1, inputs: {image: [N, 4]}, body: [{j: {op: Add, branches: {a: ReLU, b: [Tanh]}}},"
    " {op: Concat, branches: [ReLU, {c: Tanh}], dim: 1}, {s: {op: Linear, out_features: 8}}, {t: {share: s}}]}",
    "{netspec: 1, inputs: {image: [N, 4]}, body: [{each: {k: [1, 2]}, body: [{'a{k}': ReLU}], doc: e},"
    " {g: {body: [ReLU], outputs: '0', inline: false, checkpoint: true, from: input}}, {name: z, op: Tanh}]}",
    "{netspec: 1, inputs: {image: [N, 4]}, dims: {N: {min: 1, max: 9, multiple_of: 1, example: 4, doc: a}},"
    " init: {Linear: {weight: zeros_, bias: {fn: constant_, val: 1}}}, budget: {params: 100, macs: 1000},"
    " rename: {a: f}, body: [{f: {op: Linear, out_features: 3, share: {weight: g.weight}}}]}",
]  # fmt: skip

_VALUES: list[Any] = [
    None, True, False, 0, 1, -1, 1.5, "", "ReLU", "N", "2 * 3", [], ["ReLU"], [1], [None], [[]], {},
    {"op": "ReLU"}, {"a": "ReLU"}, {"a": None}, {"body": ["ReLU"]}, {"a": 1}, ["a", "b"],
]  # fmt: skip
_WORDS = [
    *KEYS, *FILE_KEYS, *BLOCK_KEYS, *PARAMETER_KEYS, *INPUT_KEYS, *DIMENSION_KEYS, *BUDGET_KEYS, "other", "x1",
]  # fmt: skip


def seeds() -> list[Any]:
    """The small specs, and those of the gallery, as data."""
    files = sorted((ROOT / "specs").rglob("*.yaml"))
    texts = [*SMALL, *(path.read_text(encoding="utf-8") for path in files)]
    return [plain_value(node) for text in texts if (node := parse(text).root) is not None]


def mutant(seed: Any, random: Random) -> str:
    """A spec with one or two places changed."""
    spec = copy.deepcopy(seed)
    for _ in range(random.choice((1, 1, 1, 2))):
        _change(random.choice(list(_places(spec))), random)
    return json.dumps(spec)


def _places(value: Any) -> list[tuple[Any, Any]]:
    """Every collection in a spec with a key or an index of it."""
    children = value.items() if isinstance(value, dict) else enumerate(value)
    places: list[tuple[Any, Any]] = []
    for key, child in children:
        places.append((value, key))
        if isinstance(child, dict | list):
            places += _places(child)
    return places


def _change(place: tuple[Any, Any], random: Random) -> None:
    """Change one place: remove it, give it another value, another key, or wrap it."""
    holder, key = place
    match random.choice(("remove", "value", "value", "wrap", "key", "key", "insert")):
        case "remove":
            del holder[key]
        case "value":
            holder[key] = copy.deepcopy(random.choice(_VALUES))
        case "wrap":
            holder[key] = random.choice(
                ([holder[key]], {"a": holder[key]}, {random.choice(_WORDS): holder[key]})
            )
        case "key" if isinstance(holder, dict):
            word = random.choice(_WORDS)
            entries = [(word if k == key else k, v) for k, v in holder.items()]
            holder.clear()
            holder.update(entries)
        case _ if isinstance(holder, dict):
            holder[random.choice(_WORDS)] = copy.deepcopy(random.choice(_VALUES))
        case _:
            holder.insert(key, copy.deepcopy(random.choice(_VALUES)))
