"""Validation of a graph model: its structure, then the rules of `netspec check`, then its stated facts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from pydantic_core import InitErrorDetails, PydanticCustomError, ValidationError

from netspec.check import Report, check_text
from netspec.elaborate import Catalog
from netspec.schema.graph.graph_model import GraphModel
from netspec.schema.graph.marked_text import Location, MarkedText
from netspec.schema.graph.spec_writer import write_spec
from netspec.schema.graph.stated_facts import contradictions
from netspec.schema.graph.structure import Violation, structure_violations
from netspec.schema.graph.visible_names import NotExpressibleError

_NAME = "<graph>"


class InvalidGraphError(Exception):
    """A graph model that is not valid."""

    def __init__(self, violations: Sequence[Violation]) -> None:
        super().__init__(violations[0].message)
        self.violations = violations


class CheckedText(NamedTuple):
    """The spec that a model is, with the report of `netspec check` on it."""

    text: MarkedText
    report: Report


def validate(model: GraphModel, layers: Sequence[str] = ()) -> None:
    """Raise `ValidationError` with every violation of a model, each at the path of its field."""
    model_report(model, Catalog(list(layers)))


def model_report(model: GraphModel, catalog: Catalog) -> Report:
    """The report of `netspec check` on a model; raises `ValidationError` if it has an error."""
    try:
        text, checked = checked_text(model, catalog)
    except InvalidGraphError as error:
        raise _validation_error(model, error.violations) from None
    violations = [
        Violation(
            text.location(d.span.start, d.span.end) if d.span is not None else (),
            d.code,
            d.message,
        )
        for d in checked.errors
    ] or contradictions(model, checked)
    if violations:
        raise _validation_error(model, violations)
    return checked


def checked_text(
    model: GraphModel,
    catalog: Catalog,
    settings: Mapping[str, object] | None = None,
    preset: str | None = None,
) -> CheckedText:
    """The spec that a model is, checked. Raises `InvalidGraphError` if there is none."""
    text = _written(model, catalog)
    return CheckedText(text, check_text(text.text, _NAME, settings, preset, catalog))


def spec_text(model: GraphModel, layers: Sequence[str] = ()) -> str:
    """The text of the spec that a model is, in the canonical layout."""
    from netspec.document import parse
    from netspec.fmt import formatted

    try:
        return formatted(parse(_written(model, Catalog(list(layers))).text, _NAME))
    except InvalidGraphError as error:
        raise _validation_error(model, error.violations) from None


def _written(model: GraphModel, catalog: Catalog) -> MarkedText:
    if violations := structure_violations(model, catalog):
        raise InvalidGraphError(violations)
    try:
        return write_spec(model, catalog)
    except NotExpressibleError as error:
        violation = Violation(error.location, "not_expressible", error.message)
        raise InvalidGraphError([violation]) from None


def _validation_error(model: GraphModel, violations: Sequence[Violation]) -> ValidationError:
    return ValidationError.from_exception_data(
        "GraphModel",
        [
            InitErrorDetails(
                type=PydanticCustomError(p.kind, "{message}", {"message": p.message}),
                loc=p.location,
                input=_value(model, p.location),
            )
            for p in violations
        ],
    )


def _value(model: GraphModel, location: Location) -> object:
    """The value of a field, which the error shows."""
    value: object = model
    for step in location:
        try:
            value = getattr(value, step) if isinstance(step, str) else value[step]  # type: ignore[index]
        except AttributeError:
            value = value.get(step) if isinstance(value, dict) else None
        except (IndexError, KeyError, TypeError):
            return None
    return value
