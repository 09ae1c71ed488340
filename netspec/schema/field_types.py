"""The common part of the fields of a file: texts, expressions, references, and the configuration of models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from typing_extensions import TypeAliasType

from netspec.schema.scalar_fields import written_text
from netspec.schema.unions import one_error

if TYPE_CHECKING:
    T = TypeVar("T")
    OrAbsent: TypeAlias = T | None
else:

    class OrAbsent:
        """`OrAbsent[T]`: None if the key is absent. In a file, null is not a valid value of the key."""

        def __class_getitem__(cls, value: Any) -> Any:
            return value


Scalar = str | int | float | bool | None
"""A single value."""

Number = Annotated[int | float, WithJsonSchema({"type": "number"})]
"""A number; an integer stays one."""

Expression = str
"""An expression such as `2 * growth`."""


Flag = Annotated[bool | Expression, one_error("true, false or an expression")]
Count = Annotated[
    Annotated[int, Field(ge=0)] | Expression,
    one_error("an integer of at least 0 or an expression"),
]
Size = Annotated[int, Field(ge=1)]
InputSize = Annotated[
    Size | Expression, one_error("an integer of at least 1, a symbol or an expression")
]
Limit = Annotated[Number | Expression, one_error("a number or an expression")]

_TEXT_SCHEMA = WithJsonSchema({"type": ["string", "number", "boolean"]})

Words = TypeAliasType("Words", Annotated[str, BeforeValidator(written_text), _TEXT_SCHEMA])
"""Text that is taken as it is written; YAML reads `0` and `1.10` as numbers."""

Sentence = TypeAliasType(
    "Sentence",
    Annotated[
        str,
        BeforeValidator(lambda value: "" if value is None else written_text(value)),
        WithJsonSchema({"type": ["string", "number", "boolean", "null"]}),
    ],
)
"""Text for the reader, which may be empty."""

References = TypeAliasType(
    "References",
    Annotated[
        Words | list[Words] | dict[str, Words],
        one_error("the name of a step, a list of names or a mapping from names"),
    ],
)
"""One step, several in order, or several by name."""


def plain_data(value: Any) -> Any:
    """The value with lists for tuples. Raises ValueError for values that YAML and JSON do not have."""
    if value is None or isinstance(value, str | int | float | bool):
        return value
    if isinstance(value, Mapping):
        return {written_text(key): plain_data(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray):
        return [plain_data(item) for item in value]
    raise ValueError(f"a spec has text, numbers, booleans, lists and mappings, not {value!r}")


Data = Annotated[Any, BeforeValidator(plain_data)]
"""Any value that YAML and JSON have, such as the argument of an op."""


class Closed(BaseModel):
    """A mapping with these keys and no others. Assignment validates; None removes an optional key."""

    model_config = ConfigDict(
        extra="forbid", strict=True, validate_assignment=True, serialize_by_alias=True
    )

    def __init__(self, /, **values: Any) -> None:
        fields = type(self).model_fields
        super().__init__(
            **{
                fields[name].alias or name if name in fields else name: value
                for name, value in values.items()
                if value is not None or not _may_be_absent(fields.get(name))
            }
        )

    # As in pydantic's RootModel: a file is validated without the conveniences of this constructor.
    __init__.__pydantic_base_init__ = True  # type: ignore[attr-defined]

    def __setattr__(self, name: str, value: Any) -> None:
        if value is None and _may_be_absent(type(self).model_fields.get(name)):
            self.__dict__[name] = None
            self.__pydantic_fields_set__.discard(name)
            return
        super().__setattr__(name, value)

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other.data() == self.data()

    __hash__ = None  # type: ignore[assignment]

    def data(self) -> dict[str, Any]:
        """The keys that are present, as plain data."""
        present = {
            field.alias or name: _data(getattr(self, name))
            for name, field in type(self).model_fields.items()
            if name in self.__pydantic_fields_set__
        }
        return present | {key: _data(value) for key, value in (self.model_extra or {}).items()}


def _data(value: Any) -> Any:
    """The value with plain data for its models."""
    if isinstance(value, Closed):
        return value.data()
    if isinstance(value, dict):
        return {key: _data(item) for key, item in value.items()}
    return [_data(item) for item in value] if isinstance(value, list) else value


def _may_be_absent(field: Any) -> bool:
    return field is not None and not field.is_required()


def required_key(description: str, **more: Any) -> Any:
    """A key that must be there."""
    return Field(description=description, **more)


def optional_key(description: str, **more: Any) -> Any:
    """An optional key."""
    return Field(None, description=description, **more)
