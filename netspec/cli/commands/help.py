"""`netspec help`: an overview, and a page for each command, from the declarations."""

from __future__ import annotations

from netspec.cli import exit_codes
from netspec.cli.command_table import COMMANDS
from netspec.cli.options import CliCommand, ParsedArgs, UsageError

_OVERVIEW = """\
netspec: check, explain, draw and compile neural networks written as YAML (specs).

commands:
{commands}

examples:
{examples}

For details: `netspec help COMMAND`. Exit codes: 0 no errors, 1 errors found, 2 invalid input.
"""
_EXAMPLES = (
    ("netspec new resnet", "copy ResNet from the gallery to resnet.yaml"),
    ("netspec tui net.yaml", "view and edit it in the terminal"),
    ("netspec check net.yaml", "check it, and state the valid input sizes"),
    ("netspec summary net.yaml", "show its layers, shapes and cost"),
    ("netspec compile net.yaml -o net.py", "generate a readable nn.Module"),
)


def run(args: ParsedArgs) -> int:
    """Print the overview, or the page of a command."""
    if not args.operands:
        print(overview(), end="")
        return exit_codes.CLEAN
    name = args.operands[0]
    if name not in COMMANDS:
        from netspec.similar_words import closest

        suggestion = closest(name, COMMANDS)
        help = (
            f"did you mean `{suggestion}`?"
            if suggestion
            else f"the commands are {', '.join(COMMANDS)}"
        )
        raise UsageError(f"`{name}` is not a command", help)
    print(help_page(COMMANDS[name]))
    return exit_codes.CLEAN


def overview() -> str:
    """List all commands, with the most common command lines."""
    commands = _columns([(f"{c.name} {c.operands}".rstrip(), c.doc) for c in COMMANDS.values()])
    return _OVERVIEW.format(commands=commands, examples=_columns(_EXAMPLES))


def help_page(command: CliCommand) -> str:
    """Describe one command: usage, arguments, options, examples."""
    parts = [f"usage: netspec {command.name} {command.operands}".rstrip(), f"{command.doc}"]
    if command.operand_docs:
        parts.append("arguments:\n" + _columns(command.operand_docs))
    parts.append("options:\n" + _columns([(o.spelled, o.doc) for o in command.options]))
    if command.examples:
        parts.append("examples:\n" + _columns(command.examples))
    return "\n\n".join(parts)


def _columns(rows: list[tuple[str, str]] | tuple[tuple[str, str], ...]) -> str:
    width = max(len(left) for left, _ in rows)
    return "\n".join(f"  {left:<{width}}  {right}" for left, right in rows)
