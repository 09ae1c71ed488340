"""Random whole specs, grown by mutations: each changes the spec a little, and those that are valid stay.

What was rejected on the way is kept as well: near misses of valid specs, for the tests of rejections.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from random import Random
from typing import Any, NamedTuple

import yaml
from layer_cases import CASES, LATER_CASES

import netspec

Step = dict[str, Any]
"""A step with its name under `name`; `_form` says how it is written."""
Spec = dict[str, Any]

NAMES = (
    "a", "b", "c", "conv", "conv1", "c1", "c2", "stem", "up", "skip", "norm", "block", "layer1", "layer2",
    "0", "1", "2", "7", "b-1", "block1-0", "a b", "lambda", "in", "class", "None", "x0", "x1", "x2", "out",
    "out2", "torch", "nn", "F", "layer", "i1", "self", "_a", "__b", "j", "math", "checkpoint", "range",
    "shared_a", "append", "weight", "bias", "c*1", "len", "getattr", "super", "module", "image",
    "_recompute", "_check_inputs", "channels", "in_channels", "wanted", "count", "'q\"", "back\\slash", "%s",
    "true", "null", "1e3", "Conv2d", "ReLU", "H",
)  # fmt: skip
"""Ordinary names, odd ones, Python's keywords, and names that generated code has for itself."""
BLOCKS = ("Block", "Layer", "Net", "Stage", "Inner", "Torch", "F", "B1", "nn", "torch", "math", "Sequential",
          "super", "b-lock", "block_a", "Module", "Generated", "self", "class", "len", "_B")  # fmt: skip
PARAMETERS = ("width", "w", "n", "k", "stride", "in_channels", "out_channels", "channels", "torch", "self", "F", "layer",
              "out", "x0", "i1", "j", "count", "nn", "super_", "range_", "growth", "cls", "h", "len_", "super", "zip",
              "kernel_size", "m", "checkpoint", "index")  # fmt: skip
LOOPS = ("v", "w2", "stage", "t", "k2", "item", "torch", "self", "in_channels", "n", "j")
INPUTS = (
    "image",
    "a",
    "b",
    "low",
    "skip",
    "x0",
    "lambda",
    "torch",
    "in-put",
    "self",
    "out",
    "F",
    "nn",
    "i",
)
NETS = (
    "net",
    "my-net",
    "torch",
    "nn",
    "Block",
    "3d",
    "class",
    "F",
    "Sequential",
    "a b",
    "layer",
    'b"c',
)
DOCS = ("A sentence.", "It's \"quoted\"", 'Three """ quotes', "back\\slash \\n", "two\nlines", "ends with \"", "{braces} %s",
        "ends with \\", "é ×", "")  # fmt: skip

_MARK = "_form"


OPS = [
    op
    for op in CASES
    if op not in ("TransformerEncoder", "TransformerDecoder") and op not in LATER_CASES
]
"""All layers but those that torch builds from a layer: the oracle takes arguments as they are."""


class Grown(NamedTuple):
    """A valid spec, and what was rejected on the way to it."""

    spec: Spec
    text: str
    rejected: list[str]


class Crash(AssertionError):
    """netspec raised where it should report."""

    def __init__(self, text: str, error: BaseException) -> None:
        super().__init__(f"{type(error).__name__}: {error}\n{text}")
        self.text = text


# ---- text ------------------------------------------------------------------------------------------


def render(spec: Spec, *, json_only: bool = False) -> str:
    """The text of a spec: YAML, or JSON."""
    data = {k: v for k, v in spec.items() if not k.startswith("_")}
    data["body"] = [written(s) for s in spec["body"]]
    if "blocks" in data:
        data["blocks"] = {name: _block(block) for name, block in data["blocks"].items()}
    if json_only or spec.get(_MARK) == "json":
        return json.dumps(data, indent=1, ensure_ascii=False) + "\n"
    flow = None if spec.get(_MARK) == "flow" else False
    return yaml.safe_dump(
        data, sort_keys=False, default_flow_style=flow, width=10_000, allow_unicode=True
    )


def _block(block: dict[str, Any]) -> Any:
    parameters = {k: v for k, v in block.items() if not k.startswith("_") and k != "body"}
    body = [written(s) for s in block["body"]]
    return body if not parameters and block.get(_MARK) else {**parameters, "body": body}


def written(step: Step) -> Any:
    """A step as a spec has it, in one of its forms."""
    form = step.get(_MARK, 0)
    inner = {k: v for k, v in step.items() if k not in (_MARK, "name", "body", "branches")}
    if "body" in step:
        inner["body"] = [written(s) for s in step["body"]]
    if "branches" in step:
        inner["branches"] = _branches(step["branches"], form)
    name = step.get("name")
    only = set(inner)
    if form != 1 and only == {"op"}:
        return inner["op"] if name is None else {name: inner["op"]}
    if form != 1 and only == {"body"}:
        return inner["body"] if name is None else {name: inner["body"]}
    if name is None:
        return inner
    return {"name": name, **inner} if form == 2 else {name: inner}


def _branches(branches: list[Step], form: int) -> Any:
    names = [b.get("name") for b in branches]
    if form != 2 and None not in names and len(set(names)) == len(names):
        return {b["name"]: next(iter(written({**b, _MARK: 0}).values())) for b in branches}
    return [written(b) for b in branches]


# ---- places ----------------------------------------------------------------------------------------


class Place(NamedTuple):
    """A body, and what can be seen from it."""

    body: list[Step]
    outer: tuple[tuple[list[Step], int], ...]
    """The bodies around it, each with the index of the step that it is in."""
    block: str | None
    loops: tuple[str, ...]
    """The loop variables that are bound here."""
    repeated: bool


def places(spec: Spec) -> list[Place]:
    candidates = list(_places(spec["body"], (), None, (), False))
    for name, block in spec.get("blocks", {}).items():
        candidates.extend(_places(block["body"], (), name, (), False))
    return candidates


