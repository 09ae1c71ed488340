"""Runs a graph node by node with torch, and holds all else that netspec says of it against that.

Nothing here uses the code generator: layers are built from their arguments, functions are torch's own.
"""

from __future__ import annotations

import copy
import io
import pickle
import warnings
from collections.abc import Callable, Iterator, Mapping
from functools import reduce
from keyword import iskeyword
from operator import add, mul
from random import Random
from typing import Any

import torch
import torch.nn.functional as F
from layer_oracle import flat
from torch import Tensor, nn

import netspec
from netspec.codegen.functional import FUNCTIONS as FUNCTIONAL
from netspec.diagnostics import Code
from netspec.dims import Domain, evaluate, is_symbolic
from netspec.graph import Graph, Level, Node
from netspec.layer.base import Layer, Module
from netspec.layers.constant import Constant, Parameter

torch.set_num_threads(1)

Sizes = Mapping[str, int]
State = Mapping[str, Tensor]

REJECTIONS = (
    RuntimeError, ValueError, IndexError, TypeError, AssertionError, NotImplementedError,
    ZeroDivisionError,
)  # fmt: skip
"""How torch says no."""


class Rejected(Exception):
    """Torch takes a network or a size of it only by accident: an empty tensor, another shape."""


# ---- functions ---------------------------------------------------------------------------------


def _axes(x: Tensor, dim: Any) -> Any:
    if dim is None or (isinstance(dim, tuple) and not dim):
        return tuple(range(x.dim()))
    return dim


def _slice(x: Tensor, a: dict[str, Any]) -> Tensor:
    index: list[Any] = [slice(None)] * x.dim()
    index[a["dim"]] = slice(a["start"], a["end"], a["step"])
    return x[tuple(index)]


def _squeeze(x: Tensor, a: dict[str, Any]) -> Tensor:
    return x.squeeze() if a["dim"] is None else x.squeeze(a["dim"])


def _attention(xs: list[Tensor], a: dict[str, Any], training: bool) -> Tensor:
    mask = xs[3] if len(xs) > 3 else None
    drop = a["dropout_p"] if training else 0.0
    return F.scaled_dot_product_attention(
        *xs[:3], attn_mask=mask, dropout_p=drop, is_causal=a["is_causal"], scale=a["scale"],
        enable_gqa=a["enable_gqa"],
    )  # fmt: skip


def _drop_path(x: Tensor, a: dict[str, Any], training: bool) -> Tensor:
    if a["mode"] == "row":
        return torch.feature_dropout(x[None], a["p"], training)[0]
    return torch.feature_dropout(x[None, None], a["p"], training)[0, 0]


def _interpolate(x: Tensor, a: dict[str, Any]) -> Tensor:
    return F.interpolate(x, **a)


