"""Custom layers: classes like netspec's, in a file or in an installed package.

A spec alone loads no code: the user passes a file, or has installed a package. A file runs when the catalog
is made; the module of an entry point runs when a spec uses its op.
"""

from __future__ import annotations

import ast
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from typing import NamedTuple, TypeVar

from netspec import layers
from netspec.layer.base import Function, Layer, Module
from netspec.layer.registration import registered, unregister
from netspec.layers.documentation import documentation
from netspec.syntax.step_keys import RESERVED

GROUP = "netspec.layers"
"""The entry points of this group name classes of layers."""

Read = TypeVar("Read")


class OwnLayerError(Exception):
    """A declaration that cannot be used, with a help."""

    def __init__(self, message: str, help: str = "") -> None:
        super().__init__(message)
        self.message, self.help = message, help


class LayerDeclaration(NamedTuple):
    """A registered layer, or one of an entry point that nothing has imported yet."""

    op: str
    where: str
    """The file, or the entry point, for messages."""
    read: Callable[[], object]

    def load(self) -> type[Layer]:
        """The class, after a check that it is a layer. Raises `OwnLayerError`."""
        cls = self.read()
        for breach, help_ in _breaches(self.op, cls):
            raise OwnLayerError(f"`{self.op}` of {self.where} {breach}", help_)
        assert isinstance(cls, type)
        return cls


class LayerFiles(NamedTuple):
    """The layers that the files of `--layers` declare."""

    declarations: dict[str, LayerDeclaration]
    failures: tuple[OwnLayerError, ...]
    """Of each file that cannot be imported, the reason. A step that may use one of its layers reports it."""


def in_files(paths: Sequence[str]) -> LayerFiles:
    """The layers that these files register. Raises `OwnLayerError` where two have one name."""
    declarations: dict[str, LayerDeclaration] = {}
    failures = []
    for path in paths:
        text = _text(path)
        try:
            classes = _without_torch(path, lambda path=path, text=text: _registered(path, text))  # type: ignore[misc]
        except OwnLayerError as error:
            failures.append(error)
            continue
        if not classes:
            raise OwnLayerError(
                f"`{path}` declares no layer",
                "decorate the class with `@layer` from netspec.layer",
            )
        for cls in classes:
            _add(declarations, LayerDeclaration(cls.op, path, lambda cls=cls: cls))  # type: ignore[misc]
    return LayerFiles(declarations, tuple(failures))


def _add(declarations: dict[str, LayerDeclaration], declaration: LayerDeclaration) -> None:
    op, path = declaration.op, declaration.where
    if op in layers.OPS and not is_later(op):
        raise OwnLayerError(
            f"`{path}` declares `{op}`, which is a built-in layer", "rename the class"
        )
    if op in declarations:
        raise OwnLayerError(f"`{op}` is declared by {declarations[op].where} and by {path}")
    declarations[op] = declaration


def is_later(op: str) -> bool:
    """Whether a later version of the language than the first introduced a layer of that name."""
    from netspec.layers.op_tables import SINCE

    return op in SINCE


@cache
def installed() -> dict[str, LayerDeclaration]:
    """The layers that installed packages offer, by name; none has the name of a layer of version 1."""
    from importlib.metadata import entry_points

    declarations = {}
    for point in entry_points(group=GROUP):
        if point.name not in layers.OPS or is_later(point.name):
            where = f"the entry point `{point.value}`"
            declarations[point.name] = LayerDeclaration(
                point.name,
                where,
                lambda name=point.module, attr=point.attr, where=where: _exported(
                    name, attr, where
                ),  # type: ignore[misc]
            )
    return declarations


def _exported(name: str, attribute: str, where: str) -> object:
    """The class that an entry point names; imports its module."""
    from importlib import import_module

    module = _without_torch(where, lambda: import_module(name))
    cls = getattr(module, attribute, None)
    if cls is None:
        raise OwnLayerError(f"{where} has no class `{attribute}`")
    if cls not in registered(getattr(cls, "__module__", "")):
        raise OwnLayerError(
            f"`{attribute}` of {where} is not registered as a layer",
            "decorate the class with `@layer` from netspec.layer",
        )
    return cls


def _without_torch(where: str, read: Callable[[], Read]) -> Read:
    """The result of `read`. Raises `OwnLayerError` if it fails or imports torch."""
    had_torch = "torch" in sys.modules
    try:
        result = read()
    except OwnLayerError:
        raise
    except (Exception, SystemExit) as error:
        error_text = f"{type(error).__name__}: {error}"
        raise OwnLayerError(f"{where} cannot be imported: {error_text}") from error
    if "torch" in sys.modules and not had_torch:
        raise _imports_torch(where)
    return result


# ---- files -------------------------------------------------------------------------------------


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
def _registered(path: str, text: str) -> tuple[type[Layer], ...]:
    """The layers that the code of a file registers; the same text runs once."""
    try:
        tree = ast.parse(text, path)
    except SyntaxError as error:
        raise OwnLayerError(f"{path} is not Python: line {error.lineno}: {error.msg}") from None
    for line in _torch_imports(tree):
        raise _imports_torch(f"{path}, line {line},")
    name = _module_name(path)
    spec = spec_from_file_location(name, path)
    assert spec is not None
    module = module_from_spec(spec)
    sys.modules[name] = module
    unregister(name)
    try:
        exec(compile(tree, path, "exec"), module.__dict__)
    except BaseException:
        del sys.modules[name]
        raise
    return registered(name)


def _module_name(path: str) -> str:
    """The name of the module that a file becomes, which no other file has."""
    from zlib import crc32

    stem = os.path.basename(path).removesuffix(".py")
    return f"netspec_own_{stem}_{crc32(os.path.abspath(path).encode()):08x}"


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
    """The error of a class as a layer, with the fix."""
    if not isinstance(cls, type) or not issubclass(cls, Module | Function):
        yield "is not a layer", "extend `Module` or `Function` of netspec.layer"
        return
    if cls.op != op:
        yield f"is the layer `{cls.op}`", "give the entry point and the layer the same name"
    described = documentation(cls)
    if not described.summary or not described.shape:
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
    for argument in (*cls.positional, *cls.call_arguments):
        if argument not in cls.arguments:
            yield (
                f"passes `{argument}` in its call, which is not one of its arguments",
                "declare it",
            )
