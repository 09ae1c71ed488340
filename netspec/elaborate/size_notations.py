"""Sizes of inputs in another notation: `None` or `-1` for an open size, and symbols in small letters."""

from __future__ import annotations

from collections.abc import Iterable

from netspec.diagnostics import Code, Diagnostic, Diagnostics, Edit, Help, Label
from netspec.document import Scalar, TextNode
from netspec.elaborate.declared_shapes import is_in_another_notation
from netspec.similar_words import closest
from netspec.syntax import Input, Spec


def with_symbols(
    declared: Input,
    items: list[TextNode],
    spec: Spec,
    parameters: Iterable[str],
    diagnostics: Diagnostics,
) -> list[TextNode] | None:
    """The sizes with a symbol for each open one, which is reported; None if the sizes stay unknown."""
    names = list(parameters)
    odd = [k for k, item in enumerate(items) if is_in_another_notation(item, names)]
    words = [k for k in odd if _is_word(items[k])]
    if any(closest(_text(items[k]), names) for k in words):
        return items  # a misspelled parameter: each size is reported on its own
    from netspec.syntax.input_notations import open_symbols

    symbols = open_symbols([_capital(item) if k in words else item for k, item in enumerate(items)])
    symbols |= {k: _capital(items[k]).text for k in words}
    edits = [Edit(items[k].span, symbols[k]) for k in odd]
    edits += _in_dims(spec, [_text(items[k]) for k in words])
    sizes = ", ".join(symbols.get(k, item.span.text) for k, item in enumerate(items))
    first, *others = odd
    texts = dict.fromkeys(items[k].span.text for k in odd)
    listed = ", ".join(f"`{text}`" for text in texts)
    diagnostics.add(
        Diagnostic(
            Code.UNKNOWN_NAME if words else Code.BAD_VALUE,
            f"a size must be an integer or a symbol that starts with a capital, got {listed}",
            items[first].span,
            "not a size",
            tuple(Label(items[k].span, "and this") for k in others),
            helps=(
                Help(
                    f"write `{declared.name}: [{sizes}]`; a symbol stands for any size",
                    tuple(edits),
                ),
            ),
            name=_text(items[first]) if words else "",
        )
    )
    if words:
        return None
    return [
        Scalar(item.source, item.start, item.end, symbols[k], symbols[k]) if k in symbols else item
        for k, item in enumerate(items)
    ]


def _is_word(item: TextNode) -> bool:
    text = item.value if isinstance(item, Scalar) else None
    return isinstance(text, str) and text.isidentifier() and text.islower()


def _text(item: TextNode) -> str:
    return item.text if isinstance(item, Scalar) else ""


def _capital(item: TextNode) -> Scalar:
    assert isinstance(item, Scalar)
    text = item.text[:1].upper() + item.text[1:]
    return Scalar(item.source, item.start, item.end, text, text)


def _in_dims(spec: Spec, words: list[str]) -> list[Edit]:
    """The same words as keys of `dims`."""
    places = (dim.place for name, dim in spec.dims.items() if name in words)
    return [Edit(place.span, place.text[:1].upper() + place.text[1:]) for place in places]
