"""What a command loads, and that everything but building modules works without PyTorch."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SPEC = str(ROOT / "specs" / "densenet121.yaml")

SLOW = frozenset(
    {"argparse", "asyncio", "click", "dataclasses", "difflib", "graphviz", "inspect", "json",
     "networkx", "numpy", "pathlib", "pydantic", "rich", "shutil", "tempfile", "textual", "torch",
     "traceback", "unicodedata"}
)  # fmt: skip
"""Modules that the check of a valid spec does not need."""

WITHOUT_TORCH = """
import sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "torch":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Absent())
"""


def python(code: str) -> subprocess.CompletedProcess[str]:
    """Run a program in a fresh process, in the repository."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=False
    )


def loaded(code: str) -> set[str]:
    """The modules that a program has loaded in addition to those that Python starts with."""
    done = python(
        f"import sys; begin = set(sys.modules)\n{code}\n"
        "print('MODULES', *(set(sys.modules) - begin), file=sys.stderr)"
    )
    assert done.returncode == 0, done.stderr
    return set(done.stderr.splitlines()[-1].split()[1:])


def test_a_check_loads_nothing_slow():
    modules = loaded(f"from netspec.cli import main; assert main(['check', {SPEC!r}]) == 0")
    assert "netspec.check" in modules
    assert sorted(SLOW & modules) == []


def test_a_spec_without_diagnostics_loads_only_the_checks_for_warnings():
    modules = loaded(f"from netspec.cli import main; assert main(['check', {SPEC!r}]) == 0")
    diagnosis = {m.removeprefix("netspec.diagnosis.") for m in modules if "netspec.diagnosis." in m}
    assert diagnosis == {"in_place", "lint_triggers", "single_value_norm"}


def test_importing_netspec_loads_next_to_nothing():
    modules = loaded("import netspec; netspec.__version__")
    assert {m for m in modules if m.startswith("netspec")} == {"netspec"}
    assert sorted(SLOW & modules) == []


def test_only_the_schema_for_editors_loads_pydantic():
    run = "from netspec.cli import main; assert main({}) == 0"
    for command in ("check", "summary", "compile"):
        assert "pydantic" not in loaded(run.format([command, SPEC]))
    assert "pydantic" in loaded(run.format(["schema"]))


@pytest.mark.parametrize("module", ["argparse", "dataclasses", "numpy", "torch"])
def test_the_tests_above_would_notice(module):
    pytest.importorskip(module)
    assert module in SLOW & loaded(f"import netspec, {module}")


def test_everything_but_building_works_without_torch(tmp_path):
    target = tmp_path / "net.py"
    done = python(
        f"{WITHOUT_TORCH}\nfrom netspec.cli import main\n"
        f"codes = [main(['check', {SPEC!r}]), main(['summary', {SPEC!r}, '--depth', '1']),"
        f" main(['compile', {SPEC!r}, '-o', {str(target)!r}])]\n"
        "print(codes)"
    )
    assert done.stdout.endswith("[0, 0, 0]\n"), done.stderr
    compile(target.read_text(encoding="utf-8"), "net.py", "exec")


def test_building_without_torch_says_how_to_install_it():
    done = python(f"{WITHOUT_TORCH}\nimport netspec; netspec.compile({SPEC!r})")
    assert "MissingTorchError: compiling requires PyTorch, which is not installed" in done.stderr
    assert "pip install 'netspec-compiler[torch]'" in done.stderr


def test_torch_is_really_away_in_these_tests():
    done = python(f"{WITHOUT_TORCH}\nimport torch")
    assert "No module named 'torch'" in done.stderr
