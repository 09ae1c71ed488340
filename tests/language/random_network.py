"""Random networks, and what the language page says that they compute: a second reading of the page.

The reader here knows nothing of shapes, errors or code; it walks the steps with tensors in hand and takes the
weights from a `state_dict` by the path that the page gives each step.
"""

from __future__ import annotations

from random import Random
from typing import Any

import torch
import torch.nn.functional as F

Steps = list[Any]
ACTIVATIONS = {"ReLU": torch.relu, "Sigmoid": torch.sigmoid, "Tanh": torch.tanh}


class Writer:
    """Writes a random spec; its names are never used twice."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.names = 0
        self.blocks: dict[str, Any] = {}

    def spec(self) -> dict[str, Any]:
        for n in range(self.random.randint(0, 3)):
            self.blocks[f"B{n}"] = self.block()
        return {
            "netspec": 1, "inputs": {"image": [1, 2, 3, 3]}, "blocks": self.blocks,
            "body": self.body(3, [], "", ["image"]),
        }  # fmt: skip

    def block(self) -> dict[str, Any]:
        body = self.body(2, [], "", [])
        body.append({"op": "Conv2d", "out_channels": "w", "kernel_size": 1})
        return {"params": {"w": 1}, "body": body}

    def name(self, loop: str) -> str:
        self.names += 1
        return f"s{self.names}{loop}"

    def body(self, depth: int, around: list[str], loop: str, inputs: list[str]) -> Steps:
        """Some steps; `around` are the names that can be read, `loop` what names must end with."""
        known = [*around, *inputs]
        steps: Steps = []
        for _ in range(self.random.randint(1, 4)):
            steps.extend(self.some(depth, known, loop))
        steps.append({"op": "Conv2d", "out_channels": self.random.randint(1, 3), "kernel_size": 1})
        return steps

    def some(self, depth: int, known: list[str], loop: str) -> Steps:
        """One step or a few that belong together; a name that can be read later is added to `known`."""
        kinds = ["op", "op", "join", "shared"]
        if depth:
            kinds += ["group", "group", "branches", "each"] + ["block"] * bool(self.blocks)
        kind = self.random.choice(kinds)
        if kind == "each":
            return [self.each(depth, known, loop)]
        if kind == "shared":
            return self.shared(known, loop)
        details = self.block_use() if kind == "block" else getattr(self, kind)(depth, known)
        return [self.dressed(details, known, loop)]

    def op(self, depth: int, known: list[str]) -> dict[str, Any]:
        if self.random.random() < 0.5:
            return {"op": self.random.choice(list(ACTIVATIONS))}
        bias = self.random.random() < 0.5
        return {
            "op": "Conv2d",
            "out_channels": self.random.randint(1, 3),
            "kernel_size": 1,
            "bias": bias,
        }

    def join(self, depth: int, known: list[str]) -> dict[str, Any]:
        return {
            "op": "Concat",
            "from": [self.reference(known) for _ in range(self.random.randint(2, 3))],
        }

    def reference(self, known: list[str]) -> str:
        return self.random.choice(["previous", "input", *known])

    def group(self, depth: int, known: list[str]) -> dict[str, Any]:
        return {"body": self.body(depth - 1, known, "", [])}

    def block_use(self) -> dict[str, Any]:
        return {"op": self.random.choice(list(self.blocks)), "w": self.random.randint(1, 3)}

    def branches(self, depth: int, known: list[str]) -> dict[str, Any]:
        ways: Steps = [self.body(depth - 1, known, "", []), self.op(depth, known), []]
        ways = ways[: self.random.randint(2, 3)]
        self.random.shuffle(ways)
        return {"op": "Concat", "branches": ways}

    def shared(self, known: list[str], loop: str) -> Steps:
        name = self.name(loop)
        before = {"op": "Conv2d", "out_channels": 2, "kernel_size": 1}
        again = {"share": name}
        known.append(name)
        return [
            before,
            {name: dict(before)},
            before,
            self.random.choice([again, {self.name(loop): again}]),
        ]

    def each(self, depth: int, known: list[str], loop: str) -> dict[str, Any]:
        self.names += 1
        variable = f"k{self.names}"
        items = [self.random.randint(1, 3) for _ in range(self.random.randint(1, 3))]
        items = sorted(set(items))
        inner = self.body(depth - 1, list(known), f"{loop}_{{{variable}}}", [])
        return {"each": {variable: items}, "body": inner}

    def dressed(self, details: dict[str, Any], known: list[str], loop: str) -> Any:
        """The step with a name, a repeat, a condition, or none of them."""
        roll = self.random.random()
        name = self.name(loop) if roll < 0.6 else None
        repeated = self.random.random() < 0.3
        if repeated:
            details["repeat"] = self.random.randint(0, 3)
            if name and self.random.random() < 0.5:
                name += "_{i}"
        if self.random.random() < 0.2:
            choices = (
                ["true", "false"]
                + ["i != 1"] * repeated
                + [f"{loop[2:].split('}', maxsplit=1)[0]} > 1"] * bool(loop)
            )
            details["when"] = "=" + self.random.choice(choices)
        if "branches" in details and name and not repeated and self.random.random() < 0.5:
            details["branches"] = {self.name(loop): way for way in details["branches"]}
        if "from" not in details and self.random.random() < 0.2:
            details["from"] = self.reference(known)
        if name is None:
            return details["body"] if list(details) == ["body"] else details
        if not name.endswith("_{i}"):
            known.append(name)
        return {name: details}


class Reader:
    """Runs a spec on tensors, as the page reads; finds out which keys there must be."""

    def __init__(self, spec: dict[str, Any], weights: dict[str, torch.Tensor]) -> None:
        self.spec, self.weights = spec, weights
        self.tree: dict[str, Any] = {}

    def run(self, image: torch.Tensor) -> torch.Tensor:
        return self.body(self.spec["body"], image, "", {}, [{"image": (image, None)}])

    def keys(self) -> list[str]:
        """The keys of all layers, module by module in order of the text."""
        return _flat(self.tree, "")

    def body(
        self,
        steps: Steps,
        x: torch.Tensor,
        path: str,
        env: dict[str, Any],
        scopes: list[dict[str, Any]],
    ) -> torch.Tensor:
        state = {"previous": x, "input": x, "count": 0}
        self.steps(steps, state, path, env, [{}, *scopes])
        return state["previous"]

    def steps(
        self,
        steps: Steps,
        state: dict[str, Any],
        path: str,
        env: dict[str, Any],
        scopes: list[dict[str, Any]],
    ) -> None:
        for step in steps:
            if isinstance(step, dict) and "each" in step:
                ((variable, items),) = step["each"].items()
                for item in items:
                    self.steps(step["body"], state, path, {**env, variable: item}, scopes)
                continue
            name, details = _named(step)
            state["previous"] = self.step(name, details, state, path, env, scopes)

    def step(
        self,
        name: str | None,
        details: dict[str, Any],
        state: dict[str, Any],
        path: str,
        env: dict[str, Any],
        scopes: list[dict[str, Any]],
    ) -> torch.Tensor:
        inputs = self.inputs(details.get("from", "previous"), state, env, scopes)
        if "repeat" not in details:
            return self.once(name, details, inputs, state, path, env, scopes)
        holder = name is not None and "{i}" not in name
        inner = state
        title = None
        if holder and details["repeat"]:
            title = _say(name, env)
            inner = {**state, "count": 0}
            state["count"] += 1
        for i in range(details["repeat"]):
            if holder:
                out = self.once(
                    None,
                    details,
                    inputs,
                    inner,
                    f"{path}{title}.",
                    {**env, "i": i},
                    scopes,
                    number=i,
                )
            else:
                out = self.once(name, details, inputs, inner, path, {**env, "i": i}, scopes)
            inputs = [out, *inputs[1:]]
        if name is not None and holder:
            scopes[0][_say(name, env)] = (inputs[0], None)
        return inputs[0]

    def once(
        self,
        name: str | None,
        details: dict[str, Any],
        inputs: list[torch.Tensor],
        state: dict[str, Any],
        path: str,
        env: dict[str, Any],
        scopes: list[dict[str, Any]],
        number: int | None = None,
    ) -> torch.Tensor:
        title = None if name is None else _say(name, env)
        if not _holds(details.get("when", "=true"), env):
            if title is not None:
                scopes[0][title] = (inputs[0], None)
            return inputs[0]
        place = str(state["count"] if number is None else number) if title is None else title
        state["count"] += 1
        out, maker = self.made(details, inputs, path + place, path, env, scopes)
        if title is not None:
            scopes[0][title] = (out, maker)
        return out

    def made(
        self,
        details: dict[str, Any],
        inputs: list[torch.Tensor],
        path: str,
        around: str,
        env: dict[str, Any],
        scopes: list[dict[str, Any]],
    ) -> tuple[torch.Tensor, Any]:
        x = inputs[0]
        if "share" in details:
            _, maker = _find(_say(details["share"], env), scopes)
            return maker(x), maker
        if "body" in details:
            return self.body(details["body"], x, path + ".", env, scopes), None
        op = details["op"]
        if "branches" in details:
            return torch.cat(self.ways(details["branches"], x, path, around, env, scopes), 1), None
        if op == "Concat":
            return torch.cat(inputs, 1), None
        if op in self.spec["blocks"]:
            block = self.spec["blocks"][op]
            return self.body(block["body"], x, path + ".", {"w": details["w"]}, []), None
        maker = self.layer(op, details, path)
        return maker(x), maker

    def ways(
        self,
        branches: Any,
        x: torch.Tensor,
        path: str,
        around: str,
        env: dict[str, Any],
        scopes: list[dict[str, Any]],
    ) -> list[torch.Tensor]:
        pairs = (
            list(branches.items())
            if isinstance(branches, dict)
            else [(None, way) for way in branches]
        )
        tensors = []
        for n, (name, way) in enumerate(pairs):
            here = f"{path}.{n}" if name is None else around + _say(name, env)
            if isinstance(way, list):
                tensors.append(self.body(way, x, here + ".", env, scopes))
            else:
                tensors.append(self.made(way, [x], here, around, env, scopes)[0])
        return tensors

    def layer(self, op: str, details: dict[str, Any], path: str) -> Any:
        if op in ACTIVATIONS:
            return ACTIVATIONS[op]
        subtree = self.tree
        for part in path.split("."):
            subtree = subtree.setdefault(part, {})
        subtree["weight"] = None
        weight, bias = self.weights[f"{path}.weight"], None
        if details.get("bias", True):
            subtree["bias"] = None
            bias = self.weights[f"{path}.bias"]
        return lambda x: F.conv2d(x, weight, bias)

    def inputs(
        self, source: Any, state: dict[str, Any], env: dict[str, Any], scopes: list[dict[str, Any]]
    ) -> list[torch.Tensor]:
        names = source if isinstance(source, list) else [source]
        return [
            state[n] if n in ("previous", "input") else _find(_say(n, env), scopes)[0]
            for n in names
        ]


def _named(step: Any) -> tuple[str | None, dict[str, Any]]:
    if isinstance(step, str):
        return None, {"op": step}
    if isinstance(step, list):
        return None, {"body": step}
    if len(step) == 1 and next(iter(step)) not in ("op", "body", "share"):
        ((name, details),) = step.items()
        return name, _named(details)[1]
    return None, step


def _say(name: str | None, env: dict[str, Any]) -> str:
    assert name is not None
    return name.format(**env)


def _holds(condition: str, env: dict[str, Any]) -> bool:
    condition_text = condition.removeprefix("=")
    if condition_text in ("true", "false"):
        return condition_text == "true"
    name, comparison, number = condition_text.split()
    return env[name] != int(number) if comparison == "!=" else env[name] > int(number)


def _find(name: str, scopes: list[dict[str, Any]]) -> Any:
    return next(scope[name] for scope in scopes if name in scope)


def _flat(tree: dict[str, Any], path: str) -> list[str]:
    paths = []
    for name, below in tree.items():
        paths += [path + name] if below is None else _flat(below, f"{path}{name}.")
    return paths
