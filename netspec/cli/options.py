"""Command lines: options are declared once and parsed by hand, because argparse is slow to import.

The parser below, `netspec help` and the shell completion use the same declarations.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence


class UsageError(Exception):
    """An invalid command line, with a help for the user."""

    def __init__(self, message: str, help: str = "") -> None:
        super().__init__(message)
        self.message, self.help = message, help


class Option:
    """One option: `--name`, or `--name VALUE` if `value` describes a value."""

    __slots__ = ("choices", "doc", "name", "short", "value")

    def __init__(
        self, name: str, doc: str, *, value: str = "", short: str = "", choices: Sequence[str] = ()
    ) -> None:
        self.name, self.doc, self.short = name, doc, short
        self.value = value or "|".join(choices)
        self.choices = tuple(choices)

    @property
    def spelled(self) -> str:
        """The option as the help shows it."""
        short = f"{self.short}, " if self.short else ""
        return f"{short}{self.name}{f' {self.value}' if self.value else ''}"


class CliCommand:
    """One command: its operands and options; the function `run` of the module of its name runs it."""

    __slots__ = ("doc", "examples", "name", "operand_docs", "operands", "options")

    def __init__(
        self, name: str, operands: str, doc: str, options: Sequence[Option] = (),
        examples: Sequence[tuple[str, str]] = (), operand_docs: Sequence[tuple[str, str]] = (),
    ) -> None:  # fmt: skip
        self.name, self.operands, self.doc = name, operands, doc
        self.options = (*options, COLOR, HELP)
        self.examples = tuple(examples)
        """Command lines, each with a description."""
        self.operand_docs = tuple(operand_docs)
        """The operands, each with a description."""


class ParsedArgs:
    """A parsed command line."""

    __slots__ = ("command", "operands", "options")

    def __init__(self, command: CliCommand) -> None:
        self.command = command
        self.operands: list[str] = []
        self.options: dict[str, list[str]] = {}

    def has(self, name: str) -> bool:
        """Whether the option is set."""
        return name in self.options

    def all(self, name: str) -> list[str]:
        """All values of an option, in order."""
        return self.options.get(name, [])

    def last(self, name: str, default: str = "") -> str:
        """The last value of an option."""
        return self.options.get(name, [default])[-1]

    def only_operand(self) -> str:
        """The only operand; raises `UsageError` for any other number of them."""
        if len(self.operands) == 1:
            return self.operands[0]
        message = "requires a spec" if not self.operands else "takes one spec at a time"
        raise UsageError(
            f"`netspec {self.command.name}` {message}",
            f"write `netspec {self.command.name} {self.command.operands}`",
        )


COLOR = Option("--color", "color the output (auto: on a terminal)",
               choices=("auto", "always", "never"))  # fmt: skip
HELP = Option("--help", "show this help", short="-h")


def parse_options(command: CliCommand, arguments: Sequence[str]) -> ParsedArgs:
    """Parse the options and operands of a command line; raises `UsageError`."""
    args = ParsedArgs(command)
    rest = iter(arguments)
    for argument in rest:
        if argument == "--":
            args.operands.extend(rest)
        elif argument.startswith("-") and argument != "-":
            _option(args, argument, rest)
        else:
            args.operands.append(argument)
    return args


def _option(args: ParsedArgs, argument: str, rest: Iterator[str]) -> None:
    option, value = _split(args.command, argument)
    if option.value and value is None:
        value = next(rest, None)
        if value is None:
            raise UsageError(f"`{option.name}` requires a value", f"write `{option.spelled}`")
    if not option.value and value is not None:
        raise UsageError(f"`{option.name}` takes no value", f"remove `={value}`")
    if option.choices and value not in option.choices:
        raise UsageError(f"`{option.name}` cannot be `{value}`", choose(value, option.choices))
    args.options.setdefault(option.name, []).append(value or "")


def _split(command: CliCommand, argument: str) -> tuple[Option, str | None]:
    """The option that an argument names, and its attached value, if any."""
    name, equals, value = argument.partition("=")
    for option in command.options:
        if option.name == name:
            return option, value if equals else None
        if option.short and argument.startswith(option.short) and not argument.startswith("--"):
            attached = argument[len(option.short) :].removeprefix("=")
            return option, attached or None
    raise UsageError(
        f"`netspec {command.name}` has no option `{name}`",
        choose(name, [o.name for o in command.options]),
    )


def choose(word: str | None, candidates: Sequence[str]) -> str:
    """The help for a word that is not among the candidates."""
    from netspec.similar_words import closest

    suggestion = closest(word or "", candidates)
    return f"did you mean `{suggestion}`?" if suggestion else f"choose from {', '.join(candidates)}"
