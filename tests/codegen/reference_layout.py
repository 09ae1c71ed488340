"""What `ruff format` makes of syntax trees, as the oracle of the printer's tests."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

_Precedence = ast._Precedence  # type: ignore[attr-defined]
_Unparser = ast._Unparser  # type: ignore[attr-defined]


class _Minimal(_Unparser):
    """`ast.unparse` without blank lines and without the parentheses that it writes and precedence does not need.

    The formatter keeps both, so they would be differences that say nothing about the layout.
    """

    def _write_constant(self, value: object) -> None:
        """Ruff keeps how a number is written: `1e-6` is what people write, `repr` says `1e-06`."""
        digits, exponent, power = repr(value).partition("e")
        if isinstance(value, float) and exponent:
            self.write(f"{digits}e{int(power)}")
        else:
            super()._write_constant(value)

    def maybe_newline(self):
        if self._source and self._source[-1] != "\n":
            self.write("\n")

    def visit_BoolOp(self, node):
        word, own = (
            ("and", _Precedence.AND) if isinstance(node.op, ast.And) else ("or", _Precedence.OR)
        )
        with self.require_parens(own, node):
            for value in node.values:
                self.set_precedence(own.next(), value)
            self.interleave(lambda: self.write(f" {word} "), self.traverse, node.values)

    def visit_BinOp(self, node):
        if not isinstance(node.op, ast.Pow):
            super().visit_BinOp(node)
            return
        with self.require_parens(_Precedence.POWER, node):
            self.set_precedence(_Precedence.ATOM, node.left)
            self.set_precedence(_Precedence.FACTOR, node.right)
            self.traverse(node.left)
            self.write(" ** ")
            self.traverse(node.right)

    def visit_UnaryOp(self, node):
        if not isinstance(node.operand, ast.BinOp) or not isinstance(node.operand.op, ast.Pow):
            super().visit_UnaryOp(node)
            return
        own = _Precedence.NOT if isinstance(node.op, ast.Not) else _Precedence.FACTOR
        with self.require_parens(own, node):
            self.write(
                "not " if isinstance(node.op, ast.Not) else self.unop[type(node.op).__name__]
            )
            self.set_precedence(_Precedence.ATOM, node.operand)
            self.traverse(node.operand)

    def visit_NamedExpr(self, node):
        with self.require_parens(_Precedence.TUPLE, node):
            self.traverse(node.target)
            self.write(" := ")
            self.traverse(node.value)

    def visit_Call(self, node):
        if len(node.args) == 1 and not node.keywords and isinstance(node.args[0], ast.GeneratorExp):
            self.set_precedence(_Precedence.ATOM, node.func)
            self.traverse(node.func)
            self.traverse(node.args[0])
        else:
            super().visit_Call(node)

    def _bare(self, node):
        if isinstance(node, ast.Tuple) and len(node.elts) > 1:
            self.interleave(lambda: self.write(", "), self.traverse, node.elts)
        else:
            self.traverse(node)

    def visit_Return(self, node):
        self.fill("return")
        if node.value:
            self.write(" ")
            self._bare(node.value)

    def visit_Assign(self, node):
        self.fill()
        for target in node.targets:
            self.set_precedence(_Precedence.TUPLE, target)
            self.traverse(target)
            self.write(" = ")
        if isinstance(node.targets[-1], ast.Tuple):
            self._bare(node.value)
        else:
            self.traverse(node.value)

    def _write_docstring(self, node):
        self.fill()
        text = re.sub(r"\n(?!\n|$)", "\n" + "    " * self._indent, node.value)
        self._write_str_avoiding_backslashes(text, quote_types=('"""',))


def ruff_layouts(trees: Iterable[ast.Module]) -> list[str]:
    """How ruff formats each of the modules, in one run."""
    return formatted(map(minimal_source, trees))


def minimal_source(tree: ast.Module) -> str:
    """The tree as text, with no parentheses that ruff would keep and precedence does not need."""
    source: str = _Minimal().visit(tree)
    return source


def formatted(sources: Iterable[str]) -> list[str]:
    """Each of the sources as ruff formats it, in one run."""
    ruff = Path(sys.executable).parent / "ruff"
    with tempfile.TemporaryDirectory() as folder:
        files = []
        for i, source in enumerate(sources):
            file = Path(folder) / f"module_{i}.py"
            file.write_text(source, encoding="utf-8")
            files.append(file)
        command = [ruff, "format", "--isolated", "--line-length", "88", "--no-cache", "-q", folder]
        subprocess.run(command, check=True)
        return [file.read_text(encoding="utf-8") for file in files]