def _places(
    body: list[Step], outer: tuple[tuple[list[Step], int], ...], block: str | None,
    loops: tuple[str, ...], repeated: bool,
) -> Iterator[Place]:  # fmt: skip
    yield Place(body, outer, block, loops, repeated)
    for k, step in enumerate(body):
        inside = (*outer, (body, k))
        again = repeated or "repeat" in step
        if "body" in step:
            own = (*loops, *step.get("each", ()))
            yield from _places(step["body"], inside, block, own, again)
        for branch in step.get("branches", ()):
            if "body" in branch:
                yield from _places(
                    branch["body"], inside, block, loops, again or "repeat" in branch
                )


def steps_of(place: Place) -> Iterator[Step]:
    """The steps of a body, those of its loops and its branches included (not those of groups)."""
    yield from place.body


def visible(spec: Spec, place: Place, index: int) -> list[str]:
    """References that may mean something at an index of a body."""
    references = []
    for body, body_index in ((place.body, index), *reversed(place.outer)):
        for step in body[:body_index]:
            references.extend(_names_of(spec, step))
    if place.block is None:
        references.extend(spec["inputs"])
    else:
        references.extend(spec["blocks"][place.block].get("inputs", ()))
    return [*references, "input", "previous"]


def _names_of(spec: Spec, step: Step) -> Iterator[str]:
    name = step.get("name")
    if "each" in step:
        for inner in step["body"]:
            yield from _names_of(spec, inner)
        return
    for branch in step.get("branches", ()):
        yield from _names_of(spec, branch)
    if name is None:
        return
    if "{i}" in name:
        yield name.replace("{i}", "0")
        yield name.replace("{i}", "1")
        return
    if "{" in name:
        for value in "01234":
            yield name.partition("{")[0] + value
        return
    yield name
    outputs = step.get("outputs")
    if outputs is None and step.get("op") in spec.get("blocks", {}):
        outputs = spec["blocks"][step["op"]].get("outputs")
    if isinstance(outputs, dict):
        yield from (f"{name}.{k}" for k in outputs)
    elif isinstance(outputs, list):
        yield from (f"{name}.{k}" for k in (*range(len(outputs)), *outputs))
    if step.get("op") in ("Chunk", "Split"):
        yield from (f"{name}.{k}" for k in range(3))


# ---- the maker ---------------------------------------------------------------------------------------


