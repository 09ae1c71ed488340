"""The forms in which a file writes a step, as JSON Schemas made from the one model `Step`.

The model reads every form into one; an editor needs them apart, to say what is missing in the one it sees.
"""

from __future__ import annotations

from typing import Any

from netspec.schema.step_models import KEYS, KINDS

Schema = dict[str, Any]

_DESCRIPTIONS = {
    "OpStep": "A layer or a block with its arguments: `{op: Conv2d, out_channels: 64, kernel_size: 3}`.",
    "Group": "A body instead of an op; its name is one level of the path.",
    "Loop": "The same steps for every item of a list; adds no level to the path.",
    "Again": "An earlier step reused: its op, its arguments, its weights.",
}
_KIND_OF = {"OpStep": "op", "Group": "body", "Loop": "each", "Again": "share"}
_REQUIRED = {"Loop": ["each", "body"]}


def step_forms(step: Schema) -> dict[str, Schema]:
    """The definitions `Step`, `Named` and `NamedStep`, and one for each kind of step."""
    steps: Schema = {"type": "array", "items": {"$ref": "#/$defs/Step"}}
    properties = step["properties"] | {"branches": _branches(step["properties"]["branches"])}
    kinds = {form: _kind(form, properties) for form in _KIND_OF}
    kinds["Again"]["properties"]["share"] = {
        "$ref": "#/$defs/Words", "description": properties["share"]["description"],
    }  # fmt: skip
    refs = {form: {"$ref": f"#/$defs/{form}"} for form in (*kinds, "NamedStep")}
    named: Schema = {
        "anyOf": [{"type": "string"}, steps, refs["OpStep"], refs["Group"], refs["Again"]]
    }
    return {
        **kinds,
        "Named": named,
        "NamedStep": _named_step(),
        "Step": {"anyOf": [{"type": "string"}, steps, *refs.values()]},
    }


def _kind(form: str, properties: Schema) -> Schema:
    kind = _KIND_OF[form]
    return {
        "type": "object",
        "description": _DESCRIPTIONS[form],
        "properties": {key: properties[key] for key in KEYS if key in KINDS[kind]},
        "required": _REQUIRED.get(form, [kind]),
        "additionalProperties": kind == "op",
    }


def _branches(as_list: Schema) -> Schema:
    """Branches as a list, or as a mapping from their names."""
    by_name = {"type": "object", "additionalProperties": {"$ref": "#/$defs/Named"}}
    description = as_list.pop("description")
    return {"anyOf": [as_list, by_name], "description": description}


def _named_step() -> Schema:
    """`name: step`; lists the keys of a step, so that editors do not search further."""
    return {
        "type": "object",
        "description": "A step with a name: `conv1: {op: Conv2d, …}`.",
        "properties": dict.fromkeys(sorted(KEYS), False),
        "additionalProperties": {"$ref": "#/$defs/Named"},
        "minProperties": 1,
        "maxProperties": 1,
    }
