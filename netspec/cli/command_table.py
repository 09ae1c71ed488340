"""Every command and its options."""

from __future__ import annotations

from netspec.cli.options import Command, Option

SET = Option("--set", "give a parameter of the spec another value; repeatable", value="NAME=VALUE")
PRESET = Option("--preset", "choose a named set of parameters from the spec", value="NAME")
LAYERS = Option("--layers", "a file that declares layers of your own; repeatable", value="FILE.py")
SIZE = Option("--size", "put numbers in place of symbols; repeatable", value="H=224,W=224")
OUTPUT = Option("--output", "the file to write (standard output)", value="FILE.py", short="-o")
FORMATS = ("full", "concise", "json", "sarif", "github", "gitlab", "junit")

_ALL = (
    Command(
        "check", "PATH…", "prove shapes and find mistakes; `-` reads standard input",
        (
            SET,
            PRESET,
            LAYERS,
            Option("--format", "how findings are written (full)", choices=FORMATS),
            Option("--output", "write a report to a file as well; repeatable", value="FORMAT:FILE", short="-o"),
            Option("--strict", "let warnings fail, too"),
            Option("--weights", "check that the weights in a file load: .safetensors, or what `torch.save` writes",
                   value="FILE"),
            Option("--specs-only", "pass over what has no key `netspec`, and do not mind if nothing is left"),
            Option("--locked", "fail on what the lock beside the spec does not have"),
            Option("--fix", "mend in the files what is certain, and leave every other byte alone"),
            Option("--diff", "show what `--fix` would do, as a diff; nothing is written"),
        ),
        (
            ("netspec check net.yaml", "one spec"),
            ("netspec check specs/ --format concise", "every spec below a directory, a line each"),
            ("netspec check net.yaml --set growth=48", "the same spec with another parameter"),
            ("netspec check . -o sarif:out.sarif -o junit:out.xml", "two reports beside the text"),
        ),
    ),
    Command(
        "fmt", "PATH…", "lay out specs: indentation, spaces, empty lines; comments stay",
        (
            Option("--check", "name the files that would change, and write none"),
            Option("--diff", "show what would change, and write nothing"),
            Option("--specs-only", "pass over what has no key `netspec`"),
        ),
        (
            ("netspec fmt .", "every spec below here"),
            ("netspec fmt --check specs", "in CI: fail where one is not laid out"),
            ("netspec fmt - < net.yaml", "from standard input to standard output"),
        ),
    ),
    Command(
        "summary", "SPEC", "show the network as a table: shapes, parameters, multiply-adds",
        (
            SET,
            PRESET,
            LAYERS,
            Option("--depth", "fold what is nested deeper", value="N"),
            SIZE,
            Option("--format", "how it is written (table)", choices=("table", "json", "graph-json")),
            Option("--output", "the file to write (standard output)", value="FILE", short="-o"),
        ),
        (
            ("netspec summary net.yaml --depth 1", "the two upper levels"),
            ("netspec summary net.yaml --size H=320,W=256", "at sizes of your own"),
            ("netspec summary net.yaml --format graph-json -o net.json", "every node, edge and shape as data"),
        ),
    ),
    Command(
        "compile", "SPEC", "write the network as a Python program that needs torch alone",
        (
            SET,
            PRESET,
            LAYERS,
            OUTPUT,
            Option("--presets", "write a function for each preset of the spec as well"),
            Option("--annotate", "the line of the spec behind each statement"),
        ),
        (
            ("netspec compile net.yaml -o net.py", "write net.py"),
            ("netspec compile resnet.yaml --presets -o resnet.py", "one class, and `resnet18()`, `resnet50()`, …"),
            ("netspec compile net.yaml | less", "read the program first"),
        ),
    ),
    Command(
        "layers", "[NAME]", "list the layers, or explain one: arguments, shapes, an example",
        (LAYERS, Option("--format", "how it is written (text)", choices=("text", "json"))),
        (
            ("netspec layers", "all layers, by category"),
            ("netspec layers Conv2d", "one layer: what it takes, and what comes out"),
            ("netspec layers --layers my_layers.py Gate", "one of your own"),
        ),
    ),
    Command(
        "explain", "[CODE | SPEC PATH]", "what a finding means, or how the numbers of a node come about",
        (
            SET,
            PRESET,
            LAYERS,
            SIZE,
            Option("--format", "how it is written (text)", choices=("text", "json")),
        ),
        (
            ("netspec explain", "all codes, with a sentence each"),
            ("netspec explain NS201", "one code, with an example and its mend"),
            ("netspec explain net.yaml features.conv0", "sizes, weights, and receptive field of a node"),
            ("netspec explain net.yaml features --size H=64,W=64", "a level, at sizes of your own"),
        ),
    ),
    Command(
        "render", "SPEC", "draw the network: by Graphviz, as Mermaid, or in the terminal",
        (
            SET,
            PRESET,
            LAYERS,
            Option("--output", "the file to write; its ending says the format (standard output)",
                   value="FILE.svg", short="-o"),
            Option("--format", "what is drawn (by the file's ending, or rail)",
                   choices=("svg", "png", "pdf", "dot", "mermaid", "rail", "boxes")),
            Option("--depth", "fold what is nested deeper (so that it fits a page)", value="N"),
            Option("--focus", "draw one level, with what enters and leaves it", value="PATH"),
            Option("--expand", "open a level that is folded; repeatable", value="PATH"),
            Option("--unfold", "draw every level and every iteration"),
            Option("--html", "write one page: zoom, fold, search, and what is to say of each node", value="FILE"),
            Option("--diff", "draw what differs between two specs, or between one and what git has of it"),
            Option("--to-set", "with `--diff`, a parameter of the second spec alone", value="NAME=VALUE"),
            Option("--to-preset", "with `--diff`, a preset of the second spec alone", value="NAME"),
            Option("--by", "shade by cost in place of kind", choices=("params", "macs", "activations")),
            Option("--theme", "its colours (light)", choices=("light", "dark", "print")),
            Option("--ascii", "rails and boxes without line-drawing characters"),
        ),
        (
            ("netspec render net.yaml", "rails in the terminal"),
            ("netspec render net.yaml --format boxes --depth 1", "boxes in the terminal, joined by lines"),
            ("netspec render net.yaml -o net.svg", "a picture, laid out by Graphviz"),
            ("netspec render net.yaml --focus features.denseblock2 -o block.pdf", "one part of it"),
            ("netspec render net.yaml --html net.html", "a page to look around in"),
            ("netspec render net.yaml --format mermaid", "for a Markdown file"),
            ("netspec render --diff old.yaml new.yaml -o diff.svg", "what was added, removed and changed"),
        ),
    ),
    Command(
        "diff", "A [B]", "what differs between two networks, in nodes, shapes and cost",
        (
            SET,
            PRESET,
            Option("--to-set", "give a parameter of the second spec alone another value", value="NAME=VALUE"),
            Option("--to-preset", "choose a preset for the second spec alone", value="NAME"),
            LAYERS,
            SIZE,
            Option("--all", "show every row, however many there are"),
            Option("--format", "how it is written (text)", choices=("text", "json")),
        ),
        (
            ("netspec diff old.yaml new.yaml", "two files"),
            ("netspec diff net.yaml", "what is not committed yet"),
            ("netspec diff net.yaml@main", "since a branch, a tag or a commit"),
            ("netspec diff net.yaml --to-set growth=48", "one file with two values of a parameter"),
        ),
    ),
    Command(
        "lock", "SPEC…", "write down what every node is and costs, for `check --locked`",
        (PRESET, LAYERS),
        (
            ("netspec lock net.yaml", "write net.lock beside it"),
            ("netspec check --locked net.yaml", "fail if the network is another one by now"),
        ),
    ),
    Command(
        "schema", "", "print the JSON Schema of specs, for completion and hints in an editor",
        (
            Option("--of", "what it describes: specs, the JSON of a command, or `graph-json` (spec)",
                   choices=("spec", "check", "summary", "diff", "explain", "layers", "graph", "lock")),
            Option("--output", "the file to write (standard output)", value="FILE.json", short="-o"),
        ),
        (
            ("netspec schema -o netspec.schema.json", "write it, and point your editor at it"),
            ("netspec schema --of check", "what `netspec check --format json` prints"),
        ),
    ),
    Command(
        "lsp", "", "serve editors: findings, hints, completion, definitions, renames",
        (
            Option("--stdio", "talk on standard input and output (the default)"),
            Option("--port", "listen on a port of this machine instead", value="NUMBER"),
        ),
        (("netspec lsp", "what an editor starts"),),
    ),
    Command(
        "tui", "[SPEC]", "edit a spec in the terminal, as a graph and as text",
        (
            SET,
            PRESET,
            LAYERS,
            Option("--theme", "its colours (dark)", choices=("dark", "light")),
            Option("--ascii", "without line-drawing characters"),
            Option("--web", "serve it to a browser of this machine, and to nobody else"),
            Option("--port", "with `--web`, the port (a free one)", value="NUMBER"),
            Option("--no-browser", "with `--web`, print the address and open nothing"),
        ),
        (
            ("netspec tui net.yaml", "edit a spec; a name that is not there yet begins a new one"),
            ("netspec tui", "begin from nothing"),
            ("netspec tui net.yaml --web", "the same in a browser"),
        ),
    ),
    Command(
        "new", "NAME", "start a file from a network of the gallery",
        (
            Option("--output", "the file to write (NAME.yaml); `-` is standard output",
                   value="FILE.yaml", short="-o"),
            Option("--force", "replace a file that is there already"),
            Option("--list", "show the networks that there are"),
        ),
        (
            ("netspec new --list", "what is there?"),
            ("netspec new resnet", "write resnet.yaml"),
            ("netspec new textbook/lenet -o mine.yaml", "write mine.yaml"),
        ),
    ),
    Command("completion", "bash|zsh|fish", "print a completion script for your shell", (),
            (('eval "$(netspec completion bash)"', "for this shell, from now on"),)),
    Command("help", "[COMMAND]", "explain a command"),
)  # fmt: skip

COMMANDS = {command.name: command for command in _ALL}
