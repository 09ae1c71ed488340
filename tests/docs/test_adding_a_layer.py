"""The page on adding a layer: its classes are those of the code, its new layer works and agrees with PyTorch."""

from __future__ import annotations

from importlib import import_module
from inspect import getsource
from pathlib import Path

import pytest
from doc_pages import ROOT, Fence, fences

from netspec import layers
from netspec.layers.index import MODULES

PAGE = "docs/adding-a-layer.md"
OP = "Diff"
SHOWN = [f for f in fences(PAGE) if f.kind == "python layer"]


@pytest.mark.parametrize("fence", SHOWN, ids=lambda f: f.name)
def test_a_layer_on_the_page_is_the_layer_in_the_code(fence: Fence) -> None:
    family, name = fence.name.split(".")
    assert fence.text == getsource(getattr(import_module(f"netspec.layers.{family}"), name))


def test_the_new_layer_passes_the_tests_of_all_layers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (family,) = [f for f in fences(PAGE) if f.kind == "python file"]
    (case,) = [f for f in fences(PAGE) if f.kind == "python code"]
    (tmp_path / "difference.py").write_text(family.text, encoding="utf-8")
    monkeypatch.setattr(layers, "__path__", [*layers.__path__, str(tmp_path)])
    monkeypatch.setitem(MODULES, OP, "difference")
    monkeypatch.syspath_prepend(str(ROOT / "tests/layers"))
    cases = import_module("layer_cases")
    monkeypatch.setitem(cases.CASES, OP, None)
    exec(case.text, vars(cases))
    layers.find.cache_clear()
    try:
        assert import_module("test_against_torch").disagreements(OP, 60) == []
        contract = import_module("test_contract")
        contract.test_the_docstring_says_what_it_is_and_how_shapes_change(OP)
        contract.test_every_argument_is_explained_and_takes_its_own_default(OP)
        contract.test_every_size_of_a_result_has_an_origin(OP)
        contract.test_generated_expressions_compose(OP)
    finally:
        layers.find.cache_clear()


def test_the_commands_of_the_page_use_the_new_layer() -> None:
    compiled, checked = [f.text for f in fences(PAGE) if f.kind == "console"]
    assert "torch.diff(frames, dim=1)" in compiled
    assert "`dim` of `Diff`" in checked
    assert "unknown op" not in compiled + checked
