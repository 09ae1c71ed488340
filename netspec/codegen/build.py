"""What `__init__` says: the lines that build the modules of one class."""

from __future__ import annotations

from collections.abc import Iterator

from netspec.codegen.comments import place_of, shapes_of
from netspec.codegen.holes import literal
from netspec.codegen.names import identifier
from netspec.codegen.parts import Argument, Build, BuildChain, BuildLoop, Hole, Item, LevelPlan
from netspec.elaborate import Node
from netspec.layers.constant import Constant, Parameter

WIDTH = 100


def built(plan: LevelPlan) -> list[str]:
    """The lines that build the children of a class, in order."""
    lines: list[str] = []
    for position, item in enumerate(plan.items):
        lines.extend(_lines(item, "self", position if plan.chain else None))
    return lines


def _lines(item: Item, owner: str, position: int | None) -> list[str]:
    """The lines for one item; `position` is its place where `owner` is a Sequential."""
    if isinstance(item, BuildLoop):
        return _loop(item, owner, position)
    if isinstance(item, BuildChain):
        return _chain(item, owner, position)
    if item.callee == "=":
        return _source(item, owner)
    comment = _comment(item) if position is not None else ""
    return [_registered(owner, item.name, call_of(item), position) + comment]


def _registered(owner: str, name: str, value: str, position: int | None) -> str:
    """`owner.name = value`, however the name has to be said."""
    if name == str(position):
        return f"{owner}.append({value})"
    if name.isidentifier() and name == identifier(name).rstrip("_"):
        return f"{owner}.{name} = {value}"
    if name.isidentifier() and identifier(name) != name and not _keyword(name):
        return f"{owner}.{name} = {value}"
    return f"{owner}.add_module({literal(name)}, {value})"


def _keyword(name: str) -> bool:
    import keyword

    return keyword.iskeyword(name)


def call_of(item: Build) -> str:
    """The constructor call of an item."""
    callee = item.callee if isinstance(item.callee, str) else item.callee.name
    return f"{callee}({', '.join(_arguments(item.arguments))})"


def _arguments(arguments: list[Argument]) -> Iterator[str]:
    for argument in arguments:
        if argument.drop and argument.hole.text == literal(argument.hole.default):
            continue
        text = argument.hole.text
        yield f"{argument.keyword}={text}" if argument.keyword else text


def _comment(item: Build | BuildChain) -> str:
    node = item.node if isinstance(item, Build) else item.level
    said = "  ".join(x for x in (shapes_of([node]), place_of(node)) if x)
    return f"  # {said}" if said else ""


def _source(item: Build, owner: str) -> list[str]:
    """A parameter or a constant of the class itself."""
    assert isinstance(item.node, Node)
    layer = item.node.layer
    if isinstance(layer, Parameter):
        value = f"nn.Parameter(torch.empty({literal(layer.shape)}))"
        plain = item.name.isidentifier() and not _keyword(item.name)
        made = (
            f"{owner}.{item.name} = {value}"
            if plain
            else f"{owner}.register_parameter({literal(item.name)}, {value})"
        )
        tensor = f"{owner}.{item.name}" if plain else f"{owner}.get_parameter({literal(item.name)})"
        return [made, f"nn.init.{initializer(layer.init, tensor)}"]
    assert isinstance(layer, Constant)
    tensor = f"torch.tensor({list_literal(layer.value)})"
    return [f"{owner}.register_buffer({literal(item.name)}, {tensor}, persistent=False)"]


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


# ---- sequences in place ---------------------------------------------------------------------------


def _chain(item: BuildChain, owner: str, position: int | None) -> list[str]:
    """`owner.name = nn.Sequential(…)`: at once where its children are numbered, else one by one."""
    simple = [i for i in item.items if isinstance(i, Build) and i.callee != "="]
    numbered = [i.name for i in simple] == [str(k) for k in range(len(item.items))]
    if numbered:
        value = f"nn.Sequential({', '.join(call_of(i) for i in simple)})"
        line = _registered(owner, item.name, value, position) + _comment(item)
        if len(line) + 8 <= WIDTH or not simple:
            return [line]
        head, tail = _registered(owner, item.name, "\0", position).split("\0")
        children = [f"    {call_of(i)},{_comment(i)}" for i in simple]
        return [f"{head}nn.Sequential(", *children, f"){tail}"]
    return _grown(item, owner, position)


