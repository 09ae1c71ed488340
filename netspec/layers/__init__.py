"""Every layer, one family a file.

A layer is a class under the decorator `@layer`, and that is all there is to adding one: which file
holds which op is read off the files themselves, so a spec loads no family but those that it uses.
"""

from __future__ import annotations

import re
from functools import cache
from importlib import import_module
from pathlib import Path

from netspec.layers.base import Layer

_DECLARED = re.compile(r"^@layer\nclass (\w+)\(", re.MULTILINE)


@cache
def families() -> dict[str, str]:
    """Op name to the file (without `.py`) that declares it, in the order of the files."""
    found = {}
    for file in sorted(Path(__file__).parent.glob("*.py")):
        for name in _DECLARED.findall(file.read_text(encoding="utf-8")):
            found[name] = file.stem
    return found


@cache
def find(op: str) -> type[Layer] | None:
    """The layer of that name, or None."""
    family = families().get(op)
    if family is None:
        return None
    found: type[Layer] = getattr(import_module(f"netspec.layers.{family}"), op)
    return found
