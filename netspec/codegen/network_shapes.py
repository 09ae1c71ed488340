"""The shapes of a network's inputs and outputs, sizes that an argument sets by its name."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from netspec.codegen.docstrings import Shapes
from netspec.codegen.plan_failures import Unalignable, UnrollLoop
from netspec.codegen.scopes import Untranslatable
from netspec.codegen.special_nodes import ArgumentRef
from netspec.codegen.value_references import InputRef, Ref, resolve
from netspec.dims import Shape, Size

if TYPE_CHECKING:
    from netspec.codegen.program import Program


MOST_FOLLOWED = 2_000
"""In a larger network the docstring has the sizes of outputs as numbers: following them back takes too long."""


def network_shapes(program: Program) -> Shapes:
    """The shapes of the network's inputs and outputs, sizes that an argument sets by its name.

    It may ask for sizes that no class needs, so all classes must be finished.
    """
    body = program.planner.root.body
    inputs = [InputRef(body, k) for k in range(len(program.graph.inputs))]
    results = [_root_output(program, k) for k in range(len(program.graph.outputs.values))]
    if len(program.graph.nodes) > MOST_FOLLOWED:
        results = [None for _ in results]
    numbers: list[int] = []

    def text(ref: Ref | None, shape: Shape) -> str:
        sizes = [_size_text(program, ref, axis, size) for axis, size in enumerate(shape)]
        numbers.extend(int(size) for size in sizes if size.isdigit())
        return f"[{', '.join(sizes)}]"

    input_shapes = [
        text(r, v.shape or ()) for r, v in zip(inputs, program.graph.inputs, strict=True)
    ]
    numbers.clear()
    values = program.graph.outputs.values
    made = [text(r, v.shape or ()) for r, v in zip(results, values, strict=True)]
    live = any(a.kind == "parameter" for a in program.planner.root.written_arguments)
    return Shapes(input_shapes, made, live and bool(numbers))


def _root_output(program: Program, number: int) -> Ref | None:
    """The result of the network of that number; None where its origin is not known."""
    root = program.planner.root
    with suppress(Unalignable, UnrollLoop, IndexError):
        values = [level.outputs[number] for level in root.body.levels]
        return resolve(values, root.body, root.body.uses)
    return None


def _size_text(program: Program, ref: Ref | None, axis: int, size: Size) -> str:
    if ref is not None and type(size) is int:
        with suppress(Untranslatable, Unalignable, UnrollLoop):
            tree = program.arguments.sizes.of(ref, axis)
            if isinstance(tree, ArgumentRef) and tree.argument.constant is None:
                return tree.argument.label
    return str(size)
