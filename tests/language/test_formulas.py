"""Formulas: steps such as `seen: =hidden + attention`, compared with what PyTorch computes."""

from __future__ import annotations

import random

import pytest
import torch

import netspec
from language.random_formulas import RandomFormula, random_formula
from netspec.assist.symbols import definition, rename
from netspec.check import Report, check_text
from netspec.dims import evaluate
from netspec.dims.relation import Membership, Relation
from netspec.graph import Graph

HEAD = """netspec: 1.1
params: {n: 4, widths: [1, 2]}
inputs: {a: [N, 8, H, W], b: [N, 16, H, W], m: {shape: [N, 8, H, W], dtype: bool}, ids: {shape: [N, T], dtype: int64}}
body:
"""


def first_error(steps: str, head: str = HEAD) -> netspec.Diagnostic:
    network = netspec.load(head + steps)
    errors = [d for d in network.diagnostics if d.severity == "error"]
    assert errors, "no error"
    return errors[0]


def holds(graph: Graph, sizes: dict[str, int]) -> bool:
    """Whether a network is valid at sizes."""
    if any(sizes[name] not in domain for name, domain in graph.domains.items() if name in sizes):
        return False
    for condition in graph.unproved:
        if isinstance(condition, Membership):
            if sizes[condition.symbol] not in condition.domain:
                return False
            continue
        assert isinstance(condition, Relation)
        left, right = evaluate(condition.left, sizes), evaluate(condition.right, sizes)
        valid = {
            "==": left == right,
            ">=": left >= right,
            "<=": left <= right,
            "divisible by": bool(right) and left % right == 0,
        }
        if not valid[condition.operator]:
            return False
    return True


def disagreement(formula: RandomFormula, generator: random.Random) -> str:
    """How netspec and PyTorch differ about a formula, at 30 sizes; empty if they agree."""
    network = netspec.load(formula.spec)
    errors = [d for d in network.diagnostics if d.severity == "error"]
    graph = network.report.graph
    for _ in range(30):
        sizes = {"N": generator.randint(1, 7), "L": generator.randint(1, 7)}
        tensors = formula.tensors(sizes)
        try:
            result = formula.evaluate(tensors)
        except (RuntimeError, IndexError, TypeError, ValueError) as error:
            failure = str(error)
            of_values = "ZeroDivision" in failure or "out of bounds" in failure
            if not errors and graph is not None and holds(graph, sizes) and not of_values:
                return f"accepted, but at {sizes}: {failure}"
            continue
        generic = len({*sizes.values(), 1, 2, 3, 4}) == 6
        if errors:
            # netspec rejects ranges that are empty, and a second `...`, which has no meaning.
            rejected = errors[0].code == "NS206" and result.numel() == 0
            if generic and not rejected and "at most one" not in errors[0].message:
                return f"rejected ({errors[0].message}), but at {sizes}: {tuple(result.shape)}"
            continue
        assert graph is not None
        value = graph.outputs.values[0]
        assert value.shape is not None
        if holds(graph, sizes):
            shape = [evaluate(size, sizes) for size in value.shape]
            if shape != list(result.shape) or f"torch.{value.dtype}" != str(result.dtype):
                return f"{shape} {value.dtype}, but at {sizes}: {list(result.shape)} {result.dtype}"
    return ""


@pytest.mark.parametrize(
    "seed", [pytest.param(k, marks=[pytest.mark.sweep] if k > 1 else []) for k in range(40)]
)
def test_shapes_types_and_verdicts_are_those_of_pytorch(seed: int) -> None:
    generator = random.Random(seed)
    differences = []
    for _ in range(60):
        formula = random_formula(generator)
        if formula is not None and (difference := disagreement(formula, generator)):
            differences.append((formula.text, formula.shapes, formula.dtypes, difference))
    assert differences == []


