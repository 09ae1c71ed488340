"""Makes a spec that fails smaller, as long as it fails in the same way."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator
from time import monotonic
from typing import Any

from random_specs import Spec, Step, places

Body = list[Step]
Check = Callable[[Spec], list[str]]


def kind_of(failure_text: str) -> str:
    """What two descriptions of one defect share: neither names nor numbers."""
    head = failure_text.partition(":")[0]
    if head in ("state_dict", "parameter_count", "standalone", "modules"):
        return head
    failure_text = re.sub(r"\{[^}]*\}", "_", failure_text)
    return re.sub(r"'[^']*'|\d+|`[^`]*`|\[[^\]]*\]", "_", failure_text)[:70]


def smallest(spec: Spec, failure_text: str, check: Check, seconds: float = 20) -> Spec:
    """The smallest spec that was found which still fails as `said`."""
    expected_kind, until = kind_of(failure_text), monotonic() + seconds
    shrinking = True
    while shrinking:
        shrinking = False
        for candidate in smaller(spec):
            if monotonic() > until:
                return spec
            if _still(candidate, expected_kind, check):
                spec, shrinking = candidate, True
                break
    return spec


def _still(spec: Spec, expected_kind: str, check: Check) -> bool:
    try:
        return any(kind_of(failure_text) == expected_kind for failure_text in check(spec))
    except Exception:  # what is cut out may leave nothing that makes sense
        return False


def smaller(spec: Spec) -> Iterator[Spec]:
    """Specs that have a little less, the largest cuts first."""
    yield from _without_steps(spec)
    yield from _without_keys(spec)
    for k, place in enumerate(places(spec)):
        for position, step in enumerate(place.body):
            for change in _changes(spec, step):
                changed = copy.deepcopy(spec)
                change(places(changed)[k].body, position)
                yield changed
    yield from _smaller_inputs(spec)


def _without_steps(spec: Spec) -> Iterator[Spec]:
    for k, place in enumerate(places(spec)):
        for position in reversed(range(len(place.body))):
            changed = copy.deepcopy(spec)
            del places(changed)[k].body[position]
            yield changed


def _without_keys(spec: Spec) -> Iterator[Spec]:
    holders: list[tuple[Any, ...]] = [(), *(("blocks", name) for name in spec.get("blocks", {}))]
    holders += [
        (key,) for key in ("params", "blocks", "inputs", "dims", "init", "outputs") if key in spec
    ]
    for path in holders:
        holder = _step_position(spec, path)
        for key in (
            list(holder)
            if isinstance(holder, dict)
            else range(len(holder) * isinstance(holder, list))
        ):
            if key in ("netspec", "body", "inputs"):
                continue
            changed = copy.deepcopy(spec)
            del _step_position(changed, path)[key]
            yield changed


def _step_position(spec: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        spec = spec[key]
    return spec


def _smaller_inputs(spec: Spec) -> Iterator[Spec]:
    for name, shape in spec["inputs"].items():
        for axis, size in enumerate(shape):
            for new in (4,) if isinstance(size, str) else range(1, min(size, 5)):
                changed = copy.deepcopy(spec)
                changed["inputs"][name][axis] = new
                yield changed


Change = Callable[[Body, int], Any]


def _changes(spec: Spec, step: Step) -> Iterator[Change]:
    """What may be done to a step: opened, simplified, relieved of its keys."""
    for key in ("body", "branches"):
        if key in step:
            yield lambda body, position, key=key: body.__setitem__(
                slice(position, position + 1), body[position][key]
            )
    for k, branch in enumerate(step.get("branches", ())):
        yield lambda body, position, k=k: body[position]["branches"].pop(k)
        for key in branch:
            yield lambda body, position, k=k, key=key: body[position]["branches"][k].pop(key)
        for j in range(len(branch.get("body", ()))):
            yield lambda body, position, k=k, j=j: body[position]["branches"].__setitem__(
                k, body[position]["branches"][k]["body"][j]
            )
    if step.get("op") in spec.get("blocks", {}):
        inside = spec["blocks"][step["op"]]["body"]
        yield lambda body, position: body.__setitem__(
            slice(position, position + 1), copy.deepcopy(inside)
        )
    if step.get("op") not in ("ReLU", None):
        yield lambda body, position: body.__setitem__(position, _as_relu(body[position]))
    for key, value in step.items():
        if key not in ("op", "body", "branches"):
            yield from _values(key, value)


def _as_relu(step: Step) -> Step:
    step_keys = ("name", "from", "repeat", "when", "doc", "checkpoint")
    return {"op": "ReLU", **{k: v for k, v in step.items() if k in step_keys}}


def _values(key: str, value: Any) -> Iterator[Change]:
    yield lambda body, position: body[position].pop(key)
    if key == "name" and len(value) > 1:
        for name in "abc":
            yield lambda body, position, name=name: body[position].__setitem__(key, name)
    if type(value) is int and value > 1:
        for number in (1, value - 1):
            yield lambda body, position, number=number: body[position].__setitem__(key, number)
    if isinstance(value, list | dict):
        for k in range(len(value)) if isinstance(value, list) else value:
            yield lambda body, position, k=k: body[position][key].pop(k)