class Maker:
    """Grows one spec."""

    def __init__(self, r: Random, avoid: frozenset[str] = frozenset()) -> None:
        self.r = r
        self.avoid = avoid
        """Features that are omitted, while a defect in them is known and open."""
        self.weights = {
            m: w * r.choice([0, 0.3, 1, 1, 1, 4]) for m, w in MUTATIONS.items() if m not in avoid
        }
        """Each spec has its own taste, so that rare changes also meet each other often."""
        self.weights["insert"] = 8
        self.axes = r.choice([2, 2, 2, 2, 2, 1, 3, 0])
        self.spec: Spec = {}
        self.rejected: list[str] = []
        self.counts: dict[str, int] = {}

    def grow(self, mutations: int) -> Grown:
        for _ in range(20):
            self.spec = self.start()
            if self.valid(self.spec):
                break
        for _ in range(mutations):
            self.mutate()
        return Grown(self.spec, render(self.spec), self.rejected)

    def mutate(self) -> None:
        for _ in range(6):
            which = self.r.choices(list(self.weights), list(self.weights.values()))[0]
            changed = copy.deepcopy(self.spec)
            if not getattr(self, which)(changed):
                continue
            if self.valid(changed):
                self.spec = changed
                self.counts[which] = self.counts.get(which, 0) + 1
                return

    def valid(self, spec: Spec) -> bool:
        text = render(spec, json_only=True)
        try:
            network = netspec.load(text)
        except Exception as error:
            raise Crash(text, error) from error
        if network.report.errors:
            self.rejected.append(text)
            return False
        return not too_large(network.report.graph)

    # ---- parts ---------------------------------------------------------------------------------

    def start(self) -> Spec:
        r = self.r
        spec: Spec = {"netspec": 1, "inputs": {}, "body": [], _MARK: r.choice(["", "flow", "json"])}
        if self.chance(0.5):
            spec = {
                "netspec": 1,
                "name": r.choice([n for n in NETS if not self.rejects("net", n)]),
                **spec,
            }
        for name in r.sample(INPUTS, r.choice([1, 1, 1, 2, 2, 3])):
            if not self.rejects("name", name):
                spec["inputs"][name] = self.input_shape()
        spec["inputs"] = spec["inputs"] or {"image": self.input_shape()}
        spec["body"] = [self.simple() for _ in range(r.randint(0, 2))] or ["ReLU"]
        spec["body"] = [s if isinstance(s, dict) else {"op": s} for s in spec["body"]]
        return spec

    def rejects(self, kind: str, value: str) -> bool:
        return f"{kind}:{value}" in self.avoid

    def input_shape(self) -> list[Any]:
        r = self.r
        batch = r.choice(["N", "N", "N", 2, 1])
        channels = r.choice([3, 4, 4, 4, 2, 6, 1])
        sizes = [r.choice([s, s, 4, 8, 8, 5]) for s in ("H", "W", "D")[: self.axes]]
        if self.axes and r.random() < 0.15:
            sizes = ["H"] * self.axes
        return [batch, channels, *sizes]

    def chance(self, p: float) -> bool:
        return self.r.random() < p

    def name(self) -> str:
        r = self.r
        while True:
            name = (
                r.choice(NAMES) if self.chance(0.5) else r.choice("abcdefgh") + str(r.randint(0, 9))
            )
            if self.chance(0.02):
                name = f"{name}{{{r.randint(0, 2)} + 1}}"
            if not self.rejects("name", name):
                return name

    def named(self, step: Step, p: float = 0.6) -> Step:
        if self.chance(p):
            step = {"name": self.name(), **step}
        step[_MARK] = self.r.choice([0, 0, 0, 1, 2])
        if self.chance(0.03):
            step["doc"] = self.r.choice(DOCS)
        return step

    def simple(self) -> Step:
        """A step that is one layer with one input."""
        return self.named({"op": "Identity", **self.layer()})

    def layer(self) -> Step:
        r = self.r
        if self.chance(0.25):
            op = r.choice(OPS)
            return {"op": op, **{k: self.pure(v) for k, v in CASES[op](r)[0].items()}}
        n = self.axes
        if n == 0:
            return r.choice([
                lambda: {"op": "Linear", "out_features": r.randint(1, 6)}, lambda: {"op": "ReLU"},
                lambda: {"op": "LayerNorm"}, lambda: {"op": "BatchNorm1d"}, lambda: {"op": "GELU"},
            ])()  # fmt: skip
        return r.choices(LAYERS, LAYER_WEIGHTS)[0](r, n)

    @staticmethod
    def pure(value: Any) -> Any:
        return list(value) if isinstance(value, tuple) else value

    def place(self, spec: Spec) -> Place:
        return self.r.choice(places(spec))

    def slice(self, body: list[Step], least: int = 1, most: int = 4) -> tuple[int, int] | None:
        if len(body) < least:
            return None
        start = self.r.randrange(len(body) - least + 1)
        return start, self.r.randint(start + least, min(len(body), start + most))

    def some_step(
        self, spec: Spec, test: Callable[[Step], bool] = lambda s: True
    ) -> tuple[Place, int] | None:
        steps = [(p, k) for p in places(spec) for k, s in enumerate(p.body) if test(s)]
        return self.r.choice(steps) if steps else None

    def any_step(self, spec: Spec, test: Callable[[Step], bool]) -> tuple[Place, Step] | None:
        """A step or a branch."""
        steps_in_body = [(p, s) for p in places(spec) for s in p.body if test(s)]
        steps_in_body += [
            (p, b) for p in places(spec) for s in p.body for b in s.get("branches", ()) if test(b)
        ]
        return self.r.choice(steps_in_body) if steps_in_body else None

    def reference(self, spec: Spec, place: Place, index: int) -> str:
        r = self.r
        names = visible(spec, place, index)
        if self.chance(0.1):
            names = [n for n in names if n] or names
            name = r.choice(names)
            if name[:-1] and self.chance(0.5):
                return name[:-1] + "*"
            if name[-1:].isdigit():
                return f"{name[:-1]}{{{int(name[-1]) + 1} - 1}}"
            if place.loops and name[-1:] == "0":
                return f"{name[:-1]}{{{place.loops[-1]}.index}}"
        return r.choice(names)

    # ---- mutations: each changes the spec and says whether it found something to change ------------

    def insert(self, spec: Spec) -> bool:
        place = self.place(spec)
        position = self.r.randint(0, len(place.body))
        step = self.simple()
        if self.chance(0.25):
            step["from"] = self.reference(spec, place, position)
        place.body.insert(position, step)
        return True

    def append(self, spec: Spec) -> bool:
        place = self.place(spec)
        place.body.append(self.simple())
        return True

    def join(self, spec: Spec) -> bool:
        r = self.r
        place = self.place(spec)
        position = r.randint(0, len(place.body))
        refs = [self.reference(spec, place, position) for _ in range(r.choice([1, 2, 2, 2, 3]))]
        refs = [
            int(x) if x.isdigit() and x == str(int(x)) and self.chance(0.1) else x for x in refs
        ]
        step = self.named({"op": r.choice(JOINS), "from": refs})
        if (
            step["op"] in ("Sub", "Div", "MatMul", "Bilinear")
            and self.chance(0.3)
            and len(refs) == 2
        ):
            keys = ("input1", "input2") if step["op"] == "Bilinear" else ("input", "other")
            step["from"] = dict(zip(keys, refs, strict=True))
        if step["op"] in ("Concat", "Stack") and self.chance(0.5):
            step["dim"] = r.randint(-2, 3)
        if step["op"] == "Bilinear":
            step["out_features"] = r.randint(1, 4)
        place.body.insert(position, step)
        return True

    def branch(self, spec: Spec) -> bool:
        """A join of parallel branches, perhaps around a stretch of the body."""
        r = self.r
        place = self.place(spec)
        cut = self.slice(place.body, 0, 3) or (0, 0)
        inside = place.body[cut[0] : cut[1]]
        branches: list[Step] = []
        for k in range(r.choice([1, 2, 2, 3])):
            steps = (
                inside
                if k == 0 and inside
                else [self.simple() for _ in range(r.choice([0, 1, 1, 2]))]
            )
            if len(steps) == 1 and self.chance(0.6):
                branches.append(steps[0])
            else:
                branches.append(self.named({"body": list(steps)}, 0.5))
        r.shuffle(branches)
        if self.chance(0.3):
            for b in branches:
                b.setdefault("name", self.name())
        join = self.named(
            {
                "op": r.choice(["Concat", "Concat", "Add", "Mul", "Maximum", "Stack"]),
                "branches": branches,
            }
        )
        place.body[cut[0] : cut[1]] = [join]
        return True

    def group(self, spec: Spec) -> bool:
        place = self.place(spec)
        cut = self.slice(place.body)
        if cut is None:
            return False
        step = self.named({"body": place.body[cut[0] : cut[1]]})
        if self.chance(0.15):
            step["inline"] = True
        place.body[cut[0] : cut[1]] = [step]
        return True

    def outputs(self, spec: Spec) -> bool:
        """Outputs of the network, a group or a block."""
        r = self.r
        bodies = [(spec, p) for p in places(spec) if p.body is spec["body"]]
        for p in places(spec):
            bodies += [
                (s, q)
                for s in p.body
                if "body" in s and "each" not in s
                for q in places(spec)
                if q.body is s["body"]
            ]
        for block in spec.get("blocks", {}).values():
            bodies += [(block, q) for q in places(spec) if q.body is block["body"]]
        owner, place = r.choice(bodies)
        names = [
            self.reference(spec, place, len(place.body)) for _ in range(r.choice([1, 2, 2, 3]))
        ]
        kind = r.choice(["one", "list", "list", "map"])
        if kind == "map":
            owner["outputs"] = {self.name(): n for n in names}
        else:
            owner["outputs"] = names[0] if kind == "one" else names
        return True

    def block(self, spec: Spec) -> bool:
        """A stretch of a body becomes a block."""
        # What a block takes from its surroundings it cannot have: then the change is rejected.
        place = self.place(spec)
        cut = self.slice(place.body)
        name = self.new_block(spec)
        if cut is None or name is None:
            return False
        block = {"body": place.body[cut[0] : cut[1]], _MARK: self.r.choice([0, 1])}
        if self.chance(0.1):
            block["doc"] = self.r.choice(DOCS)
        spec.setdefault("blocks", {})[name] = block
        place.body[cut[0] : cut[1]] = [self.named({"op": name})]
        return True

    def new_block(self, spec: Spec) -> str | None:
        free = [
            b for b in BLOCKS if b not in spec.get("blocks", {}) and not self.rejects("block", b)
        ]
        return self.r.choice(free) if free and len(spec.get("blocks", {})) < 4 else None

    def pair(self, spec: Spec) -> bool:
        """A block of two inputs, and a use of it."""
        r = self.r
        name = self.new_block(spec)
        place = self.place(spec)
        if name is None:
            return False
        inputs = r.sample([i for i in INPUTS if i != "i" and not self.rejects("name", i)], 2)
        join = self.named(
            {"op": r.choice(["Add", "Concat", "Sub", "Mul"]), "from": r.sample(inputs, 2)}
        )
        body = [self.simple(), join] if self.chance(0.3) else [join]
        spec.setdefault("blocks", {})[name] = {"inputs": inputs, "body": body}
        position = r.randint(0, len(place.body))
        refs = self.references(spec, place, position, len(inputs))
        from_ = dict(zip(inputs, refs, strict=True)) if self.chance(0.4) else refs
        place.body.insert(position, self.named({"op": name, "from": from_}))
        return True

    def use(self, spec: Spec) -> bool:
        """One more use of a block, as another one is or with other arguments."""
        if not spec.get("blocks"):
            return False
        r = self.r
        name = r.choice(list(spec["blocks"]))
        place = self.place(spec)
        uses = [s for p in places(spec) for s in p.body if s.get("op") == name]
        step = copy.deepcopy(r.choice(uses)) if uses else {"op": name}
        step.pop("name", None)
        step.pop("repeat", None)
        for key in spec["blocks"][name].get("params", {}):
            if isinstance(step.get(key), int) and self.chance(0.6):
                step[key] = r.randint(1, 6)
        place.body.insert(r.randint(0, len(place.body)), self.named(step))
        return True

    def parameter(self, spec: Spec) -> bool:
        """A number in a block becomes its parameter."""
        r = self.r
        numbers = [
            (p.block, s, k)
            for p in places(spec)
            if p.block
            for s in _flat(p.body)
            for k in _numbers(s)
        ]
        if not numbers:
            return False
        name, step, key = r.choice(numbers)
        block = spec["blocks"][name]
        parameter = r.choice(PARAMETERS)
        if self.rejects("parameter", parameter):
            return False
        value = step[key]
        params = block.setdefault("params", {})
        fresh = parameter not in params
        if fresh:
            params[parameter] = r.choice(["int", "int", value, {"type": "int", "default": value}])
        step[key] = r.choice(
            [
                parameter,
                parameter,
                f"={parameter}",
                f"1 * {parameter}",
                f"{parameter} + 1",
                f"2 * {parameter}",
            ]
        )
        if fresh:
            for place in places(spec):
                for use in _flat(place.body):
                    if use.get("op") == name and (params[parameter] == "int" or self.chance(0.5)):
                        use[parameter] = value if self.chance(0.6) else r.randint(1, 5)
        return True

    def op_parameter(self, spec: Spec) -> bool:
        """An activation in a block becomes its parameter."""
        r = self.r
        steps_with_op = [
            (p.block, s)
            for p in places(spec)
            if p.block
            for s in _flat(p.body)
            if s.get("op") in SHAPELESS
        ]
        if not steps_with_op:
            return False
        name, step = r.choice(steps_with_op)
        block = spec["blocks"][name]
        parameter = r.choice(["act", "norm_layer", "ReLU_", "nn", "self", "f"])
        params = block.setdefault("params", {})
        if parameter not in params:
            params[parameter] = r.choice(
                [
                    "op",
                    {"type": "op", "default": "ReLU"},
                    {"type": "op", "default": {"op": "LeakyReLU", "negative_slope": 0.1}},
                ]
            )
        step["op"] = parameter
        for place in places(spec):
            for use in _flat(place.body):
                if use.get("op") == name and (params[parameter] == "op" or self.chance(0.5)):
                    others = [b for b in spec["blocks"] if b != name]
                    use[parameter] = r.choice(
                        [
                            "ReLU",
                            "Tanh",
                            {"op": "LeakyReLU", "negative_slope": 0.2},
                            "BatchNorm2d",
                            "Identity",
                            *others,
                        ]
                    )
        return True

    def list_parameter(self, spec: Spec) -> bool:
        """A list of the file or of a block, read by an index or by a loop."""
        r = self.r
        hit = self.any_step(spec, lambda s: bool(list(_numbers(s))))
        if hit is None:
            return False
        place, step = hit
        key = r.choice(list(_numbers(step)))
        holder = spec if place.block is None else spec["blocks"][place.block]
        name = r.choice(["widths", "ws", "torch", "range_"])
        holder.setdefault("params", {}).setdefault(name, [step[key], r.randint(1, 4), 2])
        index = r.choice(["0", "1", "-1", f"len({name}) - 2"])
        if place.repeated and self.chance(0.7):
            index = "i"
        if place.loops and self.chance(0.7):
            index = f"{place.loops[-1]}.index"
        step[key] = f"{name}[{index}]"
        return True

    def repeat(self, spec: Spec) -> bool:
        r = self.r
        hit = self.any_step(spec, lambda s: "each" not in s and "repeat" not in s)
        if hit is None:
            return False
        place, step = hit
        times = r.choice([0, 1, 2, 2, 3, 3])
        step["repeat"] = times if self.chance(0.8) else f"{times + 1} - 1"
        name = step.get("name")
        if name is not None and "{" not in name and self.chance(0.6):
            step["name"] = name + r.choice(["{i}", "{i}", "{i + 1}", "{i}-x", "{2 * i}", "{i + 9}"])
            _refer(place.body, name, f"{name}{max(times - 1, 0)}")
        return True

    def each(self, spec: Spec) -> bool:
        r = self.r
        place = self.place(spec)
        cut = self.slice(place.body)
        if cut is None:
            return False
        names = r.sample([v for v in LOOPS if not self.rejects("loop", v)], r.choice([1, 1, 2]))
        count = r.choice([1, 2, 2, 3, 0])
        variables = {n: [r.randint(1, 4) for _ in range(count)] for n in names}
        inside = place.body[cut[0] : cut[1]]
        mark = r.choice(
            [f"{{{names[0]}.index}}", f"{{{names[0]}.index + 1}}", f"{{{names[-1]}.index}}"]
        )
        for step in _members(inside):
            name = step.get("name")
            if name is not None and "{" not in name:
                step["name"] = name + mark
                _refer(inside, name, name + mark)
                _refer(place.body[cut[1] :], name, f"{name}{max(count - 1, 0)}")
        loops: dict[str, Any] = dict(variables)
        for name in names:
            if self.chance(0.2) and place.block is None:
                spec.setdefault("params", {}).setdefault("items", variables[name])
                loops[name] = "items"
            elif self.chance(0.2):
                loops[name] = f"range({count})"
        place.body[cut[0] : cut[1]] = [{"each": loops, "body": inside}]
        return True

    def when(self, spec: Spec) -> bool:
        r = self.r
        hit = self.any_step(spec, lambda s: "each" not in s)
        if hit is None:
            return False
        place, step = hit
        conditions = [
            "true",
            "false",
            "1 < 2",
            "x.channels > 2",
            "input.channels != 4",
            True,
            False,
            "x.rank == 4",
        ]
        if place.repeated or "repeat" in step:
            conditions += ["i > 0", "i != 1", "i % 2 == 0", "not i"]
        for name in place.loops:
            conditions += [f"not {name}.last", f"{name}.first", f"{name} > 1", f"{name}.index != 1"]
        step["when"] = r.choice(conditions)
        return True

    def share(self, spec: Spec) -> bool:
        r = self.r
        place = self.place(spec)
        position = r.randint(0, len(place.body))
        refs = [
            n
            for n in visible(spec, place, position)
            if n not in ("input", "previous") and "." not in n
        ]
        if not refs:
            return False
        owner = r.choice(refs)
        step = self.named({"share": owner})
        if self.chance(0.5):
            step["from"] = self.reference(spec, place, position)
        source = next(
            (s.get("from") for s in place.body[:position] if s.get("name") == owner), None
        )
        if isinstance(source, list | dict):
            step["from"] = self.references(spec, place, position, len(source))
        place.body.insert(position, step)
        return True

    def references(self, spec: Spec, place: Place, index: int, count: int) -> list[str]:
        """That many references, sometimes with a duplicate."""
        references = [self.reference(spec, place, index) for _ in range(count)]
        return references[:1] * count if self.chance(0.3) else references

    def again(self, spec: Spec) -> bool:
        """A block of two inputs or a group that reads its input by name too, and a share of it."""
        r = self.r
        name, place = self.new_block(spec), self.place(spec)
        if name is None:
            return False
        position, step, inputs = r.randint(0, len(place.body)), self.name(), ["p", "q"]
        join = {"op": r.choice(["Sub", "Div"]), "from": r.sample(["fc", "q"], 2)}
        body: list[Step] = [
            {"name": "fc", "op": r.choice(["PReLU", "Neg", "Identity"]), "from": "p"},
            join,
        ]
        sources = self.references(spec, place, position, 2)
        if self.chance(0.3):  # an input is handed out as well
            spec.setdefault("blocks", {})[f"{name}_"] = {
                "inputs": inputs, "body": body, "outputs": ["previous", r.choice(inputs)],
            }  # fmt: skip
            body = [
                {"name": "both", "op": f"{name}_", "from": r.sample(inputs, 2)},
                {"op": "Sub", "from": r.sample(["both.0", "both.1"], 2)},
            ]
        elif self.chance(0.3):  # two levels deep
            spec.setdefault("blocks", {})[f"{name}_"] = {"inputs": inputs, "body": body}
            body = [{"op": f"{name}_", "from": r.choice([["p", "p"], ["p", "q"], ["q", "p"]])}]
        owner: Step = {"name": step, "op": name, "from": sources}
        uses = [self.references(spec, place, position, 2)]
        if self.chance(0.4):
            body = [
                {"name": "fc", "op": "Neg"},
                {"op": "Sub", "from": r.sample(["fc", sources[0]], 2)},
            ]
            owner = {"name": step, "from": sources[0], "body": body}
            uses = [[self.reference(spec, place, position)]]
        else:
            spec.setdefault("blocks", {})[name] = {"inputs": inputs, "body": body}
        if self.chance(0.3):
            owner["checkpoint"] = True
        uses += [r.sample(source, len(source)) for source in uses if self.chance(0.3)]
        last = [
            self.named({"share": step, "from": source if len(source) > 1 else source[0]})
            for source in uses
        ]
        place.body[position:position] = [owner, *last, {"op": "Add", "from": [step, "previous"]}]
        return True

    def tie(self, spec: Spec) -> bool:
        r = self.r
        owners = [
            (p, k) for p in places(spec) for k, s in enumerate(p.body)
            if s.get("name") and str(s.get("op", "")).startswith(("Conv", "Linear", "Batch", "Layer", "Group"))
        ]  # fmt: skip
        if not owners:
            return False
        place, k = r.choice(owners)
        owner = place.body[k]
        step = self.named(
            {
                x: copy.deepcopy(v)
                for x, v in owner.items()
                if x not in ("name", "repeat", "when", "share")
            }
        )
        name = owner["name"] if "{" not in owner["name"] else owner["name"].partition("{")[0] + "0"
        step["share"] = {
            key: f"{name}.{key}"
            for key in r.choice([["weight"], ["weight"], ["bias"], ["weight", "bias"]])
        }
        inner = [
            p for p in places(spec) if (place.body, k) not in p.outer and p.block == place.block
        ]
        target = place if self.chance(0.6) else r.choice(inner)
        position = (
            r.randint(k + 1, len(place.body)) if target is place else r.randint(0, len(target.body))
        )
        target.body.insert(position, step)
        return True

    def constant(self, spec: Spec) -> bool:
        """A parameter or a constant, and something that reads it."""
        r = self.r
        place = self.place(spec)
        position = r.randint(0, len(place.body))
        shape = r.choice(
            [[1], [1, 4, *[1] * self.axes], [4, *[1] * self.axes], [1] * (self.axes + 2)]
        )
        name = self.name()
        if self.chance(0.6):
            step: Step = {"name": name, "op": "Parameter", "shape": shape}
            if self.chance(0.3):
                step["init"] = r.choice(
                    [
                        "ones_",
                        "normal_",
                        {"fn": "normal_", "std": 0.02},
                        {"fn": "constant_", "val": 2},
                    ]
                )
        else:
            step = {
                "name": name,
                "op": "Constant",
                "value": r.choice([1.5, 2.0, [0.5], [[1.5]], [[[0.25]]]]),
            }
        reader = self.named({"op": r.choice(["Add", "Mul", "Concat"]), "from": ["previous", name]})
        place.body.insert(position, step)
        place.body.insert(r.randint(position + 1, len(place.body)), reader)
        return True

    def compute(self, spec: Spec) -> bool:
        """A number becomes an expression."""
        r = self.r
        hit = self.any_step(spec, lambda s: bool(list(_numbers(s))))
        if hit is None:
            return False
        place, step = hit
        key = r.choice(list(_numbers(step)))
        value = step[key]
        expressions = [f"{value}", f"{value + 1} - 1", "x.channels", "x.channels * 2", "x.channels // 2", "input.channels",
                 f"max({value}, 1)", f"={value}", f"{value} if x.channels > 1 else 1"]  # fmt: skip
        if place.repeated or "repeat" in step:
            expressions += [
                f"{value} * (i + 1)",
                f"{value} + i",
                "i + 1",
                f"{value} if i == 0 else {value + 1}",
            ] * 3
        for name in place.loops:
            expressions += [
                name,
                f"{name} + 1",
                f"2 * {name}",
                f"{name}.index + 1",
                f"2 if {name}.first else 1",
            ] * 3
        position = next((k for k, s in enumerate(place.body) if s is step), len(place.body))
        names = [
            n for n in visible(spec, place, position) if n.isidentifier() and n not in ("previous",)
        ]
        if names:
            expressions += [f"{r.choice(names)}.channels", f"{r.choice(names)}.channels + 1"]
        if place.block is None:
            name = r.choice(PARAMETERS)
            if not self.rejects("parameter", name):
                spec.setdefault("params", {}).setdefault(name, value)
                expressions += [name, f"{name} + 1", f"{name} * 2"] * 2
        step[key] = r.choice(expressions)
        return True

    def runtime(self, spec: Spec) -> bool:
        """A step whose arguments are sizes of tensors, computed at run time."""
        r = self.r
        place = self.place(spec)
        position = r.randint(0, len(place.body))
        names = [n for n in visible(spec, place, position) if n.isidentifier() and n != "previous"]
        t = r.choice(["x", "x", "x", "input", *names])
        step = r.choice([
            {"op": "Reshape", "shape": [f"{t}.batch", -1]},
            {"op": "Reshape", "shape": [f"{t}.batch", f"{t}.channels", -1]},
            {"op": "Reshape", "shape": f"[{t}.batch, -1, {t}.width]"},
            {"op": "Reshape", "shape": [f"{t}.size(0)", "x.channels // 2", 2, f"{t}.height", f"{t}.width"]},
            {"op": "Interpolate", "size": [f"2 * {t}.height", f"{t}.width + 1"]},
            {"op": "Interpolate", "size": [f"{t}.height", f"{t}.width"], "mode": "bilinear"},
            {"op": "Interpolate", "size": [f"{t}.height // 2 + 1", f"{t}.width"]},
            {"op": "Expand", "size": [f"{t}.batch", -1, -1, -1]},
            {"op": "Slice", "dim": -1, "start": 0, "end": f"{t}.width - 1"},
            {"op": "Slice", "dim": 2, "start": 1, "end": f"{t}.height"},
            {"op": "Pad", "pad": [0, f"{t}.width", 0, 0]},
            {"op": "Slice", "dim": 1, "start": "x.channels // 2"},
        ])  # fmt: skip
        place.body.insert(position, self.named(step))
        return True

    def redirect(self, spec: Spec) -> bool:
        """Another input for a step."""
        hit = self.some_step(spec, lambda s: "each" not in s)
        if hit is None:
            return False
        place, body_index = hit
        step = place.body[body_index]
        if isinstance(step.get("from"), list):
            step["from"][self.r.randrange(len(step["from"]))] = self.reference(
                spec, place, body_index
            )
        else:
            step["from"] = self.reference(spec, place, body_index)
        return True

    def rename(self, spec: Spec) -> bool:
        hit = self.any_step(spec, lambda s: "each" not in s)
        if hit is None:
            return False
        place, step = hit
        old, new = step.get("name"), self.name()
        step["name"] = new if old is None or "{" not in old else new + old[old.index("{") :]
        if old is not None and "{" not in old:
            _refer(place.body, old, new)
        return True

    def perturb(self, spec: Spec) -> bool:
        """A different number in place of one."""
        hit = self.any_step(spec, lambda s: bool(list(_numbers(s))))
        if hit is None:
            return False
        _, step = hit
        key = self.r.choice(list(_numbers(step)))
        step[key] = max(0, step[key] + self.r.choice([-2, -1, 1, 1, 2, 3]))
        return True

    def remove(self, spec: Spec) -> bool:
        place = self.place(spec)
        if len(place.body) < 2:
            return False
        place.body.pop(self.r.randrange(len(place.body)))
        return True

    def move(self, spec: Spec) -> bool:
        place = self.place(spec)
        if len(place.body) < 2:
            return False
        step = place.body.pop(self.r.randrange(len(place.body)))
        place.body.insert(self.r.randint(0, len(place.body)), step)
        return True

    def inline(self, spec: Spec) -> bool:
        """A group or a use of a block that adds no level to the paths."""
        blocks = spec.get("blocks", {})
        hit = self.any_step(
            spec, lambda s: ("body" in s and "each" not in s) or s.get("op") in blocks
        )
        if hit is None:
            return False
        hit[1]["inline"] = self.r.choice([True, True, "1 < 2", False])
        return True

    def expect(self, spec: Spec) -> bool:
        """The expected shape of a step."""
        r = self.r
        hit = self.any_step(spec, lambda s: "each" not in s)
        if hit is None:
            return False
        shape = r.choice(list(spec["inputs"].values()))
        hit[1]["expect"] = [r.choice([size, "_", "_", "x.channels"]) for size in shape]
        return True

    def checkpoint(self, spec: Spec) -> bool:
        hit = self.any_step(spec, lambda s: "each" not in s)
        if hit is None:
            return False
        hit[1]["checkpoint"] = self.r.choice([True, True, "1 == 1"])
        return True

    def doc(self, spec: Spec) -> bool:
        hit = self.any_step(spec, lambda s: True)
        holder = self.r.choice(
            [spec, *spec.get("blocks", {}).values(), *([hit[1]] * 4 if hit else [])]
        )
        holder["doc"] = self.r.choice(DOCS)
        return True

    def parts(self, spec: Spec) -> bool:
        """Cut a tensor into parts and use one of them."""
        r = self.r
        place = self.place(spec)
        position = r.randint(0, len(place.body))
        name = self.name()
        step = r.choice([{"op": "Chunk", "chunks": r.randint(1, 3), "dim": 1}, {"op": "Split", "split_size": r.randint(1, 3), "dim": 1},
                         {"op": "Split", "split_size": [r.randint(1, 3), r.randint(1, 3)], "dim": 1}])  # fmt: skip
        place.body.insert(position, {"name": name, **step})
        if self.chance(0.6):
            refs = [f"{name}.{r.randint(0, 2)}" for _ in range(r.randint(1, 3))]
            place.body.insert(
                position + 1, self.named({"op": r.choice(["Concat", "Add"]), "from": refs})
            )
        return True

    def dims(self, spec: Spec) -> bool:
        r = self.r
        symbol = r.choice("NHWD")
        spec.setdefault("dims", {})[symbol] = r.choice(
            [8, {"min": 8}, {"multiple_of": 4}, {"min": 6, "multiple_of": 2}]
        )
        return True

    def init(self, spec: Spec) -> bool:
        r = self.r
        rule = r.choice(
            ["zeros_", "ones_", {"fn": "normal_", "std": 0.02}, {"fn": "constant_", "val": "1 / 4"}]
        )
        spec.setdefault("init", {})[
            r.choice(["Conv2d", "BatchNorm2d", "Linear", "**", "*", "**.c1", "*.*"])
        ] = {"weight": rule}
        return True


