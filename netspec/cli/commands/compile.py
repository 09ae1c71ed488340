"""`netspec compile`: the network as a Python program."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from netspec.check import Report
from netspec.cli import exit_codes
from netspec.cli.inference_program import report_plain, weights_target, write_weights
from netspec.cli.options import ParsedArgs, UsageError
from netspec.cli.output import say, write_diagnostics
from netspec.cli.output_files import write
from netspec.cli.setting_options import catalog, load_report, settings
from netspec.cli.weights_check import check_weights
from netspec.diagnostics import SpecError
from netspec.report.numbers import counted

if TYPE_CHECKING:
    from netspec.api import Network, Optimization
    from netspec.codegen import Generated

_OPTIMIZATIONS: dict[str, Optimization | None] = {
    "": None,
    "training": "training",
    "memory": "memory",
    "inference": "inference",
}
_MEMORY_OPTIONS = ("--memory", "--plan", "--size", "--format")


def run(args: ParsedArgs) -> int:
    """Print the program, or write it to a file."""
    from netspec.api import Network

    path, target = args.only_operand(), args.last("--output", "-")
    if args.last("--optimize") == "inference" and args.has("--presets"):
        raise UsageError(
            "`--optimize inference` writes one class, not a function for each preset",
            "remove `--presets`, or choose one with `--preset NAME`",
        )
    memory = _budget(args) if _is_for_memory(args) else None
    _keep_spec(path, target)
    weights_path = weights_target(args, path, target)
    layers = catalog(args)
    file_report = load_report(path, args, layers)
    if weights_path:
        file_report = check_weights(file_report, args)
    name = file_report.document.source.name
    write_diagnostics(file_report.diagnostics, args, name, sys.stderr)
    if file_report.unreadable:
        return exit_codes.USAGE
    if not file_report.valid:
        return exit_codes.ERRORS
    _require_presets(file_report, args)
    network = Network(file_report, settings(args), layers, args.last("--preset") or None)
    if args.has("--plan"):
        from netspec.cli.memory_options import print_plan

        return print_plan(network, args, memory)
    try:
        generated, functions = _generate(network, args, memory, os.path.basename(weights_path))
        if weights_path:
            write_weights(network, args.last("--weights"), weights_path)
    except SpecError as error:
        write_diagnostics(error.diagnostics, args, name, sys.stderr)
        return exit_codes.ERRORS
    report_plain(network, args)
    source = generated.annotated if args.has("--annotate") else generated.source
    if target == "-":
        print(source, end="")
        return exit_codes.CLEAN
    write(target, source)
    lines = counted(source.count("\n"), "line")
    say(f"{target}: class {generated.class_name}, {functions}{lines}", stream=sys.stderr)
    return exit_codes.CLEAN


def _is_for_memory(args: ParsedArgs) -> bool:
    """Whether an option for a budget of memory is set: only then is what predicts the memory loaded."""
    return args.last("--optimize") == "memory" or any(map(args.has, _MEMORY_OPTIONS))


def _budget(args: ParsedArgs) -> int | None:
    from netspec.cli.memory_options import budget, requires_memory

    memory = budget(args)
    requires_memory(args, memory)
    return memory


def _generate(
    network: Network, args: ParsedArgs, memory: int | None, weights_name: str
) -> tuple[Generated, str]:
    """The program, and the number of its functions for presets as text."""
    from netspec.api import generated_family, generated_program

    optimize = _OPTIMIZATIONS[args.last("--optimize")]
    if memory is not None:
        from netspec.cli.memory_options import UNREACHABLE, requested_sizes_of

        try:
            sizes = requested_sizes_of(args, network)
            return generated_program(network, optimize, memory, sizes), ""
        except UNREACHABLE as error:
            raise UsageError(error.message, error.help) from None
    if not args.has("--presets"):
        return generated_program(network, optimize, weights=weights_name), ""
    generated, carried, left_out = generated_family(network, optimize)
    for preset, reason in left_out:
        say(f"the preset `{preset}` is skipped: {reason}", stream=sys.stderr)
    return generated, f"{counted(len(carried), 'preset')}, "


def _require_presets(file_report: Report, args: ParsedArgs) -> None:
    if args.has("--presets") and file_report.spec is not None and not file_report.spec.presets:
        raise UsageError(
            f"`{file_report.spec.name}` has no presets for `--presets`",
            "remove `--presets`, or add presets to the spec: `presets: {large: {width: 128}}`",
        )


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