@pytest.mark.parametrize("seed", range(2))
def test_programs_compute_the_formula(seed: int) -> None:
    generator = random.Random(100 + seed)
    compiled = 0
    while compiled < 6:
        formula = random_formula(generator)
        if formula is None:
            continue
        network = netspec.load(formula.spec)
        graph = network.report.graph
        if graph is None or any(d.severity == "error" for d in network.diagnostics):
            continue
        sizes = next((s for n in range(2, 7) if holds(graph, s := {"N": n, "L": n})), None)
        if sizes is None:
            continue
        tensors = formula.tensors(sizes)
        try:
            result = formula.evaluate(tensors)
        except (RuntimeError, IndexError):
            continue
        module = network.compile()
        assert torch.equal(module(**tensors), result)
        compiled += 1


GRN = """netspec: 1.1
inputs: {image: [N, 8, H, W]}
blocks:
  GRN:
    body:
      - weight: {op: Parameter, shape: [input.channels]}
      - bias: {op: Parameter, shape: [input.channels]}
      - size: {op: Norm, from: input, dim: [2, 3], keepdim: true}
      - mean: {op: Mean, dim: 1, keepdim: true}
      - "=input + bias[:, None, None] + weight[:, None, None] * input * size / (mean + 1e-6)"
body:
  - grn: GRN
"""


def test_the_generated_line_is_the_expression() -> None:
    source = netspec.load(GRN).source()
    line = "x + self.bias[:, None, None] + self.weight[:, None, None] * x * size / (mean + 1e-6)"
    assert line in " ".join(source.replace("(\n", "(").split()).replace("( ", "(")


def test_a_formula_is_one_node_with_the_gradients_of_pytorch() -> None:
    network = netspec.load(GRN)
    graph = network.elaborate()
    assert [node.op[:9] for node in graph.nodes] == [
        "Parameter",
        "Parameter",
        "Norm",
        "Mean",
        "=input + ",
    ]
    module = network.compile()
    torch.manual_seed(0)
    for parameter in module.parameters():
        torch.nn.init.normal_(parameter)
    image = torch.randn(2, 8, 5, 6, requires_grad=True)
    module(image).square().sum().backward()
    weight, bias = (p.detach().clone().requires_grad_() for p in module.parameters())
    other = image.detach().clone().requires_grad_()
    size = torch.linalg.vector_norm(other, dim=(2, 3), keepdim=True)
    mean = size.mean(1, keepdim=True)
    result = other + bias[:, None, None] + weight[:, None, None] * other * size / (mean + 1e-6)
    result.square().sum().backward()
    assert torch.equal(image.grad, other.grad)
    assert all(
        torch.equal(p.grad, q.grad)
        for p, q in zip(module.parameters(), (weight, bias), strict=True)
    )


def test_parameters_are_carried_into_the_program() -> None:
    source = netspec.load(
        "netspec: 1.1\ninputs: {t: [N, 4]}\nparams: {scale: 0.5}\nbody:\n"
        "  - fc: {op: Linear, out_features: 4}\n  - =x * scale + t\n"
    ).source()
    assert "scale: float = 0.5" in source
    assert "x * self.scale + t" in source


FORMS = {
    "reference": '- c: {op: Conv2d, from: "=a * 2", out_channels: 8, kernel_size: 1}',
    "list": '- c: {op: Add, from: [a, "=-a"]}',
    "named inputs": '- c: {op: "=left - right", from: {left: a, right: a}}',
    "number as an argument": '- c: {op: "=x * factor", from: a, factor: n}',
    "outputs": '- c: {op: ReLU, from: a}\noutputs: {y: "=c + a"}',
    "branch": "- c: {op: Concat, from: a, branches: [=x * 2, =x + 1]}",
    "loop": '- {each: {k: [1, 2]}, body: [{"c{k}": "=a * k"}]}\noutputs: [c1, c2]',
    "output by number": '- h: {op: Chunk, from: a, chunks: 2}\n  - =h.0 * h.1',
    "size at run time": '- =a / (a.height * a.width)',
    "range at run time": '- "=a[:, :, : a.height // 2]"',
    "when": '- c: {op: "=x * 2", from: a, when: n > 9}\n  - ReLU',
    "expect": '- c: {op: "=x[:, 0]", from: a, expect: [N, H, W]}',
    "share": "- c: =a * 2\n  - d: {share: c, from: a}",
}  # fmt: skip