def _members(body: list[Step]) -> Iterator[Step]:
    """The steps of a body with those of its loops, and branches, which have names in it."""
    for step in body:
        yield step
        yield from step.get("branches", ())
        if "each" in step or (step.get("inline") and "body" in step):
            yield from _members(step["body"])


def _flat(body: list[Step]) -> Iterator[Step]:
    for step in body:
        yield step
        yield from step.get("branches", ())


def _numbers(step: Step) -> Iterator[str]:
    """The keys of a step whose values are numbers."""
    return (k for k, v in step.items() if type(v) is int and k not in ("name", _MARK))


def _refer(body: list[Step], old: str, new: str) -> None:
    """Let references to `old` mean `new`."""
    for step in body:
        if step.get("from") == old:
            step["from"] = new
        elif isinstance(step.get("from"), list):
            step["from"] = [new if x == old else x for x in step["from"]]
        if step.get("share") == old:
            step["share"] = new
        for inner in (step.get("body", []), step.get("branches", [])):
            _refer(inner, old, new)


def too_large(graph: Any) -> bool:
    """Whether torch would take long over it."""
    if graph is None or len(graph.nodes) > 120 or graph.parameter_count > 200_000:
        return True
    if any(d.empty or d.smallest() > 70 for d in graph.domains.values()):
        return True
    sizes = {n: d.smallest() for n, d in graph.domains.items()}
    every = [v.shape or () for n in graph.nodes for v in n.outputs]
    return any(len(shape) > 7 or _count(shape, sizes) > 60_000 for shape in every)


