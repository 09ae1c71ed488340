"""`netspec compile SPEC --optimize inference`: the weights next to the program, and why a network stays plain."""

from __future__ import annotations

import os
import sys

from netspec.api import MissingTorchError, Network
from netspec.cli.options import ParsedArgs, UsageError
from netspec.cli.output import say
from netspec.cli.output_files import write_bytes
from netspec.report.numbers import counted


def weights_target(args: ParsedArgs, spec: str, target: str) -> str:
    """The path of the weights next to a program: `net.pt` for `net.py`; empty without `--weights`."""
    if not args.has("--weights"):
        return ""
    if args.last("--optimize") != "inference":
        raise UsageError(
            "`--weights` requires `--optimize inference`",
            "add it; the weights of other programs load with `load_state_dict`",
        )
    if target == "-":
        raise UsageError(
            "`--weights` writes a file next to the program, and requires `--output`",
            "write `-o net.py`",
        )
    path = os.path.splitext(target)[0] + ".pt"
    if path == target:
        raise UsageError(
            f"`{target}` is the name of the weights", "write the program to a .py file"
        )
    for source in (args.last("--weights"), spec):
        if os.path.exists(path) and os.path.exists(source) and os.path.samefile(path, source):
            raise UsageError(
                f"the weights next to the program would replace `{source}`, which the command reads",
                "write the program under another name",
            )
    return path


def write_weights(network: Network, source: str, target: str) -> None:
    """Write the weights in a file, by the names of the network, so that PyTorch alone loads them."""
    try:
        module = network.compile(initialize=False)
    except MissingTorchError as error:
        raise UsageError("`--weights` requires PyTorch", str(error)) from None
    from netspec.build.weights import saved_weights

    network.load_weights(module, source)
    write_bytes(target, saved_weights(module))
    count = counted(len(module.state_dict()), "tensor")
    say(f"{target}: {count}", stream=sys.stderr)


def report_plain(network: Network, args: ParsedArgs) -> None:
    """Name the node that keeps a network from running on folded weights."""
    if args.last("--optimize") != "inference":
        return
    from netspec.optimize.inference import plain_reason

    if reason := plain_reason(network.elaborate()):
        say(f"the program is the plain one: {reason}", stream=sys.stderr)
