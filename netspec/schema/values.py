"""What the fields of a file have in common: words, expressions, references, and how models behave."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema
from typing_extensions import TypeAliasType

Scalar = str | int | float | bool | None
"""A single value."""

Expression = str
"""An expression such as `2 * growth`."""

Flag = bool | Expression
Count = Annotated[int, Field(ge=0)] | Expression
Size = Annotated[int, Field(ge=1)]

Words = TypeAliasType(
    "Words",
    Annotated[str | int | float | bool, WithJsonSchema({"type": ["string", "number", "boolean"]})],
)
"""Text that is taken as it is written; YAML reads `0` and `1.10` as numbers."""

References = TypeAliasType("References", "Words | list[Words] | dict[str, Words]")
"""One step, several in order, or several by name."""


class Closed(BaseModel):
    """A mapping with these keys and no others."""

    model_config = ConfigDict(extra="forbid", strict=True)


def required_key(description: str, **more: Any) -> Any:
    """A key that must be there."""
    return Field(description=description, **more)


def optional(description: str, **more: Any) -> Any:
    """A key that may be left out."""
    return Field(None, description=description, **more)