def _count(shape: Any, sizes: dict[str, int]) -> int:
    from netspec.dims import evaluate

    total = 1
    for size in shape or ():
        total *= size if isinstance(size, int) else evaluate(size, sizes)
    return total


# ---- layers --------------------------------------------------------------------------------------


def _conv(r: Random, n: int) -> Step:
    k = r.choice([1, 3, 3, 5, 2])
    step: Step = {"op": f"Conv{n}d", "out_channels": r.choice([4, 4, 4, 2, 6, 8]), "kernel_size": k}
    if r.random() < 0.8:
        step["padding"] = k // 2
    _sometimes(r, step, 0.15, stride=2, dilation=2, bias=False, groups=r.choice([2, 4]))
    if r.random() < 0.1:
        step["kernel_size"] = [k] * n
    if r.random() < 0.05:
        step["padding"] = "same"
    if r.random() < 0.05:
        step["in_channels"] = 4
    return step


def _up(r: Random, n: int) -> Step:
    step: Step = {
        "op": f"ConvTranspose{n}d",
        "out_channels": r.choice([4, 4, 2]),
        "kernel_size": r.choice([2, 3, 4]),
    }
    _sometimes(r, step, 0.4, stride=2, padding=1)
    _sometimes(r, step, 0.2, output_padding=1, dilation=2, bias=False)
    return step