Arguments = dict[str, Any]
FUNCTIONS: dict[str, Callable[[list[Tensor], Arguments], Any]] = {
    "Concat": lambda xs, a: torch.cat(xs, a["dim"]),
    "Stack": lambda xs, a: torch.stack(xs, a["dim"]),
    "Add": lambda xs, a: reduce(add, xs),
    "Mul": lambda xs, a: reduce(mul, xs),
    "Maximum": lambda xs, a: reduce(torch.maximum, xs),
    "Minimum": lambda xs, a: reduce(torch.minimum, xs),
    "Sub": lambda xs, a: torch.sub(*xs),
    "Div": lambda xs, a: torch.div(*xs),
    "MatMul": lambda xs, a: torch.matmul(*xs),
    "Reshape": lambda xs, a: torch.reshape(xs[0], a["shape"]),
    "Permute": lambda xs, a: torch.permute(xs[0], a["dims"]),
    "Roll": lambda xs, a: torch.roll(xs[0], a["shifts"], a["dims"]),
    "Transpose": lambda xs, a: torch.transpose(xs[0], a["dim0"], a["dim1"]),
    "Squeeze": lambda xs, a: _squeeze(xs[0], a),
    "Unsqueeze": lambda xs, a: torch.unsqueeze(xs[0], a["dim"]),
    "Expand": lambda xs, a: xs[0].expand(a["size"]),
    "Chunk": lambda xs, a: torch.chunk(xs[0], a["chunks"], a["dim"]),
    "Split": lambda xs, a: torch.split(xs[0], a["split_size"] if isinstance(a["split_size"], int) else list(a["split_size"]), a["dim"]),
    "Slice": lambda xs, a: _slice(xs[0], a),
    "Select": lambda xs, a: torch.select(xs[0], a["dim"], a["index"]),
    "Pad": lambda xs, a: F.pad(xs[0], a["pad"], a["mode"], a["value"]),
    "Interpolate": lambda xs, a: _interpolate(xs[0], a),
    "Mean": lambda xs, a: torch.mean(xs[0], _axes(xs[0], a["dim"]), a["keepdim"]),
    "Sum": lambda xs, a: torch.sum(xs[0], _axes(xs[0], a["dim"]), a["keepdim"]),
    "Max": lambda xs, a: torch.amax(xs[0], _axes(xs[0], a["dim"]), a["keepdim"]),
    "Min": lambda xs, a: torch.amin(xs[0], _axes(xs[0], a["dim"]), a["keepdim"]),
    "Norm": lambda xs, a: torch.linalg.vector_norm(xs[0], a["ord"], _axes(xs[0], a["dim"]), a["keepdim"]),
    "Abs": lambda xs, a: torch.abs(xs[0]),
    "Neg": lambda xs, a: torch.neg(xs[0]),
    "Sqrt": lambda xs, a: torch.sqrt(xs[0]),
    "Rsqrt": lambda xs, a: torch.rsqrt(xs[0]),
    "Exp": lambda xs, a: torch.exp(xs[0]),
    "Log": lambda xs, a: torch.log(xs[0]),
    "Pow": lambda xs, a: torch.pow(xs[0], a["exponent"]),
    "Clamp": lambda xs, a: torch.clamp(xs[0], a["min"], a["max"]),
}  # fmt: skip


def op_of(layer: Layer) -> str:
    """A layer's name: its class in `torch.nn`, or its key in `FUNCTIONS`."""
    return type(layer).__name__


def arguments(layer: Layer, sizes: Sizes) -> Arguments:
    """The arguments of a layer in plain numbers."""
    return {name: plain(getattr(layer, name), sizes) for name in layer.arguments}


def plain(value: Any, sizes: Sizes) -> Any:
    if isinstance(value, list | tuple):
        return tuple(plain(v, sizes) for v in value)
    return evaluate(value, sizes) if is_symbolic(value) else value


# ---- modules -----------------------------------------------------------------------------------


def module_of(node: Node) -> nn.Module:
    """The module of `torch.nn` for a node, from its arguments and its input's sizes."""
    layer = node.layer
    assert layer is not None
    inferred_arguments = layer.inferred_arguments(*node.shapes)
    values = {}
    for name, argument in layer.arguments.items():
        value = getattr(layer, name)
        if name in getattr(layer, "call_arguments", ()):
            continue
        if name in inferred_arguments and value is None:
            value = inferred_arguments[name]
        if value is not None or not argument.inferred:
            values[name] = value
    return getattr(nn, op_of(layer))(**values)


