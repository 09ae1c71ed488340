"""The docstrings of a program: the spec's own sentences, and the shapes of the network."""

from __future__ import annotations

import os
import re
import textwrap
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from netspec.codegen.bodies import Site
from netspec.codegen.layout import INDENT, WIDTH
from netspec.codegen.plans import ClassPlan
from netspec.graph import Graph, Loop, Node
from netspec.syntax import Block, Parameter, Spec

QUOTES = 3
MOST_KINDS = 6
"""How many layers and blocks a docstring lists."""
_FOR_TOOLS = re.compile(r"yaml-language-server:|yamllint |-\*-|vim?: |!|netspec: ignore")
"""Begins a comment that editors and linters read."""


class Shapes(NamedTuple):
    """What goes into a network and comes out of it, in the terms of its arguments where they decide a size.

    Attributes:
        inputs: The shapes of the inputs.
        outputs: The shapes of the outputs.
        for_defaults: Whether a number in them may depend on an argument.
    """

    inputs: list[str]
    outputs: list[str]
    for_defaults: bool


def class_docstring(
    plan: ClassPlan, spec: Spec | None, shapes: Shapes | None, equal: Sequence[ClassPlan] = ()
) -> str:
    """What the spec says of a block and its parameters; of the network also what goes in and comes out.

    Args:
        plan: The class.
        spec: What the spec says.
        shapes: The shapes of the network, where the class is the network.
        equal: The groups that the class serves, where there are several.
    """
    if plan.definition is None:
        assert shapes is not None
        parameters = spec.parameters if spec is not None else {}
        arguments = _arguments(plan, parameters)
        doc = (spec.doc if spec is not None else "") or _leading_comment(plan.graph)
        return _network(plan.graph, doc, arguments, shapes)
    summary = plan.definition.doc or _place(plan, equal or [plan])
    parameters = plan.definition.parameters if isinstance(plan.definition, Block) else {}
    arguments = _arguments(plan, parameters)
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


def _arguments(plan: ClassPlan, parameters: Mapping[str, Parameter]) -> list[str]:
    """`Args:` with the parameters that the spec documents."""
    lines = []
    for argument in plan.signature:
        parameter = parameters.get(argument.name) if argument.kind == "parameter" else None
        if parameter is not None and parameter.doc:
            doc = " ".join(parameter.doc.split())
            sentence = doc[:1].upper() + doc[1:] + ("" if doc.endswith((".", "!", "?")) else ".")
            first, *rest = _lines(f"{argument.label}: {sentence}", INDENT)
            lines += [f"    {first}", *(f"        {line}" for line in rest)]
    return ["Args:", *lines] if lines else []


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


def _network(graph: Graph, doc: str, arguments: Sequence[str], shapes: Shapes) -> str:
    """What the network is, what it takes, and the shapes of its inputs and outputs."""
    default = " with the default arguments" if shapes.for_defaults else ""
    line = f"{', '.join(shapes.inputs)} -> {', '.join(shapes.outputs)}{default}."
    summary = _wrapped(doc or f"The network `{graph.name}`.").rstrip("\n")
    lines = [summary, "", *arguments, *([""] if arguments else [])]
    if INDENT + len(line) <= WIDTH:
        return "\n".join([*lines, line, ""])
    names = graph.outputs.names or [str(k) for k in range(len(shapes.outputs))]
    lines += ["Inputs:"]
    lines += [
        f"    {value.node.name}: {shape}"
        for value, shape in zip(graph.inputs, shapes.inputs, strict=True)
    ]
    lines += ["", f"Outputs{default}:"]
    lines += [f"    {k}: {shape}" for k, shape in zip(names, shapes.outputs, strict=True)]
    return "\n".join([*lines, ""])
