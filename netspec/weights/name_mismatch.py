"""Weights that only the network or only the file has, and names that are other ones by a rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from netspec.compare.fold import pattern
from netspec.compare.state import Tensor
from netspec.diagnostics import Code, Diagnostic, Frame, Help, Label, Span
from netspec.elaborate import Level, Node
from netspec.elaborate.places import argument_span, around, place
from netspec.layers.base import Axes
from netspec.weights.checkpoint import Checkpoint, Weight, fits, readable
from netspec.weights.layer_shapes import fitting_flag
from netspec.weights.rename_search import find_rules
from netspec.weights.renaming import renamed
from netspec.weights.wording import counted, is_or_are

_MOST = 6
"""How many names a finding shows."""
_MOST_LABELS = 3
_BATCHES = "num_batches_tracked"
"""What files from before torch 0.4.1 do not have, and torch does without."""
Expected = Mapping[str, tuple[Tensor, Node]]


class FileNames(NamedTuple):
    """The names of a file as the rules of the spec make them."""

    weights: Mapping[str, Weight]
    """By their names in the network."""
    originals: Mapping[str, str]
    """What the file calls them."""
    non_tensors: tuple[str, ...]


class _Place(NamedTuple):
    """A step or a level that some names belong to."""

    span: Span
    path: str
    frames: tuple[Frame, ...]


def name_mismatches(
    expected: Expected, names: FileNames, file: Checkpoint, start: Span
) -> Iterator[Diagnostic]:
    """What only one side has. `start` is where the spec begins, for what no step is about."""
    needed = {k: t.shape for k, (t, _) in expected.items() if not _may_miss(k, names.weights)}
    missing = [key for key in needed if key not in names.weights]
    unexpected = [key for key in names.weights if key not in expected]
    shapes = {key: weight.shape for key, weight in names.weights.items()}
    rules = find_rules({k: t.shape for k, (t, _) in expected.items()}, shapes)
    rules = {} if not missing or not unexpected else rules
    after = {key: renamed(key, rules) for key in names.weights} if rules else {}
    found = {
        new: key
        for key, new in after.items()
        if new in expected
        and new not in names.weights
        and fits(expected[new][0].shape, shapes[key])
    }
    if found:
        yield _other_names(found, rules, expected, names, file)
    missing = [key for key in missing if key not in found]
    taken = set(found.values())
    unexpected = [key for key in unexpected if key not in taken]
    if missing:
        yield _missing(missing, expected, names, file)
    if unexpected or names.non_tensors:
        yield _unexpected(unexpected, expected, names, file, start)


def _may_miss(key: str, weights: Mapping[str, Weight]) -> bool:
    """Whether torch loads without it: the counter of a normalisation that is there otherwise."""
    level, _, name = key.rpartition(".")
    prefix = f"{level}." if level else ""
    return name == _BATCHES and f"{prefix}running_mean" in weights


# ---- one finding for each ------------------------------------------------------------------------------


def _other_names(
    found: Mapping[str, str],
    rules: Mapping[str, str],
    expected: Expected,
    names: FileNames,
    file: Checkpoint,
) -> Diagnostic:
    """Names that are others by a rule, which was tried."""
    new, key = next(iter(found.items()))
    first = _places(found, expected)[0]
    written = ", ".join(f'"{readable(old)}": "{name}"' for old, name in rules.items())
    have = "has another name" if len(found) == 1 else "have other names"
    return Diagnostic(
        Code.WEIGHT_MISSING,
        f"{counted(len(found))} of the network {have} in `{file.path}`",
        first.span,
        notes=(f"`{readable(names.originals[key])}` is `{new}` in the network",),
        helps=(
            Help(f"if these are the same weights, write `rename: {{{written}}}` into the spec"),
        ),
        path=first.path,
        frames=first.frames,
    )


def _missing(
    missing: list[str], expected: Expected, names: FileNames, file: Checkpoint
) -> Diagnostic:
    places = _places(missing, expected)
    first = places[0]
    help = _flag_help([expected[key][1] for key in missing], names)
    return Diagnostic(
        Code.WEIGHT_MISSING,
        f"{counted(len(missing))} of the network {is_or_are(len(missing))} not in `{file.path}`",
        first.span,
        "not in the file",
        labels=tuple(Label(p.span, "nor is this") for p in places[1 : _MOST_LABELS + 1]),
        notes=tuple(_shown(missing)),
        helps=(help,) if help is not None else (),
        path=first.path,
        frames=first.frames,
    )


def _unexpected(
    unexpected: list[str], expected: Expected, names: FileNames, file: Checkpoint, start: Span
) -> Diagnostic:
    """What the network does not have; what is no tensor is not its, whatever its name."""
    originals = [names.originals[key] for key in unexpected]
    nodes = [node for key in unexpected if (node := _owner(key, expected)) is not None]
    help = _flag_help(nodes, names)
    notes = [*_shown(originals)]
    notes += [
        f"`{readable(was)}` is read as `{readable(key)}`, by `rename`"
        for key, was in zip(unexpected, originals, strict=True)
        if key != was
    ][:1]
    count = len(unexpected)
    message = f"{counted(count)} of `{file.path}` {is_or_are(count)} not in the network"
    if names.non_tensors:
        others = ", ".join(f"`{readable(name)}`" for name in names.non_tensors[:_MOST])
        no_tensors = f"`{file.path}` holds what is no tensor beside its weights: {others}"
        message, notes = (message, [*notes, no_tensors]) if count else (no_tensors, notes)
    place_of = _step_of(unexpected, expected)
    return Diagnostic(
        Code.WEIGHT_STRANGE,
        message,
        place_of.span if place_of is not None else start,
        "the file has more for this" if place_of is not None else "",
        notes=tuple(notes),
        helps=(help,) if help is not None else (),
        path=place_of.path if place_of is not None else "",
        frames=place_of.frames if place_of is not None else (),
    )


# ---- where it is in the text ---------------------------------------------------------------------------


def _places(keys: Iterable[str], expected: Expected) -> list[_Place]:
    """The largest levels of which no key is left, else the steps themselves; each place once."""
    absent = list(keys)
    gone, whole = _prefixes(absent), _prefixes(expected)
    places: dict[Span, _Place] = {}
    for key in absent:
        node = expected[key][1]
        level = _outermost(node, gone, whole)
        found = (
            _Place(place(node), node.path, around(node.level))
            if level is None or level.step is None or level.parent is None
            else _Place(level.step.place.span, level.path, around(level.parent))
        )
        places.setdefault(found.span, found)
    return list(places.values())


def _prefixes(keys: Iterable[str]) -> Counter[str]:
    """How many keys begin with each path."""
    found: Counter[str] = Counter()
    for key in keys:
        at = key.find(".")
        while at >= 0:
            found[key[:at]] += 1
            at = key.find(".", at + 1)
    return found


def _outermost(node: Node, gone: Counter[str], whole: Counter[str]) -> Level | None:
    """The largest level around a node of which nothing is in the file."""
    best: Level | None = None
    level: Level | None = node.level
    while level is not None and level.path and gone[level.path] == whole[level.path]:
        best, level = level, level.parent
    return best


def _owner(key: str, expected: Expected) -> Node | None:
    """The step of the network whose tensor an unexpected one would be: `conv` for `conv.bias`."""
    path = key.rpartition(".")[0]
    return next(
        (
            node
            for name, (_, node) in expected.items()
            if node.path == path and path and name != key
        ),
        None,
    )


def _step_of(unexpected: list[str], expected: Expected) -> _Place | None:
    """The step, or else the level, that the first of these belongs to, where the network has one."""
    if not unexpected:
        return None
    nodes: dict[str, Node] = {}
    levels: dict[str, Level] = {}
    for _, node in expected.values():
        nodes[node.path] = node
        level: Level | None = node.level
        while level is not None and level.path and level.path not in levels:
            levels[level.path] = level
            level = level.parent
    for key in unexpected:
        path = key.rpartition(".")[0]
        while path:
            if path in nodes:
                node = nodes[path]
                return _Place(place(node), path, around(node.level))
            if (level := levels.get(path)) is not None and level.step is not None:
                parent = around(level.parent) if level.parent is not None else ()
                return _Place(level.step.place.span, path, parent)
            path = path.rpartition(".")[0]
    return None


def _flag_help(nodes: list[Node], names: FileNames) -> Help | None:
    """A flag of the first step, such as `bias`, with which it has just the tensors of the file."""
    if not nodes or not nodes[0].path:
        return None
    node = nodes[0]
    prefix = f"{node.path}."
    of_file: dict[str, Axes] = {
        key.removeprefix(prefix): weight.shape
        for key, weight in names.weights.items()
        if key.startswith(prefix)
    }
    flag = fitting_flag(node, of_file) if of_file else None
    if flag is None:
        return None
    name, value = flag
    written = argument_span(node, name)
    there = f" in place of `{written.text}`" if written is not None else ""
    return Help(
        f"`{name}: {str(value).lower()}`{there} gives `{node.path}` the weights of the file"
    )


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
        yield f"`{readable(pattern(alike) if _even(alike) else alike[0])}`{times}"
    rest = sum(len(alike) for alike in list(groups.values())[_MOST:])
    if rest:
        yield f"and {counted(rest)} more"


def _even(keys: list[str]) -> bool:
    """Whether all have numbers at the same places."""
    return (
        len({"".join("#" if c.isdigit() else c for c in key).replace("##", "#") for key in keys})
        == 1
    )
