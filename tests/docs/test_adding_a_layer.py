"""The page on adding a layer: its classes are those of the code, its new layer works and agrees with PyTorch."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from importlib import import_module
from inspect import getsource
from pathlib import Path

import pytest
from doc_pages import ROOT, Fence, fences, write_files

PAGE = "docs/adding-a-layer.md"
SHOWN = [f for f in fences(PAGE) if f.kind == "python layer"]


@pytest.mark.parametrize("fence", SHOWN, ids=lambda f: f.name)
def test_a_layer_on_the_page_is_the_layer_in_the_code(fence: Fence) -> None:
    family, name = fence.name.split(".")
    assert fence.text == getsource(getattr(import_module(f"netspec.layers.{family}"), name))


def test_the_new_layer_passes_the_tests_of_all_layers(tmp_path: Path) -> None:
    write_files(tmp_path, PAGE)
    shutil.copytree(ROOT / "tests/layers", tmp_path / "tests/layers")
    (entry,) = [f.text for f in fences(PAGE) if f.kind == "python code"]
    with (tmp_path / "tests/layers/layer_cases.py").open("a", encoding="utf-8") as cases:
        cases.write(f"\n\n{entry}")
    tests = ["tests/layers/test_contract.py", "tests/layers/test_against_torch.py"]
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "RepeatInterleave", *tests],
        cwd=tmp_path, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
    )  # fmt: skip
    assert run.returncode == 0, run.stdout
    assert "passed" in run.stdout
