"""The keys of a lock file in their order, as the models in `netspec/schema/lock_model.py` have them.

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


VERSION = 1
"""The version of the format."""
VERSION_KEY = "netspec-lock"
NODE_KEYS = (
    LockKey("op", "text", False),
    LockKey("with", "pairs", True),
    LockKey("from", "texts", False),
    LockKey("gives", "texts", False),
    LockKey("parameters", "number", True),
    LockKey("macs", "number", True),
)
FILE_KEYS = (
    LockKey("name", "text", False),
    LockKey("settings", "pairs", False),
    LockKey("inputs", "pairs", False),
    LockKey("outputs", "pairs", False),
    LockKey("returns", "text", True),
    LockKey("made_by", "pairs", True),
    LockKey("valid", "text", False),
    LockKey("sizes", "text", False),
    LockKey("parameters", "number", False),
    LockKey("macs", "number", False),
    LockKey("macs_unknown", "texts", True),
    LockKey("field", "pairs", False),
    LockKey("nodes", "nodes", False),
)


LockedNodeData = TypedDict(
    "LockedNodeData",
    {
        "op": str,
        "with": dict[str, str],
        "from": list[str],
        "gives": list[str],
        "parameters": int,
        "macs": int,
    },
)
"""A node, by its path."""


class LockFileData(TypedDict):
    """The facts of a network, as YAML: read it with any YAML reader, and validate what it returns."""

    name: str
    settings: dict[str, str]
    inputs: dict[str, str]
    outputs: dict[str, str]
    returns: str
    made_by: dict[str, str]
    valid: str
    sizes: str
    parameters: int
    macs: int
    macs_unknown: list[str]
    field: dict[str, str]
    nodes: dict[str, LockedNodeData]
