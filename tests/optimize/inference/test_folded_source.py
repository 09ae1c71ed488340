"""The program for inference is Python that a reviewer accepts, and imports torch alone."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import netspec
from netspec.api import generated_program

ROOT = Path(__file__).parents[3]
sys.path += [str(ROOT / "tests/codegen"), str(ROOT / "tests")]
from test_build_style import NOT_HELD, mypy_remarks, run  # noqa: E402

HELPERS_ONLY = {
    "C901": "a forward has a loop for each stage",
    "PLR0911": "a decision with as many results as cases",
    "S101": "an `assert` tells the type checker what the class of a module is",
    "SLF001": "whether something observes a module is in its private attributes",
}
"""The rules that the helpers do not follow, each with the reason."""
NAMES = ("densenet121", "resnet", "mobilenet_v3", "vit", "unet", "gpt", "siamese", "text_lstm")


def write_programs(folder: Path) -> None:
    folder.mkdir()
    (folder / "__init__.py").write_text('"""Generated programs."""\n')
    for name in NAMES:
        source = netspec.load(ROOT / f"specs/{name}.yaml").source(optimize="inference")
        (folder / f"{name}.py").write_text(source, encoding="utf-8")
    lenet = netspec.load(ROOT / "specs/textbook/lenet.yaml")
    source = generated_program(lenet, "inference", weights="lenet.pt").source
    (folder / "lenet.py").write_text(source, encoding="utf-8")


def test_ruff_and_mypy_accept_the_programs(tmp_path: Path) -> None:
    folder = tmp_path / "generated_programs"
    write_programs(folder)
    ignored = ",".join({**NOT_HELD, **HELPERS_ONLY})
    remarks = run("ruff", "check", "--isolated", "--select=ALL", "--target-version=py311",
                  f"--ignore={ignored}", "--output-format=concise", str(folder))  # fmt: skip
    assert remarks == ""
    assert run("ruff", "format", "--isolated", "--check", str(folder)) == ""
    assert mypy_remarks(folder) == ""


def test_a_program_imports_torch_alone() -> None:
    tree = ast.parse(netspec.load(ROOT / "specs/densenet121.yaml").source(optimize="inference"))
    imports = [n for n in ast.walk(tree) if isinstance(n, ast.Import | ast.ImportFrom)]
    modules = {
        (n.module or "") if isinstance(n, ast.ImportFrom) else n.names[0].name for n in imports
    }
    assert {m.partition(".")[0] for m in modules} - sys.stdlib_module_names == {"torch"}


def test_dense_blocks_are_loops() -> None:
    source = netspec.load(ROOT / "specs/densenet121.yaml").source(optimize="inference")
    (forward,) = (
        node
        for definition in ast.parse(source).body
        if isinstance(definition, ast.ClassDef) and definition.name == "FoldedDenseNet121"
        for node in definition.body
        if isinstance(node, ast.FunctionDef) and node.name == "forward"
    )
    loops = [node for node in forward.body if isinstance(node, ast.For)]
    assert [ast.unparse(loop.iter) for loop in loops] == [
        "range(1, 7)", "range(1, 13)", "range(1, 25)", "range(1, 17)",
    ]  # fmt: skip


def test_the_command_writes_the_program(tmp_path: Path) -> None:
    target = tmp_path / "net.py"
    command = [sys.executable, "-m", "netspec", "compile", str(ROOT / "specs/textbook/lenet.yaml")]
    subprocess.run([*command, "--optimize", "inference", "-o", str(target)], check=True)
    assert "class FoldedLeNet(LeNet):" in target.read_text()
    rejected = subprocess.run(
        [*command, "--optimize", "inference", "--presets"], capture_output=True, check=False
    )
    assert rejected.returncode == 2


def test_lines_of_the_plain_classes_are_annotated() -> None:
    network = netspec.load(ROOT / "specs/densenet121.yaml")
    plain, folded = generated_program(network), generated_program(network, "inference")
    places = [
        [line for line in p.annotated.split("\n") if "  # densenet121.yaml:" in line]
        for p in (plain, folded)
    ]
    assert places[0] == places[1] != []
