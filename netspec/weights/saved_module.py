"""The `state_dict` of a module that was saved as a whole, from the attributes in its pickle."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from netspec.weights.checkpoint import StoredTensor
from netspec.weights.inert_pickle import InertError, Made, PickleBudget

_MOST_DEPTH = 200


def module_state(module: Made, budget: PickleBudget) -> dict[str, StoredTensor]:
    """Its parameters and persistent buffers by name, and those of the modules in it.

    A module that is used in two places is listed in both, as torch does; one that holds itself is damage.
    """
    weights: dict[str, StoredTensor] = {}
    waiting = [(module, "", 0)]
    while waiting:
        saved, path, depth = waiting.pop()
        if depth > _MOST_DEPTH:
            raise InertError("its modules are nested too deep, or contain themselves")
        state = saved.state if isinstance(saved.state, Mapping) else {}
        transient = state.get("_non_persistent_buffers_set")
        hidden = transient if isinstance(transient, list) else []
        for kind in ("_parameters", "_buffers"):
            for name, value in _items(state.get(kind)):
                budget.charge(8 + (len(path) >> 5) + len(hidden))
                if isinstance(value, StoredTensor) and not (kind == "_buffers" and name in hidden):
                    weights[f"{path}{name}"] = value
        children = []
        for name, child in _items(state.get("_modules")):
            budget.charge(8 + (len(path) >> 5))
            if isinstance(child, Made):
                children.append((child, f"{path}{name}.", depth + 1))
        waiting += reversed(children)
    return weights


def _items(mapping: Any) -> list[tuple[str, Any]]:
    """The entries of a dict whose keys are texts."""
    if not isinstance(mapping, Mapping):
        return []
    return [(key, value) for key, value in mapping.items() if isinstance(key, str)]
