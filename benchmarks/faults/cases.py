"""The cases: each a spec with its source, its fault, what torch does with it, and the line to blame.

The line ends with `# !! CODE`. A case without one is a network that is valid today.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Case:
    """One published fault."""

    path: Path
    source: str
    fault: str
    torch: str
    """`rejects`, `gives another shape` (than the labels have), or `runs`."""
    code: str
    line: int
    fix: str = ""
    """The line that `--fix` writes, where it writes one."""
    explained: str = ""
    """Of a report: whether the message would have solved the question."""
    later: str = ""
    """Of a report that netspec does not answer yet: what the answer is."""

    @property
    def name(self) -> str:
        """The file without its ending, in its folder."""
        return f"{self.path.parent.name}/{self.path.stem}"

    @property
    def text(self) -> str:
        """The spec."""
        return self.path.read_text(encoding="utf-8")


def cases() -> list[Case]:
    """All of them, by name."""
    return [_case(path) for path in sorted(HERE.glob("*/*.yaml"))]


def _case(path: Path) -> Case:
    text = path.read_text(encoding="utf-8")
    head = dict(re.findall(r"^# (source|fault|torch|fix|solved|later): (.*)$", text, re.MULTILINE))
    mark = re.search(r"# !! (NS\d+)$", text, re.MULTILINE)
    line = text.count("\n", 0, mark.start()) + 1 if mark else 0
    return Case(
        path, head["source"], head["fault"], head["torch"], mark[1] if mark else "", line,
        head.get("fix", ""), head.get("solved", ""), head.get("later", ""),
    )  # fmt: skip


@dataclass(frozen=True)
class Step:
    """One step of a flat spec."""

    name: str
    op: str
    inputs: list[str]
    arguments: dict[str, Any]
    expect: list[Any] | None


def steps(text: str) -> tuple[dict[str, Any], list[Step]]:
    """The inputs and steps of a flat spec, read without netspec: a batch of `N` is 2."""
    data = yaml.safe_load(text)
    inputs = {
        name: {
            "shape": _numbers(declaration["shape"]),
            "dtype": declaration.get("dtype", "float32"),
        }
        if isinstance(declaration, dict)
        else {"shape": _numbers(declaration), "dtype": "float32"}
        for name, declaration in data["inputs"].items()
    }
    parsed: list[Step] = []
    previous = next(iter(inputs))
    for k, entry in enumerate(data["body"]):
        named = isinstance(entry, dict) and "op" not in entry
        name, step_value = next(iter(entry.items())) if named else (str(k), entry)
        declaration = {"op": step_value} if isinstance(step_value, str) else dict(step_value)
        source = declaration.pop("from", [] if declaration["op"] == "Parameter" else previous)
        reads = source if isinstance(source, list) else [source]
        reads = [previous if r == "previous" else r for r in reads]
        expect = declaration.pop("expect", None)
        parsed.append(
            Step(name, declaration.pop("op"), reads, declaration, expect and _numbers(expect))
        )
        previous = name
    return inputs, parsed


def _numbers(shape: list[Any]) -> list[Any]:
    return [2 if size == "N" else size for size in shape]