class Interpreter:
    """The modules of a graph, each by its path; `run` applies the nodes one after the other."""

    def __init__(self, graph: Graph, state: State | None = None, training: bool = False) -> None:
        self.graph = graph
        self.training = training
        self.modules: dict[str, nn.Module] = {}
        self.tensors: dict[str, Tensor] = {}
        for node in graph.nodes:
            if isinstance(node.layer, Module) and node.owner is None:
                self.modules[node.path] = module_of(node).train(training)
            elif isinstance(node.layer, Parameter):
                self.tensors[node.path] = torch.empty(node.layer.shape).fill_(0.5)
            elif isinstance(node.layer, Constant):
                self.tensors[node.path] = torch.tensor(node.layer.value)
        if state is not None:
            self._load(state)
        for node in graph.nodes:
            for mine, owner, its in node.ties if node.owner is None else ():
                parameter = getattr(self.modules[(owner.owner or owner).path], its)
                setattr(self.modules[node.path], mine, parameter)

    def _load(self, state: State) -> None:
        for path, module in self.modules.items():
            prefix = f"{path}."
            own = {k.removeprefix(prefix): v for k, v in state.items() if k.startswith(prefix)}
            module.load_state_dict(own)
        for path in self.tensors:
            if path in state:
                self.tensors[path] = state[path]

    def run(
        self, inputs: list[Tensor], sizes: Sizes, nodes: list[Node] | None = None
    ) -> dict[int, Tensor]:
        """The tensor of every value, by its id. Raises `Rejected` where a shape is not as inferred."""
        tensors_by_value = {id(v): t for v, t in zip(self.graph.inputs, inputs, strict=True)}
        for node in self.graph.nodes if nodes is None else nodes:
            results = self.apply(node, [tensors_by_value[id(v.source)] for v in node.inputs], sizes)
            self.compare(node, results, sizes)
            for value, tensor in zip(node.outputs, results, strict=True):
                tensors_by_value[id(value)] = tensor
        return tensors_by_value

    def apply(self, node: Node, inputs: list[Tensor], sizes: Sizes) -> list[Tensor]:
        """What one node gives."""
        layer = node.layer
        assert layer is not None
        if isinstance(layer, Parameter | Constant):
            return [self.tensors[(node.owner or node).path]]
        if isinstance(layer, Module):
            owner = node.owner or node
            called = {name: plain(getattr(layer, name), sizes) for name in layer.call_arguments}
            alone = op_of(layer) == "MultiheadAttention" and len(inputs) == 1
            by_name = dict(zip(layer.taken, inputs, strict=True)) if layer.taken else {}
            tensors_in = [] if by_name else inputs * 3 if alone else inputs
            out = self.modules[owner.path](*tensors_in, **by_name, **called)
        else:
            values = arguments(layer, sizes)
            op = op_of(layer)
            if op == "DropPath":
                out = _drop_path(inputs[0], values, self.training)
            elif op == "ScaledDotProductAttention":
                out = _attention(inputs, values, self.training)
            else:
                out = FUNCTIONS[op](inputs, values)
        return flat(out)

    def compare(self, node: Node, results: list[Tensor], sizes: Sizes) -> None:
        if len(results) != len(node.outputs):
            raise Rejected(f"{node.path}: {len(results)} results, not {len(node.outputs)}")
        for value, tensor in zip(node.outputs, results, strict=True):
            if tensor.numel() == 0:
                raise Rejected(f"{node.path}: empty")
            if value.shape is None:
                continue
            expected_shape = shape_at(value.shape, sizes)
            if expected_shape != tuple(tensor.shape):
                raise Rejected(
                    f"{node.path}: inferred {list(expected_shape)}, torch gives {list(tensor.shape)}"
                )
            if str(tensor.dtype) != f"torch.{value.dtype}":
                raise Rejected(f"{node.path}: inferred {value.dtype}, torch gives {tensor.dtype}")


def shape_at(shape: Any, sizes: Sizes) -> tuple[int, ...]:
    return tuple(s if isinstance(s, int) else evaluate(s, sizes) for s in shape)


def tensors_for(graph: Graph, sizes: Sizes, seed: int = 0) -> list[Tensor]:
    generator = torch.Generator().manual_seed(seed)
    return [_tensor(shape_at(v.shape, sizes), v.dtype, generator) for v in graph.inputs]


