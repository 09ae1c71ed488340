"""Keys are the objects, not their `id()`: a key that is kept alive cannot be that of another object."""

from __future__ import annotations

import ast

from banned_words import ROOT

_FOLDERS = ("netspec", "tui/netspec_tui")
_OTHERS = ("netspec/codegen/", "netspec/program_helpers/")
"""Code generation has tables by identity; tensors are compared element by element."""


def _ids(source: str) -> list[int]:
    """The lines of a program that take the `id` of an object."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "id"
    ]


def test_no_module_takes_the_id_of_an_object() -> None:
    paths = [path for folder in _FOLDERS for path in sorted((ROOT / folder).rglob("*.py"))]
    relative = [path.relative_to(ROOT).as_posix() for path in paths]
    programs = [path for path in relative if not path.startswith(_OTHERS)]
    assert len(programs) > 400
    texts = {path: (ROOT / path).read_text("utf-8") for path in programs}
    lines = {path: _ids(text) for path, text in texts.items() if "id(" in text}
    assert {path: numbers for path, numbers in lines.items() if numbers} == {}


def test_ids_are_seen() -> None:
    assert _ids("cache[id(node)] = 1\nself.id(node)") == [1]
