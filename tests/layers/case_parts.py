"""Parts of random cases of layers: arguments that may be there, and shapes."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

Shapes = list[tuple[int, ...]] | dict[str, tuple[int, ...]]
"""In order, or by the names of the inputs."""
Case = tuple[dict[str, Any], Shapes]
Draw = Callable[[Random], Case]


def one_or_each(r: Random, axes: int, draw: Callable[[], Any]) -> Any:
    return draw() if r.random() < 0.6 else [draw() for _ in range(axes)]


def sometimes(r: Random, chance: float, **arguments: Callable[[], Any]) -> dict[str, Any]:
    return {name: draw() for name, draw in arguments.items() if r.random() < chance}


def flag(r: Random) -> Callable[[], bool]:
    return lambda: r.random() < 0.5


def sizes(r: Random, count: int, most: int = 6) -> tuple[int, ...]:
    return tuple(r.randint(1, most) for _ in range(count))


def spatial(r: Random, axes: int, channels: int, most: int = 8) -> tuple[int, ...]:
    most = most if axes < 3 else min(most, 5)
    batch = () if r.random() < 0.25 else (r.randint(1, 2),)
    shape = (*batch, channels, *sizes(r, axes, most))
    chance = r.random()
    if chance < 0.03:
        return shape[1:]
    return (1, *shape) if chance > 0.97 else shape


def any_shape(r: Random, most_rank: int = 4, most: int = 4, least_rank: int = 0) -> tuple[int, ...]:
    return sizes(r, r.randint(least_rank, most_rank), most)


def dim_of(r: Random, rank: int) -> int:
    return r.randint(-rank - 1, rank) if r.random() < 0.2 or not rank else r.randrange(-rank, rank)


def meeting(r: Random, shape: tuple[int, ...]) -> tuple[int, ...]:
    other = [1 if r.random() < 0.3 else s for s in shape]
    if other and r.random() < 0.1:
        other[r.randrange(len(other))] = 7
    return tuple(other[r.randint(0, len(other)) :] if r.random() < 0.3 else other)
