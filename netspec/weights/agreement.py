"""Whether a file of weights loads into a network: names, shapes and element types, as findings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from typing import NamedTuple

from netspec.compare.fold import pattern
from netspec.compare.state import Tensor, state
from netspec.diagnostics import Code, Diagnostic, Help, Span
from netspec.elaborate import Graph, Node
from netspec.elaborate.places import argument_span, around, place
from netspec.layers.base import Axes
from netspec.weights.checkpoint import Checkpoint, Weight
from netspec.weights.renaming import Rules, find_rules, renamed

_MOST = 6
"""How many names a finding shows."""
_DECIDERS = (
    "out_channels",
    "out_features",
    "num_embeddings",
    "embedding_dim",
    "hidden_size",
    "kernel_size",
)
_BATCHES = "num_batches_tracked"
"""What files from before torch 0.4.1 do not have, and torch does without."""


def agreement(graph: Graph, file: Checkpoint, rules: Rules, at: Span) -> list[Diagnostic]:
    """What is in the way of loading a file into a network; `at` is where the spec begins."""
    wanted = state(graph)
    names = {key: renamed(key, rules) for key in file.weights}
    held = {name: file.weights[key] for key, name in names.items()}
    missing = {
        k: t.shape for k, (t, _) in wanted.items() if k not in held and not _may_miss(k, held)
    }
    strange = {key: file.weights[key].shape for key, name in names.items() if name not in wanted}
    return [
        *_names(missing, strange, wanted.keys() & held.keys(), file, at),
        *_shapes(wanted, held, file),
        *_types(wanted, held, file),
    ]


def _may_miss(key: str, held: Mapping[str, Weight]) -> bool:
    """Whether torch loads without it: the counter of a normalisation that is there otherwise."""
    level, _, name = key.rpartition(".")
    prefix = f"{level}." if level else ""
    return name == _BATCHES and f"{prefix}running_mean" in held


# ---- names ---------------------------------------------------------------------------------------


def _names(
    missing: Mapping[str, Axes],
    strange: Mapping[str, Axes],
    kept: Set[str],
    file: Checkpoint,
    at: Span,
) -> Iterator[Diagnostic]:
    """What is in one of the two alone; where that is a matter of names, one finding says so."""
    rules = find_rules(missing, strange, kept)
    helps = (Help(_rule(rules)),) if rules else ()
    after = {renamed(key, rules) for key in strange} if rules else set()
    if after and after == missing.keys():
        first = next(iter(strange))
        message = f"{_counted(len(missing))} of the network {_have(len(missing))} in `{file.path}`"
        notes = (f"`{first}` is `{renamed(first, rules)}` in the network",)
        yield Diagnostic(Code.WEIGHT_MISSING, message, at, notes=notes, helps=helps)
        return
    if missing:
        message = (
            f"{_counted(len(missing))} of the network {_are(len(missing))} not in `{file.path}`"
        )
        yield Diagnostic(
            Code.WEIGHT_MISSING, message, at, notes=tuple(_shown(missing)), helps=helps
        )
    if strange:
        message = (
            f"{_counted(len(strange))} of `{file.path}` {_are(len(strange))} not in the network"
        )
        helps = () if missing else helps
        yield Diagnostic(
            Code.WEIGHT_STRANGE, message, at, notes=tuple(_shown(strange)), helps=helps
        )


def _rule(rules: Rules) -> str:
    written = ", ".join(f'"{old}": "{new}"' for old, new in rules.items())
    return f"if these are the same weights, write `rename: {{{written}}}` into the spec"


def _counted(count: int) -> str:
    return f"{count:,} weight{'s' * (count != 1)}"


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


def _have(count: int) -> str:
    return "has another name" if count == 1 else "have other names"


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
        yield f"`{pattern(alike) if _even(alike) else alike[0]}`{times}"
    if len(groups) > _MOST:
        yield f"and {len(groups) - _MOST} more"


def _even(keys: list[str]) -> bool:
    """Whether all have numbers at the same places."""
    return (
        len({"".join("#" if c.isdigit() else c for c in key).replace("##", "#") for key in keys})
        == 1
    )


# ---- shapes and types ------------------------------------------------------------------------------


class _Clash(NamedTuple):
    """A weight that has one shape here and another one in the file."""

    key: str
    tensor: Tensor
    weight: Weight
    node: Node

    @property
    def decided(self) -> bool:
        """Whether its own step says so, and not what flows into it."""
        mine, its = self.tensor.shape, self.weight.shape
        own = len(mine) != len(its) or (mine[:1], mine[2:]) != (its[:1], its[2:])
        return own and _decider(self.node) is not None


def _shapes(
    wanted: Mapping[str, tuple[Tensor, Node]], held: Mapping[str, Weight], file: Checkpoint
) -> Iterator[Diagnostic]:
    """A finding for each step that says another size, however many weights and uses it has."""
    clashes = [
        _Clash(key, tensor, weight, node)
        for key, (tensor, node) in wanted.items()
        if (weight := held.get(key)) is not None
        and weight.shape != tensor.shape
        and not _both_single(tensor, weight)
    ]
    causes = [c for c in clashes if c.decided] or clashes
    steps: dict[Span, list[_Clash]] = {}
    for clash in causes:
        steps.setdefault(place(clash.node), []).append(clash)
    for k, (span, alike) in enumerate(steps.items()):
        last = k == len(steps) - 1
        yield _other_shape(span, alike, len(clashes) - len(causes) if last else 0, file)


def _other_shape(span: Span, alike: list[_Clash], follow: int, file: Checkpoint) -> Diagnostic:
    key, tensor, weight, node = alike[0]
    notes = [
        f"`{c.key}`: {list(c.tensor.shape)} and {list(c.weight.shape)}" for c in alike[1:_MOST]
    ]
    if len(alike) > _MOST:
        notes.append(f"and {len(alike) - _MOST} more")
    if follow:
        notes.append(f"{_counted(follow)} of other steps follow{'s' * (follow == 1)} from that")
    return Diagnostic(
        Code.WEIGHT_SHAPE,
        f"`{key}` is {list(tensor.shape)} in the network and {list(weight.shape)} in `{file.path}`",
        _decider(node) or span,
        _label(tensor, weight),
        notes=tuple(notes),
        path=node.path,
        frames=around(node.level),
    )


def _both_single(tensor: Tensor, weight: Weight) -> bool:
    """Torch reads a tensor of one element as a number, and the other way round."""
    return {tensor.shape, weight.shape} == {(), (1,)}


def _decider(node: Node) -> Span | None:
    """The argument that says how many there are."""
    return next(
        (span for name in _DECIDERS if (span := argument_span(node, name)) is not None), None
    )


def _label(tensor: Tensor, weight: Weight) -> str:
    if tensor.shape and weight.shape and tensor.shape[0] != weight.shape[0]:
        return f"{tensor.shape[0]} here, {weight.shape[0]} in the file"
    return "another shape"


def _types(
    wanted: Mapping[str, tuple[Tensor, Node]], held: Mapping[str, Weight], file: Checkpoint
) -> Iterator[Diagnostic]:
    """One finding for each pair of types; torch converts floating types as it loads."""
    clashes: dict[tuple[str, str], list[tuple[str, Node]]] = {}
    for key, (tensor, node) in wanted.items():
        weight = held.get(key)
        if weight is not None and weight.dtype and weight.dtype != tensor.dtype:
            clashes.setdefault((tensor.dtype, weight.dtype), []).append((key, node))
    for (mine, its), keys in clashes.items():
        key, node = keys[0]
        others = f", and {len(keys) - 1:,} more" if len(keys) > 1 else ""
        yield Diagnostic(
            Code.WEIGHT_DTYPE,
            f"`{key}` is {mine} in the network and {its} in `{file.path}`{others}",
            place(node),
            notes=(f"torch converts it to {mine} when it loads it",),
            severity="warning",
            path=node.path,
        )
