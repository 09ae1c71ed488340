"""The printer against ruff: what it writes is what the formatter makes of the tree, and leaves unchanged."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from textwrap import dedent

import pytest
from random_trees import Trees
from reference_layout import formatted, minimal_source, ruff_layouts

from netspec.codegen.printer import print_module


def folder_of(package: str) -> Path:
    """The folder of a package, without importing it."""
    spec = find_spec(package)
    assert spec is not None and spec.origin is not None
    return Path(spec.origin).parent


TORCHVISION, TORCH, NETSPEC = map(folder_of, ("torchvision", "torch", "netspec"))


def with_clean_docstrings(tree: ast.Module) -> ast.Module:
    """The tree with docstrings as the printer takes them: without indentation."""
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef)
            and ast.get_docstring(node) is not None
        ):
            text = node.body[0].value.value
            # Twice, because the first line of `Args:` is cleaned apart from the others.
            node.body[0].value.value = inspect.cleandoc(inspect.cleandoc(text))
    return tree


def is_comparable(tree: ast.Module) -> bool:
    """Whether `ast.unparse` writes nothing of its own that ruff then keeps, and the printer supports all."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Await | ast.Yield | ast.YieldFrom | ast.Match | ast.TryStar):
            return False  # the generator makes none
        if isinstance(node, ast.AnnAssign) and isinstance(node.annotation, ast.Lambda):
            return False  # ruff changes its own layout of it
        if isinstance(node, ast.FunctionDef) and isinstance(node.body[-1], ast.Expr):
            value = node.body[-1].value
            if isinstance(value, ast.Constant) and value.value is ...:
                return False  # ruff keeps one `def f(): ...` below another, with or without a blank line
        number = getattr(node.value, "value", None) if isinstance(node, ast.Attribute) else None
        if isinstance(number, int | float):
            return False  # written `1 .real`, then `(1).real`, which breaks differently
        if isinstance(node, ast.JoinedStr) and ast.unparse(node)[1:4] in ("'''", '"""'):
            return False  # ruff keeps triple quotes
    return True


def modules_in(folder: Path, pattern: str, step: int = 1) -> Iterator[tuple[str, ast.Module]]:
    """Every nth module of a folder, as a tree."""
    for file in sorted(folder.glob(pattern))[::step]:
        tree = ast.parse(file.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if hasattr(node, "type_comment"):
                node.type_comment = None
        yield f"{file.parent.name}/{file.name}", with_clean_docstrings(tree)


def definitions_in(folder: Path, pattern: str, step: int = 1) -> Iterator[tuple[str, ast.Module]]:
    """The functions and classes of modules, each as a module of its own."""
    for name, tree in modules_in(folder, pattern, step):
        for node in tree.body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                yield f"{name}: {node.name}", ast.Module([node], [])


def check(cases: list[tuple[str, ast.Module]]) -> None:
    """Ruff makes of each tree what the printer makes of it, and that is the same tree."""
    cases = [case for case in cases if is_comparable(case[1])]
    for (name, tree), layout in zip(cases, ruff_layouts(tree for _, tree in cases), strict=True):
        printed = print_module(tree)
        assert printed.text == layout, name
        again = with_clean_docstrings(ast.parse(printed.text))
        assert ast.dump(again) == ast.dump(tree), name
        lines = printed.text.split("\n")
        statements = [node for node in ast.walk(again) if isinstance(node, ast.stmt)]
        first_lines = {first_line(node, lines): type(node) for node in statements}
        assert {line: type(node) for line, node in printed.lines.items()} == first_lines, name


def first_line(node: ast.stmt, lines: list[str]) -> int:
    """The line where a statement starts, with its decorators."""
    decorators = getattr(node, "decorator_list", None)
    line = decorators[0].lineno if decorators else node.lineno
    while decorators and not lines[line - 1].lstrip().startswith("@"):
        line -= 1  # the decorator is in parentheses
    return line


def random_cases(seed: int, count: int, depth: int) -> list[tuple[str, ast.Module]]:
    """Random statements, half of them in a function, that Python can express."""
    trees = Trees(seed)
    cases: list[tuple[str, ast.Module]] = []
    while len(cases) < count:
        node = trees.statement(trees.random.randint(1, depth))
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            continue  # a docstring
        if trees.random.random() < 0.5:
            arguments = ast.arguments([], [], None, [], [], None, [])
            node = ast.FunctionDef("f", arguments, [node], [])
        tree = ast.fix_missing_locations(ast.Module([node], []))
        try:
            source = minimal_source(tree)
            if ast.dump(ast.parse(source)) == ast.dump(tree) and is_comparable(tree):
                cases.append((source, tree))
        except (SyntaxError, ValueError):
            pass  # no such program: `del 1`, a backslash in an f-string
    return cases


def test_definitions_of_torchvision() -> None:
    check(list(definitions_in(TORCHVISION / "models", "*.py", 4)))


def test_whole_modules() -> None:
    check(list(modules_in(NETSPEC, "*/*.py", 16)))
    check(list(modules_in(TORCH / "nn/modules", "*.py", 12)))


def test_random_statements() -> None:
    check(random_cases(1, 500, 3))


@pytest.mark.sweep
def test_definitions_of_torch() -> None:
    check(list(definitions_in(TORCHVISION, "*/*.py")))
    check(list(definitions_in(TORCH, "nn/*/*.py")))
    check(list(definitions_in(TORCH, "fx/*.py")))
    check(list(modules_in(NETSPEC, "*/*.py")))


@pytest.mark.sweep
@pytest.mark.parametrize("seed", range(6))
def test_many_random_statements(seed: int) -> None:
    check(random_cases(100 + seed, 3000, 2 + seed % 3))


def test_ruff_leaves_comments_where_they_are() -> None:
    trees = Trees(7)
    texts = []
    for _, tree in random_cases(7, 300, 3):
        for node in ast.walk(tree):
            if isinstance(node, ast.stmt):
                node.comment = f"[N, {trees.word()}]"
                node.leading = [trees.word()] * (trees.random.random() < 0.2)
        texts.append(print_module(tree).text)
    assert sum("  # [N, " in text for text in texts) > 100
    assert formatted(texts) == texts


def printed(source: str) -> str:
    return print_module(ast.parse(dedent(source))).text


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("return_ = x ** -1, a[1] ** b", "return_ = (x**-1, a[1] ** b)"),
        ("q, k, v = a, b, c", "q, k, v = a, b, c"),
        ("for a, b in zip(x, y): pass", "for a, b in zip(x, y):\n    pass"),
        ("def f(): return a, b", "def f():\n    return a, b"),
        ("x = 'it\\'s', 'a\"b', '\\\\d\\n'", "x = (\"it's\", 'a\"b', \"\\\\d\\n\")"),
        ("x = 1e16, 1e-6, 1_000, 1e5", "x = (1e16, 1e-6, 1000, 100000.0)"),
        ("x = f'{a[\"b\"]!r:>{w}} {{}}'", "x = f\"{a['b']!r:>{w}} {{}}\""),
        ("x = any(a for a in b)", "x = any(a for a in b)"),
        ("x = a[1:, ..., ::2, b + 1 :]", "x = a[1:, ..., ::2, b + 1 :]"),
        ("x = -a ** 2, (-a) ** 2, not (a and b)", "x = (-(a**2), (-a) ** 2, not (a and b))"),
        ("def f(): ...", "def f(): ..."),
    ],
)  # fmt: skip
def test_short_statements(source: str, text: str) -> None:
    assert printed(source) == text + "\n"


