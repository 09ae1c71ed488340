"""Every layer, one family a file.

A layer is a class under the decorator `@layer`, and that is all there is to adding one: which file
holds which op is read off the files themselves, so a spec loads no family but those that it uses.
"""

from __future__ import annotations

import os
from functools import cache
from importlib import import_module

from netspec.layers.base import Layer

_DECLARED = b"\n@layer\nclass "


@cache
def families() -> dict[str, str]:
    """Op name to the file (without `.py`) that declares it, in the order of the files."""
    folder = os.path.dirname(__file__)
    families_by_op = {}
    for file in sorted(name for name in os.listdir(folder) if name.endswith(".py")):
        with open(os.path.join(folder, file), "rb") as text:
            declared = text.read().replace(b"\r", b"").split(_DECLARED)[1:]
        for rest in declared:
            families_by_op[rest[: rest.index(b"(")].decode()] = file.removesuffix(".py")
    return families_by_op


@cache
def find(op: str) -> type[Layer] | None:
    """The layer of that name, or None."""
    family = families().get(op)
    if family is None:
        return None
    layer: type[Layer] = getattr(import_module(f"netspec.layers.{family}"), op)
    return layer
