"""The passes on finished classes: each preserves the results of the code, and changes nothing that it cannot prove."""

from __future__ import annotations

import ast

import pytest
from small_networks import SPECS

import netspec
from netspec.codegen.repeated import name_repeated
from netspec.codegen.table_columns import unpack_rows
from netspec.codegen.tidy import tidy


def tidied(source: str) -> str:
    tree = ast.parse(source)
    tidy([node for node in tree.body if isinstance(node, ast.ClassDef)])
    return ast.unparse(tree)


def init(arguments: str, *body: str) -> str:
    lines = "\n        ".join(body)
    return f"class A(nn.Module):\n    def __init__(self, {arguments}) -> None:\n        {lines}"


@pytest.mark.parametrize(
    ("written", "simplified"),
    [
        ("n * 64 // 64 * 1", "n"),
        ("4 * n // 2", "2 * n"),
        ("3 * n // 2", "3 * n // 2"),
        ("n // 2 * 2", "n // 2 * 2"),
        ("x * 64 // 64", "x * 64 // 64"),  # x may be 0.5
        ("x // 1", "x // 1"),
        ("(1, 4, 6)[1]", "4"),
        ("(1, 4, 6)[5]", "(1, 4, 6)[5]"),
        ("sum((1, 4, 6)[:n])", "sum((1, 4, 6)[:n])"),
        ("len((1, 4))", "2"),
    ],
)
def test_arithmetic_that_cancels_is_done_for_integers(written: str, simplified: str) -> None:
    arguments = "n: int, x: float"
    expected = init(arguments, f"self.a = ({simplified}, n, x)")
    assert tidied(init(arguments, f"self.a = ({written}, n, x)")) == ast.unparse(
        ast.parse(expected)
    )


def test_what_nothing_reads_is_omitted_where_the_class_is_called_too() -> None:
    source = """
class A(nn.Module):
    def __init__(self, a: int, b: int, c: int = 3) -> None:
        self.b = b
        self.layer = nn.Linear(a, a)

class B(nn.Module):
    def __init__(self, width: int, unread: int) -> None:
        self.one = A(width, b=unread)
        self.two = A(width, unread, c=4)
"""
    assert tidied(source) == ast.unparse(
        ast.parse("""
class A(nn.Module):
    def __init__(self, a: int) -> None:
        self.layer = nn.Linear(a, a)

class B(nn.Module):
    def __init__(self, width: int) -> None:
        self.one = A(width)
        self.two = A(width)
""")
    )


def test_a_class_that_is_handed_on_keeps_its_arguments() -> None:
    source = (
        init("a: int", "pass")
        + "\nclass B(nn.Module):\n    def __init__(self) -> None:\n        g(A)"
    )
    assert tidied(source) == ast.unparse(ast.parse(source))


@pytest.mark.parametrize(
    ("loop", "unpacked"),
    [
        (
            "for row in rows: f(kernel=row[0], width=row[1])",
            "for kernel, width in rows: f(kernel=kernel, width=width)",
        ),
        ("for row in rows: f(kernel=row[0], width=row)", None),
        ("for row in rows: f(kernel=row[n], width=row[1])", None),
        ("for row in rows: f(n=row[0], width=row[1])", None),  # the name is taken
        ("for row in rows: f(kernel=row[0], width=row[2])", None),  # there is no such column
        ("for row in others: f(kernel=row[0], width=row[1])", None),  # rows of any length
    ],
)
def test_columns_have_names_where_all_are_used_by_one(loop: str, unpacked: str | None) -> None:
    arguments = (
        "n: int, rows: tuple[tuple[int, int], ...], others: tuple[tuple[int, ...], ...], layers"
    )
    tree = ast.parse(init(arguments, loop))
    method = tree.body[0].body[0]
    unpack_rows(method.body[0], method)
    assert ast.unparse(tree) == ast.unparse(ast.parse(init(arguments, unpacked or loop)))


def test_a_size_that_changes_has_no_variable() -> None:
    body = ["n = 3", "self.a = nn.Conv2d(n * 1000 + n * 200, n * 1000 + n * 200, 1)", "n = 4"]
    source = init("m: int", *body, "self.b = nn.Conv2d(n * 1000 + n * 200, m, 1)")
    tree = ast.parse(source)
    name_repeated(tree.body[0].body[0])
    assert ast.unparse(tree) == ast.unparse(ast.parse(source))


def test_a_repeated_size_is_computed_once_before_its_first_use() -> None:
    source = init(
        "depth: int",
        "self.stem = nn.Linear(depth, 3)",
        "self.a = A(1, layers=(depth - 4) // 6)",
        "self.b = A((depth - 4) // 6, layers=(depth - 4) // 6)",
    )
    tree = ast.parse(source)
    name_repeated(tree.body[0].body[0])
    assert [ast.unparse(s) for s in tree.body[0].body[0].body] == [
        "self.stem = nn.Linear(depth, 3)",
        "layers = (depth - 4) // 6",
        "self.a = A(1, layers=layers)",
        "self.b = A(layers, layers=layers)",
    ]


def test_a_table_of_layers_is_typed_and_unpacked() -> None:
    source = netspec.source(SPECS / "mobilenet_v3.yaml")
    assert "tuple[tuple[int, int, int, int, type[nn.Module], int], ...]" in source
    assert "for kernel, expanded, channels, squeezed, act, stride in rows:" in source


def test_a_choice_of_blocks_does_not_unroll_the_loops_around_it() -> None:
    source = netspec.source(SPECS / "efficientnet.yaml", preset="efficientnet_v2_l")
    assert len(source.splitlines()) < 270
    assert source.count("MBConv(") == 2  # both are classes; calls use the loop variable


def test_a_block_without_modules_is_a_function() -> None:
    source = netspec.source(SPECS / "gpt.yaml")
    assert "def split_heads(x: Tensor, heads: int) -> Tensor:" in source
    assert "query = split_heads(query, self.heads)" in source


def test_a_group_that_applies_a_list_side_by_side_is_that_list() -> None:
    source = netspec.source(SPECS / "resnet_fpn.yaml")
    assert "class InnerBlocks" not in source
    assert "self.inner_blocks = nn.ModuleList(" in source
    assert "inner_block3 = self.inner_blocks[3](c5)" in source


def test_a_call_gives_arguments_in_the_order_of_the_constructor() -> None:
    calls = order = 0
    for name in ("gpt", "efficientnet", "mobilenet_v3", "vit"):
        tree = ast.parse(netspec.source(SPECS / f"{name}.yaml"))
        taken = {
            c.name: [a.arg for m in c.body if isinstance(m, ast.FunctionDef) for a in m.args.args]
            for c in tree.body
            if isinstance(c, ast.ClassDef)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                labels = taken.get(node.func.id, [])
                places = [labels.index(k.arg) for k in node.keywords if k.arg in labels]
                calls += len(places) > 1
                order += len(places) > 1 and places == sorted(places)
    assert calls == order > 10