def _tensor(shape: tuple[int, ...], dtype: str, generator: torch.Generator) -> Tensor:
    if dtype.startswith("int"):  # the rows of tables, which have two at least
        return torch.randint(0, 2, shape, generator=generator, dtype=getattr(torch, dtype))
    values = torch.rand(shape, generator=generator) + 0.25
    return values > 1 if dtype == "bool" else values


def results_of(graph: Graph, tensors_by_value: Mapping[int, Tensor]) -> Any:
    """The outputs in the form that the spec asks for."""
    tensors = [tensors_by_value[id(v.source)] for v in graph.outputs.values]
    if graph.outputs.kind == "dict":
        return dict(zip(graph.outputs.names, tensors, strict=True))
    return tensors[0] if len(tensors) == 1 and graph.outputs.kind == "one" else tuple(tensors)


def same(a: Any, b: Any) -> bool:
    """Whether two results are the same in form and bit for bit."""
    if isinstance(a, dict) and isinstance(b, dict):
        return list(a) == list(b) and all(same(a[k], b[k]) for k in a)
    if isinstance(a, tuple) and isinstance(b, tuple):
        return len(a) == len(b) and all(map(same, a, b))
    if not isinstance(a, Tensor) or not isinstance(b, Tensor):
        return False
    return (
        a.shape == b.shape
        and a.dtype == b.dtype
        and torch.equal(a.nan_to_num(7.5), b.nan_to_num(7.5))
    )


# ---- state_dict ----------------------------------------------------------------------------------


class _Tree:
    """The modules that the paths spell, children in the order of the text."""

    def __init__(self) -> None:
        self.parameters: list[str] = []
        self.buffers: list[str] = []
        self.children: dict[str, _Tree] = {}

    def module_at(self, path: str) -> _Tree:
        tree = self
        for name in path.split("."):
            tree = tree.children.setdefault(name, _Tree())
        return tree

    def keys(self, prefix: str = "") -> Iterator[str]:
        for name in (*self.parameters, *self.buffers):
            yield prefix + name
        for name, child in self.children.items():
            yield from child.keys(f"{prefix}{name}.")


def expected_keys(graph: Graph) -> list[str]:
    """The keys of the `state_dict`: in each module parameters, then buffers, then children."""
    root = _Tree()
    for maker in _in_order(graph.root.entries):
        if isinstance(maker, Level):
            root.module_at(maker.path)
            continue
        layer = maker.layer
        head, _, name = maker.path.rpartition(".")
        if isinstance(layer, Parameter):
            (root.module_at(head) if head else root).parameters.append(name)
        elif isinstance(layer, Module):
            own = module_of(maker)
            leaf = root.module_at(maker.path)
            leaf.parameters = [n for n, _ in own.named_parameters()]
            leaf.buffers = [n for n, _ in own.named_buffers()]
    return list(root.keys())


def _in_order(entries: list[Any]) -> Iterator[Node | Level]:
    """What is built, in the order of the text; a join's unnamed branches are where the join is."""
    for entry in entries:
        if isinstance(entry, Node | Level):
            if entry.owner is None:
                yield entry
                yield from _in_order(entry.entries if isinstance(entry, Level) else [])
        else:
            for iteration in entry.iterations:
                yield from _in_order(iteration)


# ---- sizes ---------------------------------------------------------------------------------------


def valid_sizes(graph: Graph, r: Random, count: int) -> list[dict[str, int]]:
    """Some sizes that the graph says it is valid for, the least ones first; none too large to run."""
    if graph.unproved:
        return []
    sizes_list = [{name: domain.smallest() for name, domain in graph.domains.items()}]
    sizes_list.extend(
        {n: r.choice(_members(d)) for n, d in graph.domains.items()} for _ in range(count - 1)
    )
    return [s for s in sizes_list if max(s.values(), default=0) <= 90]


