"""A spec as YAML in the canonical layout: each step in its shortest form, short collections in braces."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from netspec.document import parse
from netspec.document.scalar_writer import scalar_text
from netspec.fmt import formatted
from netspec.schema.scalar_fields import WrittenFloat, WrittenInt
from netspec.schema.step_models import KEYS, Step

if TYPE_CHECKING:
    from netspec.schema.spec_file import Block, SpecFile


class _Lines(dict[str, Any]):
    """A mapping that is written in lines."""


class _Items(list[Any]):
    """A list that is written in lines."""


class _Apart(_Lines):
    """A mapping whose entries have empty lines between them."""


def yaml_text(spec: SpecFile) -> str:
    """The text of a spec."""
    data = spec.data()
    version = data.pop("netspec")
    sections = _Lines(netspec=int(version) if version == int(version) else version)
    for key, value in data.items():
        sections[key] = _section(key, value, spec)
    text = "\n".join(_mapping_lines(sections, 0)) + "\n"
    return formatted(parse(text))


def _section(key: str, value: Any, spec: SpecFile) -> Any:
    if key == "body":
        return _steps(spec.body or [])
    if key == "blocks" and spec.blocks:
        return _Apart({name: _block(block) for name, block in spec.blocks.items()})
    if (
        isinstance(value, dict)
        and len(value) > 1
        and any(isinstance(v, dict) for v in value.values())
    ):
        return _Lines(value)
    return value


def _block(block: Block) -> Any:
    steps = _steps(block.body)
    keys = block.data()
    if keys.keys() == {"body"}:
        return steps
    return _Lines({key: steps if key == "body" else value for key, value in keys.items()})


# ---- steps -----------------------------------------------------------------------------------------


def _steps(steps: list[Step]) -> list[Any]:
    """A body, in lines."""
    return _Items(map(_short_form, steps))


def _short_form(step: Step) -> Any:
    """A step in its shortest form."""
    keys = _ordered(step)
    if "name" not in keys or keys["name"] in KEYS:
        return _alone(keys) if keys.keys() in ({"op"}, {"body"}) else keys
    name = keys.pop("name")
    return _Lines({name: _alone(keys) if keys.keys() in ({"op"}, {"body"}) else keys})


def _alone(keys: dict[str, Any]) -> Any:
    (value,) = keys.values()
    return [*value] if isinstance(value, _Items) and _are_ops(value) else value


def _are_ops(steps: list[Any]) -> bool:
    return all(isinstance(step, str) for step in steps)


_FIRST = (
    "name", "op", "each", "share", "doc", "from", "when", "repeat", "inline", "checkpoint", "expect",
)  # fmt: skip
"""The keys before the arguments; `branches`, `body` and `outputs` follow them."""


def _ordered(step: Step) -> dict[str, Any]:
    """The keys of a step in the order of the text, in braces if no list of steps is among them."""
    keys = step.data()
    written: dict[str, Any] = {key: keys[key] for key in _FIRST if key in keys}
    written |= {key: value for key, value in keys.items() if key not in KEYS}
    if step.branches is not None:
        written["branches"] = _branches(step.branches)
    if step.body is not None:
        written["body"] = _steps(step.body)
    if step.outputs is not None:
        written["outputs"] = keys["outputs"]
    in_lines = any(isinstance(value, _Items | _Lines) for value in written.values())
    return _Lines(written) if in_lines else written


def _branches(steps: list[Step]) -> Any:
    """Branches by name if each has its own name, otherwise as a list."""
    by_name = _Lines()
    for step in steps:
        form = _short_form(step)
        if step.name is None or form.keys() != {step.name} or step.name in by_name:
            return _Items(map(_short_form, steps))
        by_name |= form
    return by_name or _Items()


# ---- text ------------------------------------------------------------------------------------------


def _mapping_lines(mapping: dict[str, Any], indent: int) -> Iterator[str]:
    for number, (key, value) in enumerate(mapping.items()):
        apart = isinstance(mapping, _Apart) and number > 0
        if apart or (indent == 0 and _is_apart(key, mapping)):
            yield ""
        yield from _after(f"{' ' * indent}{_key(key)}:", value, indent)


def _key(key: str) -> str:
    """A key outside braces; a spec reads every key as text."""
    return key if key.isdigit() else _scalar(key)


def _is_apart(key: str, sections: dict[str, Any]) -> bool:
    return key == "blocks" or (key == "body" and "blocks" in sections)


def _after(head: str, value: Any, indent: int) -> Iterator[str]:
    """A value after its key or dash; a collection in lines begins on the next one after a key."""
    if not value or not isinstance(value, _Items | _Lines):
        yield f"{head} {_in_braces(value) if isinstance(value, dict | list) else _scalar(value)}"
        return
    write: Callable[[Any, int], Iterator[str]] = (
        _mapping_lines if isinstance(value, dict) else _item_lines
    )
    lines = list(write(value, indent + 2))
    if head.endswith("-"):
        lines[0] = f"{head} {lines[0].lstrip(' ')}"
    else:
        yield head
    yield from lines


def _item_lines(items: list[Any], indent: int) -> Iterator[str]:
    for item in items:
        yield from _after(f"{' ' * indent}-", item, indent)


def _in_braces(value: Any) -> str:
    if isinstance(value, dict):
        entries = (f"{_scalar(key, in_braces=True)}: {_in_braces(v)}" for key, v in value.items())
        return f"{{{', '.join(entries)}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(_in_braces, value))}]"
    return _scalar(value, in_braces=True)


def _scalar(value: Any, *, in_braces: bool = False) -> str:
    """A scalar; a number keeps its spelling."""
    if isinstance(value, WrittenInt | WrittenFloat):
        return value.text
    return scalar_text(value, in_braces=in_braces)
