"""The index of layers is in step with the registry, and a check imports the modules of the layers it uses only."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import layer_index
import pytest

import netspec.layer
from netspec.layer.categories import TITLES
from netspec.layers import OPS, find
from netspec.layers.op_tables import CATEGORIES

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", layer_index.texts())
def test_the_index_is_that_of_the_registry(name: str) -> None:
    written = (layer_index.FOLDER / name).read_text(encoding="utf-8")
    assert written == layer_index.texts()[name]


@pytest.mark.parametrize("op", OPS)
def test_a_layer_is_found_by_its_op_and_has_a_category(op: str) -> None:
    layer = find(op)
    assert layer is not None
    assert layer.op == op
    assert layer.category == CATEGORIES[op]
    assert layer.category in TITLES
    assert layer.category != "custom"


def output(program: str) -> list[str]:
    """The lines that a Python program prints in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT
    )
    return done.stdout.splitlines()


def test_a_check_imports_only_the_modules_of_the_layers_in_the_spec() -> None:
    program = (
        "import sys, netspec\n"
        "netspec.load('netspec: 1\\ninputs: {x1: [N, 4]}\\nbody: [ReLU]')\n"
        "from netspec.layers.index import MODULES\n"
        "print(*(m for m in set(MODULES.values()) if f'netspec.layers.{m}' in sys.modules))"
    )
    assert output(program) == ["inplace_activation"]


def test_the_facade_for_authors_imports_neither_torch_nor_pydantic() -> None:
    program = "import sys, netspec.layer\nprint('torch' in sys.modules, 'pydantic' in sys.modules)"
    assert output(program) == ["False False"]


def test_the_facade_defines_every_name_that_it_lists() -> None:
    assert [n for n in netspec.layer.__all__ if not hasattr(netspec.layer, n)] == []
    assert sorted(netspec.layer.__all__) == sorted(set(netspec.layer.__all__))
