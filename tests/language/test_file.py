"""The keys of a file."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import nn

import netspec
from language.spec_case import good, image, keys, module, rejected, shape, text_of, warned, whole
from netspec.check import check_text
from netspec.elaborate import SetText


def load(text: str) -> tuple[list[str], list[str]]:
    """The codes and the messages of a whole file as it stands."""
    diagnostics = netspec.load(text).diagnostics
    return [d.code for d in diagnostics], [text_of(d) for d in diagnostics]


# ---- netspec, name, doc --------------------------------------------------------------------------


@pytest.mark.parametrize("version", ["1", "1.0", "1.1"])
def test_this_major_version_is_read(version: str) -> None:
    assert load(f"netspec: {version}\ninputs: {{a: [N]}}\nbody: [ReLU]\n") == ([], [])


def test_a_newer_major_version_is_rejected_alone() -> None:
    codes, (message,) = load("netspec: 2\nnonsense: {a: [N]}\nbody: [Foo]\n")
    assert codes == ["NS023"]
    assert "version 2" in message
    assert "upgrade" in message


@pytest.mark.parametrize("version", ['"1"', "true", "one", "0", "[1]"])
def test_a_version_is_a_number(version: str) -> None:
    assert load(f"netspec: {version}\ninputs: {{a: [N]}}\nbody: [ReLU]\n")[0] == ["NS023"]


def test_the_version_is_required() -> None:
    codes, (message,) = load("inputs: {a: [N]}\nbody: [ReLU]\n")
    assert codes == ["NS020"]
    assert "netspec: 1" in message


@pytest.mark.parametrize("text", ["- netspec: 1\n", "hello\nworld\n", "\n"])
def test_a_text_without_a_spec_is_one_error(text: str) -> None:
    codes, _ = load(text)
    assert len(codes) == 1


def test_the_name_names_the_class_and_may_be_anything() -> None:
    network = good("name: Res-Net 50 (v2)\nbody: [ReLU]")
    assert network.name == "Res-Net 50 (v2)"
    assert type(network.compile()).__name__ == "ResNet50V2"


def test_the_name_defaults_to_the_stem_of_the_file(tmp_path) -> None:
    path = tmp_path / "my_net.yaml"
    path.write_text(whole("doc: What it is.\nbody: [ReLU]"))
    network = netspec.load(path)
    assert network.name == "my_net"
    assert type(network.compile()).__name__ == "MyNet"


def test_a_name_is_text() -> None:
    rejected("name: «[a]»\nbody: [ReLU]", "NS025")


# ---- unknown keys --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("marked", "code", "suggestion"),
    [
        ("«bdy»: [ReLU]\nbody: [ReLU]", "NS021", "body"),
        ("inputs: {a: {shape: [N], «dtyp»: float32}}\nbody: [ReLU]", "NS021", "dtype"),
        ("params: {a: {type: int, «defualt»: 3, default: 2}}\nbody: [ReLU]", "NS021", "default"),
        ("dims: {H: {«exampel»: 3}}\nbody: [ReLU]", "NS021", "example"),
        ("blocks: {B: {«param»: {}, body: [ReLU]}}\nbody: [B]", "NS021", "params"),
        ("budget: {«param»: 3}\nbody: [ReLU]", "NS021", "params"),
        ("body: [g: {body: [ReLU], «inlin»: true}]", "NS021", "inline"),
        ("body: [{op: BatchNorm2d, «ep»: 1}]", "NS102", "eps"),
        (
            "body: [{op: Conv2d, out_channels: 1, kernel_size: 1, «kernel»: 3}]",
            "NS102",
            "kernel_size",
        ),
    ],
)
def test_an_unknown_key_is_an_error_with_a_suggestion_everywhere(
    marked: str, code: str, suggestion: str
) -> None:
    rejected(marked, code, f"did you mean `{suggestion}`")


def test_an_error_for_a_key_without_a_similar_one_lists_the_keys() -> None:
    rejected("«banana»: 3\nbody: [ReLU]", "NS021", "inputs", "blocks")


# ---- params and presets --------------------------------------------------------------------------

WIDTH = "params: {width: 4, twice: =2 * width}\npresets: {wide: {width: 16}}\nbody: [{op: Conv2d, out_channels: twice, kernel_size: 1}]"


def test_default_then_preset_then_what_the_caller_sets() -> None:
    assert shape(WIDTH)[1] == "8"
    assert shape(WIDTH, preset="wide")[1] == "32"
    assert shape(WIDTH, width=5)[1] == "10"
    assert shape(WIDTH, preset="wide", width=5)[1] == "10"
    assert shape(WIDTH, preset="wide", twice=7)[1] == "7"


def test_a_list_parameter_can_be_set() -> None:
    text = "params: {s: [1, 2]}\nbody: [{each: {k: s}, body: [ReLU]}]"
    assert len(list(module(text, s=[1, 2, 3]).children())) == 3
    assert len(list(module(text, s=(1,)).children())) == 1


def test_a_parameter_without_a_default_has_to_be_set() -> None:
    text = "params: {width: int}\nbody: [{op: Conv2d, out_channels: width, kernel_size: 1}]"
    assert shape(text, width=3)[1] == "3"
    rejected(text.replace("width: int", "«width»: int"), "NS109", "width", "--set")


def test_an_unknown_setting_is_an_error_with_a_suggestion() -> None:
    rejected(WIDTH, "NS112", "did you mean `width`", widht=3)
    rejected(WIDTH, "NS112", "did you mean `wide`", preset="wode")
    rejected(WIDTH.replace("{width: 16}", "{«widht»: 16}"), "NS112", "did you mean `width`")


@pytest.mark.parametrize(
    ("declared", "value", "words"),
    [
        ("{type: int, default: 3, min: 2}", 1, "at least 2"),
        ("{type: int, default: 3, max: 9}", 10, "at most 9"),
        ("{type: int, default: 3, choices: [3, 5]}", 4, "one of 3, 5"),
        ("{type: int, default: 3}", 2.5, "integer"),
        ("{type: bool, default: true}", 3, "true or false"),
        ("{type: [int], default: [3]}", 3, "integers"),
    ],
)
def test_a_setting_is_held_to_the_declaration(declared: str, value: object, words: str) -> None:
    rejected(f"params: {{width: {declared}}}\nbody: [ReLU]", "NS108", words, width=value)


def test_a_default_is_held_to_the_declaration() -> None:
    rejected("params: {w: {type: int, default: «30», max: 5}}\nbody: [ReLU]", "NS108", "at most 5")


def test_an_op_can_be_a_parameter_of_the_file() -> None:
    text = "params: {act: {type: op, default: ReLU}}\npresets: {leaky: {act: {op: LeakyReLU, negative_slope: 0.25}}}\nbody: [act]"
    assert isinstance(getattr(module(text), "0"), nn.ReLU)
    assert isinstance(getattr(module(text, act="GELU"), "0"), nn.GELU)
    assert getattr(module(text, preset="leaky"), "0").negative_slope == 0.25


# ---- inputs and dims -----------------------------------------------------------------------------


def test_an_input_has_a_shape_and_may_have_an_element_type() -> None:
    network = good(
        "inputs: {a: {shape: [N, 4], dtype: float64}, b: [N, 4]}\nbody: [{op: Add, from: [a, b]}]"
    )
    assert [(v.node.name, v.dtype) for v in network.elaborate().inputs] == [
        ("a", "float64"),
        ("b", "float32"),
    ]


def test_a_size_of_an_input_may_be_a_parameter() -> None:
    text = "params: {c: 5}\ninputs: {t: [N, c, 2 * c]}\nbody: [ReLU]"
    assert shape(text) == ["N", "5", "10"]
    assert shape(text, c=2) == ["N", "2", "4"]


@pytest.mark.parametrize(
    ("marked", "code"),
    [
        ("inputs: {a: «3»}\nbody: [ReLU]", "NS025"),
        ("inputs: {a: «{dtype: float32}»}\nbody: [ReLU]", "NS025"),
        ("inputs: {a: [N, «h»]}\nbody: [ReLU]", "NS121"),
        ("inputs: {a: [N, «-1»]}\nbody: [ReLU]", "NS025"),
        ("inputs: {a: [N, «1.5»]}\nbody: [ReLU]", "NS025"),
        ("inputs: {a: {shape: [N], dtype: «float33»}}\nbody: [ReLU]", "NS025"),
        ("inputs: {«x»: [N]}\nbody: [ReLU]", "NS107"),
        ("inputs: {«previous»: [N]}\nbody: [ReLU]", "NS107"),
        ("inputs: «[a]»\nbody: [ReLU]", "NS025"),
        ("inputs: {a: [N], «a»: [N]}\nbody: [ReLU]", "NS011"),
    ],
)
def test_an_input_is_rejected_where_it_is_wrong(marked: str, code: str) -> None:
    rejected(marked, code)


def test_a_size_of_an_input_is_at_least_one() -> None:
    rejected("inputs: {a: [N, «0»]}\nbody: [ReLU]", "NS025")


def test_a_body_needs_inputs() -> None:
    codes, _ = load("netspec: 1\nbody: [ReLU]\n")
    assert codes == ["NS022"]


def test_a_body_needs_at_least_one_input() -> None:
    assert load("netspec: 1\ninputs: {}\nbody: [ReLU]\n")[0] == ["NS022"]


@pytest.mark.parametrize("names", ['"a-b", a_b', '"1", _1', "self, self_"])
def test_inputs_of_any_names_stay_apart(names: str) -> None:
    first, second = names.split(", ")
    made = module(
        f"inputs: {{{first}: [N, 3], {second}: [N, 3]}}\nbody: [{{op: Sub, from: [{first}, {second}]}}]"
    )
    a, b = image(2, 3), torch.ones(2, 3)
    torch.testing.assert_close(made(a, b), a - b)


@pytest.mark.parametrize("name", ["self", "torch", "class", "F", "nn", "forward", "_check_inputs"])
def test_an_input_may_be_called_like_a_word_of_python(name: str) -> None:
    a = image(2, 3)
    torch.testing.assert_close(
        module(f"inputs: {{{name}: [N, 3]}}\nbody: [{{op: Add, from: [{name}, {name}]}}]")(a), a + a
    )


def test_the_same_symbol_is_the_same_size_everywhere() -> None:
    made = module("inputs: {a: [N, C, H], b: [N, C, H]}\nbody: [{op: Add, from: [a, b]}]")
    a = image(2, 3, 4)
    torch.testing.assert_close(made(a, a), a + a)
    with pytest.raises(ValueError, match="`b` must be"):
        made(a, image(2, 3, 1))
    with pytest.raises(ValueError, match="`b` must be"):
        made(a, image(1, 3, 4))


def test_a_symbol_twice_in_one_shape_is_one_size() -> None:
    made = module("inputs: {a: [N, S, S]}\nbody: [{op: MatMul, from: [a, a]}]")
    made(image(2, 3, 3))
    with pytest.raises(ValueError, match="`a` must be"):
        made(image(2, 3, 4))


def test_the_callers_mistake_is_explained_by_the_other_input() -> None:
    made = module("inputs: {a: [N, H], b: [N, H]}\nbody: [{op: Add, from: [a, b]}]")
    with pytest.raises(ValueError, match=r"H = 3"):
        made(image(2, 3), image(2, 4))


def test_a_compiled_module_enforces_dims() -> None:
    made = module("dims: {H: {min: 32, multiple_of: 32}}\nbody: [ReLU]")
    made(image(1, 3, 64, 5))
    for height in (16, 33):
        with pytest.raises(ValueError, match="32"):
            made(image(1, 3, height, 5))


def test_a_compiled_module_enforces_a_largest_size() -> None:
    made = module("dims: {H: {max: 64, multiple_of: 32}}\nbody: [ReLU]")
    made(image(1, 3, 64, 5))
    with pytest.raises(ValueError, match="32, 64"):
        made(image(1, 3, 96, 5))
    whole_steps = "dims: {H: {max: 96, multiple_of: 32}}\nbody: [{op: MaxPool2d, kernel_size: 4}, {op: Upsample, scale_factor: 4}]"
    assert shape(whole_steps)[2] == "H"


def test_a_compiled_module_enforces_rank_and_channels() -> None:
    made = module("body: [ReLU]")
    for wrong in (image(2, 4, 8, 8), image(3, 8, 8)):
        with pytest.raises(ValueError, match=r"\[N, 3, H, W\]"):
            made(wrong)


def test_an_example_is_never_used_for_inference() -> None:
    assert shape("dims: {H: 224, W: {example: 224}}\nbody: [ReLU]") == ["N", "3", "H", "W"]


@pytest.mark.parametrize(
    ("marked", "code"),
    [
        ("dims: {«Z»: 3}\nbody: [ReLU]", "NS121"),
        ("dims: {H: {min: «a»}}\nbody: [ReLU]", "NS025"),
        ("dims: {H: {multiple_of: «0»}}\nbody: [ReLU]", "NS025"),
        ("dims: {H: {max: «0»}}\nbody: [ReLU]", "NS025"),
        ("dims: {H: «{min: 5, max: 4}»}\nbody: [ReLU]", "NS025"),
        ("dims: {H: «{min: 33, max: 63, multiple_of: 32}»}\nbody: [ReLU]", "NS025"),
        ("dims: {H: «2.5»}\nbody: [ReLU]", "NS025"),
        ("dims: {H: {min: 2}}\nbody: [{op: «Conv2d», out_channels: 1, kernel_size: 3}]", "NS302"),
    ],
)
def test_dims_are_rejected_where_they_are_wrong(marked: str, code: str) -> None:
    rejected(marked, code)


@pytest.mark.parametrize(
    ("marked", "message"),
    [
        ("dims: {H: «{max: 224, example: 225}»}\nbody: [ReLU]", "H <= 224"),
        ("dims: {H: «{multiple_of: 32, example: 225}»}\nbody: [ReLU]", "H divisible by 32"),
        ("dims: {H: «2»}\nbody: [{op: Conv2d, out_channels: 1, kernel_size: 3}]", "H >= 3"),
    ],
)
def test_an_example_decides_nothing_and_is_warned_of_where_it_is_not_valid(
    marked: str, message: str
) -> None:
    warned(marked, "NS302", message)


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        ("inputs: {a: [N, 3, H, W]}\nbody: [Flatten, {op: Linear, in_features: 3072, out_features: 4}]",
         lambda s: 3 * s["H"] * s["W"] == 3072),
        ("inputs: {a: [N, S, T]}\nbody: [Flatten, {op: Slice, dim: 1, end: 100000}]", lambda s: s["S"] * s["T"] >= 100000),
        ("inputs: {a: [N, S, 4], b: [N, T, 4]}\nbody: [{op: Concat, dim: 1, from: [a, b]}, {op: Slice, dim: 1, end: 1000}]",
         lambda s: s["S"] + s["T"] >= 1000),
        ("inputs: {a: [N, 2, S], b: [N, 2, T]}\nbody: [c: {op: MaxPool1d, kernel_size: 2, from: a}, {op: Add, from: [c, b]}]",
         lambda s: s["S"] // 2 == s["T"]),
        ("inputs: {a: [N, T]}\nbody: [{op: Reshape, shape: [-1, 50]}]", lambda s: s["N"] == 1 and s["T"] % 50 == 0),
    ],
)  # fmt: skip
def test_sizes_without_an_example_are_valid_together(
    text: str, valid: Callable[[dict[str, int]], bool]
) -> None:
    network = netspec.load(f"netspec: 1\n{text}")
    assert network.report.graph is not None
    sizes = network.report.graph.examples
    assert valid(sizes)
    inputs = [[sizes.get(str(s), s) for s in v.shape] for v in network.report.graph.inputs]
    network.compile()(*[torch.zeros(shape) for shape in inputs])


def test_examples_that_are_not_valid_together_are_warned_of() -> None:
    square = "body: [t: {op: Transpose, dim0: 2, dim1: 3}, {op: Add, from: [previous, input]}]"
    (diagnostic, _) = netspec.load(
        f"netspec: 1\ninputs: {{a: [N, 3, H, W]}}\ndims: {{H: 100, W: 200}}\n{square}"
    ).report.diagnostics
    assert (diagnostic.code, diagnostic.severity) == ("NS302", "warning")
    assert diagnostic.message == "the example W = 200 is not valid: H == W"
    assert diagnostic.helps[0].text == "tables and costs use W = 100 instead"
    graph = netspec.load(
        f"netspec: 1\ninputs: {{a: [N, 3, H, W]}}\ndims: {{H: 100}}\n{square}"
    ).report.graph
    assert graph is not None
    assert graph.examples == {"N": 1, "H": 100, "W": 100}


# ---- init ----------------------------------------------------------------------------------------

TWO = "body:\n  - a: {op: Conv2d, out_channels: 3, kernel_size: 1}\n  - b: {op: Conv2d, out_channels: 3, kernel_size: 1}\n  - g: [bn3: BatchNorm2d]\n  - bn3: BatchNorm2d"


def sums(text: str) -> dict[str, float]:
    """The sum of every parameter."""
    return {name: float(p.detach().sum()) for name, p in module(text).named_parameters()}


def test_init_by_op_and_by_path() -> None:
    parameter_sums = sums(
        f'init: {{Conv2d: {{weight: zeros_, bias: {{fn: constant_, val: 2}}}}, "**.bn3": {{weight: zeros_}}}}\n{TWO}'
    )
    assert parameter_sums["a.weight"] == parameter_sums["b.weight"] == 0
    assert parameter_sums["a.bias"] == 6
    assert parameter_sums["g.bn3.weight"] == 0


def test_two_stars_match_no_level_too() -> None:
    assert sums(f'init: {{"**.bn3": {{weight: zeros_}}}}\n{TWO}')["bn3.weight"] == 0


def test_one_star_stays_within_a_level() -> None:
    parameter_sums = sums(f'init: {{"*.bn3": {{weight: zeros_}}}}\n{TWO}')
    assert parameter_sums["g.bn3.weight"] == 0
    assert parameter_sums["bn3.weight"] == 3


def test_the_last_match_wins() -> None:
    parameter_sums = sums(f'init: {{"*": {{bias: ones_}}, "a*": {{bias: zeros_}}}}\n{TWO}')
    assert (parameter_sums["a.bias"], parameter_sums["b.bias"]) == (0, 3)
    parameter_sums = sums(f'init: {{"a*": {{bias: zeros_}}, "*": {{bias: ones_}}}}\n{TWO}')
    assert (parameter_sums["a.bias"], parameter_sums["b.bias"]) == (3, 3)


def test_a_path_wins_over_an_op() -> None:
    parameter_sums = sums(f'init: {{"a": {{bias: zeros_}}, Conv2d: {{bias: ones_}}}}\n{TWO}')
    assert (parameter_sums["a.bias"], parameter_sums["b.bias"]) == (0, 3)


def test_init_takes_the_arguments_of_torch() -> None:
    text = "init: {Conv2d: {weight: {fn: kaiming_normal_, mode: fan_out, nonlinearity: relu}}}\nbody: [{op: Conv2d, out_channels: 512, kernel_size: 1}]"
    weight = next(module(text).parameters())
    assert weight.detach().std() == pytest.approx((2 / 512) ** 0.5, rel=0.05)


def test_without_rules_weights_are_those_of_torch() -> None:
    torch.manual_seed(0)
    theirs = nn.Conv2d(3, 8, 3)
    ours = module("body: [c: {op: Conv2d, out_channels: 8, kernel_size: 3}]")
    assert torch.equal(ours.c.weight, theirs.weight)


@pytest.mark.parametrize(
    ("marked", "words"),
    [
        ("init: {«Linear»: {weight: zeros_}}\nbody: [BatchNorm2d]", "matches nothing"),
        ('init: {«"**.bn9"»: {weight: zeros_}}\nbody: [BatchNorm2d]', "matches nothing"),
        ("init: {BatchNorm2d: {«wieght»: zeros_}}\nbody: [BatchNorm2d]", "weight"),
        ("init: {BatchNorm2d: {weight: «zeros»}}\nbody: [BatchNorm2d]", "did you mean `zeros_`"),
        ("init: {BatchNorm2d: {weight: «constant_»}}\nbody: [BatchNorm2d]", "val"),
        (
            "init: {BatchNorm2d: {weight: «xavier_uniform_»}}\nbody: [BatchNorm2d]",
            "requires at least 2 dimensions",
        ),
    ],
)
def test_a_rule_that_cannot_work_is_an_error(marked: str, words: str) -> None:
    rejected(marked, "NS502", words)


def test_a_rule_for_a_step_in_error_is_silent() -> None:
    rejected(
        "init: {Conv2d: {weight: zeros_}}\nbody: [{op: Conv2d, out_channels: 1, «kernel»: 3}]",
        "NS102",
    )


def test_a_rule_for_a_step_after_an_error_is_silent() -> None:
    rejected(
        "init: {Conv2d: {weight: zeros_}}\nbody: [«Foo», {op: Conv2d, out_channels: 1, kernel_size: 1}]",
        "NS101",
    )


def test_an_argument_of_init_may_be_computed() -> None:
    assert (
        sums("init: {BatchNorm2d: {bias: {fn: constant_, val: 1 / 2}}}\nbody: [BatchNorm2d]")[
            "0.bias"
        ]
        == 1.5
    )


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        ("{fn: kaiming_normal_, nonlinearity: «reluu»}", "NS502"),
        ("{fn: constant_, val: «abc»}", "NS121"),
    ],
)
def test_an_argument_of_init_is_checked(rule: str, code: str) -> None:
    rejected(f"init: {{BatchNorm2d: {{weight: {rule}}}}}\nbody: [BatchNorm2d]", code)


# ---- outputs -------------------------------------------------------------------------------------


def test_one_name_returns_a_tensor_a_list_a_tuple_a_mapping_a_dict() -> None:
    a = image()
    steps = "body: [a: ReLU, b: Sigmoid]\noutputs: "
    expected = a.relu(), a.relu().sigmoid()
    assert torch.equal(module("body: [a: ReLU, b: Sigmoid]")(a), expected[1])
    torch.testing.assert_close(module(steps + "[b, a]")(a), (expected[1], expected[0]))
    torch.testing.assert_close(module(steps + "[b]")(a), (expected[1],))
    outputs = module(steps + "{second: b, raw: input, first: a}")(a)
    assert list(outputs) == ["second", "raw", "first"]
    torch.testing.assert_close(outputs, {"second": expected[1], "raw": a, "first": expected[0]})


def test_outputs_are_references() -> None:
    a = image()
    outputs = module('body: [c1: ReLU, c2: Sigmoid]\noutputs: ["c*", image, previous]')(a)
    torch.testing.assert_close(outputs, (a.relu(), a.relu().sigmoid(), a, a.relu().sigmoid()))


def test_an_unknown_output_is_one_error() -> None:
    rejected("body: [conv: ReLU]\noutputs: [conv, «cnv»]", "NS103", "did you mean `conv`")


def test_a_name_stands_for_one_output() -> None:
    rejected('body: [c1: ReLU, c2: ReLU]\noutputs: {all: «"c*"»}', "NS103")


def test_a_network_needs_an_output() -> None:
    rejected("body: [c1: ReLU]\noutputs: «[]»", "NS025")


# ---- budget --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("budget", "code"),
    [("params: 84", ""), ("«params»: 83", "NS501"), ("macs: 81", ""), ("«macs»: 80", "NS501")],
)
def test_a_budget_is_enforced(budget: str, code: str) -> None:
    text = f"inputs: {{image: [1, 3, 3, 3]}}\nbudget: {{{budget}}}\nbody: [{{op: Conv2d, out_channels: 3, kernel_size: 3}}]"
    if code:
        rejected(text, code, "budget")
    else:
        good(text)


@pytest.mark.parametrize("limit", ["depth: 1", "activations: 10"])
def test_depth_and_activations_are_limited_too(limit: str) -> None:
    steps = "body: [{op: Conv2d, out_channels: 3, kernel_size: 3}, {op: Conv2d, out_channels: 3, kernel_size: 3}]"
    rejected(f"inputs: {{image: [1, 3, 9, 9]}}\nbudget: {{{limit}}}\n{steps}", "NS501", "budget")


# ---- use -----------------------------------------------------------------------------------------

LIBRARY = """
netspec: 1
init: {Conv2d: {weight: zeros_}}
blocks:
  Basic: [{op: Conv2d, out_channels: 3, kernel_size: 1}, Inner]
  Inner: [{op: Conv2d, out_channels: 4, kernel_size: 1}]
