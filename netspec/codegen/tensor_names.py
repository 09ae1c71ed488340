"""What `forward` calls tensors: after inputs, steps and results."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netspec.codegen.identifiers import input_names, local, singular
from netspec.codegen.sites import Site
from netspec.codegen.value_references import (
    AfterRef,
    FlowRef,
    InputRef,
    ListRef,
    Ref,
    ResultRef,
)
from netspec.graph import Level, Node
from netspec.syntax import Block

if TYPE_CHECKING:
    pass


def loop_variable(site: Site) -> str:
    """A name for the variable of a loop over modules."""
    if site.unnamed or ("{" in site.step.title and site.step.title.startswith("{")):
        return "layer"
    text = site.step.title.partition("{")[0].rstrip("_-0123456789")
    return local(text) if text else "layer"


def part_name(site: Site, label: str, number: int) -> str:
    """The name of a part: by its number in the group that it is a result of, or counted from 1."""
    return f"{singular(label)}{number if isinstance(site.first, Level) else number + 1}"


def list_name(ref: ListRef, flows: list[FlowRef]) -> str:
    """The name of a list that a loop fills: features of a dense block, or branches that are independent."""
    return "features" if flows or ref.start else "branches"


def label_of(ref: Ref) -> str:
    """The name for a tensor that a group reads from around it."""
    match ref:
        case InputRef(body, number):
            plan = body.plan
            if plan.root:
                return input_names(plan.graph)[number]
            if isinstance(plan.definition, Block) and plan.definition.inputs:
                return local(plan.definition.inputs[number].text)
            return "x"
        case ResultRef(site, result):
            return _label_of_result(site, result)
        case FlowRef(_, _, following):
            return label_of(following)
        case AfterRef(_, last, _):
            return label_of(last)
        case ListRef():
            return "features"


def _label_of_result(site: Site, result: int) -> str:
    """The name of a result: its own, that of the step, or both."""
    entry = site.first
    names = result_names(entry) if isinstance(entry, Node | Level) else ()
    if names and result and not names[result].isdigit():
        return local(names[result])
    if site.unnamed:
        return "out"
    title = entry.name if isinstance(entry, Node | Level) else site.step.title
    if len(names) > 1 and names[result].isdigit():
        return part_name(site, local(title), result)
    return local(f"{title}_{names[result]}" if len(names) > 1 else title)


def result_names(entry: Node | Level) -> tuple[str, ...]:
    """What a layer, group or block calls its results."""
    layer = entry.layer if isinstance(entry, Node) else None
    names = layer.results if layer is not None else getattr(entry, "output_names", ())
    if len(names) != len(entry.outputs) or len(names) < 2:
        return ()
    return tuple(names)


def is_named(ref: Ref) -> bool:
    """Whether a tensor is the result of a step with a name that is always there."""
    if not isinstance(ref, ResultRef) or ref.site.loop or ref.site.optional or ref.site.unnamed:
        return False
    entry = ref.site.first
    return isinstance(entry, Node | Level) and not entry.name.isdigit()
