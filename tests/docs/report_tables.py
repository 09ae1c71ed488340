"""Write what follows from the models of the reports: `netspec/report/json_types.py`, and the tables of the page on reports.

python tests/docs/report_tables.py
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from netspec.schema.reports import REPORTS

ROOT = Path(__file__).parents[2]
MODULE = ROOT / "netspec" / "report" / "json_types.py"
PAGE = ROOT / "docs" / "reports.md"

_HEAD = '''"""The types of the JSON that the commands write, as the models in `netspec/schema/reports` have it.

`python tests/docs/report_tables.py` writes this module: a command does not load pydantic to write a report.
"""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict

from netspec.diagnostics import Severity
'''


def models(command: str) -> list[type[BaseModel]]:
    """The models of the reports of a command with their parts, outermost first."""
    waiting: list[type[BaseModel]] = list(REPORTS[command])
    ordered: list[type[BaseModel]] = []
    while waiting:
        model = waiting.pop(0)
        if model not in ordered:
            ordered.append(model)
            for field in model.model_fields.values():
                waiting += _models_in(field.annotation)
    return ordered


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in get_args(annotation) for model in _models_in(part)]


# ---- types for the writers -------------------------------------------------------------------------


def module() -> str:
    """The text of the generated module."""
    parts: dict[type[BaseModel], str] = {}
    for command in REPORTS:
        for model in reversed(models(command)):
            for base in reversed(model.__mro__[: model.__mro__.index(BaseModel)]):
                parts.setdefault(base, "\n\n" + _typed_dict(base))
    return _HEAD + "".join(parts.values())


def _typed_dict(model: type[BaseModel]) -> str:
    own = {name: model.model_fields[name] for name in model.__annotations__}
    fields = {field.alias or name: _field_type(field) for name, field in own.items()}
    name = f"{model.__name__}Json"
    if "from" in fields:
        entries = "".join(f'        "{key}": {text},\n' for key, text in fields.items())
        return f'{name} = TypedDict(\n    "{name}",\n    {{\n{entries}    }},\n)\n"""{model.__doc__}"""\n'
    (base,) = model.__bases__
    parent = "TypedDict" if base is BaseModel else f"{base.__name__}Json"
    entries = "".join(f"    {key}: {text}\n" for key, text in fields.items())
    return f'class {name}({parent}):\n    """{model.__doc__}"""\n\n{entries}'


def _field_type(field: FieldInfo) -> str:
    """The type of a value; a field with a default is absent where it would be null."""
    if field.is_required():
        return _type(field.annotation)
    present = [part for part in get_args(field.annotation) if part is not NoneType]
    return f"NotRequired[{' | '.join(map(_type, present))}]"


def _type(annotation: Any) -> str:
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin in (Union, UnionType):
        return " | ".join(map(_type, parts))
    if origin is Literal:
        quoted = (f'"{word}"' for word in parts)
        return f"Literal[{', '.join(quoted)}]"
    if origin is not None and origin in (list, dict):
        return f"{origin.__name__}[{', '.join(map(_type, parts))}]"
    if annotation is NoneType:
        return "None"
    if isinstance(annotation, type):
        name = annotation.__name__
        return f"{name}Json" if issubclass(annotation, BaseModel) else name
    return "object"  # any JSON value


# ---- tables for readers ----------------------------------------------------------------------------


def page(text: str) -> str:
    """The page on reports with its tables of fields."""
    described: set[type[BaseModel]] = set()
    for command in REPORTS:
        tables = "\n\n".join(_table(m) for m in models(command) if m not in described)
        described.update(models(command))
        block = f"<!-- fields of {command} -->\n{tables}\n<!-- end -->"
        pattern = rf"<!-- fields of {command} -->\n.*?<!-- end -->"
        text, count = re.subn(pattern, lambda _, b=block: b, text, flags=re.DOTALL)
        assert count == 1, command
    return text


def _table(model: type[BaseModel]) -> str:
    head = f"`{model.__name__}`: {(model.__doc__ or '')[0].lower()}{(model.__doc__ or '')[1:]}"
    return "\n".join([head, "", "| field | value | meaning |", "|---|---|---|", *_rows(model)])


def _rows(model: type[BaseModel]) -> Iterator[str]:
    for name, field in model.model_fields.items():
        absent = "" if field.is_required() else "; may be absent"
        annotation = field.annotation
        if absent:
            annotation = next(p for p in get_args(annotation) if p is not NoneType)
        yield f"| `{field.alias or name}` | {_words(annotation)}{absent} | {field.description} |"


_WORDS: dict[Any, str] = {
    str: "string", int: "integer", float: "number", bool: "boolean", NoneType: "null",
}  # fmt: skip


def _words(annotation: Any) -> str:
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin in (Union, UnionType):
        return " or ".join(map(_words, parts))
    if origin is Literal:
        return " or ".join(f"`{word}`" for word in parts)
    if origin is list:
        return f"list of {_words(parts[0])}"
    if origin is dict:
        return f"object of {_words(parts[1])}"
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return " or ".join(f"`{member.value}`" for member in annotation)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return f"`{annotation.__name__}`"
    return _WORDS.get(annotation, "any value")


if __name__ == "__main__":
    MODULE.write_text(module(), encoding="utf-8")
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
