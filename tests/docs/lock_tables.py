"""Write what follows from the models of the lock file: `netspec/compare/lock_keys.py`.

python tests/docs/lock_tables.py
"""

from __future__ import annotations

from keyword import iskeyword
from pathlib import Path
from typing import Any, get_args, get_origin

from pydantic import BaseModel

from netspec.schema.lock_model import LockedNode, LockFile

MODULE = Path(__file__).parents[2] / "netspec" / "compare" / "lock_keys.py"

_HEAD = '''"""The keys of a lock file in their order, as the models in `netspec/schema/lock_model.py` have them.

`python tests/docs/lock_tables.py` writes this module: a check does not load pydantic to read a lock.
"""

from __future__ import annotations

from typing import Literal, NamedTuple, TypedDict

Kind = Literal["number", "text", "pairs", "texts", "nodes"]
"""What a key holds: `pairs` are texts by name, and `nodes` the nodes by path."""


class LockKey(NamedTuple):
    """A key of a lock file."""

    name: str
    kind: Kind
    is_optional: bool
    """Whether the key is omitted where its value is empty or 0."""
'''
_KINDS = {int: "number", str: "text", dict: "pairs", list: "texts"}
_TYPES = {
    "number": "int", "text": "str", "pairs": "dict[str, str]", "texts": "list[str]",
    "nodes": "dict[str, LockedNodeData]",
}  # fmt: skip


def module() -> str:
    """The text of the generated module."""
    (version,) = get_args(LockFile.model_fields["netspec_lock"].annotation)
    constants = (
        f'VERSION = {version}\n"""The version of the format."""\nVERSION_KEY = "netspec-lock"\n'
    )
    tables = "".join(
        f"{name} = (\n{''.join(map(_row, _keys(model)))})\n"
        for name, model in (("NODE_KEYS", LockedNode), ("FILE_KEYS", LockFile))
    )
    return "\n\n".join((_HEAD, constants + tables, _typed_dict(LockedNode), _typed_dict(LockFile)))


def _row(key: tuple[str, str, bool]) -> str:
    name, kind, is_optional = key
    return f'    LockKey("{name}", "{kind}", {is_optional}),\n'


def _typed_dict(model: type[BaseModel]) -> str:
    name = f"{model.__name__}Data"
    types = {key: _TYPES[kind] for key, kind, _ in _keys(model)}
    if not any(map(iskeyword, types)):
        lines = "".join(f"    {key}: {text}\n" for key, text in types.items())
        return f'class {name}(TypedDict):\n    """{model.__doc__}"""\n\n{lines}'
    lines = "".join(f'        "{key}": {text},\n' for key, text in types.items())
    return f'{name} = TypedDict(\n    "{name}",\n    {{\n{lines}    }},\n)\n"""{model.__doc__}"""\n'


def _keys(model: type[BaseModel]) -> list[tuple[str, str, bool]]:
    return [
        (field.alias or name, _kind(field.annotation), not field.is_required())
        for name, field in model.model_fields.items()
        if name != "netspec_lock"
    ]


def _kind(annotation: Any) -> str:
    if get_args(annotation)[-1:] == (LockedNode,):
        return "nodes"
    return _KINDS[get_origin(annotation) or annotation]


if __name__ == "__main__":
    MODULE.write_text(module(), encoding="utf-8")
