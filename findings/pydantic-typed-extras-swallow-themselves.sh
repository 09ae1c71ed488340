#!/usr/bin/env bash
# pydantic: a model whose extra fields have a type gains one named `__pydantic_extra__` when another is assigned.
#
# Versions: pydantic 2.14.3, Python 3.11.
# Input:    a model with `extra="allow"`, `validate_assignment=True` and `__pydantic_extra__: dict[str, int] = Field(init=False)`,
#           which is how the documentation types the extra fields; then `model.c = 2`.
# Guess:    the model has the extra fields a and c, as it does where `= Field(init=False)` is omitted.
# Seen:     the extra fields are `__pydantic_extra__` (a dictionary with the earlier ones), a and c, and `model_dump` has all three.
#
# The script fails when the behavior changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pydantic==2.14.3

"$folder/venv/bin/python" -W ignore - <<'PY'
from pydantic import BaseModel, ConfigDict, Field


class Typed(BaseModel):
    model_config = ConfigDict(extra="allow", validate_assignment=True)
    __pydantic_extra__: dict[str, int]


class TypedByField(BaseModel):
    model_config = ConfigDict(extra="allow", validate_assignment=True)
    __pydantic_extra__: dict[str, int] = Field(init=False)


fields = {}
for kind in (Typed, TypedByField):
    model = kind(a=1)
    model.c = 2
    fields[kind.__name__] = model.model_dump()
    print(f"{kind.__name__:13} {fields[kind.__name__]}")
if fields != {"Typed": {"a": 1, "c": 2}, "TypedByField": {"__pydantic_extra__": {"a": 1}, "a": 1, "c": 2}}:
    raise SystemExit("the behavior has changed")
print("as described: the extra fields hold a copy of what they were")
PY