def _pool(r: Random, n: int) -> Step:
    step: Step = {
        "op": f"{r.choice(['Max', 'Max', 'Avg', 'LP'])}Pool{n}d",
        "kernel_size": r.choice([2, 2, 3]),
    }
    if step["op"].startswith("LP"):
        step["norm_type"] = 2
    _sometimes(r, step, 0.5, stride=r.choice([1, 2, 2]), ceil_mode=True)
    if r.random() < 0.5 and not step["op"].startswith("LP"):
        step["padding"] = 1
    return step


def _adaptive(r: Random, n: int) -> Step:
    return {"op": f"Adaptive{r.choice(['Avg', 'Max'])}Pool{n}d", "output_size": r.choice([1, 2, 3])}


def _norm(r: Random, n: int) -> Step:
    return r.choice([
        {"op": f"BatchNorm{n}d"}, {"op": f"BatchNorm{n}d"}, {"op": f"BatchNorm{n}d", "affine": False},
        {"op": f"InstanceNorm{n}d", "affine": True}, {"op": "GroupNorm", "num_groups": 2},
        {"op": "LocalResponseNorm", "size": 2}, {"op": f"BatchNorm{n}d", "track_running_stats": False},
    ])  # fmt: skip


def _activation(r: Random, n: int) -> Step:
    return r.choice([
        {"op": "ReLU"}, {"op": "ReLU"}, {"op": "GELU"}, {"op": "LeakyReLU", "negative_slope": 0.2},
        {"op": "PReLU"}, {"op": "Sigmoid"}, {"op": "Softmax", "dim": 1}, {"op": "ReLU", "inplace": True},
        {"op": "Hardtanh", "min_val": -1, "max_val": 2}, {"op": "Dropout", "p": 0}, {"op": "Dropout2d", "p": 0.5},
        {"op": "Dropout", "p": 0.5}, {"op": "DropPath", "p": 0.5}, {"op": "SiLU", "inplace": True},
    ])  # fmt: skip


