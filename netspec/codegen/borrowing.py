"""Modules that a level uses and another one builds: what each is called where it is used."""

from __future__ import annotations

from netspec.codegen.names import fresh, identifier
from netspec.elaborate import Level, Node
from netspec.elaborate.captures import unrolled
from netspec.elaborate.names import RESERVED_BY_TORCH


def borrowed(level: Level) -> dict[int, str]:
    """The attribute for each owner that a level borrows from: no child of the level has that name."""
    entries = list(unrolled(level.entries))
    taken = {entry.name for entry in entries} | RESERVED_BY_TORCH
    found: dict[int, str] = {}
    for entry in entries:
        owner = entry.owner
        if owner is not None and id(owner) not in found and owner_level(owner) is not level:
            found[id(owner)] = fresh(f"shared_{identifier(owner.name)}", taken)
            taken.add(found[id(owner)])
    return found


def owner_level(owner: Node | Level) -> Level | None:
    """The level that builds an owner."""
    return owner.level if isinstance(owner, Node) else owner.parent
