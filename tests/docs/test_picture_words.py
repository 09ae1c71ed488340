"""The pictures of the documentation have the words of today: tooltips and labels, not positions."""

from __future__ import annotations

import html
import re
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest
from doc_pages import ROOT

PICTURES = ROOT / "docs/pictures"


def _script(name: str) -> ModuleType:
    spec = spec_from_file_location(name, PICTURES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def words(svg: str) -> set[str]:
    """The texts and tooltips of a picture."""
    texts = re.findall(r"<text [^>]*>([^<]*)</text>|(?:xlink:)?title=\"([^\"]*)\"", svg)
    return {html.unescape(text or tooltip) for text, tooltip in texts}


NETWORKS = _script("networks")


@pytest.mark.parametrize("name", NETWORKS.NETWORKS)
def test_a_drawn_network_is_current(name: str, tmp_path: Path) -> None:
    drawn = words(NETWORKS.draw(name, tmp_path).read_text(encoding="utf-8"))
    assert len(drawn) > 20
    assert words((PICTURES / f"{name}.svg").read_text(encoding="utf-8")) == drawn


@pytest.mark.sweep
def test_the_screens_of_the_editor_are_current(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor = _script("editor")
    monkeypatch.setattr(editor, "HERE", tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    editor.main()
    for name, *_ in editor.PICTURES:
        drawn = words((tmp_path / f"{name}.svg").read_text(encoding="utf-8"))
        assert len(drawn) > 20
        assert words((PICTURES / f"{name}.svg").read_text(encoding="utf-8")) == drawn
