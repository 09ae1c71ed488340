"""Which arguments of a program may change the sizes that it is valid for.

The sizes that `_check_inputs` asks for are proved for the parameters of the spec. An argument that only counts
features (`num_classes`, a growth rate) changes nothing of them; one that decides how deep the network is may.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence

from netspec.codegen.syntax import conjunction, same
from netspec.codegen.syntax import name as variable
from netspec.dims import EVERY
from netspec.elaborate import Graph
from netspec.expr.traversal import walk

FEATURE_KEYWORDS = frozenset(
    {"out_channels", "in_channels", "out_features", "in_features", "num_features", "num_channels"}
    | {"normalized_shape", "num_embeddings", "embedding_dim", "hidden_size", "p", "eps", "bias"}
    | {"momentum", "negative_slope", "dropout", "dropout_p", "inplace", "affine"}
)
"""The arguments of torch's layers that change no size but the number of features."""
FEATURE_POSITIONS = {
    "Linear": 2, "Embedding": 2, "LayerNorm": 1, "BatchNorm1d": 1, "BatchNorm2d": 1, "BatchNorm3d": 1,
    "Conv1d": 2, "Conv2d": 2, "Conv3d": 2, "Dropout": 1, "Dropout2d": 1, "LSTM": 2, "GRU": 2, "RNN": 2,
    "ConvTranspose1d": 2, "ConvTranspose2d": 2, "ConvTranspose3d": 2,
}  # fmt: skip
"""How many arguments by position are of that kind."""

RATES = {
    "dropout": 1,
    "alpha_dropout": 1,
    "dropout1d": 1,
    "dropout2d": 1,
    "dropout3d": 1,
    "feature_dropout": 1,
}
"""Where functions of torch take a probability."""

Name = tuple[str, str]
"""A class and a variable of its constructor."""


def is_restricted(graph: Graph) -> bool:
    """Whether a network is valid for some sizes of its inputs only."""
    return bool(graph.unproved) or not all(d.contains_all(EVERY) for d in graph.domains.values())


def same_sizes(a: Graph, b: Graph) -> bool:
    """Whether two networks are valid for the same inputs."""
    shapes = [[v.shape for v in graph.inputs] for graph in (a, b)]
    return shapes[0] == shapes[1] and a.domains == b.domains and a.unproved == b.unproved


def proved_for(labels: Sequence[str], rows: Sequence[Sequence[ast.expr]]) -> ast.expr:
    """The test that arguments have the values of one of the rows.

    >>> row = [ast.Constant(18), ast.Constant(False)]
    >>> ast.unparse(proved_for(["depth", "norm"], [row]))
    'depth == 18 and (not norm)'
    >>> ast.unparse(proved_for(["depth", "norm"], [row, [ast.Constant(34), ast.Constant(True)]]))
    '(depth, norm) in ((18, False), (34, True))'
    """
    distinct: list[Sequence[ast.expr]] = []
    comparable = [row for row in rows if not any(isinstance(v, ast.Call) for v in row)]
    for row in comparable or rows[:1]:  # what `partial` makes is equal to itself only
        if not any(all(map(same, row, known)) for known in distinct):
            distinct.append(row)
    deciding = [k for k, _ in enumerate(labels) if len(distinct) == 1 or _differs(distinct, k)]
    fixed = [k for k, _ in enumerate(labels) if k not in deciding]
    tests = [_is(labels[k], distinct[0][k]) for k in fixed]
    if len(distinct) == 1:
        return conjunction([_is(labels[k], distinct[0][k]) for k in deciding])
    if len(deciding) == 1:
        known = ast.Tuple([row[deciding[0]] for row in distinct], ast.Load())
        return conjunction(
            [*tests, ast.Compare(variable(labels[deciding[0]]), [ast.In()], [known])]
        )
    values = [ast.Tuple([row[k] for k in deciding], ast.Load()) for row in distinct]
    asked = ast.Tuple([variable(labels[k]) for k in deciding], ast.Load())
    known = ast.Tuple(list(values), ast.Load())
    return conjunction([*tests, ast.Compare(asked, [ast.In()], [known])])


def _differs(rows: Sequence[Sequence[ast.expr]], place: int) -> bool:
    return any(not same(row[place], rows[0][place]) for row in rows)


