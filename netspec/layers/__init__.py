"""All layers of netspec. `find` imports only the module that declares an op, so a check imports few.

The class of a layer has its op and its category; `index.py`, which is generated, has the module of each op.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Final

from netspec.layer.base import Layer
from netspec.layer.registration import registered
from netspec.layers.index import MODULES

OPS: Final = MODULES.keys()
"""The ops of all layers, in alphabetical order."""


@cache
def find(op: str) -> type[Layer] | None:
    """The layer with that op, or None."""
    module = MODULES.get(op)
    if module is None:
        return None
    name = f"netspec.layers.{module}"
    import_module(name)
    return next(cls for cls in registered(name) if cls.op == op)