@pytest.mark.parametrize("steps", FORMS.values(), ids=FORMS)
def test_forms(steps: str) -> None:
    network = netspec.load(
        "netspec: 1.1\nparams: {n: 4}\ninputs: {a: [N, 8, H, W]}\nbody:\n  " + steps + "\n"
    )
    assert [d.message for d in network.diagnostics if d.severity == "error"] == []
    network.compile()(torch.randn(2, 8, 6, 5))
    again = netspec.load(network.graph_model())
    image = torch.randn(2, 8, 6, 5)
    first, second = network.compile(), again.compile()
    second.load_state_dict(first.state_dict())
    one, two = first(image), second(image)
    if isinstance(one, dict):
        one, two = list(one.values()), list(two.values())
    if torch.is_tensor(one):
        one, two = [one], [two]
    assert all(torch.equal(x, y) for x, y in zip(one, two, strict=True))


MESSAGES = [
    ('- y: "=a[:, 0.5]"', "NS209", "`y`: `a[:, 0.5]`: `index` of `Select` cannot be 0.5", "a[:, 0.5]"),
    ("- y: =a + b", "NS203", "`y`: `a + b` cannot broadcast its inputs: the number of channels differs (8 and 16)", "a + b"),
    ("- y: =(a + b) * n", "NS203", "`y`: `a + b` cannot broadcast its inputs: the number of channels differs (8 and 16)", "a + b"),
    ("- y: =a * (1 + bb)", "NS121", "there is no step, input or parameter `bb` here", "bb"),
    ('- y: "=a[:, 8]"', "NS209", "`y`: `a[:, 8]` reads index 8, but its input has 8 channels", "a[:, 8]"),
    ('- y: "=a[0, 0, 0, 0, 0]"', "NS207", "`y`: `a[0, 0, 0, 0, 0]` has 5 indices, but the tensor has 4 dimensions", "a[0, 0, 0, 0, 0]"),
    ('- y: "=a[::-1]"', "NS209", "`y`: `a[::-1]` has the step -1; PyTorch requires at least 1", "a[::-1]"),
    ('- y: "=a[:, 8:]"', "NS206", "`y`: `a[:, 8:]` from 8 to the end of 8 channels is empty", "a[:, 8:]"),
    ("- y: =a & m", "NS212", "`y`: `a & m` combines float32 and bool; `&` is for booleans and integers", "a & m"),
    ("- y: =m - 1", "NS212", "`y`: `m - 1` applies `-` to booleans, for which it is not defined", "m - 1"),
    ("- y: =-m", "NS212", "`y`: `-m` applies `-` to booleans, for which it is not defined", "-m"),
    ("- y: =m // m", "NS212", "`y`: `m // m` applies `//` to booleans, for which it is not defined", "m // m"),
    ("- y: =m ** m", "NS212", "`y`: `m ** m` applies `**` to booleans, for which it is not defined", "m ** m"),
    ("- y: =~a", "NS212", "`y`: `~a` inverts float32; `~` is for booleans and integers", "~a"),
    ("- y: =ids ** -2", "NS212", "`y`: `ids ** -2` raises int64 to a negative power", "ids ** -2"),
    ("- y: =a @ 2", "NS212", "`y`: `a @ 2` multiplies a matrix by a number", "a @ 2"),
    ("- y: =a @ m", "NS212", "`y`: `a @ m` multiplies matrices of float32 and bool; both must have one type of numbers", "a @ m"),
    ("- y: =a[m]", "NS212", "`y`: `a[m]` selects elements by a mask, so the size of the result depends on the values", "a[m]"),
    ("- y: =b[a]", "NS212", "`y`: `b[a]` is indexed with float32; indices are int64 or int32", "b[a]"),
    ("- y: =sin(a)", "NS120", "a formula cannot call `sin`", "sin(a)"),
    ("- y: =a > 0 and m", "NS120", "`and` is not defined for tensors", "a > 0 and m"),
    ("- y: =not m", "NS120", "`not` is not defined for tensors", "not m"),
    ("- y: =0 < a < 1", "NS120", "a chain of comparisons is not defined for tensors", "0 < a < 1"),
    ("- y: =a in b", "NS120", "`in` is not defined for tensors", "a in b"),
    ("- y: =a if m else b", "NS120", "a formula cannot choose by the values of a tensor", "a if m else b"),
    ('- y: "=[a, b]"', "NS120", "a formula returns one tensor", "[a, b]"),
    ('- y: "=a[..., 0, ...]"', "NS120", "an index has at most one `...`", "a[..., 0, ...]"),
    ("- y: =widths[ids]", "NS120", "a list cannot be indexed with a tensor", "ids"),
    ('- y: "=a[:ids]"', "NS120", "the ends of a range must be numbers: with a tensor, the size depends on its values", "ids"),
    ("- y: =a * widths", "NS122", "a formula computes with tensors and numbers, not with a list", "widths"),
    ("- y: =a +", "NS120", "`a +` is incomplete", "+"),
    ("- n: {op: ReLU, from: a}\n  - y: =a + n", "NS120", "`n` is both a step and a parameter here", "n"),
    ('- y: {op: "=x * k", from: a, k: 2, j: 3}', "NS102", "`j` is not in the formula", "j"),
    ('- y: {op: ReLU, from: "=n * 2"}', "NS103", "`n * 2` names no tensor", '"=n * 2"'),
]  # fmt: skip