def perhaps_valid_sizes(graph: Graph, r: Random) -> Iterator[dict[str, int]]:
    """Sizes that torch takes, of those where the graph leaves a relation between symbols open."""
    if not graph.unproved or any(d.empty for d in graph.domains.values()):
        return
    every = [dict.fromkeys(graph.domains, size) for size in (1, 2, 4, 7, 12)]
    every += [{n: r.choice(_members(d)) for n, d in graph.domains.items()} for _ in range(8)]
    for sizes in every:
        if max(sizes.values()) > 90 or any(v not in graph.domains[n] for n, v in sizes.items()):
            continue
        if not all(_related(str(relation), sizes) for relation in graph.unproved):
            continue
        inputs = tensors_for(graph, sizes)
        _, why = _result(lambda i=inputs, s=sizes: Interpreter(graph).run(i, s), graph)
        if not why:
            yield sizes


def _related(relation: str, sizes: dict[str, int]) -> bool:
    """Whether a relation holds, evaluated as written: with the operators and functions of Python."""
    left, divisible, right = relation.partition(" divisible by ")
    relation_text = f"({left}) % ({right}) == 0" if divisible else relation
    return bool(eval(relation_text, {"floor": int, "min": min, "max": max}, dict(sizes)))


def _members(domain: Domain) -> list[int]:
    lo = domain.smallest()
    near = [v for v in range(lo, lo + 2 * max(domain.modulus, 4)) if v in domain]
    return near[:5] if lo < 70 else [lo]


def invalid_sizes(graph: Graph, r: Random) -> Iterator[tuple[str, dict[str, int]]]:
    """Sizes that are valid but for one symbol."""
    if graph.unproved:
        return
    good = {name: domain.smallest() for name, domain in graph.domains.items()}
    for name, domain in graph.domains.items():
        lo = domain.smallest()
        outside = [v for v in range(max(1, lo - 4), lo + 2 * domain.modulus + 3) if v not in domain]
        below = [lo - 1] if lo > 1 else []
        for value in {*below, *r.sample(outside, min(2, len(outside)))}:
            yield name, {**good, name: value}


# ---- the laws ------------------------------------------------------------------------------------


def disagreements(text: str, seed: int = 0, *, deep: bool = True) -> list[str]:
    """Everything in which a valid spec, its graph and its module differ from torch, node by node."""
    network = netspec.load(text)
    if network.report.errors:
        return []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return list(_disagreements(network, Random(seed), deep))


def _disagreements(network: netspec.Network, r: Random, deep: bool) -> Iterator[str]:
    graph = network.elaborate()
    try:
        source = network.source()
    except Exception as error:
        yield f"source: crash {type(error).__name__}: {error}"
        return
    try:
        torch.manual_seed(r.randrange(1000))
        module = network.compile()
    except Exception as error:
        yield f"compile: {type(error).__name__}: {error}"
        return
    yield from _structure(graph, module, source, network)
    for k, sizes in enumerate(valid_sizes(graph, r, 3)):
        yield from _outputs(graph, module, sizes, k, deep=deep and k == 0)
    for k, sizes in enumerate(perhaps_valid_sizes(graph, r)):
        yield from _outputs(graph, module, sizes, k, deep=deep and k == 0)
    if deep:
        declared = {n for n, d in network.report.spec.dims.items() if d.declared}
        expects = "expect" in network.report.document.source.text
        yield from _outside(graph, module, r, declared, expects=expects)


def _structure(
    graph: Graph, module: nn.Module, source: str, network: netspec.Network
) -> Iterator[str]:
    keys = list(module.state_dict())
    expected = expected_keys(graph)
    if keys != expected:
        yield f"state_dict: {keys}, expected {expected}"
    if graph.outputs.kind == "one" and len(graph.outputs.values) != 1:
        yield f"outputs: one, and there are {len(graph.outputs.values)}"
    if graph.parameter_count != _count(module):
        yield f"parameter_count: {graph.parameter_count}, torch {_count(module)}"
    if network.source() != source:
        yield "source: another text the second time"
    scope: dict[str, Any] = {"__name__": "standalone"}
    exec(compile(source, "<standalone>", "exec"), scope)
    if list(scope[type(module).__name__]().state_dict()) != keys:
        yield "standalone: other keys"
    yield from _types(graph, module)


