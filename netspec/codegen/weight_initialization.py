"""How weights start: one loop over the modules, as people write it, or the paths one by one."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from functools import cached_property
from typing import NamedTuple

from netspec.codegen.expression_text import text_of
from netspec.codegen.expressions import translate_static
from netspec.codegen.identifiers import fresh, is_plain
from netspec.codegen.scopes import Scope, Untranslatable
from netspec.codegen.syntax import attribute, call, conjunction, constant, dotted, name
from netspec.codegen.ties import module_at
from netspec.codegen.tree_equality import same_tree
from netspec.elaborate.initialization import Rule
from netspec.expr.traversal import names_in, walk_tree
from netspec.graph import Graph, Level, Node
from netspec.layer.base import Layer, Module


class Initialization(NamedTuple):
    """The statements that start the weights.

    Attributes:
        statements: The statements, at the end of the outermost constructor.
        general: Whether they hold for other values of the parameters too.
        each_module: What is done for every module, where neither names nor the order of the modules matter.
    """

    statements: list[ast.stmt]
    general: bool
    each_module: list[ast.stmt]


class _Choice(NamedTuple):
    """One rule, the test for the modules that it is for, and the call that fills a parameter.

    With `may_be_none`, PyTorch types the parameter as one that may be missing, so that the program asks first.
    """

    test: ast.expr
    fill: ast.expr
    may_be_none: bool


_Rules = dict[str, dict[int, tuple[Rule, list[Node]]]]
"""For each parameter its rules with the nodes that they are for, by the identity of the rule."""


def initialization(graph: Graph, scope: Scope, attributes: AbstractSet[int]) -> Initialization:
    """The statements for the rules of `init`; none where torch's own start is kept.

    Args:
        graph: The network.
        scope: What names mean in the rules.
        attributes: The identities of the nodes and levels that attributes lead to, whatever the arguments are.
    """
    if not graph.init:
        return Initialization([], True, [])
    nodes = {n.path: n for n in graph.nodes if n.owner is None}
    by_parameter: _Rules = {}
    for (path, parameter), rule in graph.init.items():
        rules = by_parameter.setdefault(parameter, {})
        rules.setdefault(id(rule), (rule, []))[1].append(nodes[path])
    modules = _Modules(graph)
    if not modules.hidden:
        for direct, others in (_apart(by_parameter, graph, attributes), ([], by_parameter)):
            groups = _groups(others, modules, scope)
            if groups is not None:
                return _initialization(direct, groups, modules, scope)
    return Initialization(_one_by_one(by_parameter, scope), False, [])


def _initialization(
    direct: list[_Direct], groups: list[_Group], modules: _Modules, scope: Scope
) -> Initialization:
    body: list[ast.stmt] = []
    for tests, fill_lists in _gathered(groups):
        body += _chain(tests, fill_lists)
    names = names_in(*body)
    before = [_direct_fill(d, scope) for d in direct if d.before]
    after = [_direct_fill(d, scope) for d in direct if not d.before]
    if body and names <= {"module", "nn", "isinstance"} and not modules.nested:
        return Initialization([*before, *after], True, body)
    loops = [_loop(body, named="name" in names)] if body else []
    return Initialization([*before, *loops, *after], True, [])


def init_weights(body: list[ast.stmt], label: str) -> tuple[ast.FunctionDef, ast.stmt]:
    """The method that starts the weights of one module, and the statement that applies it to all of them."""
    module = ast.arg("module", dotted("nn.Module"))
    signature = ast.arguments([], [ast.arg("self"), module], None, [], [], None, [])
    method = ast.FunctionDef(label, signature, body, [], constant(None), None, lineno=0)
    return method, ast.Expr(call("self.apply", attribute(name("self"), label)))


def with_free_variables(body: list[ast.stmt], taken: AbstractSet[str]) -> list[ast.stmt]:
    """The statements with other variables of loops where an argument has the name: `name` or `path`."""
    for node in (n for statement in body for n in walk_tree(statement)):
        if type(node) is ast.Name and node.id in {"name", "path"} & taken:
            node.id = fresh(f"module_{node.id}", taken)
    return body


# ---- single modules -----------------------------------------------------------------------------------


class _Direct(NamedTuple):
    """A rule for one module by its path: its parameter is filled by a statement of its own.

    Attributes:
        rule: The rule.
        node: The module.
        parameter: The parameter.
        before: Whether that happens before the loop over the others, or after it.
    """

    rule: Rule
    node: Node
    parameter: str
    before: bool


_WITHOUT_RANDOMNESS = frozenset({"zeros_", "ones_", "constant_", "eye_", "dirac_"})


def _apart(
    by_parameter: _Rules, graph: Graph, attributes: AbstractSet[int]
) -> tuple[list[_Direct], _Rules]:
    """The rules for single modules that keep the order of the random numbers, and the other rules."""
    position = {id(node): k for k, node in enumerate(graph.nodes)}
    exact = {
        id(rule): nodes[0]
        for rules in by_parameter.values()
        for rule, nodes in rules.values()
        if not rule.by_op
        and "*" not in rule.written.target.text
        and _has_attribute(nodes, attributes)
    }
    drawn = [
        position[id(node)]
        for rules in by_parameter.values()
        for key, (rule, nodes) in rules.items()
        if key not in exact and rule.written.function not in _WITHOUT_RANDOMNESS
        for node in nodes
    ]
    before = {id(n) for n in exact.values() if all(position[id(n)] < place for place in drawn)}
    after = {id(n) for n in exact.values() if all(position[id(n)] > place for place in drawn)}
    direct: list[_Direct] = []
    others: _Rules = {}
    for parameter, rules in by_parameter.items():
        for key, (rule, nodes) in rules.items():
            certain = rule.written.function in _WITHOUT_RANDOMNESS
            place = id(nodes[0])
            if key in exact and (certain or place in before or place in after):
                direct.append(_Direct(rule, nodes[0], parameter, place in before))
            else:
                others.setdefault(parameter, {})[key] = rule, nodes
    return sorted(direct, key=lambda d: position[id(d.node)]), others


def _has_attribute(nodes: list[Node], attributes: AbstractSet[int]) -> bool:
    """Whether a rule is for one module that an attribute of the network leads to, whatever the arguments are."""
    node, *others = nodes
    entries: list[Node | Level] = [node]
    while parent := entries[-1].level if isinstance(entries[-1], Node) else entries[-1].parent:
        entries.append(parent)
    there = all(id(entry) in attributes for entry in entries[:-1])  # the last one is the network
    return not others and there and all(map(is_plain, node.path.split(".")))


def _direct_fill(direct: _Direct, scope: Scope) -> ast.stmt:
    """`nn.init.zeros_(self.head.weight)`."""
    tensor = attribute(module_at(direct.node.path), direct.parameter)
    fill = ast.Expr(_fill(direct.rule, tensor, scope))
    if direct.parameter == "bias" and direct.node.op.startswith("Conv"):
        return ast.If(_present(fill.value), [fill], [])
    return fill


# ---- modules by their kind and name -------------------------------------------------------------------


def _groups(by_parameter: _Rules, modules: _Modules, scope: Scope) -> list[_Group] | None:
    """The tests that tell modules apart, and what is done for them; None where no test does."""
    groups: list[_Group] = []
    for parameter, rules in by_parameter.items():
        choices = _choices(parameter, list(rules.values()), modules, scope)
        if choices is None:
            return None
        tests = [choice.test for choice in choices]
        known = next((g for g in groups if same_tree(g[0], tests)), None)
        if known is None:
            groups.append((tests, [[c] for c in choices]))
        else:
            for fills, choice in zip(known[1], choices, strict=True):
                fills.append(choice)
    return groups


_Group = tuple[list[ast.expr], list[list[_Choice]]]
"""Tests, and what is done where each holds."""


def _gathered(groups: list[_Group]) -> list[_Group]:
    """The groups, those that ask again what an earlier one asks as part of that."""
    if len(groups) == 1:
        return groups
    done: list[tuple[_Group, dict[str, int]]] = []
    for tests, fills in groups:
        texts = list(map(text_of, tests))
        asked = set(texts)
        for (earlier, filled), places in done:
            first = asked == set(list(places)[: len(asked)])
            if first or (asked <= places.keys() and all(map(_asks_for_one_class, earlier))):
                for text, choices in zip(texts, fills, strict=True):
                    filled[places[text]] += choices
                break
        else:
            done.append(((tests, fills), {text: k for k, text in enumerate(texts)}))
    return [group for group, _ in done]


def _asks_for_one_class(test: ast.expr) -> bool:
    """Whether a test is `isinstance(module, nn.Linear)`: of several such, one at most holds."""
    match test:
        case ast.Call(ast.Name("isinstance"), [ast.Name("module"), ast.Attribute()]):
            return True
    return False


def _chain(tests: list[ast.expr], fills: list[list[_Choice]]) -> list[ast.stmt]:
    """`if … elif …`."""
    made: list[ast.stmt] = []
    for test, calls in zip(*_joined(*_asked(tests, fills)), strict=True):
        made = [ast.If(test, calls, made)]
    return made


def _asked(
    tests: list[ast.expr], fills: list[list[_Choice]]
) -> tuple[list[ast.expr], list[list[ast.stmt]]]:
    """The tests and what is done, with the question whether a parameter is there, where it may be missing."""
    asked: list[ast.expr] = []
    done: list[list[ast.stmt]] = []
    for test, choices in zip(tests, fills, strict=True):
        alone = len(choices) == 1 and choices[0].may_be_none
        asked.append(conjunction([test, _present(choices[0].fill)]) if alone else test)
        done.append(
            [
                ast.If(_present(c.fill), [ast.Expr(c.fill)], [])
                if c.may_be_none and not alone
                else ast.Expr(c.fill)
                for c in choices
            ]
        )
    return asked, done


def _present(fill: ast.expr) -> ast.expr:
    """Whether the parameter that a call fills is there."""
    assert isinstance(fill, ast.Call)
    return ast.Compare(fill.args[0], [ast.IsNot()], [constant(None)])


def _joined(
    tests: list[ast.expr], fills: list[list[ast.stmt]]
) -> tuple[list[ast.expr], list[list[ast.stmt]]]:
    """The tests from the last to the first, neighbors that lead to the same calls as one."""
    joined_tests: list[ast.expr] = []
    joined_fills: list[list[ast.stmt]] = []
    for test, calls in zip(reversed(tests), reversed(fills), strict=True):
        if joined_fills and same_tree(joined_fills[-1], calls):
            joined_tests[-1] = _either(test, joined_tests[-1])
        else:
            joined_tests.append(test)
            joined_fills.append(calls)
    return joined_tests, joined_fills


def _either(a: ast.expr, b: ast.expr) -> ast.expr:
    """One of two tests: two classes of one `isinstance`, or `or`."""
    match a, b:
        case (
            ast.Call(ast.Name("isinstance"), [ast.Name("module"), first]),
            ast.Call(ast.Name("isinstance"), [ast.Name("module"), second]),
        ):
            return call("isinstance", name("module"), ast.BinOp(first, ast.BitOr(), second))
        case (
            ast.BoolOp(ast.And(), [ast.Call() as kind, present]),
            (ast.Call() as other) | ast.BoolOp(ast.And(), [ast.Call() as other, ast.Compare()]),
        ) if _asks_for_bias(present) and not isinstance(_either(kind, other), ast.BoolOp):
            # A module of the second kind has the parameter whenever it is asked for without a question.
            return ast.BoolOp(ast.And(), [_either(kind, other), present])
        case (
            ast.Call(ast.Attribute(ast.Name("name"), method) as test, [first]),
            ast.Call(ast.Attribute(ast.Name("name"), other_method), [second]),
        ) if method == other_method:
            rest = second.elts if isinstance(second, ast.Tuple) else [second]
            return ast.Call(test, [ast.Tuple([first, *rest], ast.Load())], [])
    return ast.BoolOp(ast.Or(), [a, b])


def _asks_for_bias(test: ast.expr) -> bool:
    """Whether a test is `module.… is not None`."""
    match test:
        case ast.Compare(ast.Attribute(ast.Name("module")), [ast.IsNot()], [ast.Constant(None)]):
            return True
    return False


def _loop(body: list[ast.stmt], *, named: bool) -> ast.stmt:
    if named:
        target: ast.expr = ast.Tuple(
            [ast.Name("name", ast.Store()), ast.Name("module", ast.Store())], ast.Store()
        )
        return ast.For(target, call("self.named_modules"), body, [], lineno=0)
    return ast.For(ast.Name("module", ast.Store()), call("self.modules"), body, [], lineno=0)


def _choices(
    parameter: str, rules: list[tuple[Rule, list[Node]]], modules: _Modules, scope: Scope
) -> list[_Choice] | None:
    """The rules for one parameter, the strongest first; None where no test says which modules are intended."""
    ordered = sorted(rules, key=lambda r: (r[0].by_op, modules.position[r[1][0]]))
    taken: set[str] = set()
    choices = []
    for rule, nodes in ordered:
        test = _test(rule, nodes, parameter, modules, taken)
        if test is None:
            return None
        taken |= {n.path for n in nodes}
        fill = _fill(rule, attribute(name("module"), parameter), scope)
        match test:
            case ast.BoolOp(ast.And(), [kind, present]) if _asks_for_bias(present):
                choices.append(_Choice(kind, fill, True))
            case _:
                choices.append(_Choice(test, fill, _may_be_none(nodes, parameter)))
    return choices


def _may_be_none(nodes: list[Node], parameter: str) -> bool:
    """Whether PyTorch types it as `Tensor | None`: the bias of a convolution."""
    return parameter == "bias" and any(n.op.startswith("Conv") for n in nodes)


def _test(
    rule: Rule, nodes: list[Node], parameter: str, modules: _Modules, taken: set[str]
) -> ast.expr | None:
    """The test that holds for exactly these modules, those of stronger rules aside."""
    if any(not isinstance(n.layer, Module) for n in nodes):
        return None
    kinds = sorted({n.layer.constructor() for n in nodes if isinstance(n.layer, Module)})
    is_kind: ast.expr = call("isinstance", name("module"), _union(kinds))
    if "nn.Linear" in kinds and modules.output_projections:
        # The output projection of attention is a subclass of nn.Linear that no step of the spec names.
        if len(kinds) > 1:
            return None
        is_kind = ast.Compare(call("type", name("module")), [ast.Is()], [_union(kinds)])
    picked = {n.path for n in nodes}
    alike = [node for node, kind in modules.kind_of.items() if kind in kinds]
    if rule.by_op:
        reached = {n.path for n in alike} - taken
        with_it = {n.path for n in alike if parameter in modules.parameters.get(n, ())} - taken
        if with_it != picked:
            return None
        if reached == picked:
            return is_kind
        present = ast.Compare(attribute(name("module"), parameter), [ast.IsNot()], [constant(None)])
        return ast.BoolOp(ast.And(), [is_kind, present])
    for test, matches in _path_tests(rule.written.target.text):
        if {p for p in modules.paths if matches(p)} - taken == picked:
            return test
        if {n.path for n in alike if matches(n.path)} - taken == picked:
            plain = len(kinds) == 1 and not any(
                matches(path) for path in modules.output_projections
            )
            asked = call("isinstance", name("module"), _union(kinds)) if plain else is_kind
            return ast.BoolOp(ast.And(), [test, asked])
    return None


def _path_tests(pattern: str) -> Iterator[tuple[ast.expr, _Matcher]]:
    """The tests that may say a pattern of paths, the plainest first, and the same tests here."""
    if "*" not in pattern:
        yield ast.Compare(name("name"), [ast.Eq()], [constant(pattern)]), _Matcher("", pattern)
        return
    start, middle, end = pattern.partition("**.")
    if not start and middle and "*" not in end:
        yield call("name.endswith", constant(f".{end}")), _Matcher("end", f".{end}")
    if pattern.endswith(".**") and "*" not in pattern[:-3]:
        yield call("name.startswith", constant(pattern[:-2])), _Matcher("start", pattern[:-2])
    if not start and middle and "*" not in (part := end.rstrip("*")) and part.endswith("."):
        within = ast.Compare(constant(f".{part}"), [ast.In()], [name("name")])
        yield within, _Matcher("within", f".{part}")
    expression = _regular(pattern)
    yield (
        call("re.fullmatch", constant(expression), name("name")),
        _Matcher("regular", expression),
    )


class _Matcher(NamedTuple):
    """A test of paths."""

    kind: str
    text: str

    def __call__(self, path: str) -> bool:
        """Whether a path passes."""
        if self.kind == "end":
            return path.endswith(self.text)
        if self.kind == "start":
            return path.startswith(self.text)
        if self.kind == "within":
            return self.text in path
        if self.kind == "regular":
            return re.fullmatch(self.text, path) is not None
        return path == self.text


def _regular(pattern: str) -> str:
    """The regular expression for a pattern of paths."""
    text = re.escape(pattern)
    text = text.replace(r"\*\*\.", r"(.*\.)?").replace(r"\.\*\*", r"(\..*)?").replace(r"\*\*", ".*")
    return text.replace(r"\*", r"[^.]*")


_ATTENTION = "MultiheadAttention"


class _Modules:
    """The modules of a network.

    Attributes:
        position: The place of each node in the network.
        kind_of: The class of each module that is made, as the program calls it.
        output_projections: The paths of the linear layers in layers of attention.
        parameters: The weights of each node itself, of those that may have any.
        nested: The layers that have modules inside, as attention does.
    """

    def __init__(self, graph: Graph) -> None:
        self.position = {node: k for k, node in enumerate(graph.nodes)}
        self.kind_of = {
            node: node.layer.constructor()
            for node in graph.nodes
            if isinstance(node.layer, Module) and node.owner is None
        }
        kinds = {node: type(node.layer).__name__ for node in graph.nodes}
        self.output_projections = {f"{n.path}.out_proj" for n in kinds if kinds[n] == _ATTENTION}
        self.parameters = {
            node: node.parameters
            for node in graph.nodes
            if node.layer is not None and type(node.layer).parameters is not Layer.parameters
        }
        self.nested = {kinds[n] for n, own in self.parameters.items() if any("." in p for p in own)}

    @property
    def hidden(self) -> bool:
        """Whether a layer has modules inside that no step of the spec speaks of, and a loop would meet them."""
        return bool(self.nested - {_ATTENTION})  # what is inside that is no plain `nn.Linear`

    @cached_property
    def paths(self) -> set[str]:
        """The paths of the modules, and of those that hold them."""
        paths = {node.path for node in self.kind_of}
        for node in self.position:
            outer = node.path.rpartition(".")[0]
            while outer and outer not in paths:
                paths.add(outer)
                outer = outer.rpartition(".")[0]
        return paths


def _union(kinds: list[str]) -> ast.expr:
    if len(kinds) == 1:
        return dotted(kinds[0])
    made: ast.expr = dotted(kinds[0])
    for kind in kinds[1:]:
        made = ast.BinOp(made, ast.BitOr(), dotted(kind))
    return made


def _fill(rule: Rule, tensor: ast.expr, scope: Scope) -> ast.expr:
    """`nn.init.normal_(module.weight, std=0.02)`, formulas of the spec kept."""
    named: dict[str, ast.expr] = {}
    for key, value in rule.arguments.items():
        written = rule.written.arguments.get(key)
        try:
            named[key] = (
                translate_static(written[1], scope)
                if written and not isinstance(value, str)
                else constant(value)
            )
        except Untranslatable:
            named[key] = constant(value)
    return call(f"nn.init.{rule.written.function}", tensor, **named)


def _one_by_one(
    by_parameter: dict[str, dict[int, tuple[Rule, list[Node]]]], scope: Scope
) -> list[ast.stmt]:
    """The paths that each rule is for, where no test tells them from the others."""
    made: list[ast.stmt] = []
    for parameter, rules in by_parameter.items():
        for rule, nodes in rules.values():
            paths = [f"{n.path}.{parameter}" for n in nodes]
            if len(paths) == 1:
                tensor = call("self.get_parameter", constant(paths[0]))
                made.append(ast.Expr(_fill(rule, tensor, scope)))
                continue
            tensor = call("self.get_parameter", name("path"))
            listed = ast.Tuple([constant(p) for p in paths], ast.Load())
            body: list[ast.stmt] = [ast.Expr(_fill(rule, tensor, scope))]
            made.append(ast.For(ast.Name("path", ast.Store()), listed, body, [], lineno=0))
    return made
