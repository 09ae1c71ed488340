"""The forms of a step."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, Field
from typing_extensions import TypeAliasType

from netspec.schema.values import (
    Closed,
    Count,
    Expression,
    Flag,
    References,
    Words,
    optional,
    required_key,
)
from netspec.spec.step_keys import RESERVED

FROM = "Where the input comes from: an earlier step, `input`, `previous`; several as a list or by name."
SHARE = "Be that earlier step again, with its weights; or tie single ones: `{weight: wte.weight}`."


class _Run(Closed):
    """What a step may say of itself and of how it is run."""

    name: Words = optional("The name of the step, in the long form: for any text.")
    doc: Words = optional("A sentence for the reader, the table and the picture.")
    from_: References = optional(FROM, alias="from")
    repeat: Count = optional(
        "How many times to run it, each on what the one before gave; binds `i`."
    )
    when: Flag = optional("A condition; where it is false, the step is left out: `stride != 1`.")
    expect: list[Any] = optional("The shape that must come out, `_` is anything: `[N, 88, _, _]`.")
    checkpoint: Flag = optional(
        "Whether activations are computed again in the backward pass, not kept."
    )


class OpStep(_Run, extra="allow"):
    """A layer or a block with its arguments: `{op: Conv2d, out_channels: 64, kernel_size: 3}`."""

    op: str = required_key(
        "A layer, a block of this file, one of a used file, or an `op` parameter."
    )
    share: Words | dict[str, Words] = optional(SHARE)
    inline: Flag = optional(
        "Whether the name of this group or block adds no level to the paths inside."
    )
    branches: list[Step] | dict[str, Named] = optional(
        "Parallel ways into an op that joins, such as Concat or Add."
    )


class Group(_Run):
    """A body in place of an op; its name is one level of the path."""

    body: list[Step] = required_key("The steps of this group, in order.")
    outputs: References = optional("What comes out of this group; default: its last step.")
    inline: Flag = optional(
        "Whether the name of this group or block adds no level to the paths inside."
    )


class Loop(Closed):
    """The same steps for every item of a list; adds no level to the path."""

    each: dict[str, list[Any] | Expression] = required_key(
        "The loop's variable and its list: `{stage: stages}`.", min_length=1
    )
    body: list[Step] = required_key("The steps to repeat; their names mention the variable.")
    doc: Words = optional("A sentence for the reader.")


class Again(_Run):
    """An earlier step again: its op, its arguments, its weights."""

    share: Words = required_key(SHARE)


def _one_name(value: dict[str, Any]) -> dict[str, Any]:
    if reserved := RESERVED & value.keys():
        raise ValueError(f"not the name of a step: {', '.join(sorted(reserved))}")
    return value


Named = TypeAliasType("Named", "str | list[Step] | OpStep | Group | Again")
"""What may follow the name of a step."""

NamedStep = TypeAliasType(
    "NamedStep",
    Annotated[
        dict[str, Named],
        Field(
            min_length=1, max_length=1, description="A step with a name: `conv1: {op: Conv2d, …}`.",
            json_schema_extra={"properties": dict.fromkeys(sorted(RESERVED), False)},
        ),
        AfterValidator(_one_name),
    ],
)  # fmt: skip
"""`name: step`. In the schema reserved keys are listed, so that editors do not look further."""

Step = TypeAliasType("Step", "str | list[Step] | OpStep | Group | Loop | Again | NamedStep")
"""One step of a body, in any of its forms."""
