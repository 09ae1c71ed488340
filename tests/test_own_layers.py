"""Layers of a user's own: the example of the page, what is loaded when, and every way to get it wrong."""

from __future__ import annotations

import importlib
import re
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch

import netspec
from netspec import SpecError
from netspec.assist.hover import node_line
from netspec.cli import main
from netspec.compare import difference, facts
from netspec.compare.difference_json import difference_json
from netspec.compare.lock_file import lock_text, read_lock
from netspec.compare.text import difference_text
from netspec.elaborate import custom_layers
from netspec.render import scene
from netspec.render.dot import dot
from netspec.render.kinds import kind_of
from netspec.render.page import html_page
from netspec_tui.core.graph_rows import graph_table

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs/your-own-layers.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r"^```\w+ file (\S+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL))

HEAD = """\
from netspec.layer import ANY, POSITIVE, Function, Layer, Module, layer, optional, required


"""
GATE = '''\
@layer
class Gate(Module):
    """Lets through what a module of ours lets through.

    Shape: (*) -> (*)
    """

    torch_class = "gates.Gate"
'''
SPEC = "netspec: 1\ninputs: {t: [N, 4]}\nbody:\n  - g: Gate\n"

Write = Callable[..., str]


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with the files of the page, from which Python imports."""
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    sys.modules.pop("my_modules", None)


@pytest.fixture
def declared(tmp_path: Path) -> Write:
    """Writes a declaration and gives its path."""

    def write(text: str, name: str = "own.py", head: str = HEAD) -> str:
        path = tmp_path / name
        path.write_text(head + textwrap.dedent(text), encoding="utf-8")
        return str(path)

    return write


def error_of(path: str, spec: str = SPEC) -> tuple[str, str]:
    """The one error of a spec that uses what a file declares, and what helps."""
    (diagnostic,) = netspec.load(spec, layers=path).diagnostics
    assert diagnostic.code == "NS113"
    assert diagnostic.span is not None
    assert diagnostic.span.line == 4
    return diagnostic.message, "\n".join([*diagnostic.notes, *(h.text for h in diagnostic.helps)])


# ---- the example of the page ---------------------------------------------------------------------


def test_the_example_of_the_page_is_the_module_that_it_declares(page: Path) -> None:
    made = netspec.compile("net.yaml", layers="my_layers.py")
    module = importlib.import_module("my_modules").SqueezeExcitation(32, reduction=8)
    assert type(made.attention) is type(module)
    module.load_state_dict(made.attention.state_dict(), strict=True)
    a = torch.randn(2, 3, 8, 8)
    torch.testing.assert_close(made(a), module(made.conv(a)).relu(), rtol=0, atol=0)


def test_what_the_example_declares_of_its_weights_is_so(page: Path) -> None:
    network = netspec.load("net.yaml", layers=["my_layers.py"])
    (node,) = [n for n in network.elaborate().nodes if n.op == "SqueezeExcitation"]
    module = importlib.import_module("my_modules").SqueezeExcitation(32, reduction=8)
    theirs = {name: tuple(p.shape) for name, p in module.named_parameters()}
    assert list(node.parameters.items()) == list(theirs.items())


def test_a_declared_size_of_the_example_is_compared_with_the_input(page: Path) -> None:
    text = FILES["net.yaml"].replace("reduction: 8", "channels: 16")
    (diagnostic,) = netspec.load(text, layers="my_layers.py").diagnostics
    assert (
        diagnostic.message
        == "`attention` declares `channels: 16`, but its input `conv` has 32 channels"
    )


def test_weights_are_started_by_the_op_of_a_layer_of_ones_own(page: Path) -> None:
    rule = "init: {SqueezeExcitation: {up.bias: {fn: constant_, val: 3}}}\n"
    made = netspec.compile(FILES["net.yaml"] + rule, layers="my_layers.py")
    assert made.attention.up.bias.unique().tolist() == [3]


@pytest.mark.parametrize("command", ["check", "summary", "compile"])
def test_every_command_that_reads_specs_takes_layers(
    command: str, page: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([command, "--layers", "my_layers.py", "net.yaml"]) == 0
    capsys.readouterr()
    assert main([command, "net.yaml"]) == 1
    captured = capsys.readouterr()
    assert "unknown op `SqueezeExcitation`" in captured.out + captured.err


def test_a_layer_of_ones_own_is_listed_and_explained(
    page: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    sentence = (
        "Multiplies each channel by a weight that is computed from the means of all channels."
    )
    assert main(["layers", "--layers", "my_layers.py"]) == 0
    assert f"Custom layers\n  SqueezeExcitation  {sentence}" in capsys.readouterr().out
    assert main(["layers", "--layers", "my_layers.py", "SqueezeExcitation"]) == 0
    out = capsys.readouterr().out
    assert out.startswith(f"SqueezeExcitation: {sentence}\n")
    assert "  reduction (default: 16)\n" in out


def test_a_declaration_in_a_pipe_is_checked_without_torch(page: Path) -> None:
    program = (
        "import sys; from netspec.cli import main\n"
        "code = main(['check', '--layers', 'my_layers.py', 'net.yaml'])\n"
        "print(code, 'torch' in sys.modules, 'pydantic' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True,
        env={"PYTHONPATH": str(ROOT), "PATH": ""}, cwd=page,
    )  # fmt: skip
    assert done.stdout.splitlines()[-1] == "0 False False"


# ---- what is loaded when -------------------------------------------------------------------------


def test_a_declaration_is_loaded_when_a_spec_uses_it_and_not_before(declared: Write) -> None:
    path = declared(GATE + "\nraise RuntimeError('loaded')\n")
    assert netspec.load(SPEC.replace("Gate", "ReLU"), layers=path).diagnostics == ()
    message, _ = error_of(path)
    assert message == f"{path} cannot be imported: RuntimeError: loaded"


def test_a_spec_alone_loads_nothing(declared: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    path = Path(declared(GATE + "\nraise RuntimeError('loaded')\n"))
    monkeypatch.chdir(path.parent)
    (diagnostic,) = netspec.load(SPEC).diagnostics
    assert diagnostic.message == "unknown op `Gate`"


def test_a_misspelled_layer_of_ones_own_is_suggested(declared: Write) -> None:
    (diagnostic, *_) = netspec.load(SPEC.replace("Gate", "Gaet"), layers=declared(GATE)).diagnostics
    assert diagnostic.helps[0].text == "did you mean `Gate`?"


def test_a_block_of_a_spec_may_have_the_name_of_a_layer_of_ones_own(declared: Write) -> None:
    spec = SPEC + "blocks: {Gate: [ReLU]}\n"
    (node,) = netspec.load(spec, layers=declared(GATE)).elaborate().nodes
    assert node.op == "ReLU"


def test_a_parameter_called_layers_can_be_set() -> None:
    spec = "netspec: 1\nparams: {layers: [1]}\ninputs: {t: [N, 4]}\nbody:\n  - {op: ReLU, repeat: sum(layers)}\n"
    assert len(netspec.load(spec, layers=[2, 3]).elaborate().nodes) == 5
    assert len(netspec.load(spec).elaborate().nodes) == 1


def test_a_function_of_ones_own(declared: Write) -> None:
    path = declared('''\
        @layer
        class Square(Function):
            """Multiplies each element by itself.

            Shape: (*) -> (*)
            """

            def write(self, *inputs: str, **arguments: str) -> str:
                return f"torch.square({inputs[0]})"
        ''')
    made = netspec.compile(SPEC.replace("Gate", "Square"), layers=path)
    assert torch.equal(made(torch.full((1, 4), 3.0)), torch.full((1, 4), 9.0))


# ---- packages ------------------------------------------------------------------------------------


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Installs a package that offers layers."""
    monkeypatch.syspath_prepend(str(tmp_path))
    made: list[str] = []

    def install(declaration: str, *points: str) -> None:
        name = f"pack{len(sys.modules)}"
        made.append(name)
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("")
        (tmp_path / name / "declarations.py").write_text(HEAD + declaration)
        meta = tmp_path / f"{name}-1.0.dist-info"
        meta.mkdir()
        (meta / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        lines = [f"{op} = {name}.declarations:{op}" for op in points]
        lines += []
        (meta / "entry_points.txt").write_text("[netspec.layers]\n" + "\n".join(lines) + "\n")
        importlib.invalidate_caches()
        custom_layers.installed.cache_clear()

    yield install
    custom_layers.installed.cache_clear()
    for name in made:
        sys.modules.pop(f"{name}.declarations", None)


def test_an_installed_package_offers_layers(installed: Callable[..., None]) -> None:
    installed(GATE, "Gate")
    (node,) = netspec.load(SPEC).elaborate().nodes
    assert node.op == "Gate"
    assert "from gates import Gate\n" in netspec.source(SPEC)


def test_a_package_cannot_take_a_name_of_netspecs(installed: Callable[..., None]) -> None:
    installed(GATE.replace("Gate", "ReLU"), "ReLU")
    (node,) = netspec.load(SPEC.replace("Gate", "ReLU")).elaborate().nodes
    assert type(node.layer).__module__ == "netspec.layers.inplace_activation"


def test_an_entry_point_that_leads_nowhere_is_a_diagnostic(installed: Callable[..., None]) -> None:
    installed(GATE, "Other")
    (diagnostic,) = netspec.load(SPEC.replace("Gate", "Other")).diagnostics
    assert re.fullmatch(
        r"the entry point `pack\d+\.declarations:Other` has no class `Other`", diagnostic.message
    )


def test_a_class_of_an_entry_point_must_be_registered(installed: Callable[..., None]) -> None:
    installed(GATE.replace("@layer\n", ""), "Gate")
    (diagnostic,) = netspec.load(SPEC).diagnostics
    assert diagnostic.message.endswith("is not registered as a layer")
    assert "@layer" in diagnostic.helps[0].text


# ---- the decorator ---------------------------------------------------------------------------------


def test_a_layer_is_found_however_its_class_is_written(declared: Write) -> None:
    """The registry has it, whatever the text of the file looks like."""
    text = GATE.replace("@layer\nclass", "@layer  # registers it\n@staticmethod_free\nclass")
    helper = "def staticmethod_free(cls: type) -> type:\n    return cls\n\n\n"
    assert netspec.load(SPEC, layers=declared(helper + text)).diagnostics == ()
    indented = "if True:\n" + textwrap.indent(GATE, "    ")
    assert netspec.load(SPEC, layers=declared(indented, "indented.py")).diagnostics == ()


def test_a_layer_is_used_by_its_op(declared: Write) -> None:
    text = GATE.replace("class Gate(Module)", "class GateDeclaration(Module)")
    path = declared(text.replace("    torch_class", '    op = "Gate"\n    torch_class'))
    (node,) = netspec.load(SPEC, layers=path).elaborate().nodes
    assert node.op == "Gate"
    assert "self.g = Gate()" in netspec.source(SPEC, layers=path)


def test_two_files_of_one_name_are_two_modules(declared: Write, tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    paths = [declared(GATE, "a/own.py"), declared(GATE.replace("Gate", "Door"), "b/own.py")]
    spec = SPEC + "  - d: Door\n"
    assert [n.op for n in netspec.load(spec, layers=paths).elaborate().nodes] == ["Gate", "Door"]
    assert netspec.load(spec, layers=paths[::-1]).diagnostics == ()


def test_an_edited_file_registers_what_it_declares_now(declared: Write) -> None:
    path = declared(GATE)
    assert netspec.load(SPEC, layers=path).diagnostics == ()
    declared(GATE.replace("Gate", "Door"))
    assert netspec.load(SPEC, layers=path).diagnostics[0].message == "unknown op `Gate`"
    declared(GATE)
    assert netspec.load(SPEC, layers=path).diagnostics == ()


def test_a_category_colors_the_layer_in_pictures(declared: Write) -> None:
    path = declared(GATE.replace("    torch_class", '    category = "attention"\n    torch_class'))
    (node,) = netspec.load(SPEC, layers=path).elaborate().nodes
    assert kind_of(node.layer) == "attention"


# ---- what is wrong with a declaration ------------------------------------------------------------


def test_importing_torch_in_a_declaration_is_a_diagnostic(declared: Write) -> None:
    for line in ("import torch", "from torch import nn", "import torch.nn as nn"):
        path = declared(GATE, head=f"{line}\n{HEAD}")
        assert error_of(path) == (
            f"{path}, line 1, imports torch; a declaration must not",
            'name the class in a string: `torch_class = "my_modules.SqueezeExcitation"`',
        )
    assert (
        netspec.load(SPEC, layers=declared(GATE, head=f'"""import torch"""\n{HEAD}')).diagnostics
        == ()
    )


def test_a_declaration_that_is_not_python_is_a_diagnostic(declared: Write) -> None:
    path = declared(GATE + "\nclass (\n")
    assert error_of(path)[0] == f"{path} is not Python: line 13: invalid syntax"


BREACHES: list[tuple[str, str, str]] = [
    (
        GATE.replace("(Module)", "(Layer)"),
        "is not a layer",
        "extend `Module` or `Function` of netspec.layer",
    ),
    (
        GATE.replace("    Shape: (*) -> (*)\n", ""),
        "has no docstring with a shape",
        "start the docstring with a sentence and add a line `Shape: (N, C) -> (N, C)`",
    ),
    (
        GATE.replace("gates.Gate", "Gate"),
        "does not name its torch class",
        'name it: `torch_class = "my_modules.SqueezeExcitation"`',
    ),
    (
        GATE + "    name: int = optional(POSITIVE, 'a name', 1)\n",
        "has an argument `name`, which is a step key",
        "rename it",
    ),
    (
        GATE + "    positional = ('width',)\n",
        "passes `width` in its call, which is not one of its arguments",
        "declare it",
    ),
    (
        GATE.replace("(Module)", "(Function)"),
        "does not define its call",
        "define `write(self, *inputs, **arguments)`",
    ),
]


@pytest.mark.parametrize(("text", "breach", "help_"), BREACHES)
def test_a_class_that_is_not_a_layer_is_a_diagnostic(
    declared: Write, text: str, breach: str, help_: str
) -> None:
    path = declared(text)
    assert error_of(path) == (f"`Gate` of {path} {breach}", help_)


RULES: list[tuple[str, str, str]] = [
    (
        "        return 1 / 0\n",
        "`g`: `Gate.infer` failed: ZeroDivisionError: division by zero",
        "line 14, in infer",
    ),
    (
        "        return 'wide'\n",
        "`g`: `Gate.infer` returned 'wide', which is not a shape",
        "return a tuple of sizes, or a list of such tuples, from `infer`",
    ),
    (
        "        return [inputs[0], inputs[0]]\n",
        "`g`: `Gate.infer` returned 2 shapes, but its results are [output]",
        "name each result in `results`",
    ),
]


@pytest.mark.parametrize(("body", "message", "expected_text"), RULES)
def test_a_rule_that_fails_is_a_diagnostic(
    declared: Write, body: str, message: str, expected_text: str
) -> None:
    path = declared(GATE + "\n    def infer(self, solver, /, *inputs):\n" + body)
    error_text, more = error_of(path)
    assert error_text == message
    assert expected_text in more


# ---- what is wrong with the files ----------------------------------------------------------------


def wrong(*paths: str) -> str:
    """The message for files that cannot be used, whatever the spec."""
    with pytest.raises(SpecError) as caught:
        netspec.load(SPEC, layers=list(paths))
    (diagnostic,) = caught.value.diagnostics
    return "\n".join([diagnostic.message, *(h.text for h in diagnostic.helps)])


def test_files_that_cannot_be_used_are_rejected_at_once(declared: Write) -> None:
    path, other = declared(GATE), declared(GATE, "other.py")
    assert wrong(path, other) == f"`Gate` is declared by {path} and by {other}"
    assert wrong("nowhere.py") == "`nowhere.py` cannot be read: no such file or directory"
    taken = declared(GATE.replace("Gate", "Conv2d"))
    assert wrong(taken) == (
        f"`{taken}` declares `Conv2d`, which is a built-in layer\nrename the class"
    )
    empty = declared("x = 1\n")
    assert wrong(empty) == (
        f"`{empty}` declares no layer\ndecorate the class with `@layer` from netspec.layer"
    )


def test_the_command_line_rejects_such_files_as_it_rejects_options(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["check", "--layers", "nowhere.py", "net.yaml"]) == 2
    assert capsys.readouterr().err == (
        "netspec: `nowhere.py` cannot be read: no such file or directory\n"
    )


def test_a_module_that_is_not_there_is_named_when_the_program_is_built(declared: Write) -> None:
    with pytest.raises(ModuleNotFoundError, match="No module named 'gates'") as caught:
        netspec.compile(SPEC, layers=declared(GATE))
    assert "add it to the Python path" in caught.value.__notes__[0]


def test_two_classes_of_one_name_cannot_be_imported_by_one_program(declared: Write) -> None:
    text = GATE + "\n\n" + GATE.replace("class Gate", "class Door").replace("gates.", "doors.")
    with pytest.raises(SpecError, match="`Gate` is a class of gates and of doors"):
        netspec.source(SPEC + "  - d: Door\n", layers=declared(text))


def test_modules_are_not_of_the_class_that_a_spec_would_generate(declared: Write) -> None:
    """A block of the spec that generates a class of that name gives way to the import."""
    spec = (
        SPEC.replace("body:", "blocks: {gate: [{op: Linear, out_features: 3}, Gate, ReLU]}\nbody:")
        + "  - b: gate\n"
    )
    source = netspec.source(spec, layers=declared(GATE))
    assert re.findall(r"^class (\w+)", source, re.MULTILINE)[0] != "Gate"


# ---- what a declaration does not say ---------------------------------------------------------------

HALVING = (
    GATE
    + """
    def infer(self, solver, *inputs):
        n, c, h, w = inputs[0]
        return n, c, h // 2, w
"""
)
IMAGE = """netspec: 1
name: net
inputs: {s: [N, 3, 224, 224]}
body:
  - conv: {op: Conv2d, out_channels: 4, kernel_size: 1}
  - g: Gate
"""


def output(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    Path("net.yaml").write_text(IMAGE)
    main([arguments[0], "net.yaml", *arguments[1:]])
    return capsys.readouterr().out


def test_a_size_without_an_origin_is_explained_by_the_rule(
    declared: Write, capsys, tmp_path, monkeypatch
) -> None:
    monkeypatch.chdir(tmp_path)
    text = output(capsys, "explain", "g", "--layers", declared(HALVING))
    assert "  C' = 4 (from `conv`)\n  H' = 112 (shape rule of `Gate`)\n  W' = 224" in text
    assert (
        "unknown along the height and width of s: `g` does not declare its receptive field"
        in " ".join(text.split())
    )
    known = (
        HALVING
        + """
    def origin(self, result, axis, *inputs):
        return Origin("window", parts=((0, axis),))

    def formula(self, result, axis, *inputs):
        return f"{inputs[0][axis]} / 2" if axis == 2 else ""
"""
    )
    path = declared("from netspec.layer import Origin\n" + known, "known.py")
    assert "H' = 224 / 2 = 112" in output(capsys, "explain", "g", "--layers", path)


def test_an_unknown_cost_is_reported_as_unknown(
    declared: Write, capsys, tmp_path, monkeypatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = declared(HALVING)
    assert "\n  unknown: `Gate` does not define `macs`\n" in output(
        capsys, "explain", "g", "--layers", path
    )
    text = output(capsys, "check", "--layers", path)
    assert "602 k MACs at 3×224×224, excluding `Gate`, whose cost is unknown" in text
    table = output(capsys, "summary", "--layers", path)
    assert re.search(r"^g +Gate .* \?$", table, re.MULTILINE)
    assert re.search(r"^total .* 602 k \+ \?$", table, re.MULTILINE)
    assert table.endswith("excluding `Gate`, whose cost is unknown\n")
    assert '"macs_unknown": [\n    "Gate"\n  ]' in output(
        capsys, "summary", "--layers", path, "--format", "json"
    )
    known = declared(
        HALVING + "\n    def macs(self, inputs, outputs):\n        return 1000\n", "known.py"
    )
    text = output(capsys, "check", "--layers", known)
    assert "603 k MACs at 3×224×224\n" in text


def test_diff_lock_and_hover_say_that_a_cost_is_unknown(declared: Write) -> None:
    graph = netspec.load(IMAGE, layers=declared(HALVING)).elaborate()
    unknown = facts(graph)
    assert (unknown.uncounted, unknown.macs_text) == (("Gate",), f"{unknown.macs:,} + ?")
    text = lock_text(unknown)
    assert f"macs: {unknown.macs}\nmacs_unknown: [Gate]\n" in text
    assert read_lock(text) == unknown
    costs = HALVING + "\n    def macs(self, inputs, outputs):\n        return 1000\n"
    known = facts(netspec.load(IMAGE, layers=declared(costs, "known.py")).elaborate())
    assert "macs_unknown" not in lock_text(known)
    [change] = [c for c in difference(unknown, known).totals if c.name == "MACs"]
    assert (change.before, change.after) == (unknown.macs_text, f"{known.macs:,}")
    [node_change] = difference(unknown, known).changed
    costs_of_node = [c for c in node_change.results if c.name == "MACs"]
    assert [(c.before, c.after) for c in costs_of_node] == [("unknown", "1,000")]
    text = difference_text(difference(unknown, known))
    assert re.search(r"^~ MACs +[\d,]+ \+ \? → [\d,]+ at ", text, re.MULTILINE)
    assert "MACs unknown → 1,000" in text
    assert '"macs": null' in difference_json(difference(unknown, known))
    [gate] = [node for node in graph.nodes if node.op == "Gate"]
    assert node_line(gate, graph).endswith(", MACs unknown")


def test_a_budget_with_an_unknown_cost_is_a_warning(declared: Write) -> None:
    text = IMAGE.replace("body:", "budget: {macs: 10**7}\nbody:")
    [diagnostic] = netspec.load(text, layers=declared(HALVING)).report.diagnostics
    assert (diagnostic.code, diagnostic.severity) == ("NS501", "warning")
    assert diagnostic.message == (
        "the network has at least 602,112 MACs: those of `Gate` are unknown"
    )
    low = text.replace("10**7", "1000")
    assert [d.severity for d in netspec.load(low, layers=declared(HALVING)).report.diagnostics] == [
        "error"
    ]


def test_pictures_and_the_editor_say_that_a_cost_is_unknown(declared: Write) -> None:
    network = netspec.load(IMAGE, layers=declared(HALVING))
    drawn = scene(network.elaborate())
    [gate] = [box for box in drawn.leaves if box.op == "Gate"]
    assert (gate.macs, gate.macs_text) == (0, "?")
    assert re.search(r'tooltip="[^"]*\\n\? MACs', dot(drawn))
    assert "? MACs</FONT>" in dot(drawn, by="macs")
    assert [row.macs for row in graph_table(drawn).rows if row.box is gate] == ["?"]
    folded = scene(
        netspec.load(
            IMAGE.replace("- g: ", "- b: [g: ").replace("Gate", "Gate]"), layers=declared(HALVING)
        ).elaborate()
    )
    assert [box.macs_text for box in folded.boxes if box.kind == "level"] == ["?"]
    assert '"macs_unknown": true' in html_page(network.report)
