"""A step of a body: its keys, and which kind of step has which of them."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, ValidationError, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from netspec.schema.field_types import (
    Closed,
    Count,
    Data,
    Expression,
    Flag,
    OrAbsent,
    References,
    Sentence,
    Words,
    optional_key,
)
from netspec.schema.unions import one_error


def _branch_list(value: Any) -> Any:
    """Branches as a list of steps; a mapping has a step under each name."""
    if not isinstance(value, dict):
        return value
    if "each" in value and "body" in value:
        raise _error(
            "step", "a loop over branches must be an item of the `branches` list", (), value
        )
    return [_named(name, step) for name, step in value.items()]


class Step(Closed, extra="allow"):
    """One step: an op, a group (`body`), a loop (`each`), or an earlier step again (`share`).

    Every other key is an argument of the op. A file may write a step in a shorter form (`ReLU`, `relu: ReLU`,
    `[ReLU, Tanh]`); here, it always has this form.

    Example:
        >>> step = Step("Conv2d", name="conv", out_channels=64, kernel_size=3)
        >>> step.arguments
        {'out_channels': 64, 'kernel_size': 3}
    """

    __pydantic_extra__: dict[str, Data]

    op: OrAbsent[str] = optional_key(
        "A layer, a block of this file, one of a used file, or an `op` parameter."
    )
    name: OrAbsent[Words] = optional_key(
        "The name of the step. Use this key for a name that is not valid as a key in YAML.",
        min_length=1,
    )
    from_: OrAbsent[References] = optional_key(
        "The input: an earlier step, `input`, `previous`; several as a list or by name. Default: `previous`.",
        alias="from",
    )
    body: OrAbsent[list[Step]] = optional_key("The steps of this group or loop, in order.")
    outputs: OrAbsent[References] = optional_key(
        "The output of this group. Default: that of its last step."
    )
    branches: OrAbsent[Annotated[list[Step], BeforeValidator(_branch_list)]] = optional_key(
        "Parallel branches into an op that joins them, such as Concat or Add."
    )
    repeat: OrAbsent[Count] = optional_key(
        "How many times to run the step, each on the output of the one before; `i` counts from 0."
    )
    when: OrAbsent[Flag] = optional_key(
        "A condition; if it is false, the step is skipped: `stride != 1`."
    )
    inline: OrAbsent[Flag] = optional_key(
        "`true`: the name of this group or block adds no level to the paths inside. Name the steps inside."
    )
    share: OrAbsent[
        Annotated[Words | dict[str, Words], one_error("the name of a step or a mapping of weights")]
    ] = optional_key(
        "Reuse that earlier step with its weights, or tie single weights: `{weight: wte.weight}`."
    )
    expect: OrAbsent[list[Data]] = optional_key(
        "The shape that the output must have; `_` matches any size: `[N, 88, _, _]`."
    )
    checkpoint: OrAbsent[Flag] = optional_key(
        "`true`: recompute the activations of this step in the backward pass, which saves memory."
    )
    doc: OrAbsent[Sentence] = optional_key("A description for readers, tables and pictures.")
    each: OrAbsent[
        dict[str, Annotated[list[Data] | Expression, one_error("a list or an expression")]]
    ] = optional_key("The loop's variable and its list: `{stage: stages}`.", min_length=1)

    def __init__(self, op: str | None = None, /, **keys: Any) -> None:
        super().__init__(**{"op": op if op is not None else keys.pop("op", None), **keys})

    __init__.__pydantic_base_init__ = True  # type: ignore[attr-defined]

    @property
    def arguments(self) -> dict[str, Any]:
        """The arguments of the op: all keys that are not those of a step."""
        return self.__pydantic_extra__

    @model_validator(mode="before")
    @classmethod
    def _one_form(cls, value: Any) -> Any:
        """The step in the one form of this model, whichever form it is written in."""
        if isinstance(value, dict) and cls.model_fields.keys() <= value.keys():
            return value  # an assignment: all fields of the step, absent ones as None
        return valid_kind(long_form(value))

    def __delattr__(self, name: str) -> None:
        if name in type(self).model_fields:
            setattr(self, name, None)
        else:
            super().__delattr__(name)


KEYS = tuple(field.alias or name for name, field in Step.model_fields.items())
"""The keys that have a meaning of their own on a step; no op may use one as an argument."""

_RUN = ("name", "doc", "from", "repeat", "when", "expect", "checkpoint")
KINDS = {
    "op": ("op", *_RUN, "inline", "share", "branches"),
    "body": ("body", "outputs", *_RUN, "inline"),
    "each": ("each", "body", "doc"),
    "share": ("share", *_RUN),
}
"""The keys of each kind of step, by the key that makes it one."""
KIND_NAMES = {"op": "a step with an op", "body": "a group", "each": "a loop", "share": "a `share`"}


def long_form(value: Any) -> Any:
    """A step in any form of the language as a mapping of its keys; anything else unchanged."""
    if isinstance(value, str):
        return {"op": value}
    if isinstance(value, list):
        return {"body": value}
    if isinstance(value, dict) and len(value) == 1:
        (name, step), *_ = value.items()
        if name not in KEYS:
            return _named(name, step)
    return value


def _named(name: Any, value: Any) -> Any:
    """`name: step` as a mapping of the step's keys."""
    if isinstance(value, Step):
        value = value.data()
    keys = {"op": value} if isinstance(value, str) else value
    keys = {"body": value} if isinstance(value, list) else keys
    if not isinstance(keys, dict):
        raise _error("step", "a step with a name is an op, a list of steps or a mapping", (), value)
    if "name" in keys:
        raise _error("step", "a step has one name, not two", ("name",), keys["name"])
    if "each" in keys:
        raise _error(
            "step", "a loop cannot have a name: it adds no level to the path", ("each",), value
        )
    return {"name": name, **keys}


def valid_kind(value: Any) -> Any:
    """The keys of a step. Raises ValidationError if they do not make one of the four kinds."""
    if not isinstance(value, dict):
        return value
    first = next(iter(value), None)
    if len(value) > 1 and first not in KEYS and value[first] is None:
        raise _error("step", "nothing follows this name", (first,), None)
    kind = _kind(value)
    if kind == "op":
        if "body" in value:
            raise _error("step", "a step has an `op` or a `body`, not both", ("body",), value)
        if "share" in value and not isinstance(value["share"], dict):
            raise _error(
                "step", "a step that shares another step cannot have an op", ("share",), value
            )
        return value
    if unknown := [key for key in value if key not in KINDS[kind]]:
        message = f"{KIND_NAMES[kind]} has no key `{unknown[0]}`"
        raise _error("unknown_key", message, (unknown[0],), value[unknown[0]])
    if kind == "each" and "body" not in value:
        raise _error("missing", "a loop requires a `body`", ("body",), value)
    if kind == "share" and isinstance(value["share"], dict | list):
        raise _error("step", "without an op, `share` must be the name of a step", ("share",), value)
    return value


def _kind(keys: dict[str, Any]) -> str:
    for kind in ("each", "op", "body", "share"):
        if kind in keys:
            return kind
    raise _error("step", "a step has an `op`, a `body`, an `each` or a `share`", (), keys)


def _error(kind: str, message: str, path: tuple[Any, ...], value: Any) -> ValidationError:
    error = PydanticCustomError(kind, "{message}", {"message": message})
    return ValidationError.from_exception_data(
        "Step", [InitErrorDetails(type=error, loc=path, input=value)]
    )
