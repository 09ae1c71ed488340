"""Validation of a graph model: its structure, then the rules of `netspec check`, then what it states."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic_core import InitErrorDetails, PydanticCustomError, ValidationError

from netspec.check import Report, check_text
from netspec.elaborate import Catalog
from netspec.schema.graph.graph_model import GraphModel
from netspec.schema.graph.marked_text import Location, MarkedText
from netspec.schema.graph.spec_writer import write_spec
from netspec.schema.graph.stated_facts import contradictions
from netspec.schema.graph.structure import Problem, structure_problems
from netspec.schema.graph.visible_names import NotExpressibleError

_NAME = "<graph>"


def validate(model: GraphModel, layers: Sequence[str] = ()) -> None:
    """Raise `ValidationError` with every problem of a model, each at the path of its field."""
    report(model, Catalog(list(layers)))


def report(model: GraphModel, catalog: Catalog) -> Report:
    """The report of `netspec check` on a model; raises `ValidationError` if it has an error."""
    text = _written(model, catalog)
    checked = check_text(text.text, _NAME, catalog=catalog)
    problems = [
        Problem(
            text.location(d.span.start, d.span.end) if d.span is not None else (),
            d.code,
            d.message,
        )
        for d in checked.errors
    ]
    if not problems and checked.graph is not None:
        problems = contradictions(model, checked)
    _raise(model, problems)
    return checked


def spec_text(model: GraphModel, layers: Sequence[str] = ()) -> str:
    """The text of the spec that a model is, in the canonical layout."""
    from netspec.document import parse
    from netspec.fmt import formatted

    return formatted(parse(_written(model, Catalog(list(layers))).text, _NAME))


def _written(model: GraphModel, catalog: Catalog) -> MarkedText:
    _raise(model, structure_problems(model, catalog))
    try:
        return write_spec(model, catalog)
    except NotExpressibleError as error:
        _raise(model, [Problem(error.location, "not_expressible", error.message)])
        raise


def _raise(model: GraphModel, problems: Sequence[Problem]) -> None:
    if not problems:
        return
    raise ValidationError.from_exception_data(
        "GraphModel",
        [
            InitErrorDetails(
                type=PydanticCustomError(p.kind, "{message}", {"message": p.message}),
                loc=p.location,
                input=_value(model, p.location),
            )
            for p in problems
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
