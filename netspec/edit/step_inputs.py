"""The inputs of steps: the previous step, or the names in `from`; and edits that change them."""

from __future__ import annotations

import re

from netspec.assist.symbols import name_at
from netspec.check import Report
from netspec.diagnostics import Span
from netspec.document import Mapping, Scalar, Sequence
from netspec.edit.address import Address, steps_at
from netspec.edit.draft import Draft, EditError
from netspec.layers import find as find_layer
from netspec.syntax import Step

INPUT = "input"
_ATTRIBUTES = ("batch", "channels", "height", "width", "features", "size", "rank")
"""The attributes of all tensors in expressions."""
PREVIOUS = "previous"


def flows(step: Step) -> bool:
    """Whether the next step reads the result of a step by default."""
    layer = find_layer(step.op.text) if step.op is not None else None
    return layer is None or layer.flows


def reads(step: Step) -> list[str]:
    """The names in `from`, one by one; empty if a step reads the previous one."""
    source = step.source
    if isinstance(source, Scalar):
        return [] if source.text == PREVIOUS else [source.text]
    if isinstance(source, Sequence):
        return [item.text if isinstance(item, Scalar) else "" for item in source.items]
    if isinstance(source, Mapping):
        return [v.text if isinstance(v, Scalar) else "" for _, v in source.entries]
    return []


def by_default(step: Step) -> bool:
    """Whether a step reads only the previous result."""
    return step.source is None or (isinstance(step.source, Scalar) and step.source.text == PREVIOUS)


def is_branch(draft: Draft, address: Address) -> bool:
    """Whether a step is one of the branches of a join, and not a step of a list."""
    parent = address.parent
    return parent is not None and draft.step(parent).body is None


def siblings(draft: Draft, address: Address) -> tuple[Step, ...]:
    """The steps of the list that a step is in."""
    return steps_at(draft.spec, address.block, address.way[:-1])


def after(draft: Draft, address: Address) -> Address | None:
    """The next step of the list, past those whose result does not flow on; None for the last one."""
    if is_branch(draft, address):
        return None
    steps = siblings(draft, address)
    k = address.index + 1
    while k < len(steps) and not flows(steps[k]):
        k += 1
    return address.sibling(k) if k < len(steps) else None


def before(draft: Draft, address: Address) -> Address | None:
    """The step that another one reads by default; None for the input of the body."""
    if is_branch(draft, address):
        return None
    steps = siblings(draft, address)
    k = address.index - 1
    while k >= 0 and not flows(steps[k]):
        k -= 1
    return address.sibling(k) if k >= 0 else None


def name_of(draft: Draft, address: Address) -> str:
    """The name by which a step can be referred to; one without a name gets one."""
    step = draft.step(address)
    if step.each is not None:
        raise EditError("the output of a loop has no name: wrap the loop in a group")
    if step.name is None and draft.in_loop(address):
        raise EditError(
            "a step in a loop has a unique name only if the name contains the loop variable: "
            "make it a group"
        )
    if step.name is None:
        name = draft.unique(address, base_name(step))
        draft.name_step(address, name)
        return name
    if step.fixed is None:
        raise EditError(f"the name `{step.title}` is computed, so other steps cannot refer to it")
    return step.fixed


def source_of(draft: Draft, address: Address) -> str:
    """The reference to the first input of a step."""
    named = reads(draft.step(address))
    if named:
        return named[0]
    flowing = before(draft, address)
    return name_of(draft, flowing) if flowing is not None else INPUT


def set_source(draft: Draft, address: Address, references: list[str]) -> None:
    """Let a step read exactly these."""
    flowing = before(draft, address)
    default = draft.step(flowing).fixed if flowing is not None else INPUT
    if references == [default] or not references:
        draft.drop_key(address, "from")
        return
    source_value = references[0] if len(references) == 1 else references
    draft.set_key(address, "from", draft.written(source_value))


def pin(draft: Draft, address: Address | None) -> None:
    """Make the default input of a step explicit: it stays if another step is inserted before it."""
    if address is not None and by_default(draft.step(address)) and not draft.step(address).branches:
        step = draft.step(address)
        if step.each is not None:
            raise EditError("the loop after it always reads the previous output")
        draft.set_key(address, "from", draft.written(source_of(draft, address)))


def uses(draft: Draft, address: Address) -> tuple[Span, ...]:
    """Every place that refers to a step by its name."""
    step = draft.step(address)
    if step.fixed is None:
        return ()
    report = Report(draft.document, draft.spec, None, ())
    name = name_at(report, step.place.start)
    return name.uses if name is not None and name.kind == "step" else ()


def redirect(draft: Draft, address: Address, reference: str) -> None:
    """Replace all references to a step by references to another one."""
    places = uses(draft, address)
    if not places:
        return
    for span in places:
        if _shares(draft, span):
            raise EditError(f"`{draft.step(address).title}` is shared by a later step")
        after_dot = re.match(r"\.(\w+)", draft.text[span.end : span.end + 40])
        if after_dot is not None and after_dot[1] not in _ATTRIBUTES:
            raise EditError(f"`{draft.step(address).title}.{after_dot[1]}` is used elsewhere")
    own = set(siblings(draft, address))
    if reference == INPUT and not all(_in_list(draft, span, own) for span in places):
        raise EditError(
            f"`{draft.step(address).title}` is used inside a group, where `input` refers to "
            "another tensor"
        )
    name = draft.step(address).fixed or ""
    draft.splice(*[(s.start, s.start + len(name), reference) for s in places])


def _shares(draft: Draft, span: Span) -> bool:
    """Whether a reference names the owner of the weights of a step."""
    address = draft.step_at(span.start)
    share = draft.step(address).share if address is not None else None
    return share is not None and share.start <= span.start < share.end


def _in_list(draft: Draft, span: Span, own: set[Step]) -> bool:
    """Whether a reference is on a step of the same list, not deeper."""
    address = draft.step_at(span.start)
    if address is None or draft.step(address) not in own:
        return address is None
    step = draft.step(address)
    return not step.inside or (step.source is not None and step.source.start <= span.start)


_SHORT = {
    "BatchNorm1d": "bn", "BatchNorm2d": "bn", "BatchNorm3d": "bn", "Linear": "fc", "MaxPool2d": "pool",
    "AvgPool2d": "pool", "AdaptiveAvgPool2d": "avgpool", "ConvTranspose2d": "up", "LayerNorm": "norm",
    "MultiheadAttention": "attention", "Concat": "cat",
}  # fmt: skip


def base_name(step: Step) -> str:
    """The default name of a step, from its op."""
    return name_for(step.op.text) if step.op is not None else "group"


def name_for(op: str) -> str:
    """A usual name of a step with an op.

    >>> [name_for(op) for op in ("Conv2d", "ReLU", "Linear", "DenseLayer", "LSTM")]
    ['conv', 'relu', 'fc', 'dense_layer', 'lstm']
    """
    if op in _SHORT:
        return _SHORT[op]
    bare = re.sub(r"\dd$", "", op.rpartition(".")[2])
    if find_layer(op) is not None:
        return bare.lower()
    return re.sub(r"(?<=[a-z\d])(?=[A-Z])", "_", bare).lower()
