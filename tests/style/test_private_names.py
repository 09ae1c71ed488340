"""A leading underscore means "this file only": no file imports a private name of another one."""

from __future__ import annotations

import ast

from banned_words import ROOT, files


def _private_imports(source: str) -> list[str]:
    """The private names, of modules or in them, that a program imports from this project or reads in it."""
    nodes = list(ast.walk(ast.parse(source)))
    imports = [
        (f"{node.module}.{alias.name}", alias.asname or alias.name)
        for node in nodes
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("netspec")
        for alias in node.names
    ]
    local_names = {local_name for _, local_name in imports}
    names = [name for name, _ in imports]
    for node in nodes:
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            names += [f"{node.value.id}.{node.attr}"] if node.value.id in local_names else []
    return [name for name in names if any(_is_private(part) for part in name.split("."))]


def _is_private(name: str) -> bool:
    return name.startswith("_") and not name.endswith("__")


def test_no_file_uses_a_private_name_of_another() -> None:
    paths = [path for path in files() if path.endswith(".py")]
    # The modules of this folder are printed into one file, where their names are private.
    paths = [path for path in paths if not path.startswith("netspec/program_helpers/")]
    programs = {path: (ROOT / path).read_text("utf-8") for path in paths}
    private = {path: names for path, text in programs.items() if (names := _private_imports(text))}
    assert private == {}


def test_private_names_are_seen() -> None:
    imported = "from netspec.syntax.file import _KEYS\nfrom netspec.syntax import file\nfile._KEYS"
    assert _private_imports(imported) == ["netspec.syntax.file._KEYS", "file._KEYS"]
    assert _private_imports("from netspec.syntax import file\nfile.__name__, self._keys") == []