def _count(module: nn.Module) -> int:
    return sum(p.numel() for p in module.parameters())


def _types(graph: Graph, module: nn.Module) -> Iterator[str]:
    """Every node's module is found at its path, and is of torch's class; no module is there besides."""
    paths = {
        n.path: op_of(n.layer)
        for n in graph.nodes
        if isinstance(n.layer, Module) and n.owner is None
    }
    called = {
        n.path for n in graph.nodes if n.op in FUNCTIONAL and n.step is not None and not n.step.name
    }
    there = dict(module.named_modules())
    for path, op in paths.items():
        if path not in there and path in called:
            continue
        if path not in there:
            yield f"modules: none at {path}"
        elif type(there[path]) is not getattr(nn, op):
            yield f"modules: {path} is {type(there[path]).__name__}, not {op}"
    levels = {n.path.rpartition(".")[0] for n in graph.nodes} | {
        level.path for level in _levels(graph.root)
    }
    prefixes = {""} | {
        p[:k] for p in (*paths, *levels) for k in range(1, len(p) + 1) if p[k : k + 1] in ("", ".")
    }
    whole = tuple(f"{p}." for p in paths)  # what torch builds inside a layer is its own business
    extra = [p for p in there if p not in prefixes and not p.startswith(whole)]
    if extra:
        yield f"modules: {extra} have no owner"


def _traceable(graph: Graph) -> bool:
    """Whether torch.fx can trace it: it writes `self.class` where a module is called `class`."""
    names = {name for node in graph.nodes for name in node.path.split(".")}
    plain = all(
        n.isdigit() or (n.isidentifier() and not iskeyword(n) and n != "self") for n in names
    )
    return plain and not any(
        maker.checkpoint
        or (isinstance(maker, Node) and isinstance(maker.layer, Parameter | Constant))
        for maker in _makers(graph)
    )


def _makers(graph: Graph) -> Iterator[Node | Level]:
    yield from graph.nodes
    yield from _levels(graph.root)


def _levels(level: Level) -> Iterator[Level]:
    stack: list[Any] = [level]
    while stack:
        entry = stack.pop()
        if isinstance(entry, Level):
            yield entry
            stack.extend(entry.entries)
        elif hasattr(entry, "iterations"):
            for iteration in entry.iterations:
                stack.extend(iteration)


def _outputs(
    graph: Graph, module: nn.Module, sizes: Sizes, seed: int, *, deep: bool
) -> Iterator[str]:
    """The module against the interpreter at some sizes, in eval and in train mode."""
    inputs = tensors_for(graph, sizes, seed)
    state = {k: v.clone() for k, v in module.state_dict().items()}
    for training in (False, True):
        module.load_state_dict(state)
        module.train(training)
        copies = _copies(module) if deep else {}
        for called, other in {**copies, "in double": copy.deepcopy(module).double()}.items():
            if _count(other) != _count(module):
                yield f"parameters: {called} has {_count(other)}, not {_count(module)}"
        if deep and not training and _traceable(graph):
            copies["its fx trace"] = torch.fx.symbolic_trace(module)
        interpreter = Interpreter(graph, {k: v.clone() for k, v in state.items()}, training)
        expected_results, why = _result(
            lambda interpreter=interpreter: interpreter.run([t.clone() for t in inputs], sizes),
            graph,
        )
        mode = f"{'train' if training else 'eval'} at {dict(sizes)}"
        for called, other in {"module": module, **copies}.items():
            got, failure = _result(lambda other=other: other(*[t.clone() for t in inputs]))
            if why and (training or not failure):
                if training and failure:
                    continue
                yield f"{mode}: torch rejects a valid size: {why}"
            elif failure:
                yield f"{mode}: {called} fails: {failure}" + (f"; torch: {why}" if why else "")
            elif not same(got, expected_results):
                yield f"{mode}: {called} gives another result"
        if not why:
            yield from _buffers(module, interpreter, mode)
    if deep:
        module.load_state_dict(state)
        yield from _gradients(graph, module, sizes)


