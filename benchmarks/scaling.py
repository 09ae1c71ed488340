"""How time grows with the size of a spec: the exponent from 1,000 to 10,000 of a thing; 1 where all is linear.

Each kind of spec is large in one way: many steps, many names, many mistakes of one kind. What is measured is
the time of the processor for a whole check, and what comes after it: a lock, a comparison, a program.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from math import log
from time import process_time

from netspec.check import Report, check_text

SIZES = (1_000, 10_000)
MOST = 1.1
"""The exponent that is aimed at."""
_HEAD = "netspec: 1\ninputs: {image: [N, 3, 8, 8]}\n"


def flat(n: int) -> str:
    """A chain."""
    return f"{_HEAD}body:\n" + "".join(f"  - relu{k}: ReLU\n" for k in range(n))


def unknown_references(n: int) -> str:
    """Every step reads a step that there is not."""
    steps = "".join(f"  - relu{k}: {{op: ReLU, from: other{k}}}\n" for k in range(n))
    return f"{_HEAD}body:\n{steps}"


def bad_blocks(n: int) -> str:
    """Blocks, each used once, each with a mistake."""
    blocks = "".join(f"  B{k}: {{body: [Relu{k}]}}\n" for k in range(n))
    return f"{_HEAD}blocks:\n{blocks}body:\n" + "".join(f"  - B{k}\n" for k in range(n))


def init_rules(n: int) -> str:
    """A rule for each layer."""
    rules = "".join(f"  conv{k}: {{weight: zeros_}}\n" for k in range(n))
    steps = "".join(
        f"  - conv{k}: {{op: Conv2d, out_channels: 3, kernel_size: 1}}\n" for k in range(n)
    )
    return f"{_HEAD}init:\n{rules}body:\n{steps}"


def concat(n: int) -> str:
    """One join of everything before."""
    steps = "".join(f"  - b{k}: {{op: ReLU, from: input}}\n" for k in range(n))
    return (
        f"{_HEAD}body:\n{steps}  - {{op: Concat, from: [{', '.join(f'b{k}' for k in range(n))}]}}\n"
    )


def concat_by_pattern(n: int) -> str:
    """One join of everything before, by a pattern."""
    steps = "".join(f"  - b{k}: {{op: ReLU, from: input}}\n" for k in range(n))
    return f"{_HEAD}body:\n{steps}  - {{op: Concat, from: ['b*']}}\n"


def wide_map(n: int) -> str:
    """A mapping of many keys, none of which is known."""
    keys = "".join(f"  key{k}: {k}\n" for k in range(n))
    return f"{_HEAD}dims:\n{keys}body: [ReLU]\n"


def unknown_arguments(n: int) -> str:
    """A step with many arguments that its layer does not have."""
    arguments = "".join(f"      argument{k}: {k}\n" for k in range(n))
    return f"{_HEAD}body:\n  - relu:\n      op: ReLU\n{arguments}"


def chunks(n: int) -> str:
    """Many results of one step, each read by name."""
    steps = "".join(f"  - b{k}: {{op: ReLU, from: parts.{k}}}\n" for k in range(n))
    joined = ", ".join(f"b{k}" for k in range(n))
    return (
        f"netspec: 1\ninputs: {{image: [N, {n}]}}\nbody:\n  - parts: {{op: Chunk, chunks: {n}, dim: 1}}\n"
        f"{steps}  - {{op: Concat, from: [{joined}]}}\n"
    )


def misspelled(n: int) -> str:
    """Every op is misspelled, and fixed."""
    return f"{_HEAD}body:\n" + "".join(f"  - relu{k}: Relu\n" for k in range(n))


def misspelled_arguments(n: int) -> str:
    """One argument is misspelled at every step, and fixed."""
    steps = "".join(
        f"  - conv{k}: {{op: Conv2d, out_chanels: 3, kernel_size: 1}}\n" for k in range(n)
    )
    return f"{_HEAD}body:\n{steps}"


def uses_of_a_block(n: int) -> str:
    """A block that is used by name again and again."""
    block = "{body: [{conv: {op: Conv2d, out_channels: 3, kernel_size: 1}}, {op: Add, from: [input, conv]}]}"
    return f"{_HEAD}blocks: {{R: {block}}}\nbody:\n" + "".join(f"  - r{k}: R\n" for k in range(n))


def merge_keys(n: int) -> str:
    """Mappings that each take over the one before."""
    maps = "".join(f"  m{k}: &m{k} {{<<: *m{k - 1}, k{k}: {k}}}\n" for k in range(1, n))
    return (
        f"netspec: 1\nparams:\n  m0: &m0 {{k0: 0}}\n{maps}inputs: {{image: [N, 3]}}\nbody: [ReLU]\n"
    )


def parameters(n: int) -> str:
    """Parameters, each made of the one before."""
    each = "".join(f"  p{k}: '=p{k - 1} + 1'\n" for k in range(1, n))
    return f"netspec: 1\nparams:\n  p0: 1\n{each}inputs: {{image: [N, 3]}}\nbody: [ReLU]\n"


def check(report: Report) -> None:
    """Nothing more."""


def lock(report: Report) -> None:
    """The text of its lock."""
    from netspec.compare.facts import facts
    from netspec.compare.lock_file import lock_text, read_lock

    if report.graph is not None:
        read_lock(lock_text(facts(report.graph)))


def difference(report: Report) -> None:
    """What differs from itself."""
    from netspec.compare.difference import difference as between
    from netspec.compare.facts import facts

    if report.graph is not None:
        between(facts(report.graph), facts(report.graph))


def program(report: Report) -> None:
    """Its Python source."""
    from netspec.codegen import generate

    if report.graph is not None:
        generate(report.graph)


def repaired(report: Report) -> None:
    """Its text with the certain fixes."""
    from netspec.fix import fix

    fix(report, lambda text: check_text(text, "net.yaml"))


CASES: list[tuple[Callable[[int], str], Callable[[Report], None]]] = [
    (flat, check),
    (unknown_references, check),
    (bad_blocks, check),
    (init_rules, check),
    (concat, check),
    (concat_by_pattern, check),
    (wide_map, check),
    (unknown_arguments, check),
    (merge_keys, check),
    (parameters, check),
    (concat, lock),
    (concat, difference),
    (concat, program),
    (chunks, check),
    (chunks, program),
    (misspelled, repaired),
    (misspelled_arguments, repaired),
    (uses_of_a_block, check),
    (uses_of_a_block, program),
    (flat, program),
    (flat, lock),
]


def seconds(make: Callable[[int], str], after: Callable[[Report], None], n: int) -> float:
    """The processor's time for one size."""
    text = make(n)
    began = process_time()
    after(check_text(text, "net.yaml"))
    return process_time() - began


def exponent(make: Callable[[int], str], after: Callable[[Report], None]) -> tuple[float, float]:
    """The exponent of the growth, and the time for the larger size."""
    small, large = (seconds(make, after, n) for n in SIZES)
    return log(large / small) / log(SIZES[1] / SIZES[0]), large


def main() -> None:
    """Print a row for each case."""
    check_text(flat(10), "net.yaml")
    only = sys.argv[1:]
    for make, after in CASES:
        if not only or make.__name__ in only:
            grows, large = exponent(make, after)
            print(
                f"{make.__name__:<20} {after.__name__:<12} {grows:5.2f} {large:8.2f} s", flush=True
            )


if __name__ == "__main__":
    main()