def test_a_module() -> None:
    source = '''\
    """A network.

    Two lines.
    """

    import torch
    from torch import nn


    @torch.fx.wrap
    def _check(x, *, limit: int = 3, **options) -> None:
        """Check a size."""
        if x.size(0) > limit:
            raise ValueError(f"`x` has {x.size(0)} rows")
        elif not options:
            return


    class Network(nn.Module):
        """Rows and columns.

        Shape:
            An indented line.
        """

        def __init__(self):
            super().__init__()
            self.layers = nn.Sequential(
                nn.Conv2d(3, 64, 7, stride=2, padding=3, bias=False), nn.BatchNorm2d(64)
            )

        def forward(self, x):
            return self.layers(x)
    '''  # fmt: skip
    assert printed(source) == dedent(source)


def comments_of(source: str, comment: str) -> str:
    tree = ast.parse(source)
    tree.body[0].comment = comment
    tree.body[0].leading = ["why"]
    return print_module(tree).text


def test_a_comment_stands_where_it_fits() -> None:
    assert comments_of("x = f(x)", "[N, 3]") == "# why\nx = f(x)  # [N, 3]\n"
    assert comments_of("x = f(x)", "a" * 76) == "# why\nx = f(x)  # " + "a" * 76 + "\n"
    assert comments_of("x = f(x)", "a" * 77) == "# why\nx = f(x)\n"
    assert comments_of("if x:\n    pass", "so") == "# why\nif x:  # so\n    pass\n"
    long = f"x = f({', '.join(['argument'] * 9)})"
    assert comments_of(long, "[N, 3]").endswith("argument,\n)  # [N, 3]\n")


def nested(count: int, wrap: type[ast.List] | type[ast.Call]) -> ast.Module:
    node: ast.expr = ast.Name("x")
    for _ in range(count):
        node = (
            ast.List([node, ast.Name("b")])
            if wrap is ast.List
            else ast.Call(ast.Name("f"), [node], [])
        )
    return ast.Module([ast.Return(node)], [])


def test_deep_and_long_trees() -> None:
    total: ast.expr = ast.Name("a")
    chain: ast.expr = ast.Name("a")
    branches: list[ast.stmt] = [ast.Pass()]
    for i in range(3000):
        total = ast.BinOp(total, ast.Add(), ast.Name(f"a{i}"))
        chain = ast.Call(ast.Attribute(chain, "to"), [ast.Name("b")], [])
        branches = [ast.If(ast.Name("a"), [ast.Pass()], branches)]
    assert print_module(ast.Module([ast.Return(total)], [])).text.count("\n") == 3003
    assert print_module(ast.Module([ast.Return(chain)], [])).text.count("\n") == 3002
    assert print_module(ast.Module(branches, [])).text.count("elif") == 2999
    for wrap in (ast.List, ast.Call):
        assert print_module(nested(100, wrap)).text.startswith("return ")
    body = ast.parse("\n".join(f"x = self.layer{i}(x)" for i in range(5000))).body
    function = ast.FunctionDef("f", ast.arguments([], [], None, [], [], None, []), body, [])
    assert print_module(ast.Module([function], [])).text.count("\n") == 5001


def test_what_has_no_text() -> None:
    for source in (
        "match x:\n    case 1:\n        pass",
        "async def f():\n    await x",
    ):
        with pytest.raises(TypeError, match="the printer has no text for"):
            printed(source)
    with pytest.raises(ValueError, match="no literal for inf"):
        printed("x = 1e999")
