"""The text of a program, and how helpers and a class are added to it."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Sequence
from functools import lru_cache
from importlib.resources import files


class ProgramText:
    """A program as text.

    Attributes:
        names: The names that it defines and imports.
    """

    def __init__(self, source: str) -> None:
        self._lines = source.splitlines()
        self._tree = ast.parse(source)
        self._imports = _imports(self._tree.body)
        self._definitions = {
            node.name: node
            for node in self._tree.body
            if isinstance(node, ast.ClassDef | ast.FunctionDef)
        }
        self.names = set(self._definitions)
        self.names.update(a.asname or a.name for i in self._imports for a in i.names)

    def input_checks(self, name: str) -> list[str]:
        """The statements of `forward` of a class that check the inputs."""
        forward = self._forward(name)
        if forward is None:
            return []
        texts = [ast.unparse(statement) for statement in forward.body]
        return [line for text in texts if "_check_inputs(" in text for line in text.split("\n")]

    def returned_type(self, name: str) -> str:
        """The annotation of the result of `forward` of a class."""
        forward = self._forward(name)
        return (
            "Tensor" if forward is None or forward.returns is None else ast.unparse(forward.returns)
        )

    def _forward(self, name: str) -> ast.FunctionDef | None:
        methods = (n for n in self._definitions[name].body if isinstance(n, ast.FunctionDef))
        return next((method for method in methods if method.name == "forward"), None)

    def extended(self, helpers: Sequence[str], definition: str) -> str:
        """The program with helpers before its own definitions and a class behind them."""
        added = [ast.parse(helper) for helper in helpers]
        imports = [*self._imports, *(i for tree in added for i in _imports(tree.body))]
        first, last = self._imports[0].lineno, self._imports[-1].end_lineno or 0
        header = self._lines[: first - 1]
        bodies = [_without_imports(h, t) for h, t in zip(helpers, added, strict=True)]
        own = "\n".join(self._lines[last:]).strip("\n")
        text = "\n".join([*header, _sorted_imports(imports)])
        gap = (
            "\n\n" if isinstance(added[0].body[_after_imports(added[0])], ast.Assign) else "\n\n\n"
        )
        return text + gap + "\n\n\n".join([*bodies, own, definition.strip("\n")]) + "\n"


@lru_cache
def helper_text(name: str) -> str:
    """The text of a module of helpers, without its docstring."""
    text = files("netspec.program_helpers").joinpath(f"{name}.py").read_text("utf-8")
    docstring = ast.parse(text).body[0]
    return "\n".join(text.splitlines()[docstring.end_lineno or 0 :])


def _imports(body: Iterable[ast.stmt]) -> list[ast.Import | ast.ImportFrom]:
    """The imports of a module, without those of the helpers from each other."""
    return [
        node
        for node in body
        if isinstance(node, ast.Import)
        or (isinstance(node, ast.ImportFrom) and not (node.module or "").startswith("netspec"))
    ]


def _after_imports(tree: ast.Module) -> int:
    """The index of the first statement behind the imports."""
    return 1 + max(k for k, n in enumerate(tree.body) if isinstance(n, ast.Import | ast.ImportFrom))


def _without_imports(text: str, tree: ast.Module) -> str:
    """The text behind the imports, which come first."""
    last = [n for n in tree.body if isinstance(n, ast.Import | ast.ImportFrom)][-1]
    return "\n".join(text.splitlines()[last.end_lineno or 0 :]).strip("\n")


def _sorted_imports(imports: Iterable[ast.Import | ast.ImportFrom]) -> str:
    """The imports in the order of isort: the standard library, then the others."""
    whole: set[tuple[str, str | None]] = set()
    parts: dict[str, set[tuple[str, str | None]]] = {}
    for node in imports:
        names = {(alias.name, alias.asname) for alias in node.names}
        if isinstance(node, ast.Import):
            whole |= names
        else:
            parts.setdefault(node.module or "", set()).update(names)
    sections = []
    for standard in (True, False):
        lines = [
            f"import {_aliased(name)}"
            for name in sorted(whole, key=lambda pair: pair[0])
            if _is_standard(name[0]) == standard
        ]
        for module in sorted(parts):
            if _is_standard(module) == standard:
                ordered = sorted(parts[module], key=lambda pair: _isort_key(pair[0]))
                lines.append(f"from {module} import {', '.join(map(_aliased, ordered))}")
        if lines:
            sections.append("\n".join(lines))
    return "\n\n".join(sections)


def _aliased(name: tuple[str, str | None]) -> str:
    return name[0] if name[1] is None else f"{name[0]} as {name[1]}"


def _is_standard(module: str) -> bool:
    return module.partition(".")[0] in sys.stdlib_module_names


def _isort_key(name: str) -> tuple[int, str]:
    """Constants come before classes, and classes before functions and modules."""
    bare = name.lstrip("_")
    kind = 0 if len(bare) > 1 and bare.isupper() else 1 if bare[:1].isupper() else 2
    return kind, name
