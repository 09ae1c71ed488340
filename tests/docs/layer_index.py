"""Write `netspec/layers/index.py` and `op_tables.py`: the module, category and version of each op.

python tests/docs/layer_index.py
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from netspec import layers
from netspec.layer.base import Layer
from netspec.layer.registration import registered

FOLDER = Path(__file__).parents[2] / "netspec" / "layers"

_HEAD = '''\
"""The module of each op. `python tests/docs/layer_index.py` writes this file.

With it, a spec loads the modules of the layers that it uses and no others.
"""

from __future__ import annotations

from typing import Final
'''
_TABLES_HEAD = '''\
"""The category and the version of each op. `python tests/docs/layer_index.py` writes this file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from netspec.layer.categories import Category
'''


def classes_by_module() -> dict[str, tuple[type[Layer], ...]]:
    """The layers that each module of `netspec/layers` registers; imports all of them."""
    classes = {}
    for module in iter_modules(layers.__path__):
        name = f"{layers.__name__}.{module.name}"
        import_module(name)
        classes[module.name] = registered(name)
    return classes


def texts() -> dict[str, str]:
    """The text of each generated file."""
    modules: dict[str, str] = {}
    categories: dict[str, str] = {}
    since: dict[str, float] = {}
    for module, classes in classes_by_module().items():
        for cls in classes:
            assert cls.op not in modules, (
                f"{cls.op} is declared in {modules[cls.op]} and in {module}"
            )
            modules[cls.op], categories[cls.op] = module, cls.category
            if cls.since > 1:
                since[cls.op] = cls.since
    index = _table(
        "MODULES",
        "Final[dict[str, str]]",
        modules,
        "The file of `netspec/layers` that declares each op.",
    )
    tables = (
        _table("CATEGORIES", "Final[dict[str, Category]]", categories, "The category of each op."),
        _table(
            "SINCE",
            "Final[dict[str, float]]",
            since,
            "The version of the language that introduced an op, for those of later ones than 1.",
        ),
    )
    return {
        "index.py": f"{_HEAD}\n{index}",
        "op_tables.py": "\n".join((_TABLES_HEAD, *tables)),
    }


def _table(name: str, annotation: str, values: Mapping[str, object], doc: str) -> str:
    rows = "".join(f'    "{op}": {_literal(values[op])},\n' for op in sorted(values))
    return f'{name}: {annotation} = {{\n{rows}}}\n"""{doc}"""\n'


def _literal(value: object) -> str:
    return f'"{value}"' if isinstance(value, str) else repr(value)


if __name__ == "__main__":
    for name, text in texts().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
