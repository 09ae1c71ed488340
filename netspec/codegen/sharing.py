"""Modules used in a level that another builds, and parameters that are one."""

from __future__ import annotations

from collections.abc import Iterator

from netspec.codegen.borrowing import borrowed, owner_level
from netspec.codegen.names import is_plain, module_at
from netspec.codegen.parts import LevelPlan
from netspec.codegen.quoting import literal
from netspec.elaborate import Level, Node
from netspec.elaborate.captures import unrolled
from netspec.layers.base import Function


def shared_lines(plan: LevelPlan) -> list[str]:
    """Hand modules of this level to the levels inside that use them; not registered twice."""
    level = plan.level
    found: dict[str, None] = {}
    attributes: dict[int, dict[int, str]] = {}
    for user, entry in _below(level):
        owner = entry.owner
        if owner is None or user is level or owner_level(owner) is not level:
            continue
        if isinstance(owner, Node) and isinstance(owner.layer, Function):
            continue
        inner = _inside(user.path, level)
        if id(user) not in attributes:
            attributes[id(user)] = borrowed(user)
        attribute = attributes[id(user)][id(owner)]
        line = f"{module_at(inner)}.__dict__[{literal(attribute)}] = {module_at(owner.name)}"
        found[line] = None
    return list(found)


def lending_levels(root: Level) -> set[int]:
    """The levels that hand modules or parameters on to others: these need a constructor to do it in."""
    found: set[int] = set()
    for user, entry in _below(root):
        owner = owner_level(entry.owner) if entry.owner is not None else None
        if owner is not None and owner is not user:
            found.add(id(owner))
        if isinstance(entry, Node):
            found.update(id(_common(user, owner.level)) for _, owner, _ in entry.ties)
    return found


def tie_lines(plan: LevelPlan) -> list[str]:
    """Let parameters of different modules be one, where the innermost level that has both is built."""
    level = plan.level
    lines = []
    for user, entry in _below(level):
        if not isinstance(entry, Node):
            continue
        for mine, owner, its in entry.ties:
            if _common(user, owner.level) is level:
                here, there = _inside(entry.path, level), _inside(owner.path, level)
                theirs = f"{module_at(there)}.{its}" if its else _parameter(there)
                lines.append(f"{module_at(here)}.{mine} = {theirs}")
    return lines


def _common(a: Level, b: Level) -> Level:
    """The innermost level around both."""
    around = []
    at: Level | None = a
    while at is not None:
        around.append(at)
        at = at.parent
    while b not in around and b.parent is not None:
        b = b.parent
    return b


def _inside(path: str, level: Level) -> str:
    return path[len(level.path) :].lstrip(".")


def _below(level: Level) -> Iterator[tuple[Level, Node | Level]]:
    """Every entry below a level, with the level it is directly in; what is shared whole is not entered."""
    for entry in unrolled(level.entries):
        yield level, entry
        if isinstance(entry, Level) and entry.owner is None:
            yield from _below(entry)


def _parameter(path: str) -> str:
    """A parameter that is a step of its own."""
    plain = all(map(is_plain, path.split(".")))
    return f"self.{path}" if plain else f"self.get_parameter({literal(path)})"