def _gradients(graph: Graph, module: nn.Module, sizes: Sizes) -> Iterator[str]:
    """Gradients and running statistics after a step of training, recomputed activations included."""
    state = {k: v.clone() for k, v in module.state_dict().items()}
    module.train()
    interpreter = Interpreter(graph, state, training=True)
    inputs = tensors_for(graph, sizes)
    failures = []
    for run in (
        lambda: module(*[t.clone() for t in inputs]),
        lambda: results_of(graph, interpreter.run([t.clone() for t in inputs], sizes)),
    ):
        torch.manual_seed(7)
        try:
            _loss(run()).backward()
            failures.append("")
        except (*REJECTIONS, Rejected) as error:
            failures.append(f"{type(error).__name__}: {error}")
    if failures[0] and not failures[1]:
        yield f"backward at {dict(sizes)}: {failures[0]}"
    if any(failures):
        return
    own = {
        f"{path}.{n}": p for path, m in interpreter.modules.items() for n, p in m.named_parameters()
    }
    for name, parameter in module.named_parameters():
        if name in own and not close(parameter.grad, own[name].grad):
            yield f"backward at {dict(sizes)}: another gradient of {name}"
            return
    yield from _buffers(module, interpreter, f"after backward at {dict(sizes)}")


def _loss(results: Any) -> Tensor:
    tensors = results.values() if isinstance(results, dict) else results
    if isinstance(results, Tensor):
        tensors = [results]
    return sum(
        (t.nan_to_num(0, 0, 0).float().mean() for t in tensors), torch.zeros((), requires_grad=True)
    )


def close(a: Tensor | None, b: Tensor | None) -> bool:
    if a is None or b is None:
        return a is b
    return torch.allclose(a, b, rtol=1e-3, atol=1e-5, equal_nan=True)


def _result(run: Callable[[], Any], graph: Graph | None = None) -> tuple[Any, str]:
    torch.manual_seed(7)
    try:
        with torch.no_grad():
            results = run()
    except (*REJECTIONS, Rejected) as error:
        return None, f"{type(error).__name__}: {error}"
    except Exception as error:
        return None, f"CRASH {type(error).__name__}: {error}"
    return (results if graph is None else results_of(graph, results)), ""


def _copies(module: nn.Module) -> dict[str, nn.Module]:
    """Modules that must do the same."""
    copies = {"its deep copy": copy.deepcopy(module)}
    buffer = io.BytesIO()
    pickle.dump(module, buffer)
    buffer.seek(0)
    copies["its pickle"] = pickle.load(buffer)
    return copies


def _buffers(module: nn.Module, interpreter: Interpreter, mode: str) -> Iterator[str]:
    """Running statistics are what the nodes' own have become."""
    state = module.state_dict()
    for path, own in interpreter.modules.items():
        for name, tensor in own.state_dict().items():
            if not same(state[f"{path}.{name}"], tensor):
                yield f"{mode}: {path}.{name} differs afterwards"
                return