def _resize(r: Random, n: int) -> Step:
    return r.choice([
        {"op": "Upsample", "scale_factor": 2}, {"op": "Upsample", "scale_factor": 1.5},
        {"op": "Interpolate", "scale_factor": 0.5}, {"op": "Upsample", "size": 4},
        {"op": f"ReflectionPad{n}d", "padding": 1}, {"op": f"ZeroPad{n}d", "padding": 1},
        {"op": "Pad", "pad": [1, 1]}, {"op": f"ConstantPad{n}d", "padding": 1, "value": 0.5},
        {"op": f"ReplicationPad{n}d", "padding": 2}, {"op": f"CircularPad{n}d", "padding": 1},
        {"op": "PixelShuffle", "upscale_factor": 2}, {"op": "PixelUnshuffle", "downscale_factor": 2},
        {"op": "ChannelShuffle", "groups": 2},
    ])  # fmt: skip


def _shape(r: Random, n: int) -> Step:
    return r.choice([
        {"op": "Flatten"}, {"op": "Flatten", "start_dim": 2}, {"op": "Linear", "out_features": r.randint(1, 5)},
        {"op": "Mean", "dim": [2, 3][:n], "keepdim": True}, {"op": "Mean", "dim": -1}, {"op": "LayerNorm"},
        {"op": "Transpose", "dim0": 1, "dim1": 2}, {"op": "Permute", "dims": [0, 2, 3, 1]}, {"op": "Abs"},
        {"op": "Unsqueeze", "dim": 1}, {"op": "Squeeze", "dim": 1}, {"op": "Select", "dim": 1, "index": 0},
        {"op": "Slice", "dim": 1, "start": 0, "end": 2}, {"op": "Slice", "dim": -1, "start": 1}, {"op": "Neg"},
        {"op": "Pow", "exponent": 2}, {"op": "Clamp", "min": 0}, {"op": "Exp"}, {"op": "Sum", "dim": 1, "keepdim": True},
        {"op": "Chunk", "chunks": 2, "dim": 1}, {"op": "Norm", "dim": 1, "keepdim": True},
    ])  # fmt: skip


