"""The style of optimized programs: ruff and mypy accept them, as they accept plain ones."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import netspec

sys.path += [str(Path(__file__).resolve().parents[1] / "codegen")]
import test_build_style as style

ROOT = Path(__file__).resolve().parents[2]
NAMES = ("densenet121", "densenet_cifar", "resnet", "mobilenet_v3", "unet")
IN_FUNCTIONS = {
    "ANN401": "a context of autograd has attributes of any type",
    "SLF001": "hooks are attributes of modules with an underscore",
    "FBT003": "functions of PyTorch take flags by position",
    "D401": "a docstring may be a noun phrase, as in the package",
    "S101": "an assertion for the type checker",
}
"""The rules of ruff that the functions of a program do not hold, each with the reason."""


def written(folder: Path) -> None:
    folder.mkdir()
    (folder / "__init__.py").write_text('"""Generated programs."""\n')
    for name in NAMES:
        source = netspec.load(ROOT / f"specs/{name}.yaml").source(optimize="training")
        (folder / f"{name}.py").write_text(source, encoding="utf-8")


def test_ruff_and_mypy_accept_optimized_programs(tmp_path: Path, monkeypatch) -> None:
    folder = tmp_path / "generated_programs"
    written(folder)
    monkeypatch.setattr(style, "NOT_HELD", {**style.NOT_HELD, **IN_FUNCTIONS})
    assert style.ruff_remarks(folder) == ""
    assert style.mypy_remarks(folder) == ""


def test_each_function_of_a_program_is_documented(tmp_path: Path) -> None:
    folder = tmp_path / "generated_programs"
    written(folder)
    for name in NAMES:
        tree = ast.parse((folder / f"{name}.py").read_text(encoding="utf-8"))
        for node in tree.body:
            if isinstance(node, ast.ClassDef | ast.FunctionDef):
                assert ast.get_docstring(node), node.name


def test_a_program_imports_torch_alone(tmp_path: Path) -> None:
    folder = tmp_path / "generated_programs"
    written(folder)
    for name in NAMES:
        tree = ast.parse((folder / f"{name}.py").read_text(encoding="utf-8"))
        modules = {n.module for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
        modules |= {a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
        own = {module.partition(".")[0] for module in modules} - set(sys.stdlib_module_names)
        assert own == {"torch"}


def forward_docstrings(source: str) -> dict[str, str | None]:
    """The docstring of each `forward`, by class."""
    return {
        definition.name: ast.get_docstring(method)
        for definition in ast.parse(source).body
        if isinstance(definition, ast.ClassDef) and not definition.name.startswith("_")
        for method in definition.body
        if isinstance(method, ast.FunctionDef) and method.name == "forward"
    }


def test_rewriting_leaves_the_docstrings_of_forward() -> None:
    for name in NAMES:
        network = netspec.load(ROOT / f"specs/{name}.yaml")
        plain = forward_docstrings(network.source())
        assert any(plain.values())
        assert forward_docstrings(network.source(optimize="training")) == plain
