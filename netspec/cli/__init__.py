"""The command line. Each command is a module of this package, imported when it runs."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from netspec.cli import exit_codes
from netspec.cli.command_table import COMMANDS
from netspec.cli.options import UsageError, parse_options


def entry() -> NoReturn:
    """The process `netspec`: as `main`, but nothing is tidied up that ends with the process anyway.

    Looking for garbage and taking a graph apart node by node is a fifth of the time of a check.
    """
    gc.disable()
    code = main()
    sys.stderr.flush()
    os._exit(code)


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command line; the number is the exit code."""
    try:
        _print_anything()
        code = _run(sys.argv[1:] if argv is None else list(argv))
        sys.stdout.flush()
    except UsageError as error:
        return _usage(error)
    except BrokenPipeError:
        return _reader_gone()
    except OSError as error:  # what cannot be read is a diagnostic, so this is the output
        print(f"netspec: cannot write: {(error.strerror or 'error').lower()}", file=sys.stderr)
        return exit_codes.USAGE
    except KeyboardInterrupt:
        return exit_codes.INTERRUPTED
    except Exception as error:
        from netspec.cli.internal_error import report_bug

        return report_bug(error)
    return code


def _usage(error: UsageError) -> int:
    """Report an invalid command line."""
    from netspec.cli.output import say
    from netspec.printable import one_line

    helps = [f"  help: {one_line(error.help)}"] if error.help else []
    say(f"netspec: {one_line(error.message)}", *helps, stream=sys.stderr)
    sys.stdout.flush()
    return exit_codes.USAGE


def _run(arguments: list[str]) -> int:
    name = arguments[0] if arguments else "help"
    if name in ("--version", "-V"):
        from netspec import __version__

        print(f"netspec {__version__}")
        return exit_codes.CLEAN
    if name in ("--help", "-h"):
        name = "help"
    command = COMMANDS.get(name)
    if command is None:
        raise _unknown(name)
    args = parse_options(command, arguments[1:])
    if args.has("--help"):
        from netspec.cli.commands.help import help_page

        print(help_page(command))
        return exit_codes.CLEAN
    from importlib import import_module

    code: int = import_module(f"netspec.cli.commands.{name}").run(args)
    return code


def _unknown(name: str) -> UsageError:
    from netspec.similar_words import closest

    suggestion = closest(name, COMMANDS)
    if suggestion is None and name.endswith((".yaml", ".yml", ".json")):
        return UsageError(f"`{name}` is not a command", f"write `netspec check {name}`")
    return UsageError(
        f"`{name}` is not a command",
        f"did you mean `{suggestion}`?"
        if suggestion
        else f"the commands are {', '.join(COMMANDS)}",
    )


def _print_anything() -> None:
    """Let odd file names and narrow encodings through, as escapes, where they cannot be printed."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def _reader_gone() -> int:
    """`netspec check … | head` ends quietly; the rest of the output is discarded."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return exit_codes.PIPE
