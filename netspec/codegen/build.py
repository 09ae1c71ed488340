"""What `__init__` says: the lines that build the modules of one class."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from netspec.codegen.comments import commented, shapes_of
from netspec.codegen.names import attribute, fresh, identifier, is_plain, variable
from netspec.codegen.parts import Argument, Build, BuildChain, BuildLoop, Hole, Item, LevelPlan
from netspec.codegen.quoting import in_f_string, literal
from netspec.elaborate import Level, Node
from netspec.layers.base import Module
from netspec.layers.constant import Constant, Parameter

_WIDTH = 92
"""Columns for a line of `__init__`, which is indented by eight."""
_COUNTERS = ("i", "j", "k", "m", "n")


class Owner(NamedTuple):
    """The expression that children are registered on; a Sequential knows how many it has so far."""

    text: str
    sequential: bool = False
    children: int | None = None

    def plus(self, more: str) -> Owner:
        """The same after `more` further children."""
        grown = self.children + int(more) if self.children is not None and more.isdigit() else None
        return self._replace(children=grown)

    def registers(self, name: str, value: str) -> str:
        """The statement that registers a child, however its name has to be said."""
        if self.sequential and self.children is not None and name == str(self.children):
            return f"{self.text}.append({value})"
        if is_plain(name):
            return f"{self.text}.{name} = {value}"
        return f"{self.text}.add_module({literal(name)}, {value})"


def built(plan: LevelPlan) -> list[str]:
    """The lines that build the children of a class, in order."""
    assert plan.plan is not None
    builder = Builder(plan.plan.parameters, shapes=len(plan.plan.uses) == 1)
    kept = [f"self.{name} = {text}" for name, text in plan.plan.attributes.items()]
    return [*kept, *builder.children(plan.items, Owner("self", plan.chain, 0))]


def constant_lines(plan: LevelPlan) -> list[tuple[str, str]]:
    """The constants of a class itself: the attribute, and the tensor that it holds."""
    return [
        (attribute(item.name), _tensor(item.node.layer))
        for item in plan.items
        if isinstance(item, Build)
        and isinstance(item.node, Node)
        and isinstance(item.node.layer, Constant)
    ]


class Builder:
    """Writes the lines of one `__init__`; knows the names that are taken in it."""

    def __init__(self, parameters: list[str], *, shapes: bool) -> None:
        self.taken = set(parameters)
        self.shapes = shapes
        """Whether lines tell the shape that comes out: where the class has one use, it is one shape."""

    def children(self, items: list[Item], owner: Owner) -> Iterator[str]:
        """The lines for the children of `owner`."""
        for item in items:
            yield from self._item(item, owner)
            owner = owner.plus(item.count.text if isinstance(item, BuildLoop) else "1")

    def _item(self, item: Item, owner: Owner) -> Iterator[str]:
        if isinstance(item, BuildLoop):
            yield from self._loop(item, owner)
        elif isinstance(item, BuildChain):
            yield from self._chain(item, owner)
        elif item.callee == "=":
            yield from _source(item, owner.text)
        else:
            line = owner.registers(item.name, call_of(item))
            yield self._told(line, item.node) if owner.sequential else line

    def _told(self, line: str, node: Node | Level) -> str:
        return commented(line, shapes_of([node])) if self.shapes else line

    # ---- sequences in place -----------------------------------------------------------------------

    def _chain(self, item: BuildChain, owner: Owner) -> Iterator[str]:
        """`owner.name = nn.Sequential(…)`: at once where its children are numbered, else one by one."""
        simple = [i for i in item.items if isinstance(i, Build) and i.callee != "="]
        if [i.name for i in simple] != [str(k) for k in range(len(item.items))]:
            yield from self._grown(item, owner)
            return
        value = f"nn.Sequential({', '.join(call_of(i) for i in simple)})"
        line = owner.registers(item.name, value)
        if len(line) <= _WIDTH or not simple:
            yield self._told(line, item.level)
            return
        head, tail = owner.registers(item.name, "\0").split("\0")
        yield f"{head}nn.Sequential("
        for child in simple:
            yield self._told(f"    {call_of(child)},", child.node)
        yield f"){tail}"

    def _grown(self, item: BuildChain, owner: Owner) -> Iterator[str]:
        direct = is_plain(item.name) and owner.text == "self"
        name = f"self.{item.name}" if direct else fresh(variable(item.name), self.taken)
        yield f"{name} = nn.Sequential()"
        self.taken.add(name)
        yield from self.children(item.items, Owner(name, sequential=True, children=0))
        self.taken.discard(name)
        if not direct:
            yield owner.registers(item.name, name)

    # ---- loops ------------------------------------------------------------------------------------

    def _loop(self, loop: BuildLoop, owner: Owner) -> Iterator[str]:
        """A `for` that builds one child per iteration."""
        bare = not loop.prefix and not loop.suffix
        appends = owner.sequential and bare and loop.start == owner.children
        variables = self._variables(loop.item)
        counter = next(c for c in (*_COUNTERS, "index") if c not in self.taken)
        own = {counter, *(v for v, _ in variables)}
        self.taken |= own
        yield _header(loop, variables, "" if appends else counter)
        name = f'f"{in_f_string(loop.prefix)}{{{counter}}}{in_f_string(loop.suffix)}"'
        for line in self._iteration(loop.item, owner, "" if appends else name):
            yield f"    {line}"
        self.taken -= own

    def _iteration(self, item: Item, owner: Owner, name: str) -> Iterator[str]:
        if isinstance(item, Build):
            value = call_of(item)
        else:
            assert isinstance(item, BuildChain)
            value = fresh("layer", self.taken)
            self.taken.add(value)
            yield f"{value} = nn.Sequential()"
            quiet = Builder([], shapes=False)
            quiet.taken = self.taken
            yield from quiet.children(item.items, Owner(value, sequential=True, children=0))
            self.taken.discard(value)
        yield (
            f"{owner.text}.add_module({name}, {value})" if name else f"{owner.text}.append({value})"
        )

    def _variables(self, item: Item) -> list[tuple[str, str]]:
        """Give each series of a loop's item a variable; the pairs of variable and what it runs over."""
        found: dict[str, str] = {}
        for hole in _holes(item):
            if hole.series and hole.text not in found:
                hint = identifier(hole.hint)
                base = "channels" if hint == "in_channels" and hint in self.taken else hint
                found[hole.text] = fresh(base, self.taken | set(found.values()))
            if hole.series:
                hole.text, hole.series = found[hole.text], False
        return [(name, text) for text, name in found.items()]


