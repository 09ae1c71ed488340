"""Write `netspec/layers/index.py`: the module and the category of each op, as the registry has them.

python tests/docs/layer_index.py
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from netspec import layers
from netspec.layer.base import Layer
from netspec.layer.registration import registered

FILE = Path(__file__).parents[2] / "netspec" / "layers" / "index.py"

_HEAD = '''\
"""The module and the category of each op. `python tests/docs/layer_index.py` writes this file.

With it, a spec loads the modules of the layers that it uses and no others.
"""

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


def text() -> str:
    """The text of the generated file."""
    modules: dict[str, str] = {}
    categories: dict[str, str] = {}
    for module, classes in classes_by_module().items():
        for cls in classes:
            assert cls.op not in modules, (
                f"{cls.op} is declared in {modules[cls.op]} and in {module}"
            )
            modules[cls.op], categories[cls.op] = module, cls.category
    tables = (
        _table(
            "MODULES",
            "Final[dict[str, str]]",
            modules,
            "The file of `netspec/layers` that declares each op.",
        ),
        _table("CATEGORIES", "Final[dict[str, Category]]", categories, "The category of each op."),
    )
    return "\n".join((_HEAD, *tables))


def _table(name: str, annotation: str, values: dict[str, str], doc: str) -> str:
    rows = "".join(f'    "{op}": "{values[op]}",\n' for op in sorted(values))
    return f'{name}: {annotation} = {{\n{rows}}}\n"""{doc}"""\n'


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
