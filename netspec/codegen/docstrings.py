"""The docstrings of a program: the spec's own sentences, and the shapes of the network."""

from __future__ import annotations

import os
import re
import textwrap
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from netspec.codegen.identifiers import input_names
from netspec.codegen.layout import INDENT, WIDTH
from netspec.codegen.plans import ClassPlan
from netspec.codegen.sites import Site
from netspec.graph import Graph, Loop, Node
from netspec.syntax import Block, Parameter, Spec

QUOTES = 3
MOST_KINDS = 6
"""How many layers and blocks a docstring lists."""
_FOR_TOOLS = re.compile(r"yaml-language-server:|yamllint |-\*-|vim?: |!|netspec: ignore")
"""Begins a comment that editors and linters read."""


class Shapes(NamedTuple):
    """The input and output shapes of a network, in terms of its arguments where they decide a size.

    Attributes:
        inputs: The shapes of the inputs.
        outputs: The shapes of the outputs.
        for_defaults: Whether a number in them may depend on an argument.
    """

    inputs: list[str]
    outputs: list[str]
    for_defaults: bool


def class_docstring(
    plan: ClassPlan,
    spec: Spec | None,
    equal: Sequence[ClassPlan] = (),
    columns: Mapping[str, Sequence[str]] | None = None,
) -> str:
    """What the spec says of the network, a block or a group, and of its parameters.

    Args:
        plan: The class.
        spec: What the spec says.
        equal: The groups that the class serves, where there are several.
        columns: The names of the columns of the tables that its constructor takes, by argument.
    """
    if plan.definition is None:
        parameters = spec.parameters if spec is not None else {}
        summary = (spec.doc if spec is not None else "") or _leading_comment(plan.graph)
        summary = summary or f"The network `{plan.graph.name}`."
    else:
        parameters = plan.definition.parameters if isinstance(plan.definition, Block) else {}
        summary = plan.definition.doc or _place(plan, equal or [plan])
    arguments = _arguments(plan, parameters, columns or {})
    if not arguments:
        return _wrapped(summary)
    return "\n".join([_wrapped(summary).rstrip("\n"), "", *arguments, ""])


def _leading_comment(graph: Graph) -> str:
    """The paragraph that the file of a spec begins with, unless it is about the rights to the file."""
    place = graph.inputs[0].node.place if graph.inputs else None
    if place is None:
        return ""
    lines: list[str] = []
    for line in place.span.source.text.splitlines():
        text = line.lstrip("#").strip()
        is_prose = re.search(r"\w", text) and not _FOR_TOOLS.match(text)
        if not line.startswith("#") or (lines and not text):
            break
        lines += [text] if is_prose else []
    paragraph = " ".join(lines)
    return "" if re.search(r"copyright|licen[cs]e|SPDX", paragraph, re.IGNORECASE) else paragraph


def _arguments(
    plan: ClassPlan, parameters: Mapping[str, Parameter], columns: Mapping[str, Sequence[str]]
) -> list[str]:
    """`Args:` with the parameters that the spec documents, and the tables."""
    lines = []
    for argument in plan.signature:
        parameter = parameters.get(argument.name) if argument.kind == "parameter" else None
        sentences = [_sentence(parameter.doc)] if parameter is not None and parameter.doc else []
        if (names := columns.get(argument.label)) is not None:
            sentences.append(f"Rows of {', '.join(names[:-1])} and {names[-1]}.")
        if sentences:
            first, *rest = _lines(f"{argument.label}: {' '.join(sentences)}", 2 * INDENT)
            lines += [f"    {first}", *(f"        {line}" for line in rest)]
    return ["Args:", *lines] if lines else []


def _sentence(doc: str) -> str:
    """A text on one line, with a capital and a period."""
    text = " ".join(doc.split())
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")


