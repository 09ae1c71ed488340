"""Random specs of blocks and groups that are repeated, shared and given one tensor several times, and what they compute.

The oracle interprets the spec itself, step by step; it knows neither the graph nor the code generator.
"""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

Step = dict[str, Any]
Spec = dict[str, Any]
Environment = dict[str, list[Tensor]]

_ONE = {"Neg": torch.neg, "Tanh": torch.tanh, "Abs": torch.abs}
_TWO = {"Add": torch.add, "Sub": torch.sub, "Mul": torch.mul, "Maximum": torch.maximum}
_PAIR = ["input", "other"]
"""The names of the inputs of `Sub`."""


class Shares:
    """Grows one spec."""

    def __init__(self, chance: Random) -> None:
        self.chance, self.blocks, self._count = chance, {}, 0

    def spec(self) -> Spec:
        """A spec of three inputs."""
        known, owners = ["a", "b", "c", "previous", "input"], []
        body = [self._step(known, 0, owners) for _ in range(self.chance.randint(3, 7))]
        names = [name for name in known if name not in ("input", "previous")]
        outputs = [*self.chance.choices(names, k=self.chance.randint(1, 4)), next(iter(body[-1]))]
        inputs = {name: ["N", 4] for name in "abc"}
        return {
            "netspec": 1,
            "inputs": inputs,
            "blocks": self.blocks,
            "body": body,
            "outputs": outputs,
        }

    def _step(self, known: list[str], depth: int, owners: list[tuple[str, list[str]]]) -> Step:
        chance = self.chance
        self._count += 1
        name = f"s{self._count}"
        kind = chance.choice(["Linear", "one", "two", "Sub", "block", "share", "share", "group"])
        if (kind in ("block", "group") and depth == 2) or (kind == "share" and not owners):
            kind = "two"
        step: Step
        if kind == "Linear":
            step = {"op": "Linear", "out_features": 4, "from": chance.choice(known)}
        elif kind == "one":
            step = {"op": chance.choice(list(_ONE)), "from": chance.choice(known)}
        elif kind == "two":
            step = {"op": chance.choice(list(_TWO)), "from": chance.choices(known, k=2)}
        elif kind == "Sub":
            step = {"op": "Sub", "from": self._sources(_PAIR, known)}
            owners.append((name, _PAIR))
        elif kind == "block":
            block = self._block(depth + 1)
            inputs = self.blocks[block]["inputs"]
            step = {"op": block, "from": self._sources(inputs, known)}
            owners.append((name, inputs))
        elif kind == "share":
            owner, inputs = chance.choice(owners)
            step = {"share": owner, "from": self._sources(inputs, known)}
        else:
            seen, inside = list(known), list(owners)
            source = chance.choice(known)
            inner = [self._step(seen, depth + 1, inside) for _ in range(chance.randint(1, 3))]
            step = {"body": inner, "from": source}
            owners.append((name, ["input"]))
        if kind in ("Sub", "block", "group", "share") and chance.random() < 0.35:
            step["repeat"] = chance.randint(1, 3)
        if kind in ("block", "share") and chance.random() < 0.2:
            step["checkpoint"] = True
        known.append(name)
        return {name: step}

    def _block(self, depth: int) -> str:
        if self.blocks and self.chance.random() < 0.5:
            return self.chance.choice(list(self.blocks))
        inputs = [f"p{k}" for k in range(self.chance.randint(1, 3))]
        known, owners = [*inputs, "input", "previous"], []
        body = [self._step(known, depth, owners) for _ in range(self.chance.randint(1, 4))]
        block: dict[str, Any] = {"inputs": inputs, "body": body}
        names = [name for name in known if name not in ("input", "previous")]
        chosen = self.chance.choices(names, k=self.chance.randint(1, 3))
        if self.chance.random() < 0.5:
            block["outputs"] = (
                chosen if self.chance.random() < 0.5 else dict(zip("uvw", chosen, strict=False))
            )
        name = f"B{len(self.blocks)}"
        self.blocks[name] = block
        return name

    def _sources(self, inputs: list[str], known: list[str]) -> Any:
        sources = self.chance.choices(known, k=len(inputs))
        if len(inputs) == 1:
            return sources[0]
        named = list(zip(inputs, sources, strict=True))
        self.chance.shuffle(named)
        return dict(named) if self.chance.random() < 0.4 else sources


class _Owner(NamedTuple):
    """A step that others may be again: what it says, its path, and what it sees."""

    step: Step
    path: str
    scope: Environment
    owners: dict[str, _Owner]


class Interpreter:
    """Computes what a spec says, with the weights of a `state_dict`."""

    def __init__(self, spec: Spec, state: Mapping[str, Tensor]) -> None:
        self.spec, self.state = spec, state

    def run(self, inputs: Mapping[str, Tensor]) -> list[Tensor]:
        """The outputs of the network."""
        scope = {name: [value] for name, value in inputs.items()}
        scope["input"] = scope["previous"] = scope["a"]
        self._body(self.spec["body"], scope, "", {})
        return [scope[name][0] for name in self.spec["outputs"]]

    def _body(
        self, steps: list[Step], scope: Environment, prefix: str, owners: dict[str, _Owner]
    ) -> None:
        for entry in steps:
            [(name, step)] = entry.items()
            mine = _Owner(step, prefix + name, dict(scope), dict(owners))
            used = owners[step["share"]] if "share" in step else mine
            values = [scope[source][0] for source in self._sources(used.step, step["from"])]
            results: list[Tensor] = []
            for k in range(step.get("repeat", 1)) if used is not mine else [0]:
                results = self._whole(used, [results[0], *values[1:]] if k else values)
            owners[name] = used
            scope[name], scope["previous"] = results, results[:1]

    def _sources(self, used: Step, sources: Any) -> list[str]:
        if isinstance(sources, str):
            return [sources]
        if isinstance(sources, dict):
            order = _PAIR if used["op"] == "Sub" else self.spec["blocks"][used["op"]]["inputs"]
            return [sources[name] for name in order]
        return list(sources)

    def _whole(self, used: _Owner, values: list[Tensor]) -> list[Tensor]:
        """A step with its own repeats."""
        if "repeat" not in used.step:
            return self._once(used, used.path, values)
        results: list[Tensor] = []
        for k in range(used.step["repeat"]):
            results = self._once(used, f"{used.path}.{k}", values)
            values = [results[0], *values[1:]]
        return results

    def _once(self, used: _Owner, path: str, values: list[Tensor]) -> list[Tensor]:
        op = used.step.get("op")
        if op is None:
            scope = {**used.scope, "input": values, "previous": values}
            self._body(used.step["body"], scope, f"{path}.", dict(used.owners))
            return scope["previous"]
        if op == "Linear":
            return [F.linear(values[0], self.state[f"{path}.weight"], self.state[f"{path}.bias"])]
        if op in _ONE:
            return [_ONE[op](*values)]
        if op in _TWO:
            return [_TWO[op](*values)]
        block = self.spec["blocks"][op]
        scope = {name: [value] for name, value in zip(block["inputs"], values, strict=True)}
        scope["input"] = scope["previous"] = values[:1]
        self._body(block["body"], scope, f"{path}.", {})
        outputs = block.get("outputs", ["previous"])
        return [
            scope[name][0] for name in (outputs.values() if isinstance(outputs, dict) else outputs)
        ]