def _outside(
    graph: Graph, module: nn.Module, r: Random, declared: set[str], *, expects: bool
) -> Iterator[str]:
    """At sizes that the graph says are not valid, torch fails and the module rejects its input."""
    module.eval()
    for name, sizes in invalid_sizes(graph, r):
        if max(sizes.values()) > 90:
            continue
        inputs = tensors_for(graph, sizes)
        _, failure = _result(lambda inputs=inputs: module(*inputs))
        if not failure.startswith("ValueError: `"):
            yield f"outside at {sizes}: the module does not reject {name}: {failure or 'runs'}"
        if name in declared or expects:
            continue
        interpreter = Interpreter(graph)
        _, why = _result(
            lambda inputs=inputs, sizes=sizes, run=interpreter.run: run(inputs, sizes), graph
        )
        if not why and not any(stricter(node, sizes) for node in graph.nodes):
            yield f"outside at {sizes}: torch runs anyway"


_BROADCAST = (
    "Add",
    "Sub",
    "Mul",
    "Div",
    "Maximum",
    "Minimum",
    "MatMul",
    "Expand",
    "ScaledDotProductAttention",
)
_WHOLE = ("Chunk", "Slice", "Squeeze", "Split")


def stricter(node: Node, sizes: Sizes) -> bool:
    """Where netspec requires more of a symbolic size than torch: it is never the 1 that is stretched, and
    must give equal parts, a whole stretch, a fixed number of axes.
    """
    assert node.layer is not None
    op = op_of(node.layer)
    if op in ("AdaptiveAvgPool2d", "AdaptiveAvgPool3d"):
        # An output of 1 takes a short cut through `mean`, which has no idea of ranks.
        return set(_numbers(node.layer.output_size)) == {1}  # type: ignore[attr-defined]
    if op == "DropPath":
        return not node.shapes[0]
    shapes = [*node.shapes, *([getattr(node.layer, "size", ())] if op == "Expand" else [])]
    symbols = [s for shape in shapes for s in shape if is_symbolic(s)]
    if op in _WHOLE:
        return bool(symbols)
    return op in _BROADCAST and any(evaluate(s, sizes) == 1 for s in symbols)


def _numbers(size: Any) -> tuple[Any, ...]:
    return size if isinstance(size, tuple) else (size,)


# ---- what is rejected -----------------------------------------------------------------------------


def wrongly_rejected(text: str) -> list[str]:
    """Nodes that netspec rejects although torch runs them on just these inputs."""
    network = netspec.load(text)
    graph = network.report.graph
    if graph is None or not network.report.errors:
        return []
    only_fixed = {d.path for d in network.diagnostics if d.code == Code.NOT_FIXED}
    nodes = [n for n in graph.nodes if _is_rejected(n) and n.path not in only_fixed]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.filterwarnings("error", message=".*will result in an error in a future release.*")
        return [rejection for node in nodes if (rejection := _runs(graph, node))]


def _is_rejected(node: Node) -> bool:
    known = node.layer is not None and all(v.shape is not None for v in node.inputs)
    return known and node.owner is None and node.outputs[0].shape is None


def _runs(graph: Graph, node: Node) -> str:
    """What torch makes of a rejected node on tensors of its inputs' shapes."""
    if graph.unproved or any(d.empty for d in graph.domains.values()) or not graph.inputs:
        return ""
    sizes = {name: domain.smallest() for name, domain in graph.domains.items()}
    if max(sizes.values(), default=0) > 90:
        return ""
    try:
        inputs = [torch.rand(shape_at(v.shape, sizes)) for v in node.inputs]
        interpreter = Interpreter.__new__(Interpreter)
        interpreter.training = False
        interpreter.modules = {}
        if isinstance(node.layer, Module):
            interpreter.modules[node.path] = module_of(node).eval()
        out = interpreter.apply(node, inputs, sizes)
    except (*REJECTIONS, UserWarning):
        return ""
    if any(t.numel() == 0 for t in out) or len(out) != len(node.outputs) or stricter(node, sizes):
        return ""
    shapes = [list(v.shape or ()) for v in node.inputs]
    return f"{node.path}: {op_of(node.layer)} {vars(node.layer)} on {shapes} at {sizes} gives {[list(t.shape) for t in out]}"
