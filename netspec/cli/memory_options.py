"""`--memory` and `--plan`: a budget of memory for a training step."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from netspec.cli import exit_codes
from netspec.cli.options import ParsedArgs, UsageError
from netspec.cli.output import answer, say
from netspec.cli.output_files import write
from netspec.cli.size_options import sizes, validate_sizes
from netspec.optimize.memory import BudgetError, MissingSizeError
from netspec.optimize.memory.byte_sizes import parse_bytes
from netspec.report.numbers import counted

if TYPE_CHECKING:
    from netspec.api import Network

UNREACHABLE = (BudgetError, MissingSizeError)
"""What is wrong with a budget."""


def budget(args: ParsedArgs) -> int | None:
    """The bytes of `--memory`."""
    if not args.has("--memory"):
        return None
    text = args.last("--memory")
    size = parse_bytes(text)
    if size is None:
        raise UsageError(f"`--memory {text}` must be a number of bytes", "write `--memory 2GiB`")
    return size


def requires_memory(args: ParsedArgs, memory: int | None) -> None:
    """Reject options that a budget excludes, or that have no meaning without one."""
    optimize, is_planned = args.last("--optimize"), args.has("--plan")
    if (memory is not None or is_planned) and optimize == "inference":
        raise UsageError(
            "a budget of memory is for training",
            "remove `--optimize inference`, or `--memory` and `--plan`",
        )
    if (memory is not None or is_planned or optimize == "memory") and args.has("--presets"):
        raise UsageError(
            "a budget of memory is for one network, not for each preset",
            "remove `--presets`, or choose one with `--preset NAME`",
        )
    if optimize == "memory" and memory is None and not is_planned:
        raise UsageError(
            "`--optimize memory` has no budget", "add one, such as `--memory 2GiB`, or see `--plan`"
        )
    for option in ("--size", "--format"):
        if args.has(option) and not (is_planned or (memory is not None and option == "--size")):
            raise UsageError(
                f"`{option}` applies to `--plan`", f"remove `{option}`, or add `--plan`"
            )


def requested_sizes_of(args: ParsedArgs, network: Network) -> dict[str, int]:
    """The sizes of `--size`, which the network is valid at."""
    requested_sizes = sizes(args)
    validate_sizes(requested_sizes, network.elaborate())
    return requested_sizes


def print_plan(network: Network, args: ParsedArgs, memory: int | None) -> int:
    """Print what a training step takes, and which program fits into the budget."""
    from netspec.optimize.memory.plan_json import plan_json
    from netspec.optimize.memory.plan_text import plan_text

    try:
        plan = network.memory_plan(requested_sizes_of(args, network))
    except MissingSizeError as error:
        raise UsageError(error.message, error.help) from None
    training_only = args.last("--optimize") == "training"
    chosen = None if memory is None else plan.best(memory, training_only=training_only)
    written = plan_json if args.last("--format") == "json" else plan_text
    text = written(plan, memory, chosen)
    target = args.last("--output", "-")
    if target == "-":
        answer(text, args)
    else:
        write(target, f"{text}\n")
        say(f"{target}: {counted(len(text.encode()) + 1, 'byte')}", stream=sys.stderr)
    return exit_codes.CLEAN if memory is None or chosen is not None else exit_codes.ERRORS