def _place(plan: ClassPlan, equal: Sequence[ClassPlan]) -> str:
    """What a class is called in the spec, and the layers and blocks that it is made of."""
    kinds = list(dict.fromkeys(_kind(s) for s in plan.body.walk() if s.inner is None))
    listed = ", ".join([*kinds[:MOST_KINDS], *(["and more"] if len(kinds) > MOST_KINDS else [])])
    if plan.site is None:
        return f"`{plan.base_name}`: {listed}." if listed else f"`{plan.base_name}`."
    if plan.site.unnamed:
        return f"{listed}."
    names = list(dict.fromkeys(level.name for each in equal for level in each.levels))
    if all(name.isdigit() for name in names):
        titles = list(dict.fromkeys(p.site.step.title for p in equal if p.site is not None))
        return f"An element of {_listed(titles, 'or')}: {listed}."
    return f"{_listed(names, 'and')}: {listed}." if listed else f"{_listed(names, 'and')}."


def _listed(names: Sequence[str], conjunction: str) -> str:
    """The first and the last of several names.

    >>> _listed(["a"], "and"), _listed(["a", "b"], "or"), _listed(["a1", "a2", "a3"], "and")
    ('`a`', '`a` or `b`', '`a1` to `a3`')
    """
    middle = f" {conjunction} " if len(names) == 2 else " to "
    return f"`{names[0]}`" if len(names) == 1 else f"`{names[0]}`{middle}`{names[-1]}`"


def _kind(site: Site) -> str:
    """What a step is: a layer, a block, or a group by its name."""
    first = site.first
    assert not isinstance(first, Loop)
    if isinstance(first, Node):
        return first.op
    return first.block.name if first.block is not None else first.name


def module_docstring(graph: Graph, file: str) -> str:
    """Where the program comes from, and how to make it again."""
    from netspec import __version__

    base = os.path.basename(file)
    source = f" from {base}" if base else ""
    summary = f"{graph.name}, generated by netspec {__version__}{source}."
    if not base:
        return summary
    command = f"    netspec compile {base}"
    if max(len(summary) + QUOTES, len(command)) > WIDTH:
        return summary
    advice = "Edit the spec, not this file, and compile it again:"
    return "\n".join([summary, "", advice, "", command, ""])


def _wrapped(text: str) -> str:
    """A text on one line if that fits, else its first sentence and the rest below."""
    words = " ".join(text.split())
    if INDENT + len(words) + 2 * QUOTES <= WIDTH:
        return words
    summary, stop, rest = words.partition(". ")
    if stop and INDENT + QUOTES + len(summary) < WIDTH:
        return "\n".join([f"{summary}.", "", *_lines(rest, 0), ""])
    lines = _lines(words, QUOTES)
    if len(lines) == 1:  # without room for the closing quotes
        lines = [lines[0].rpartition(" ")[0], lines[0].rpartition(" ")[2]]
    return "\n".join([*filter(None, lines), ""])


def _lines(text: str, taken: int) -> list[str]:
    """The lines of a paragraph; `taken` columns of the first one are used."""
    return textwrap.wrap(
        text, WIDTH - INDENT - taken, break_long_words=False, break_on_hyphens=False
    )


def forward_docstring(graph: Graph, shapes: Shapes) -> str:
    """The shapes of what the network takes and returns.

    Args:
        graph: The network.
        shapes: The shapes of its inputs and outputs.
    """
    default = "The shapes are those of the default arguments." if shapes.for_defaults else ""
    if len(shapes.inputs) == 1 and graph.outputs.kind == "one":
        line = f"Map {shapes.inputs[0]} to {shapes.outputs[0]}."
        if 2 * INDENT + len(line) + 2 * QUOTES <= WIDTH:
            return "\n".join([line, "", default, ""]) if default else line
    inputs = zip(input_names(graph), shapes.inputs, strict=True)
    takes = ["Args:", *(f"    {name}: {shape}" for name, shape in inputs)]
    if graph.outputs.kind == "one":
        summary, returns = "the output", [f"    {shapes.outputs[0]}"]
    else:
        names = graph.outputs.names or [str(k) for k in range(len(shapes.outputs))]
        summary = "the outputs by name" if graph.outputs.kind == "dict" else "the outputs"
        outputs = zip(names, shapes.outputs, strict=True)
        returns = [f"    {name}: {shape}" for name, shape in outputs]
    begin = [f"Return {summary}.", "", *([default, ""] if default else [])]
    return "\n".join([*begin, *takes, "", "Returns:", *returns, ""])