def _is(label: str, value: ast.expr) -> ast.expr:
    """`x == 3`, and for truth values `x` or `not x`."""
    if isinstance(value, ast.Constant) and isinstance(value.value, bool):
        return variable(label) if value.value else ast.UnaryOp(ast.Not(), variable(label))
    return ast.Compare(variable(label), [ast.Eq()], [value])


def decides_sizes(classes: Iterable[ast.ClassDef], root: str) -> set[str]:
    """The constructor arguments of `root` that may decide more than how many features there are."""
    passed: dict[Name, set[Name]] = {}
    deciding: set[Name] = set()
    signatures = {c.name: _signature(c) for c in classes}
    for each in classes:
        for method in each.body:
            if isinstance(method, ast.FunctionDef):
                _look(each.name, method, signatures, passed, deciding)
    grown = True
    while grown:
        before = len(deciding)
        deciding |= {name for name, targets in passed.items() if targets & deciding}
        grown = len(deciding) != before
    return {variable for owner, variable in deciding if owner == root}


def _signature(node: ast.ClassDef) -> list[str]:
    for method in node.body:
        if isinstance(method, ast.FunctionDef) and method.name == "__init__":
            return [a.arg for a in method.args.args[1:]]
    return []


def _look(
    owner: str,
    method: ast.FunctionDef,
    signatures: dict[str, list[str]],
    passed: dict[Name, set[Name]],
    deciding: set[Name],
) -> None:
    for name, target in _uses(method, signatures):
        if target is None:
            deciding.add((owner, name))
        else:
            passed.setdefault((owner, name), set()).add(target if target[0] else (owner, target[1]))


def _uses(node: ast.AST, signatures: dict[str, list[str]]) -> Iterator[tuple[str, Name | None]]:
    """The variables that a piece of code mentions, and what they go into; None for anything that may decide."""
    if isinstance(node, ast.Call):
        yield from _call(node, signatures)
        return
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
        for name in _names(node.value):
            yield name, ("", node.targets[0].id)
        yield from (use for use in _uses(node.value, signatures) if use[0].startswith("self."))
        return
    if isinstance(node, ast.Assign) and (kept := _of_self(node.targets[0])):
        if isinstance(node.value, ast.Name):
            yield node.value.id, ("", f"self.{kept}")
        else:  # a condition or a layer
            yield from _uses(node.value, signatures)
        return
    if kept := _of_self(node):
        yield f"self.{kept}", None
        return
    if isinstance(node, ast.Name) and not isinstance(getattr(node, "ctx", None), ast.Store):
        yield node.id, None
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.arguments):
            yield from _uses(child, signatures)


def _of_self(node: ast.AST) -> str:
    """The attribute that an expression `self.…` names."""
    match node:
        case ast.Attribute(ast.Name("self"), label):
            return label
    return ""


def _call(node: ast.Call, signatures: dict[str, list[str]]) -> Iterator[tuple[str, Name | None]]:
    function = node.func
    layer = (
        function.attr
        if isinstance(function, ast.Attribute)
        and isinstance(function.value, ast.Name)
        and function.value.id == "nn"
        else ""
    )
    own = signatures.get(function.id) if isinstance(function, ast.Name) else None
    rate = RATES.get(function.attr) if isinstance(function, ast.Attribute) and not layer else None
    for k, argument in enumerate(node.args):
        if own is not None and isinstance(function, ast.Name) and k < len(own):
            yield from ((n, (function.id, own[k])) for n in _names(argument))
        elif k != rate and not (layer and k < FEATURE_POSITIONS.get(layer, 0)):
            yield from _uses(argument, signatures)
    for keyword in node.keywords:
        if own is not None and isinstance(function, ast.Name) and keyword.arg:
            yield from ((n, (function.id, keyword.arg)) for n in _names(keyword.value))
        elif not ((layer or _of_torch(function)) and keyword.arg in FEATURE_KEYWORDS):
            yield from _uses(keyword.value, signatures)
    if not layer and own is None:
        yield from _uses(function, signatures)


def _of_torch(node: ast.AST) -> bool:
    """Whether a function is one of `torch` or `torch.nn.functional`."""
    match node:
        case ast.Attribute(ast.Name("F" | "torch")):
            return True
    return False


def _names(node: ast.AST) -> Iterator[str]:
    for part in walk(node):
        if isinstance(part, ast.Name):
            yield part.id
