"""Errors of unions at the path of the value; those of pydantic have one for each member, named after it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pydantic import (
    BaseModel,
    TypeAdapter,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)
from pydantic_core import PydanticCustomError


def one_error(expected: str) -> WrapValidator:
    """One error for the whole union, with the expected types."""

    def validate(value: Any, handler: ValidatorFunctionWrapHandler) -> Any:
        try:
            return handler(value)
        except ValidationError:
            raise _error(expected) from None

    return WrapValidator(validate)


def by_kind(
    expected: str, mapping: Callable[[dict[str, Any]], type[BaseModel]], item: Any = None
) -> WrapValidator:
    """The errors of the one member of the union that has the kind of the value.

    Args:
        expected: The members, in the error for a value that is neither a mapping nor a list.
        mapping: The model of a mapping.
        item: The type of the items of a list; None where a list is not a member.
    """
    items: TypeAdapter[Any] | None = TypeAdapter(list[item]) if item is not None else None

    def validate(value: Any, handler: ValidatorFunctionWrapHandler) -> Any:
        if isinstance(value, dict):
            return mapping(value).model_validate(value)
        if isinstance(value, list) and items is not None:
            return items.validate_python(value, strict=True)
        try:
            return handler(value)
        except ValidationError:
            raise _error(expected) from None

    return WrapValidator(validate)


def _error(expected: str) -> PydanticCustomError:
    return PydanticCustomError("value", "Input should be {expected}", {"expected": expected})
