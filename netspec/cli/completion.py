"""`netspec completion`: small static scripts for the shells, made from the declared commands."""

from __future__ import annotations

from netspec.cli import exit_codes
from netspec.cli.arguments import Given, UsageError
from netspec.cli.commands import COMMANDS


def run(given: Given) -> int:
    """Print the script for a shell."""
    shell = given.operands[0] if len(given.operands) == 1 else ""
    if shell not in _SCRIPTS:
        asked = (
            f"there is no completion for `{shell}`"
            if shell
            else "`netspec completion` wants one shell"
        )
        raise UsageError(asked, f"choose from {', '.join(_SCRIPTS)}")
    print(_SCRIPTS[shell](), end="")
    return exit_codes.CLEAN


def bash() -> str:
    """The script for bash: commands first, then options, their choices, and files."""
    cases = []
    for command in COMMANDS.values():
        options = " ".join(o.name for o in command.options)
        cases.append(f'        {command.name}) words="{options}{_words(command.name)}" ;;')
    choices = "\n".join(f'        {name}) words="{words}" ;;' for name, words in _choices().items())
    return f"""\
# netspec, for bash: eval "$(netspec completion bash)"
_netspec() {{
    local current=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD-1]}} words=""
    case $before in
{choices}
    esac
    if [[ -z $words && $COMP_CWORD -eq 1 ]]; then
        words="{" ".join(COMMANDS)} --help --version"
    elif [[ -z $words ]]; then
        case ${{COMP_WORDS[1]}} in
{chr(10).join("    " + case for case in cases)}
        esac
    fi
    COMPREPLY=($(compgen -W "$words" -- "$current"))
    [[ $COMP_CWORD -gt 1 && $current != -* ]] && COMPREPLY+=($(compgen -f -- "$current"))
}}
complete -o filenames -F _netspec netspec
"""


def zsh() -> str:
    """The script for zsh, with what each command and option does."""
    commands = "\n".join(f"        {_quoted(f'{c.name}:{c.doc}')}" for c in COMMANDS.values())
    cases = []
    for command in COMMANDS.values():
        specs = " ".join(
            _quoted(_zsh_option(o.name, o.doc, o.value, o.choices)) for o in command.options
        )
        words = _words(command.name).split()
        rest = f"'*:word:({' '.join(words)})'" if words else "'*:file:_files'"
        cases.append(f"        {command.name}) _arguments {specs} {rest} ;;")
    return f"""\
#compdef netspec
# netspec, for zsh: netspec completion zsh > "${{fpath[1]}}/_netspec"
_netspec() {{
    local -a commands
    commands=(
{commands}
    )
    if (( CURRENT == 2 )); then
        _describe command commands
        return
    fi
    local command=${{words[2]}}
    shift words
    (( CURRENT-- ))
    case $command in
{chr(10).join(cases)}
    esac
}}
compdef _netspec netspec
"""


def fish() -> str:
    """The script for fish."""
    lines = [
        "# netspec, for fish: netspec completion fish > ~/.config/fish/completions/netspec.fish",
        "complete -c netspec -n __fish_use_subcommand -f",
    ]
    for command in COMMANDS.values():
        here = f"complete -c netspec -n '__fish_seen_subcommand_from {command.name}'"
        lines.append(
            f"complete -c netspec -n __fish_use_subcommand -a {command.name} -d {_quoted(command.doc)}"
        )
        for option in command.options:
            value = (
                f" -x -a {_quoted(' '.join(option.choices))}"
                if option.choices
                else " -r" * bool(option.value)
            )
            short = f" -s {option.short[1:]}" if option.short else ""
            lines.append(f"{here} -l {option.name[2:]}{short}{value} -d {_quoted(option.doc)}")
        if words := _words(command.name).strip():
            lines.append(f"{here} -f -a {_quoted(words)}")
    return "\n".join(lines) + "\n"


def _words(command: str) -> str:
    """What a command takes besides files and options."""
    if command == "completion":
        return "".join(f" {shell}" for shell in _SCRIPTS)
    return "".join(f" {name}" for name in COMMANDS) if command == "help" else ""


def _choices() -> dict[str, str]:
    """The options with choices, and all of these that any command has."""
    found: dict[str, dict[str, None]] = {}
    for command in COMMANDS.values():
        for option in command.options:
            if option.choices:
                found.setdefault(option.name, {}).update(dict.fromkeys(option.choices))
    return {name: " ".join(choices) for name, choices in found.items()}


def _zsh_option(name: str, doc: str, value: str, choices: tuple[str, ...]) -> str:
    doc = doc.replace("[", r"\[").replace("]", r"\]").replace(":", r"\:")
    if choices:
        return f"{name}[{doc}]:value:({' '.join(choices)})"
    return f"{name}[{doc}]:{value.replace(':', '')}:_files" if value else f"{name}[{doc}]"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


_SCRIPTS = {"bash": bash, "zsh": zsh, "fish": fish}
