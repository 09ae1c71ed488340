"""Weights that only the network or only the file has, and names that are other ones by a rule."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from netspec.compare.grouping import common_pattern
from netspec.compare.state_dict import Tensor
from netspec.diagnostics import Code, Diagnostic, Help, Label, ScopeFrame, Span
from netspec.graph import Level, Node
from netspec.graph.source_spans import argument_span, around, step_span
from netspec.weights.checkpoint import Checkpoint, StoredTensor, fits, readable, tensors_of
from netspec.weights.layer_shapes import argument_text, fitting_argument
from netspec.weights.rename_search import find_rules
from netspec.weights.renaming import Rules, renamed_key
from netspec.weights.wording import counted_weights, is_or_are

_MOST = 6
"""How many names a diagnostic shows."""
_MOST_LABELS = 3
_MOST_LOCATED = 1000
"""How many names are looked for in the text until one belongs to a step."""
_NUMBER = re.compile(r"\d+")
_BATCHES = "num_batches_tracked"
"""Buffers that are missing in files from before torch 0.4.1, and optional in torch."""
Expected = Mapping[str, tuple[Tensor, Node]]


class FileNames(NamedTuple):
    """The names of a file as the rules of the spec make them."""

    weights: Mapping[str, StoredTensor]
    """By their names in the network."""
    originals: Mapping[str, str]
    """Their names in the file."""
    non_tensors: tuple[str, ...]


class _NamedPlace(NamedTuple):
    """A step or a level that some names belong to."""

    span: Span
    path: str
    frames: tuple[ScopeFrame, ...]


def other_names(
    expected: Expected, names: FileNames, file: Checkpoint, known: Rules
) -> tuple[list[Diagnostic], FileNames]:
    """Names that are others by a rule, as one diagnostic, and the names as this rule makes them.

    `known` are the rules of the spec, which have been applied.
    """
    shapes = {key: weight.shape for key, weight in names.weights.items()}
    needed = {
        key: tensor.shape
        for key, (tensor, _) in expected.items()
        if key in names.weights or not _may_miss(key, names.weights)
    }
    rules = find_rules(needed, shapes)
    if not rules or rules.keys() & known.keys():
        return [], names
    after = {key: renamed_key(key, rules) for key in names.weights}
    moved = {
        new: key
        for key, new in after.items()
        if new != key and new in expected and fits(expected[new][0].shape, shapes[key])
    }
    renamed_names = FileNames(
        {new: names.weights[key] for key, new in after.items()},
        {new: names.originals[key] for key, new in after.items()},
        names.non_tensors,
    )
    return [_other_names(moved, {**known, **rules}, expected, names, file)], renamed_names


def name_mismatches(
    expected: Expected, names: FileNames, file: Checkpoint, start: Span
) -> Iterator[Diagnostic]:
    """The weights of only one side. `start` is the beginning of the spec, for those without a step."""
    weights = names.weights
    missing = [k for k in expected if k not in weights and not _may_miss(k, weights)]
    unexpected = [key for key in weights if key not in expected]
    if missing:
        yield _missing(missing, expected, names, file)
    if unexpected:
        yield _unexpected(unexpected, expected, names, file, start)
    if names.non_tensors:
        yield _no_tensors(names, file, start)


def _may_miss(key: str, weights: Mapping[str, StoredTensor]) -> bool:
    """Whether torch loads without it: the counter of a normalization that is there otherwise."""
    level, _, name = key.rpartition(".")
    prefix = f"{level}." if level else ""
    return name == _BATCHES and f"{prefix}running_mean" in weights


# ---- one diagnostic for each ------------------------------------------------------------------------------


def _other_names(
    moved: Mapping[str, str],
    rules: Rules,
    expected: Expected,
    names: FileNames,
    file: Checkpoint,
) -> Diagnostic:
    """Names that are others by a rule, which was tried."""
    new, key = next(iter(moved.items()))
    first = _places(moved, expected)[0]
    written = ", ".join(f'"{readable(old)}": "{name}"' for old, name in rules.items())
    have = "has a different name" if len(moved) == 1 else "have different names"
    return Diagnostic(
        Code.WEIGHT_MISSING,
        f"{counted_weights(len(moved))} of the network {have} in `{file.path}`",
        first.span,
        notes=(f"`{readable(names.originals[key])}` is `{new}` in the network",),
        helps=(Help(f"if these are the same weights, add `rename: {{{written}}}` to the spec"),),
        path=first.path,
        frames=first.frames,
    )


def _missing(
    missing: list[str], expected: Expected, names: FileNames, file: Checkpoint
) -> Diagnostic:
    places = _places(missing, expected)
    first = places[0]
    alike = len({expected[key][1].op for key in missing}) == 1
    help, span = _fitting(expected[missing[0]][1], names, may_have_none=alike)
    return Diagnostic(
        Code.WEIGHT_MISSING,
        f"{counted_weights(len(missing))} of the network {is_or_are(len(missing))} not in `{file.path}`",
        span or first.span,
        "not in the file",
        labels=tuple(Label(p.span, "also not in the file") for p in places[1 : _MOST_LABELS + 1]),
        notes=tuple(_shown(missing)),
        helps=(help,) if help is not None else (),
        path=first.path,
        frames=first.frames,
    )


def _unexpected(
    unexpected: list[str], expected: Expected, names: FileNames, file: Checkpoint, start: Span
) -> Diagnostic:
    steps = _Steps(expected)
    located = unexpected[:_MOST_LOCATED]
    key_place = next(
        (candidate_place for key in located if (candidate_place := steps.place(key)) is not None),
        None,
    )
    first = key_place or _NamedPlace(start, "", ())
    owner = next((node for key in located if (node := steps.owner(key)) is not None), None)
    help, span = _fitting(owner, names)
    count = len(unexpected)
    return Diagnostic(
        Code.WEIGHT_UNEXPECTED,
        f"{counted_weights(count)} of `{file.path}` {is_or_are(count)} not in the network",
        span or first.span,
        "the file has more weights for this step" if key_place else "",
        notes=(*_shown(names.originals[key] for key in unexpected), *_read_as(unexpected, names)),
        helps=(help,) if help is not None else (),
        path=first.path,
        frames=first.frames,
    )


def _read_as(unexpected: list[str], names: FileNames) -> Iterator[str]:
    """The result of the rules for the first name that they change."""
    for key in unexpected:
        if names.originals[key] != key:
            yield f"`rename` changes `{readable(names.originals[key])}` to `{readable(key)}`"
            return


def _no_tensors(names: FileNames, file: Checkpoint, start: Span) -> Diagnostic:
    """Entries next to the weights that are not weights, which `load_state_dict` rejects."""
    count = len(names.non_tensors)
    shown = ", ".join(f"`{readable(name)}`" for name in names.non_tensors[:_MOST])
    more = f", and {count - _MOST:,} more" if count > _MOST else ""
    return Diagnostic(
        Code.WEIGHT_UNEXPECTED,
        f"`{file.path}` contains non-tensor entries in addition to the weights: {shown}{more}",
        start,
        helps=(Help("save only the weights, or save them under a key such as `state_dict`"),),
    )


# ---- where it is in the text ---------------------------------------------------------------------------


def _places(keys: Iterable[str], expected: Expected) -> list[_NamedPlace]:
    """The largest levels all of whose keys are missing, otherwise the steps themselves; each location once."""
    absent = list(keys)
    gone, whole = _prefixes(absent), _prefixes(expected)
    places: dict[Span, _NamedPlace] = {}
    for key in absent:
        node = expected[key][1]
        level = _outermost(node, gone, whole)
        step_place = (
            _NamedPlace(step_span(node), node.path, around(node.level))
            if level is None or level.step is None or level.parent is None
            else _NamedPlace(level.step.place.span, level.path, around(level.parent))
        )
        places.setdefault(step_place.span, step_place)
    return list(places.values())


def _prefixes(keys: Iterable[str]) -> Counter[str]:
    """How many keys begin with each path."""
    counts: Counter[str] = Counter()
    for key in keys:
        dot = key.find(".")
        while dot >= 0:
            counts[key[:dot]] += 1
            dot = key.find(".", dot + 1)
    return counts


def _outermost(node: Node, gone: Counter[str], whole: Counter[str]) -> Level | None:
    """The largest level around a node of which nothing is in the file."""
    best: Level | None = None
    level: Level | None = node.level
    while level is not None and level.path and gone[level.path] == whole[level.path]:
        best, level = level, level.parent
    return best


class _Steps:
    """The steps and levels that have weights, by their paths."""

    def __init__(self, expected: Expected) -> None:
        self.nodes: dict[str, Node] = {}
        self.levels: dict[str, Level] = {}
        for _, node in expected.values():
            self.nodes[node.path] = node
            level: Level | None = node.level
            while level is not None and level.path and level.path not in self.levels:
                self.levels[level.path] = level
                level = level.parent

    def owner(self, key: str) -> Node | None:
        """The step whose tensor it would be: `conv` for `conv.bias`."""
        return next((self.nodes[path] for path in _above(key) if path in self.nodes), None)

    def place(self, key: str) -> _NamedPlace | None:
        """The step, or otherwise the level, of the name, if the network has one."""
        for path in _above(key):
            if path in self.nodes:
                node = self.nodes[path]
                return _NamedPlace(step_span(node), path, around(node.level))
            level = self.levels.get(path)
            if level is not None and level.step is not None and level.parent is not None:
                return _NamedPlace(level.step.place.span, path, around(level.parent))
        return None


def _above(key: str) -> Iterator[str]:
    """The paths that a key is under, the nearest first."""
    dot = key.rfind(".")
    while dot > 0:
        yield key[:dot]
        dot = key.rfind(".", 0, dot)


def _fitting(
    node: Node | None, names: FileNames, *, may_have_none: bool = False
) -> tuple[Help | None, Span | None]:
    """An argument of a step with which it has exactly the tensors of the file, and its location.

    A step of which the file has none is one without weights, as by `elementwise_affine: false`, or one that the
    saved network did not have.
    """
    required_shapes = tensors_of(node.path, names.weights) if node is not None and node.path else {}
    argument = (
        fitting_argument(node, required_shapes)
        if node is not None and (required_shapes or may_have_none)
        else None
    )
    if node is None or argument is None:
        return None, None
    span = argument_span(node, argument[0])
    there = f" instead of `{span.text}`" if span is not None else ""
    text = (
        f"write `{argument_text(*argument)}`{there} to match the weights of the file for "
        f"`{node.path}`"
    )
    return Help(text), span


# ---- how names are listed --------------------------------------------------------------------------


def _shown(keys: Iterable[str]) -> Iterator[str]:
    """The names, those that differ in numbers alone as one."""
    groups: dict[str, list[str]] = {}
    for key in keys:
        bare = ".".join(
            "*" if part.isdigit() else part.rstrip("0123456789") for part in key.split(".")
        )
        groups.setdefault(bare, []).append(key)
    for alike in list(groups.values())[:_MOST]:
        times = f" ×{len(alike)}" if len(alike) > 1 else ""
        yield f"`{readable(common_pattern(alike) if _even(alike) else alike[0])}`{times}"
    rest = sum(len(alike) for alike in list(groups.values())[_MOST:])
    if rest:
        yield f"and {counted_weights(rest)} more"


def _even(keys: list[str]) -> bool:
    """Whether all have numbers at the same places."""
    return len({_NUMBER.sub("#", key) for key in keys}) == 1
