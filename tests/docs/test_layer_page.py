"""The page that has every layer is the one that the classes make."""

from __future__ import annotations

from doc_pages import LAYERS, ROOT, layer_page


def test_the_page_of_layers_is_todays() -> None:
    page_text = (ROOT / LAYERS).read_text(encoding="utf-8")
    assert page_text == layer_page(), "run `python tests/docs/doc_pages.py`"