"""


def using(tmp_path, text: str, library: str = LIBRARY) -> netspec.Network:
    """A file that uses another."""
    (tmp_path / "blocks").mkdir(exist_ok=True)
    (tmp_path / "blocks" / "resnet.yaml").write_text(library)
    (tmp_path / "net.yaml").write_text(whole("use: {resnet: ./blocks/resnet.yaml}\n" + text))
    return netspec.load(tmp_path / "net.yaml")


def test_blocks_of_a_used_file_come_with_their_init_rules(tmp_path) -> None:
    network = using(
        tmp_path,
        "blocks: {Inner: [ReLU]}\nbody: [b: resnet.Basic, c: {op: Conv2d, out_channels: 2, kernel_size: 1}]",
    )
    made = network.compile()
    assert list(made.state_dict()) == [
        "b.0.weight",
        "b.0.bias",
        "b.1.0.weight",
        "b.1.0.bias",
        "c.weight",
        "c.bias",
    ]
    assert made.b[0].weight.abs().sum() == 0
    assert made.c.weight.abs().sum() > 0


def test_a_file_without_a_body_is_a_library(tmp_path) -> None:
    using(tmp_path, "body: [resnet.Basic]")
    network = netspec.load(tmp_path / "blocks" / "resnet.yaml")
    assert network.diagnostics == ()
    with pytest.raises(netspec.SpecError, match="library"):
        network.compile()


def test_only_blocks_come(tmp_path) -> None:
    library = "netspec: 1\ninputs: {z: [N]}\nblocks: {K: [ReLU]}\nbody: [K, Nonsense]\n"
    assert using(tmp_path, "body: [resnet.K]", library).diagnostics == ()


@pytest.mark.parametrize(
    ("op", "words"),
    [("resnet.Basik", "did you mean `resnet.Basic`"), ("resnt.Basic", "resnet")],
)
def test_an_unknown_block_of_a_used_file_is_one_error(tmp_path, op: str, words: str) -> None:
    diagnostics = using(tmp_path, f"body: [{op}]").diagnostics
    assert [d.code for d in diagnostics] == ["NS101"]
    assert words in text_of(diagnostics[0])


def test_files_that_use_each_other_are_one_error(tmp_path) -> None:
    library = "netspec: 1\nuse: {me: ./resnet.yaml}\nblocks: {K: [ReLU]}\n"
    diagnostics = using(tmp_path, "body: [resnet.K]", library).diagnostics
    assert [d.code for d in diagnostics] == ["NS026"]
    assert "cycle" in diagnostics[0].message


def test_a_file_that_is_not_there_is_one_error(tmp_path) -> None:
    using(tmp_path, "body: [ReLU]")
    (tmp_path / "blocks" / "resnet.yaml").unlink()
    diagnostics = netspec.load(tmp_path / "net.yaml").diagnostics
    assert [(d.code, d.span.text) for d in diagnostics] == [("NS026", "./blocks/resnet.yaml")]


def test_a_mistake_in_a_used_block_is_shown_in_its_file(tmp_path) -> None:
    diagnostics = using(
        tmp_path, "body: [resnet.K]", "netspec: 1\nblocks: {K: [Relu]}\n"
    ).diagnostics
    assert [d.code for d in diagnostics] == ["NS101"]
    assert diagnostics[0].span.source.name.endswith("resnet.yaml")


def test_the_first_example_of_the_page_has_the_keys_of_torchvision() -> None:
    text = """
