"""Write what follows from the models in `netspec/schema`: `netspec/syntax/key_tables.py`, and the tables of the language page.

python tests/docs/key_tables.py
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel

from netspec.schema import spec_file
from netspec.schema.field_types import Closed
from netspec.schema.step_models import KINDS, Step

ROOT = Path(__file__).parents[2]
MODULE = ROOT / "netspec" / "syntax" / "key_tables.py"
PAGE = ROOT / "docs" / "language.md"

MODELS: dict[str, type[BaseModel]] = {
    "FILE_KEYS": spec_file.SpecFile,
    "BLOCK_KEYS": spec_file.Block,
    "PARAMETER_KEYS": spec_file.Declaration,
    "INPUT_KEYS": spec_file.Input,
    "DIMENSION_KEYS": spec_file.Dimension,
    "BUDGET_KEYS": spec_file.Budget,
    "STEP_KEYS": Step,
}

LINKS = {
    "params": "#parameters-and-presets", "presets": "#parameters-and-presets", "inputs": "#inputs-and-sizes",
    "dims": "#inputs-and-sizes", "use": "#files-that-use-other-files", "blocks": "#blocks",
    "body": "#steps", "outputs": "#outputs", "budget": "#a-budget", "rename": "weights.md",
    "from": "#references", "branches": "#branches", "repeat": "#repeating", "share": "#sharing-weights",
    "each": "#repeating",
}  # fmt: skip
"""Where the language page says more about a key."""


def keys(model: type[BaseModel]) -> dict[str, str]:
    """The keys of a model with their sentences."""
    return {f.alias or name: f.description or "" for name, f in model.model_fields.items()}


def module() -> str:
    """The text of the generated module."""
    types = get_args(spec_file.TypeWord)
    element_types = get_args(spec_file.ElementTypeWord)
    parts = [
        '"""The keys of a spec file with their sentences, as the models in `netspec/schema` have them.\n\n'
        "`python tests/docs/key_tables.py` writes this module: the check path reads it instead of the models.\n"
        '"""\n\nfrom __future__ import annotations\n',
        *(_dict(name, keys(model)) for name, model in MODELS.items()),
        _dict("STEP_KINDS", KINDS).rstrip("\n"),
        '"""The keys of each kind of step, by the key that makes it one."""\n',
        f"TYPES = {_literal(types)}\n",
        f"ELEMENT_TYPES = {_literal(element_types[:8])[:-1]},\n    {_literal(element_types[8:])[1:]}  # fmt: skip\n",
    ]
    return "\n".join(parts)


def _dict(name: str, entries: dict[str, Any]) -> str:
    lines = [f"    {_literal(key)}: {_literal(value)},\n" for key, value in entries.items()]
    return f"{name} = {{\n{''.join(lines)}}}  # fmt: skip\n"


def _literal(value: Any) -> str:
    if isinstance(value, tuple):
        return f"({', '.join(map(_literal, value))})"
    quoted = "'" if '"' in value else '"'
    return f"{quoted}{value}{quoted}"


def page(text: str) -> str:
    """The language page with its tables of keys."""
    for marker, model in (("file", spec_file.SpecFile), ("step", Step)):
        rows = "\n".join(_row(key, sentence) for key, sentence in keys(model).items())
        table = f"<!-- keys of a {marker} -->\n| key | meaning |\n|---|---|\n{rows}\n<!-- end -->"
        pattern = rf"<!-- keys of a {marker} -->\n.*?<!-- end -->"
        text, count = re.subn(pattern, lambda _, t=table: t, text, flags=re.DOTALL)
        assert count == 1, marker
    return text


def _row(key: str, sentence: str) -> str:
    link = LINKS.get(key)
    return f"| {f'[`{key}`]({link})' if link else f'`{key}`'} | {sentence} |"


assert all(issubclass(model, Closed) for model in MODELS.values())

if __name__ == "__main__":
    MODULE.write_text(module(), encoding="utf-8")
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
