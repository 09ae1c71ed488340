"""A user's own layers: classes like netspec's, in a file or in an installed package.

Nothing here is loaded by a spec alone: a file is named by whoever runs netspec, a package is installed.
"""

from __future__ import annotations

import ast
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from types import ModuleType
from typing import NamedTuple

from netspec import layers
from netspec.layers.base import Function, Layer, Module
from netspec.syntax.step_keys import RESERVED

GROUP = "netspec.layers"
"""The entry points of this group name classes of layers."""

_DECLARED = "\n@layer\nclass "


class OwnLayerError(Exception):
    """A declaration that cannot be used, and what to do about it."""

    def __init__(self, message: str, help: str = "") -> None:
        super().__init__(message)
        self.message, self.help = message, help


class Declaration(NamedTuple):
    """Where a layer is declared; nothing of it has run yet."""

    op: str
    where: str
    """The file, or the entry point, for messages."""
    module: Callable[[], ModuleType]
    attribute: str

    def load(self) -> type[Layer]:
        """The class, compared with what a layer must be."""
        layer = self._read()
        cls = getattr(layer, self.attribute, None)
        if cls is None:
            raise OwnLayerError(f"{self.where} has no class `{self.attribute}`")
        for problem, help_ in _breaches(self.op, cls):
            raise OwnLayerError(f"`{self.op}` of {self.where} {problem}", help_)
        assert isinstance(cls, type)
        return cls

    def _read(self) -> ModuleType:
        had_torch = "torch" in sys.modules
        try:
            module = self.module()
        except OwnLayerError:
            raise
        except (Exception, SystemExit) as error:
            error_text = f"{type(error).__name__}: {error}"
            raise OwnLayerError(f"{self.where} cannot be imported: {error_text}") from error
        if "torch" in sys.modules and not had_torch:
            raise _imports_torch(self.where)
        return module


def in_files(paths: Sequence[str]) -> dict[str, Declaration]:
    """The layers that these files declare, by name; raises `OwnLayerError` where two have one name."""
    declarations: dict[str, Declaration] = {}
    for path in paths:
        for op in _declared(path):
            if op in layers.families():
                raise OwnLayerError(
                    f"`{path}` declares `{op}`, which is a built-in layer",
                    "rename the class",
                )
            if op in declarations:
                raise OwnLayerError(f"`{op}` is declared by {declarations[op].where} and by {path}")
            declarations[op] = Declaration(op, path, lambda path=path: _run(path), op)  # type: ignore[misc]
    return declarations


@cache
def installed() -> dict[str, Declaration]:
    """The layers that installed packages offer, by name; netspec's own names are not given away."""
    from importlib import import_module
    from importlib.metadata import entry_points

    declarations = {}
    for point in entry_points(group=GROUP):
        if point.name not in layers.families():
            where = f"the entry point `{point.value}`"
            declarations[point.name] = Declaration(
                point.name,
                where,
                lambda name=point.module: import_module(name),  # type: ignore[misc]
                point.attr,
            )
    return declarations


# ---- files -------------------------------------------------------------------------------------


def _declared(path: str) -> list[str]:
    """The names of the classes that a file marks as layers, read off its text."""
    text = "\n" + _text(path)
    names = [rest.partition("(")[0].strip() for rest in text.split(_DECLARED)[1:]]
    if not names:
        raise OwnLayerError(
            f"`{path}` declares no layer",
            "decorate the class with `@layer` from netspec.layers.base",
        )
    return names


def _text(path: str) -> str:
    try:
        if os.path.exists(path) and not os.path.isfile(path):  # a pipe would be waited for
            raise OwnLayerError(f"`{path}` is not a file", "pass a Python file")
        with open(path, encoding="utf-8", newline=None) as file:
            return file.read()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not a text file"
        raise OwnLayerError(f"`{path}` cannot be read: {reason.lower()}") from None


@cache
def _loaded(path: str, text: str) -> ModuleType:
    """The module that a file is; the same text is loaded once."""
    try:
        tree = ast.parse(text, path)
    except SyntaxError as error:
        raise OwnLayerError(f"{path} is not Python: line {error.lineno}: {error.msg}") from None
    for line in _torch_imports(tree):
        raise _imports_torch(f"{path}, line {line},")
    name = f"netspec_own_{os.path.basename(path).removesuffix('.py')}"
    spec = spec_from_file_location(name, path)
    assert spec is not None
    module = module_from_spec(spec)
    sys.modules[name] = module
    try:
        exec(compile(tree, path, "exec"), module.__dict__)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _run(path: str) -> ModuleType:
    return _loaded(path, _text(path))


def _torch_imports(tree: ast.Module) -> Iterator[int]:
    """The lines that import torch."""
    for node in ast.walk(tree):
        names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and not node.level:
            names = [node.module or ""]
        if any(name.partition(".")[0] == "torch" for name in names):
            assert isinstance(node, ast.Import | ast.ImportFrom)
            yield node.lineno


def _imports_torch(where: str) -> OwnLayerError:
    return OwnLayerError(
        f"{where} imports torch; a declaration must not",
        'name the class in a string: `torch_class = "my_modules.SqueezeExcitation"`',
    )


# ---- what a layer must be ----------------------------------------------------------------------


def _breaches(op: str, cls: object) -> Iterator[tuple[str, str]]:
    """What is wrong with a class as a layer, and the fix."""
    if not isinstance(cls, type) or not issubclass(cls, Module | Function):
        yield "is not a layer", "extend `Module` or `Function` of netspec.layers.base"
        return
    if cls.__name__ != op:
        yield f"is the class `{cls.__name__}`", "give the entry point and the class the same name"
    doc = cls.__doc__ or ""
    if not doc.strip() or "\n    Shape: " not in f"\n    {doc}":
        yield (
            "has no docstring with a shape",
            "start the docstring with a sentence and add a line `Shape: (N, C) -> (N, C)`",
        )
    for name in cls.arguments:
        if name in RESERVED:
            yield f"has an argument `{name}`, which is a step key", "rename it"
    if issubclass(cls, Module):
        yield from _module_breaches(cls)
    elif cls.write is Function.write:
        yield "does not define its call", "define `write(self, *inputs, **arguments)`"


def _module_breaches(cls: type[Module]) -> Iterator[tuple[str, str]]:
    module, _, name = cls.torch_class.rpartition(".")
    if not name.isidentifier() or not all(part.isidentifier() for part in module.split(".")):
        yield (
            "does not name its torch class",
            'name it: `torch_class = "my_modules.SqueezeExcitation"`',
        )
    for argument in (*cls.positional, *cls.called):
        if argument not in cls.arguments:
            yield (
                f"passes `{argument}` in its call, which is not one of its arguments",
                "declare it",
            )