params: {growth: 32, bn_size: 4, stages: [1, 2], num_classes: 10}
blocks:
  DenseLayer:
    params: {growth: int, bn_size: int}
    body:
      - norm1: BatchNorm2d
      - relu1: ReLU
      - conv1: {op: Conv2d, out_channels: bn_size * growth, kernel_size: 1, bias: false}
      - norm2: BatchNorm2d
      - relu2: ReLU
      - conv2: {op: Conv2d, out_channels: growth, kernel_size: 3, padding: 1, bias: false}
      - cat: {op: Concat, from: [input, conv2]}
  Transition:
    body:
      - norm: BatchNorm2d
      - relu: ReLU
      - conv: {op: Conv2d, out_channels: x.channels // 2, kernel_size: 1, bias: false}
      - pool: {op: AvgPool2d, kernel_size: 2, stride: 2}
body:
  - features:
      - conv0: {op: Conv2d, out_channels: 2 * growth, kernel_size: 7, stride: 2, padding: 3, bias: false}
      - each: {stage: stages}
        body:
          - denseblock{stage.index + 1}:
              - denselayer{i + 1}: {op: DenseLayer, repeat: stage, growth: growth, bn_size: bn_size}
          - transition{stage.index + 1}: {op: Transition, when: not stage.last}
      - norm5: BatchNorm2d
  - relu: ReLU
  - pool: {op: AdaptiveAvgPool2d, output_size: 1}
  - flatten: Flatten
  - classifier: {op: Linear, out_features: num_classes}
"""
    weight_keys = [k for k in keys(text) if k.endswith("weight")]
    layer = ["norm1.weight", "conv1.weight", "norm2.weight", "conv2.weight"]
    assert weight_keys == [
        "features.conv0.weight",
        *(f"features.denseblock1.denselayer1.{k}" for k in layer),
        "features.transition1.norm.weight", "features.transition1.conv.weight",
        *(f"features.denseblock2.denselayer1.{k}" for k in layer),
        *(f"features.denseblock2.denselayer2.{k}" for k in layer),
        "features.norm5.weight", "classifier.weight",
    ]  # fmt: skip
    assert shape(text, num_classes=7) == ["N", "7"]


def test_what_the_input_decides_is_inferred_and_checked_where_written() -> None:
    good(
        "body: [c: {op: Conv2d, in_channels: 3, out_channels: 4, kernel_size: 1}, {op: BatchNorm2d, num_features: 4}]"
    )
    rejected(
        "body: [c: {op: Conv2d, in_channels: «4», out_channels: 4, kernel_size: 1}]",
        "NS201",
        "declared 4, inferred 3",
    )
    rejected("body: [{op: BatchNorm2d, num_features: «64»}]", "NS201", "declared 64, inferred 3")


def test_the_public_names_can_be_completed() -> None:
    assert {"load", "compile", "source", "SpecError"} <= set(dir(netspec))
    assert "api" not in dir(netspec)


@pytest.mark.parametrize("value", [object(), torch.nn.Tanh, [torch.tensor(1)], {1, 2}])
def test_a_parameter_that_is_no_plain_value_is_named(value: object) -> None:
    with pytest.raises(
        TypeError, match=r"the parameter `act` cannot be .* pass a number, a string"
    ):
        netspec.load(whole("params: {act: 3}\nbody: [ReLU]"), act=value)


@pytest.mark.parametrize("declared", ["int", "3"])
def test_a_setting_without_a_value_is_one_error(declared: str) -> None:
    text = f"params: {{n: {declared}}}\nbody: [{{op: Conv2d, out_channels: n, kernel_size: 1}}]"
    (diagnostic,) = check_text(whole(text), settings={"n": SetText("")}).diagnostics
    assert diagnostic.message == "`n=` has no value"


def test_a_used_file_without_a_spec_is_reported_at_its_use(tmp_path) -> None:
    (tmp_path / "passwd").write_text("root:x:0:0:root\ndaemon:x:1:1\n")
    path = tmp_path / "net.yaml"
    path.write_text(whole("use: {r: ./passwd}\nbody: [ReLU]"))
    (diagnostic,) = netspec.load(path).diagnostics
    assert diagnostic.code == "NS026"
    assert "not a netspec file" in diagnostic.message
    assert diagnostic.span is not None
    assert diagnostic.span.text == "./passwd"