def _sometimes(r: Random, step: Step, p: float, **more: Any) -> None:
    step.update({k: v for k, v in more.items() if r.random() < p})


LAYERS = (_conv, _up, _pool, _adaptive, _norm, _activation, _resize, _shape)
LAYER_WEIGHTS = (10, 1, 2, 0.5, 3, 5, 1, 2)
JOINS = (
    "Concat",
    "Concat",
    "Concat",
    "Add",
    "Add",
    "Mul",
    "Maximum",
    "Minimum",
    "Sub",
    "Div",
    "Stack",
    "MatMul",
    "Bilinear",
)
SHAPELESS = (
    "ReLU",
    "GELU",
    "Sigmoid",
    "LeakyReLU",
    "PReLU",
    "Hardtanh",
    "Dropout",
    "Identity",
    "BatchNorm2d",
)
MUTATIONS = {
    "insert": 8, "append": 4, "join": 6, "branch": 4, "group": 4, "outputs": 2, "block": 5, "pair": 1.5, "use": 5,
    "parameter": 6, "op_parameter": 4, "list_parameter": 1.5, "repeat": 4, "each": 2.5, "when": 2, "share": 4, "tie": 2,
    "constant": 1.5, "compute": 5, "runtime": 1.5, "redirect": 2, "rename": 2, "perturb": 1.5, "remove": 0.7, "move": 1,
    "checkpoint": 1, "inline": 1, "expect": 0.5, "doc": 0.7, "parts": 0.8, "dims": 0.5, "init": 0.3, "again": 2,
}  # fmt: skip


def grow(r: Random, mutations: int, avoid: frozenset[str] = frozenset()) -> Grown:
    """A random valid spec after so many changes, and what was rejected on the way."""
    return Maker(r, avoid).grow(mutations)
