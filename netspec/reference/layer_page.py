"""The page of the documentation that has every layer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from netspec.layers.out_of_scope import OUT_OF_SCOPE
from netspec.reference.layer_guide import Guide, default_text

_HEAD = """\
# Layers

Every layer, with its arguments and an example, as `netspec layers NAME` prints it. The arguments have the names,
the order and the defaults of PyTorch. netspec infers an *inferred* argument from the input; if a spec sets it,
netspec verifies the value. Inputs in brackets are optional.

In shapes, N is the batch, C the channels, D the depth, H the height, W the width and L the length of a sequence;
`*` is any number of dimensions, and ⌊ ⌋ rounds down.

`python tests/docs/doc_pages.py` writes this page from the classes in `netspec/layers`.
"""


def layer_page(categories: Iterable[tuple[str, list[Guide]]]) -> str:
    """The whole page."""
    parts = [_HEAD]
    for title, guides in categories:
        parts.append(f"## {title}\n")
        parts.extend("\n".join(_layer(guide)) for guide in guides)
    parts.append("\n".join(_out_of_scope()))
    return "\n".join(parts)


def _layer(guide: Guide) -> Iterator[str]:
    yield from [f"### {guide.op}", "", guide.summary, "", f"Shape: `{guide.shape}`", ""]
    if guide.note:
        yield from [f"Note: {guide.note}", ""]
    if len(guide.inputs) > 1:
        inputs_text = ", ".join(
            f"[`{n}`]" if optional else f"`{n}`" for n, optional in guide.inputs
        )
        yield from [f"Inputs: {inputs_text}", ""]
    if guide.arguments:
        yield from ["| argument | | description | values |", "|---|---|---|---|"]
        for argument in guide.arguments:
            cells = (
                f"`{argument.name}`",
                default_text(argument),
                argument.doc,
                argument.kind.expected,
            )
            yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
        yield ""
    example = guide.example()
    yield from ["```yaml", *example.rstrip().split("\n"), "```", "", f"Source: {guide.source}", ""]


def _out_of_scope() -> Iterator[str]:
    yield from ["## Classes of torch.nn that are not layers", "", "| | |", "|---|---|"]
    reasons: dict[str, list[str]] = {}
    for name, reason in OUT_OF_SCOPE.items():
        reasons.setdefault(reason, []).append(f"`{name}`")
    for reason, names in reasons.items():
        yield f"| {', '.join(names)} | {reason} |"
    yield ""