def _header(loop: BuildLoop, variables: list[tuple[str, str]], counter: str) -> str:
    """The `for` line, with a counter where names need one."""
    names = [v for v, _ in variables]
    series = [s for _, s in variables]
    start = loop.start if counter else 0
    count = loop.count.text
    if not variables:
        return f"for {counter or '_'} in {counted(count, start)}:"
    if not counter:
        over = series[0] if len(series) == 1 else f"zip({', '.join(series)}, strict=True)"
        return f"for {', '.join(names)} in {over}:"
    if len(variables) == 1:
        return (
            f"for {counter}, {names[0]} in enumerate({series[0]}{f', {start}' if start else ''}):"
        )
    return f"for {counter}, {', '.join(names)} in zip({counted(count, start)}, {', '.join(series)}, strict=True):"


def counted(count: str, start: int) -> str:
    """`range(1, 7)`.

    >>> counted("6", 1), counted("depth", 0), counted("depth", 1)
    ('range(1, 7)', 'range(depth)', 'range(1, depth + 1)')
    """
    if start == 0:
        return f"range({count})"
    end = str(int(count) + start) if count.isdigit() else f"{count} + {start}"
    return f"range({start}, {end})"


def _holes(item: Item) -> Iterator[Hole]:
    """The holes of an item that vary with the loop directly around it."""
    if isinstance(item, Build):
        for argument in item.arguments:
            yield argument.hole
    elif isinstance(item, BuildChain):
        for child in item.items:
            yield from _holes(child)


# ---- calls and tensors ------------------------------------------------------------------------------


def call_of(item: Build) -> str:
    """The constructor call of an item."""
    said = [a for a in item.arguments if not _dropped(a)]
    positional = [a.hole.text for a in said if not a.keyword]
    named = {a.keyword: a.hole.text for a in said if a.keyword}
    layer = item.node.layer if isinstance(item.node, Node) else None
    if isinstance(layer, Module):
        return layer.build(*positional, **named)
    assert not isinstance(item.callee, str)
    given = [*positional, *(f"{name}={text}" for name, text in named.items())]
    return f"{item.callee.name}({', '.join(given)})"


def _dropped(argument: Argument) -> bool:
    return argument.drop and argument.hole.text == literal(argument.hole.default)


def _source(item: Build, owner: str) -> Iterator[str]:
    """A parameter or a constant of the class itself."""
    assert isinstance(item.node, Node)
    layer = item.node.layer
    name = literal(item.name)
    if isinstance(layer, Parameter):
        value = f"nn.Parameter(torch.empty({literal(layer.shape)}))"
        plain = is_plain(item.name)
        yield (
            f"{owner}.{item.name} = {value}"
            if plain
            else f"{owner}.register_parameter({name}, {value})"
        )
        tensor = f"{owner}.{item.name}" if plain else f"{owner}.get_parameter({name})"
        yield f"nn.init.{initializer(layer.init, tensor)}"
        return
    assert isinstance(layer, Constant)
    yield f"{owner}.register_buffer({name}, {_tensor(layer)}, persistent=False)"


def _tensor(layer: Constant) -> str:
    return f"torch.tensor({list_literal(layer.value)})"


def initializer(rule: object, tensor: str) -> str:
    """The call that fills a tensor: `normal_(tensor, std=0.02)`."""
    if not isinstance(rule, dict):
        return f"{rule}({tensor})"
    rest = "".join(f", {k}={literal(v)}" for k, v in rule.items() if k != "fn")
    return f"{rule['fn']}({tensor}{rest})"


def list_literal(value: object) -> str:
    """Nested lists of numbers, as `torch.tensor` takes them."""
    if isinstance(value, list | tuple):
        return "[" + ", ".join(list_literal(v) for v in value) + "]"
    return literal(value)
