"""`netspec completion`: small static scripts for the shells, made from the declared commands."""

from __future__ import annotations

from netspec.cli import exit_codes
from netspec.cli.command_table import COMMANDS
from netspec.cli.options import CliCommand, Option, ParsedArgs, UsageError
from netspec.gallery import networks_by_name
from netspec.layers import OPS
from netspec.report.code_page import CODES

_SHELLS = ("bash", "zsh", "fish")


def run(args: ParsedArgs) -> int:
    """Print the script for a shell."""
    shell = args.operands[0] if len(args.operands) == 1 else ""
    if shell not in _SHELLS:
        asked = (
            f"no completion script for `{shell}`"
            if shell
            else ("`netspec completion` requires a shell")
        )
        raise UsageError(asked, f"choose from {', '.join(_SHELLS)}")
    print({"bash": bash, "zsh": zsh, "fish": fish}[shell](), end="")
    return exit_codes.CLEAN


def bash() -> str:
    """The script for bash: commands first, then options, their choices, and files."""
    choices = [f'        {name}) words="{words}" ;;' for name, words in _choices().items()]
    commands = []
    for command in COMMANDS.values():
        options = " ".join([*(o.name for o in command.options), *_words(command)])
        commands.append(f'            {command.name}) words="{options}" ;;')
    return _BASH.format(
        choices="\n".join(choices), commands="\n".join(commands), names=" ".join(COMMANDS)
    )


def zsh() -> str:
    """The script for zsh, with a description of each command and option."""
    names = [f"        {_quoted(f'{c.name}:{c.doc}')}" for c in COMMANDS.values()]
    cases = []
    for command in COMMANDS.values():
        options = " ".join(_quoted(_zsh_option(option)) for option in command.options)
        words = " ".join(_words(command))
        rest = f"'*:word:({words})'" if words else "'*:file:_files'"
        if words and _takes_file(command):
            rest = f"""'*: :_alternative "words:word:({words})" "files:file:_files"'"""
        cases.append(f"        {command.name}) _arguments {options} {rest} ;;")
    return _ZSH.format(names="\n".join(names), cases="\n".join(cases))


def fish() -> str:
    """The completion script for fish."""
    first = "complete -c netspec -n __fish_use_subcommand"
    lines = [
        "# netspec, for fish: netspec completion fish > ~/.config/fish/completions/netspec.fish",
        f"{first} -f",
    ]
    for command in COMMANDS.values():
        here = f"complete -c netspec -n '__fish_seen_subcommand_from {command.name}'"
        lines.append(f"{first} -a {command.name} -d {_quoted(command.doc)}")
        lines.extend(f"{here} {_fish_option(option)}" for option in command.options)
        if words := _words(command):
            alone = "" if _takes_file(command) else " -f"
            lines.append(f"{here}{alone} -a {_quoted(' '.join(words))}")
    return "\n".join(lines) + "\n"


def _words(command: CliCommand) -> tuple[str, ...]:
    """The words that a command accepts in addition to files and options."""
    words = {
        "completion": _SHELLS,
        "explain": tuple(CODES),
        "help": tuple(COMMANDS),
        "layers": tuple(OPS),
        "new": tuple(networks_by_name()),
    }
    return words.get(command.name, ())


def _takes_file(command: CliCommand) -> bool:
    return "SPEC" in command.operands


def _choices() -> dict[str, str]:
    """The options with choices, and all of these that any command has."""
    choices_by_option: dict[str, dict[str, None]] = {}
    for command in COMMANDS.values():
        for option in command.options:
            if option.choices:
                choices_by_option.setdefault(option.name, {}).update(dict.fromkeys(option.choices))
    return {name: " ".join(choices) for name, choices in choices_by_option.items()}


def _zsh_option(option: Option) -> str:
    doc = option.doc.replace("[", r"\[").replace("]", r"\]").replace(":", r"\:")
    if option.choices:
        return f"{option.name}[{doc}]:value:({' '.join(option.choices)})"
    if option.value:
        return f"{option.name}[{doc}]:value:{'_files' if _completes_files(option) else ' '}"
    return f"{option.name}[{doc}]"


def _fish_option(option: Option) -> str:
    value = ""
    if option.choices:
        value = f" -x -a {_quoted(' '.join(option.choices))}"
    elif option.value:
        value = " -r" if _completes_files(option) else " -x"
    short = f" -s {option.short[1:]}" if option.short else ""
    return f"-l {option.name[2:]}{short}{value} -d {_quoted(option.doc)}"


def _completes_files(option: Option) -> bool:
    return option.value.startswith("FILE")


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


_BASH = """\
# netspec, for bash: eval "$(netspec completion bash)"
_netspec() {{
    local current=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD-1]}} words=""
    COMPREPLY=()
    if [[ $COMP_CWORD -eq 1 ]]; then
        COMPREPLY=($(compgen -W "{names} --help --version" -- "$current"))
        return
    fi
    case $before in
{choices}
    esac
    if [[ -n $words ]]; then
        COMPREPLY=($(compgen -W "$words" -- "$current"))
        return
    fi
    case ${{COMP_WORDS[1]}} in
{commands}
    esac
    COMPREPLY=($(compgen -W "$words" -- "$current"))
    [[ $current == -* ]] || COMPREPLY+=($(compgen -f -- "$current"))
}}
complete -o filenames -F _netspec netspec
"""
_ZSH = """\
#compdef netspec
# netspec, for zsh: netspec completion zsh > "${{fpath[1]}}/_netspec"
_netspec() {{
    local -a commands
    commands=(
{names}
    )
    if (( CURRENT == 2 )); then
        _describe command commands
        return
    fi
    local command=${{words[2]}}
    shift words
    (( CURRENT-- ))
    case $command in
{cases}
    esac
}}
if [[ ${{funcstack[1]}} == _netspec ]]; then _netspec "$@"; else compdef _netspec netspec; fi
"""
