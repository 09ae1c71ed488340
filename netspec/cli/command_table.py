"""Every command and its options."""

from __future__ import annotations

from netspec.cli.options import CliCommand, Option

SET = Option("--set", "set a value declared in `params`; repeatable", value="NAME=VALUE")
PRESET = Option("--preset", "use a preset of the spec: named values for its `params`", value="NAME")
LAYERS = Option("--layers", "a file that declares custom layers; repeatable", value="FILE.py")
SIZE = Option("--size", "set the sizes of symbols; repeatable", value="H=224,W=224")
OUTPUT = Option(
    "--output", "write to a file (default: standard output)", value="FILE.py", short="-o"
)
SPEC_OPERAND = ("SPEC", "a spec (YAML or JSON) or a graph in JSON; `-` reads standard input")
FORMATS = ("full", "concise", "json", "sarif", "github", "gitlab", "junit")

_ALL = (
    CliCommand(
        "check", "PATH…", "check shapes and report errors",
        (
            SET,
            PRESET,
            LAYERS,
            Option("--format", "format of the diagnostics (default: full)", choices=FORMATS),
            Option("--output", "also write a report to a file; repeatable", value="FORMAT:FILE", short="-o"),
            Option("--strict", "fail on warnings too"),
            Option("--weights", "check that weights load: a .safetensors or `torch.save` file",
                   value="FILE"),
            Option("--specs-only", "skip files without a `netspec` key; succeed if none remain"),
            Option("--locked", "fail if the network differs from its lock file"),
            Option("--fix", "apply safe fixes in place; leave the rest of the file untouched"),
            Option("--diff", "show the changes of `--fix` as a diff; write nothing"),
        ),
        (
            ("netspec check net.yaml", "one spec"),
            ("netspec check specs/ --format concise", ("every spec below a directory, one "
"line per diagnostic")),
            ("netspec check net.yaml --set growth=48", "the same spec with a parameter set"),
            ("netspec check . -o sarif:out.sarif -o junit:out.xml", "two additional reports"),
        ),
        (("PATH", "a spec, a graph in JSON, or a directory with specs; `-` reads standard input"),),
    ),
    CliCommand(
        "fmt", "PATH…", "format specs: indentation, spaces, empty lines; keep comments",
        (
            Option("--check", "list the files that would change; write nothing"),
            Option("--diff", "show the changes as a diff; write nothing"),
            Option("--specs-only", "skip files without a `netspec` key"),
        ),
        (
            ("netspec fmt .", "every spec below this directory"),
            ("netspec fmt --check specs", "in CI: fail if a spec is not formatted"),
            ("netspec fmt - < net.yaml", "from standard input to standard output"),
        ),
        (("PATH", "a spec or a directory with specs; `-` reads standard input"),),
    ),
    CliCommand(
        "summary", "SPEC", "show the network as a table: shapes, parameters, MACs",
        (
            SET,
            PRESET,
            LAYERS,
            Option("--depth", "fold modules below N levels", value="N"),
            SIZE,
            Option("--format", "output format (default: table)", choices=("table", "json", "graph-json")),
            Option("--output", "write to a file (default: standard output)", value="FILE", short="-o"),
        ),
        (
            ("netspec summary net.yaml --depth 1", "the two top levels of modules"),
            ("netspec summary net.yaml --size H=320,W=256", "at given sizes"),
            ("netspec summary net.yaml --format graph-json -o net.json", "every node, edge and shape as data"),
        ),
        (SPEC_OPERAND,),
    ),
    CliCommand(
        "compile", "SPEC", "generate the network as a Python program that requires only torch",
        (
            SET,
            PRESET,
            LAYERS,
            OUTPUT,
            Option("--presets", "also write a function for each preset of the spec"),
            Option("--annotate", "add the line of the spec to each statement, as a comment"),
            Option("--optimize", "rewrite the program to train in less memory or to infer faster",
                   choices=("training", "memory", "inference")),
            Option("--memory", "checkpoint modules so that a training step fits into so many bytes",
                   value="2GiB"),
            Option("--plan", "show peak memory against recomputation; write no program"),
            SIZE,
            Option("--format", "format of `--plan` (default: text)", choices=("text", "json")),
            Option("--weights", "with `--optimize inference`: write these weights next to the program",
                   value="FILE"),
        ),
        (
            ("netspec compile net.yaml -o net.py", "write net.py"),
            ("netspec compile resnet.yaml --presets -o resnet.py", "one class, and `resnet18()`, `resnet50()`, …"),
            ("netspec compile net.yaml | less", "read the program first"),
            ("netspec compile net.yaml --optimize training", "train in less memory; results differ by rounding"),
            ("netspec compile net.yaml --size N=32 --plan", "peak memory against recomputation"),
            ("netspec compile net.yaml --size N=32 --memory 2GiB", "a training step within 2 GiB"),
            ("netspec compile net.yaml --optimize inference", "infer faster; results differ by rounding"),
            ("netspec compile net.yaml --optimize inference --weights net.safetensors -o fast.py", "and fast.pt"),
        ),
        (SPEC_OPERAND,),
    ),
    CliCommand(
        "layers", "[NAME]", "list the layers, or explain one: arguments, shapes, an example",
        (LAYERS, Option("--format", "output format (default: text)", choices=("text", "json"))),
        (
            ("netspec layers", "all layers, by category"),
            ("netspec layers Conv2d", "one layer: arguments, inputs and output shape"),
            ("netspec layers --layers my_layers.py Gate", "a custom layer"),
        ),
        (("NAME", "a layer, such as `Conv2d`"),),
    ),
    CliCommand(
        "explain", "[CODE | SPEC PATH]", "explain a diagnostic code, or how the numbers of a node are computed",
        (
            SET,
            PRESET,
            LAYERS,
            SIZE,
            Option("--format", "output format (default: text)", choices=("text", "json")),
        ),
        (
            ("netspec explain", "all codes, with one sentence each"),
            ("netspec explain NS201", "one code, with an example and its fix"),
            ("netspec explain NS2", "all codes on shapes"),
            ("netspec explain net.yaml features.conv0", "sizes, weights and receptive field of a node"),
            ("netspec explain net.yaml features --size H=64,W=64", "a module, at given sizes"),
        ),
        (
            ("CODE", "a diagnostic code, such as NS201; NS2 lists all codes from NS201 to NS299"),
            SPEC_OPERAND,
            ("PATH", "a node or module: names joined by dots, as in `netspec summary`"),
        ),
    ),
    CliCommand(
        "render", "SPEC", "draw the network with Graphviz, as Mermaid, or in the terminal",
        (
            SET,
            PRESET,
            LAYERS,
            Option("--output", ("write to a file; its extension selects the format (default: "
"standard output)"),
                   value="FILE.svg", short="-o"),
            Option("--format", "output format (default: from the file extension, or rail)",
                   choices=("svg", "png", "pdf", "dot", "mermaid", "rail", "boxes")),
            Option("--depth", "fold modules below N levels (default: what fits a page)", value="N"),
            Option("--focus", "draw one module, with its inputs and outputs", value="PATH"),
            Option("--expand", "expand a folded module; repeatable", value="PATH"),
            Option("--unfold", "draw every module and every iteration"),
            Option("--html", "write an interactive page: zoom, fold, search, details of each node", value="FILE"),
            Option("--diff", ("draw the differences between two specs, or between a spec and "
"its git version")),
            Option("--to-set", "with `--diff`, set a parameter of the second spec only", value="NAME=VALUE"),
            Option("--to-preset", "with `--diff`, use a preset of the second spec only", value="NAME"),
            Option("--by", "color by cost instead of layer category", choices=("params", "macs", "activations")),
            Option("--theme", "color theme (default: light)", choices=("light", "dark", "print")),
            Option("--ascii", "use ASCII characters for rails and boxes"),
        ),
        (
            ("netspec render net.yaml", "rails in the terminal: a row per node, a lane per live tensor"),
            ("netspec render net.yaml --format boxes --depth 1", "connected boxes in the terminal"),
            ("netspec render net.yaml -o net.svg", "a picture, laid out by Graphviz"),
            ("netspec render net.yaml --focus features.denseblock2 -o block.pdf", "one part of it"),
            ("netspec render net.yaml --html net.html", "an interactive page"),
            ("netspec render net.yaml --format mermaid", "for a Markdown file"),
            ("netspec render --diff old.yaml new.yaml -o diff.svg", ("added, removed and "
"changed nodes")),
        ),
        (SPEC_OPERAND,),
    ),
    CliCommand(
        "diff", "A [B]", "compare two networks: nodes, shapes and cost",
        (
            SET,
            PRESET,
            Option("--to-set", "set a parameter of the second spec only", value="NAME=VALUE"),
            Option("--to-preset", "use a preset of the second spec only", value="NAME"),
            LAYERS,
            SIZE,
            Option("--all", "show all rows (default: 40 of each kind of change)"),
            Option("--format", "output format (default: text)", choices=("text", "json")),
        ),
        (
            ("netspec diff old.yaml new.yaml", "two files"),
            ("netspec diff net.yaml", "uncommitted changes"),
            ("netspec diff net.yaml@main", "changes since a branch, a tag or a commit"),
            ("netspec diff net.yaml --to-set growth=48", "one file with two values of a parameter"),
        ),
        (
            ("A", "a spec or graph; `A@REVISION` reads it from git"),
            ("B", "a second one (default: A itself, with its version in git or with the `--to-` options)"),
        ),
    ),
    CliCommand(
        "lock", "SPEC…", "record nodes, shapes and costs in a lock file, for `check --locked`",
        (PRESET, LAYERS),
        (
            ("netspec lock net.yaml", "write net.lock next to it"),
            ("netspec check --locked net.yaml", "fail if the network has changed"),
        ),
        (("SPEC", "a spec; its lock file has its name, with the extension .lock"),),
    ),
    CliCommand(
        "schema", "", "print a JSON Schema: of specs, for editors, or of a JSON report",
        (
            Option("--of", ("what the schema describes: specs, the JSON of a command, "
"the graph of `summary --format graph-json`, or lock files (default: spec)"),
                   choices=("spec", "check", "summary", "compile", "diff", "explain", "layers", "graph", "lock")),
            Option("--output", "write to a file (default: standard output)", value="FILE.json", short="-o"),
        ),
        (
            ("netspec schema -o netspec.schema.json", "write it, for use in an editor"),
            ("netspec schema --of check", "the output of `netspec check --format json`"),
        ),
    ),
    CliCommand(
        "lsp", "", "start the language server: diagnostics, completion, renames",
        (
            Option("--stdio", "use standard input and output (the default)"),
            Option("--port", "listen on a local port instead", value="NUMBER"),
        ),
        (("netspec lsp", "the command that an editor starts"),),
    ),
    CliCommand(
        "tui", "[SPEC]", "edit a spec in the terminal, as a graph and as text",
        (
            SET,
            PRESET,
            LAYERS,
            Option("--theme", "color theme (default: dark)", choices=("dark", "light")),
            Option("--ascii", "use ASCII characters"),
            Option("--web", "serve it on localhost only, for a browser"),
            Option("--port", "with `--web`, the port (default: a free one)", value="NUMBER"),
            Option("--no-browser", "with `--web`, print the address without opening a browser"),
        ),
        (
            ("netspec tui net.yaml", "edit a spec; create it if it does not exist"),
            ("netspec tui", "start with an empty spec"),
            ("netspec tui net.yaml --web", "the same in a browser"),
        ),
        (("SPEC", "a spec to edit; a new file if it does not exist"),),
    ),
    CliCommand(
        "new", "NAME", "copy a network of the gallery (example networks) to a new file",
        (
            Option("--output", "write to a file (default: NAME.yaml); `-` is standard output",
                   value="FILE.yaml", short="-o"),
            Option("--force", "replace an existing file"),
            Option("--list", "list the available networks"),
        ),
        (
            ("netspec new --list", "the available networks"),
            ("netspec new resnet", "write resnet.yaml"),
            ("netspec new textbook/lenet -o mine.yaml", "write mine.yaml"),
        ),
        (("NAME", "a network of the gallery, the specs that come with netspec"),),
    ),
    CliCommand("completion", "bash|zsh|fish", "print a completion script for your shell", (),
            (('eval "$(netspec completion bash)"', "for the current shell"),)),
    CliCommand("help", "[COMMAND]", "explain a command",
            operand_docs=(("COMMAND", "a command (default: an overview of all commands)"),)),
)  # fmt: skip

COMMANDS = {command.name: command for command in _ALL}
