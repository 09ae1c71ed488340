"""`netspec compile`: the network as a Python program."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from netspec.cli import exit_codes
from netspec.cli.options import ParsedArgs, UsageError
from netspec.cli.output import say, write_diagnostics
from netspec.cli.output_files import write
from netspec.cli.setting_options import catalog, load_report, settings
from netspec.diagnostics import SpecError
from netspec.report.numbers import counted

if TYPE_CHECKING:
    from netspec.api import Optimization
    from netspec.codegen.family import LeftOut

_OPTIMIZATIONS: dict[str, Optimization | None] = {
    "": None,
    "training": "training",
    "memory": "memory",
    "inference": "inference",
}


def run(args: ParsedArgs) -> int:  # noqa: C901 - one branch for each refusal
    """Print the program, or write it to a file."""
    from netspec.api import Network, generated_family, generated_program
    from netspec.cli.memory_options import (
        UNREACHABLE,
        budget,
        print_plan,
        requested_sizes_of,
        requires_memory,
    )

    path, target = args.only_operand(), args.last("--output", "-")
    optimize = _OPTIMIZATIONS[args.last("--optimize")]
    if optimize == "inference" and args.has("--presets"):
        raise UsageError(
            "`--optimize inference` writes one class, not a function for each preset",
            "remove `--presets`, or choose one with `--preset NAME`",
        )
    memory = budget(args)
    requires_memory(args, memory)
    _keep_spec(path, target)
    layers = catalog(args)
    file_report = load_report(path, args, layers)
    name = file_report.document.source.name
    write_diagnostics(file_report.diagnostics, args, name, sys.stderr)
    if file_report.unreadable:
        return exit_codes.USAGE
    if not file_report.valid:
        return exit_codes.ERRORS
    if args.has("--presets") and file_report.spec is not None and not file_report.spec.presets:
        raise UsageError(
            f"`{file_report.spec.name}` has no presets for `--presets`",
            "remove `--presets`, or add presets to the spec: `presets: {large: {width: 128}}`",
        )
    network = Network(file_report, settings(args), layers, args.last("--preset") or None)
    if args.has("--plan"):
        return print_plan(network, args, memory)
    carried: tuple[str, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    try:
        if args.has("--presets"):
            generated, carried, left_out = generated_family(network, optimize)
        else:
            generated = generated_program(
                network, optimize, memory, requested_sizes_of(args, network)
            )
    except UNREACHABLE as error:
        raise UsageError(error.message, error.help) from None
    except SpecError as error:
        write_diagnostics(error.diagnostics, args, name, sys.stderr)
        return exit_codes.ERRORS
    for preset, reason in left_out:
        say(f"the preset `{preset}` is skipped: {reason}", stream=sys.stderr)
    source = generated.annotated if args.has("--annotate") else generated.source
    if target == "-":
        print(source, end="")
        return exit_codes.CLEAN
    write(target, source)
    lines = counted(source.count("\n"), "line")
    functions = f"{counted(len(carried), 'preset')}, " if args.has("--presets") else ""
    say(f"{target}: class {generated.class_name}, {functions}{lines}", stream=sys.stderr)
    return exit_codes.CLEAN


def _keep_spec(path: str, target: str) -> None:
    if not target:
        raise UsageError("`--output` names no file", "write `-o net.py`")
    if (
        target != "-"
        and os.path.exists(target)
        and os.path.exists(path)
        and os.path.samefile(path, target)
    ):
        raise UsageError(f"`{target}` is the spec itself", "write the program to another file")
