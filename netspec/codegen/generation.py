"""A program from a graph: tried until loops, blocks and functions are ones that Python can say."""

from __future__ import annotations

import ast
import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from netspec.codegen.function_blocks import NotAFunction
from netspec.codegen.graph_index import index_graphs
from netspec.codegen.lowering import NotAComprehension
from netspec.codegen.plan_failures import CannotMerge, UnrollLoop, UnrollLoops
from netspec.codegen.plans import ClassPlan
from netspec.codegen.printer import print_module
from netspec.codegen.program import Program
from netspec.codegen.program_tree import program_tree
from netspec.codegen.quoting import in_comment
from netspec.codegen.sites import Site, loop_around
from netspec.codegen.special_nodes import SiteAssign, SiteReturn
from netspec.diagnostics import Span
from netspec.graph import Graph
from netspec.syntax import Block, Spec

if TYPE_CHECKING:
    from netspec.codegen.preset_functions import Member


MOST_ATTEMPTS = 10_000


class Generated(NamedTuple):
    """A program.

    Attributes:
        source: Its text.
        class_name: The class of the network.
        places: The step of the spec that a line comes from, by the number of the line (from 1).
    """

    source: str
    class_name: str
    places: dict[int, Span]

    @property
    def annotated(self) -> str:
        """The text with the place in the spec behind each line that has one."""
        lines = self.source.splitlines()
        for number, span in self.places.items():
            where = f"{os.path.basename(span.source.name)}:{span.line}"
            lines[number - 1] += f"  # {in_comment(where)}"
        return "\n".join(lines) + "\n"


Rewrite = Callable[[ast.Module, Program], str]
"""A change of the finished tree of a program, in place; it returns the name of the class of the network."""


def generate(
    graph: Graph,
    file: str = "",
    spec: Spec | None = None,
    members: Sequence[Member] = (),
    rewrite: Rewrite | None = None,
) -> Generated:
    """The program that defines a network.

    Args:
        graph: The network.
        file: The path of the spec, which the header names.
        spec: What the spec says; without it every number is a literal.
        members: The presets that the program has functions for.
        rewrite: A change of the finished tree, such as one of `netspec.optimize`.

    Raises:
        SpecError: If no program can define the network.
        CannotMerge: If it cannot be one with its members.
        NotCarried: If a parameter that differs between them cannot be an argument.
    """
    unrolled_loops: set[tuple[int, int]] = set()
    split: set[int] = set()
    grown: set[int] = set()
    as_classes: set[int] = set()
    index = index_graphs([graph, *(member.graph for member in members)])
    for _ in range(MOST_ATTEMPTS):
        try:
            program = Program(graph, spec, unrolled_loops, split, grown, as_classes, index, members)
            tree, class_name = program_tree(program, file)
        except (UnrollLoop, UnrollLoops) as reason:
            loops = reason.loops if isinstance(reason, UnrollLoops) else [reason.loop]
            keys = {(id(loop.body.plan.definition), id(loop.step)) for loop in loops}
            if keys <= unrolled_loops:
                if members:
                    from netspec.codegen.preset_functions import NotCarried

                    raise NotCarried(f"the steps of `{reason}` differ") from reason
                raise AssertionError(f"{reason}: unrolled already") from reason
            unrolled_loops |= keys
            continue
        except NotAComprehension as reason:
            grown.add(id(reason.loop.step))
            continue
        except NotAFunction as reason:
            as_classes.add(id(reason.plan.definition))
            continue
        except CannotMerge as failure:
            loop = _loop_around(failure.plan)
            if loop is not None:
                unrolled_loops.add((id(loop.body.plan.definition), id(loop.step)))
                continue
            key_block = _block_around(failure.plan)
            if key_block is None or key_block in split:
                raise
            split.add(key_block)
            continue
        return _printed(program, tree, class_name, rewrite)
    raise AssertionError("no program was found")


def _printed(
    program: Program, tree: ast.Module, class_name: str, rewrite: Rewrite | None
) -> Generated:
    """The text of a program after a rewrite, with the steps that its lines come from."""
    if rewrite is not None:
        class_name = rewrite(tree, program)
    printed = print_module(tree)
    places = {
        number: node.site.step.place.span
        for number, node in printed.lines.items()
        if isinstance(node, SiteAssign | SiteReturn)
    }
    return Generated(printed.text, class_name, places)


def _loop_around(plan: ClassPlan) -> Site | None:
    """The innermost loop that a group is in, of the same block."""
    ancestor = plan
    while ancestor.site is not None:
        loop = loop_around(ancestor.site.body)
        if loop is not None:
            return loop
        ancestor = ancestor.site.body.plan
    return None


def _block_around(plan: ClassPlan) -> int | None:
    ancestor = plan
    while ancestor.site is not None:
        ancestor = ancestor.site.body.plan
    return (
        id(ancestor.definition)
        if isinstance(ancestor.definition, Block) and len(ancestor.levels) > 1
        else None
    )