def _grown(item: BuildChain, owner: str, position: int | None) -> list[str]:
    direct = item.name.isidentifier() and identifier(item.name) == item.name and owner == "self"
    name = f"{owner}.{item.name}" if direct else identifier(item.name)
    lines = [f"{name} = nn.Sequential()"]
    for k, child in enumerate(item.items):
        lines.extend(_lines(child, name, k))
    if not direct:
        lines.append(_registered(owner, item.name, name, position))
    return lines


# ---- loops ----------------------------------------------------------------------------------------


def _loop(loop: BuildLoop, owner: str, position: int | None) -> list[str]:
    """A `for` that builds one child per iteration."""
    appends = position is not None and not loop.prefix and not loop.suffix and loop.start == position
    variables = _name_series(loop.item)
    count, start = loop.count.text, loop.start
    numbers = f"range({count})" if start == 0 else f"range({start}, {_plus(count, start)})"
    head = _header(variables, numbers, start, appends=appends)
    name = f"{_braces(loop.prefix)}{{i}}{_braces(loop.suffix)}"
    return [head, *(f"    {line}" for line in _loop_body(loop, owner, name, appends=appends))]


def _loop_body(loop: BuildLoop, owner: str, name: str, *, appends: bool) -> Iterator[str]:
    item = loop.item
    if isinstance(item, Build):
        comment = _comment_of_loop(item)
        value = call_of(item)
        said = f"{owner}.append({value})" if appends else f'{owner}.add_module(f"{name}", {value})'
        yield said + comment
        return
    assert isinstance(item, BuildChain)
    simple = [i for i in item.items if isinstance(i, Build)]
    yield "layer = nn.Sequential()"
    for k, child in enumerate(item.items):
        yield from _lines(child, "layer", k)
    del simple
    yield f"{owner}.append(layer)" if appends else f'{owner}.add_module(f"{name}", layer)'


def _comment_of_loop(item: Build) -> str:
    place = place_of(item.node)
    return f"  # {place}" if place else ""


def _header(variables: list[tuple[str, str]], numbers: str, start: int, *, appends: bool) -> str:
    names = [v for v, _ in variables]
    series = [s for _, s in variables]
    if not variables:
        return f"for {'_' if appends else 'i'} in {numbers}:"
    if len(variables) == 1:
        if appends:
            return f"for {names[0]} in {series[0]}:"
        counted = f"{series[0]}, {start}" if start else series[0]
        return f"for i, {names[0]} in enumerate({counted}):"
    if appends:
        return f"for {', '.join(names)} in zip({', '.join(series)}):"
    return f"for i, {', '.join(names)} in zip({numbers}, {', '.join(series)}):"


def _name_series(item: Item) -> list[tuple[str, str]]:
    """Give each series of a loop's item a variable; the pairs of variable and what it runs over."""
    found: dict[str, str] = {}
    for hole in _holes(item):
        if hole.series:
            if hole.text not in found:
                base = identifier(hole.hint)
                name, number = base, 2
                while name in found.values():
                    name, number = f"{base}{number}", number + 1
                found[hole.text] = name
            hole.text, hole.series = found[hole.text], False
    return [(name, text) for text, name in found.items()]


def _holes(item: Item) -> Iterator[Hole]:
    if isinstance(item, Build):
        for argument in item.arguments:
            yield argument.hole
    elif isinstance(item, BuildChain):
        for child in item.items:
            yield from _holes(child)


def _plus(count: str, start: int) -> str:
    return str(int(count) + start) if count.isdigit() else f"{count} + {start}"


def _braces(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")