@pytest.mark.parametrize(
    ("steps", "code", "message", "marked"), MESSAGES, ids=[m[0] for m in MESSAGES]
)
def test_messages(steps: str, code: str, message: str, marked: str) -> None:
    error = first_error(f"  {steps}\n")
    assert (error.code, error.message) == (code, message)
    assert error.span is not None
    assert error.span.text == marked


def test_version_1_has_no_formulas() -> None:
    error = first_error("  - y: =a * 2\n", HEAD.replace("1.1", "1", 1))
    assert error.message == "a formula of tensors requires version 1.1 of the language"
    assert [e.replacement for e in error.helps[0].edits] == ["1.1"]


def test_names_decide_and_not_the_text() -> None:
    """The facts by which networks are compared do not depend on the names of steps."""
    text = "netspec: 1.1\ninputs: {t: [N, 4]}\nbody:\n  - %s: ReLU\n  - y: =%s * 2 + t\n"
    from netspec.compare import facts

    ops = [
        facts(netspec.load(text % (name, name)).elaborate()).nodes[-1].op for name in ("one", "two")
    ]
    assert ops == ["=x1 * 2 + x2"] * 2


RENAMES = """netspec: 1.1
params: {k: 2}
inputs: {image: [N, 3, H, W]}
body:
  - a: {op: Conv2d, out_channels: 3, kernel_size: 1}
  - b: "=a * k + image[:, None, 0]"
  - {op: ReLU, from: "=b - a"}
  - y: =x * a.channels
outputs: {z: "=y * k"}
"""


@pytest.mark.parametrize(
    ("old", "new", "count"), [("a", "conv", 4), ("b", "c", 2), ("k", "scale", 3), ("image", "picture", 2), ("y", "out", 2)]
)  # fmt: skip
def test_a_rename_reaches_into_formulas(old: str, new: str, count: int) -> None:
    declared = RENAMES.index(f"{old}: ")
    edits = rename(_checked(RENAMES), declared, new, _checked)
    text = RENAMES
    for edit in sorted(edits, key=lambda e: -e.span.start):
        text = text[: edit.span.start] + edit.replacement + text[edit.span.end :]
    assert len(edits) == count
    assert netspec.load(text).diagnostics == ()


def test_a_name_in_a_formula_has_a_definition() -> None:
    span = definition(_checked(RENAMES), RENAMES.index("k + image"))
    assert span is not None
    assert (span.start, span.text) == (RENAMES.index("k: 2"), "k")


def test_specs_with_formulas_are_data() -> None:
    again = netspec.load(netspec.SpecFile.from_yaml(RENAMES))
    assert again.diagnostics == ()
    forwards = [n.source().split("def forward")[-1] for n in (again, netspec.load(RENAMES))]
    assert forwards[0] == forwards[1]


def _checked(text: str) -> Report:
    return check_text(text, "net.yaml")
