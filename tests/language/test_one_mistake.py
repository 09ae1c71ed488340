"""One mistake is one diagnostic: what follows from this, or says it again, is silent."""

from __future__ import annotations

import pytest

from language.spec_case import good, module, rejected, text_of, warned

CONV = "{op: Conv2d, out_channels: 3, kernel_size: 1}"
BLOCK = (
    "blocks: {B: {params: {w: int, s: 1}, body: [{op: Conv2d, out_channels: w, kernel_size: s}]}}\n"
)
JOIN = "blocks: {J: {inputs: [low, skip], body: [{op: Add, from: [low, skip]}]}}\n"


@pytest.mark.parametrize(
    ("marked", "code", "words"),
    [
        (
            "body: [{op: Conv2d, «out_channel»: 3, kernel_size: 1}]",
            "NS102",
            "did you mean `out_channels`",
        ),
        ("body: [{op: Linear, «width»: 3}]", "NS102", "its arguments are: in_features"),
        (BLOCK + "body: [{op: B, «ww»: 3}]", "NS112", "its parameters are: w, s"),
        ("body: [{op: ReLU, «wen»: false}, {op: ReLU, when: false}]", "NS102", "`when`"),
        (BLOCK + "body: [{op: B, w: 3, «repaet»: 2}]", "NS112", "did you mean `repeat`"),
        (BLOCK + "body: [{op: B, w: 3, «outputs»: [a]}]", "NS112", "has no parameter `outputs`"),
        ("body: [{op: ReLU, «outputs»: [a]}]", "NS102", "has no argument `outputs`"),
        ("body: [g: {body: [ReLU], «share»: {weight: a.weight}}]", "NS021", "a group has no key"),
        (
            "body: [{«eahc»: {k: [1, 2]}, body: [{op: Conv2d, out_channels: k, kernel_size: k}]}]",
            "NS021",
            "did you mean `each`",
        ),
        ("body: [{«po»: Conv2d, out_channels: 3, kernel_size: 1}]", "NS021", "did you mean `op`"),
        ("params: {w: {«defualt»: 3}}\nbody: [{op: Dropout, p: 1 / w}]", "NS021", "default"),
        ("inputs: {t: {«shap»: [N, 3]}}\nbody: [{op: Linear, out_features: 3}]", "NS021", "shape"),
        ("dims: {H: {«mni»: 4}}\nbody: [ReLU]", "NS021", "did you mean `min`"),
        ("budget: {«parms»: 4}\nbody: [ReLU]", "NS021", "did you mean `params`"),
        ("blocks: {B: {«whatever»: [ReLU]}}\nbody: [B]", "NS021", "its keys are"),
    ],
)
def test_an_unknown_key_is_one_error(marked: str, code: str, words: str) -> None:
    rejected(marked, code, words)


def test_a_misspelled_key_is_read_as_the_intended_one() -> None:
    diagnostic = rejected("budget: {«parms»: 1}\nbody: [ReLU]", "NS021")
    assert "did you mean `params`?" in text_of(diagnostic)
    text = "body: [a: ReLU, {op: Conv2d, out_channels: 3, kernel_size: 1, «frm»: a}, {op: ReLU, from: previous}]"
    rejected(text, "NS102")


@pytest.mark.parametrize(
    ("marked", "code"),
    [
        ("body: [«a»: , {op: Add, from: [a, input]}]", "NS024"),
        ("body: [a: {op: ReLU, «body»: []}, {op: Add, from: [a, input]}]", "NS024"),
        ('body: [«""»: ReLU, {op: Add, from: [previous, input]}]', "NS107"),
        ("body: [{each: «stages», body: [a: ReLU]}, {op: Add, from: [a, input]}]", "NS024"),
        ("params: {w: [1, 2]}\nbody: [{each: {k: «v»}, body: ['a{k.index}': ReLU]}, {op: Add, from: [a0, a1]}]", "NS121"),
        ("body: [j: {op: Add, branches: «3»}, {op: Add, from: [j, input]}]", "NS025"),
        ("body: [{op: ReLU, branches: {a: ReLU, b: []}}]", "NS110"),
        ("blocks: {«B»: 3}\nbody: [b: B, {op: Add, from: [b, input]}, {op: B, w: 3}]", "NS022"),
        (f"body:\n  - a: {CONV}\n    «b»: {CONV}\n  - {{op: Add, from: [a, b]}}", "NS024"),
        ("body: [{op: Add, from: [input, «'c*'»]}]", "NS103"),
        ("body: «{a: ReLU, b: {op: Add, from: [a, input]}}»\noutputs: {o: b, p: a}", "NS025"),
        ('body: ["a{i}": {op: ReLU, from: «nowhere», repeat: 2}, {op: Add, from: [a0, a1]}]', "NS103"),
        ("body: [g: {from: «nowhere», body: [a: ReLU], outputs: {o: a}}, {op: Add, from: [g.o, g]}]", "NS103"),
        (f"body: [a: {CONV}, «a»: {{op: Conv2d, out_channels: 4, kernel_size: 1}}, {{op: Conv2d, in_channels: 3, out_channels: 3, kernel_size: 1}}]", "NS106"),
        (f"body: [a: [{CONV}], «a»: [{{op: Conv2d, out_channels: 4, kernel_size: 1}}], {{op: Conv2d, in_channels: 3, out_channels: 3, kernel_size: 1}}]", "NS106"),
    ],
)  # fmt: skip
def test_what_could_not_be_read_is_known_to_have_failed(marked: str, code: str) -> None:
    rejected(marked, code)


@pytest.mark.parametrize(
    ("marked", "code", "others"),
    [
        ("body: [cnov: ReLU, {op: Add, from: [«conv», input]}, {op: Add, from: [conv, previous]}]", "NS103", 1),
        ("params: {widht: 3}\nbody: [{op: Conv2d, out_channels: «width», kernel_size: 'width'}]", "NS121", 1),
        ("presets: {p: {«width»: 4}}\nparams: {widht: 3}\nbody: [{op: Linear, out_features: width}]", "NS112", 1),
        ("blocks: {B: {params: {ww: 1}, body: [{op: Linear, out_features: «w»}]}}\nbody: [B, {op: B, w: 3}]", "NS121", 1),
        ("body: [g: {body: [ReLU]}, {op: Add, from: [«h.a», h.b]}]", "NS103", 1),
        ("blocks: {Bb: [ReLU]}\nbody: [«B», B, B]", "NS101", 2),
        ("body: [l: ReLU, {op: Add, from: [«k», k]}, k: ReLU]", "NS104", 1),
        (JOIN + "body: [{op: J, from: {«lwo»: input, skip: input}}]", "NS110", 0),
        (JOIN + "body: [{op: J, from: {«below»: input, skip: input}}]", "NS110", 0),
        (JOIN + "body: [{op: J, from: {«foo»: input, bar: input}}]", "NS110", 0),
    ],
)  # fmt: skip
def test_one_name_that_means_nothing_in_several_places(marked: str, code: str, others: int) -> None:
    diagnostic = rejected(marked, code)
    assert sum(label.text == "also here" for label in diagnostic.labels) == others


def test_of_many_places_a_few_are_shown() -> None:
    steps = ", ".join(["B"] * 9)
    diagnostic = rejected(f"body: [«B», {steps}]", "NS101")
    assert sum(label.text == "also here" for label in diagnostic.labels) == 4
    assert diagnostic.notes == ("and 5 more places",)


def test_a_computed_reference_is_one_error_in_all_iterations() -> None:
    diagnostic = rejected(
        'body: [{each: {k: [1, 2, 3]}, body: [{op: Add, from: [«"a{k}"», input]}]}]', "NS103"
    )
    assert diagnostic.uses == 3


# ---- types and values ------------------------------------------------------------------------------


@pytest.mark.parametrize("use", ["w: 3", "w: width", "w: 2 * width"])
def test_a_misspelled_type_is_found_by_what_is_given(use: str) -> None:
    block = "blocks: {B: {params: {w: «itn»}, body: [{op: Linear, out_features: w}]}}\n"
    rejected(
        f"params: {{width: 3}}\n{block}body: [{{op: B, {use}}}]", "NS025", "did you mean `int`"
    )


def test_a_type_is_a_word_or_a_list_of_one() -> None:
    rejected(
        "params: {p: {type: «[[int]]», default: [[1]]}}\nbody: [ReLU]",
        "NS025",
        "lists such as [int]",
    )
    rejected(
        "params: {p: {type: «itn», default: 3}}\nbody: [{op: Dropout, p: 1 / p}]",
        "NS025",
        "`int`",
    )


def test_a_wrong_value_of_an_op_value_is_reported_where_it_is_written() -> None:
    block = "blocks: {B: {params: {act: op}, body: [act]}}\n"
    rejected(block + "body: [{op: B, act: {op: Dropout, p: «7»}}]", "NS108", "a number from 0 to 1")


def test_an_argument_in_error_is_given() -> None:
    rejected("body: [{op: Interpolate, size: «nothing».height, mode: bilinear}]", "NS121")
    rejected(
        "body: [{op: Interpolate, size: 4, mode: «bilinaer»}]", "NS108", "did you mean `bilinear`"
    )


@pytest.mark.parametrize("init", ["{std: 0.02}", "{fn: 3}", "{fn: normal_, std: -1}"])
def test_the_function_of_a_parameter_is_named(init: str) -> None:
    text = f"body: [p: {{op: Parameter, shape: [3, 1, 1], init: {init}}}, {{op: Mul, from: [input, p]}}]"
    rejected(text, "NS502")


def test_the_arguments_of_an_initializer_are_computed() -> None:
    text = "body: [p: {op: Parameter, shape: [3, 1, 1], init: {fn: constant_, val: 1 / 2}}, {op: Mul, from: [input, p]}]"
    assert module(text).p.tolist() == [[[0.5]]] * 3


# ---- what is skipped ------------------------------------------------------------------------------


def test_nothing_of_a_step_that_is_omitted_can_be_shared() -> None:
    rejected(
        "body: [c: {op: Conv2d, out_channels: 3, kernel_size: 1, when: false}, {share: «c»}]",
        "NS103",
        "is skipped here",
    )
    rejected("body: [{share: «image»}]", "NS103", "only a step can be shared")


def test_names_in_a_step_that_is_never_run_are_checked() -> None:
    rejected("body: [{op: Conv2d, when: false, out_channels: «widht», kernel_size: 1}]", "NS121")
    rejected(
        "body: [{when: false, body: [a: ReLU, {op: Conv2d, out_channels: a.channels, kernel_size: «k»}]}]",
        "NS121",
    )


@pytest.mark.parametrize("way", ["[input, a]", "{input: input, other: a}", '[input, "a*"]'])
@pytest.mark.parametrize("out", ["when: false", "repeat: 0"])
def test_what_is_omitted_reads_its_first_input_alone(way: str, out: str) -> None:
    op = "Sub" if way.startswith("{") else "Add"
    warned(f"body: [«a»: ReLU, {{op: {op}, from: {way}, {out}}}]", "NS105", "`a` is never used")


def test_a_misspelled_owner_is_reported_at_the_parameter() -> None:
    group = "inputs: {t: [N, 4]}\nbody: [g: {body: [w: {op: Linear, out_features: 4}], outputs: {out: w}}, {op: Linear, out_features: 4, share: {weight: «%s.weight»}}]"
    rejected(group % "gg.out", "NS103", "gg.out.weight")
    rejected(group % "g.outt", "NS103", "did you mean `g.out.weight`")


# ---- what says the same again ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("marked", "code", "words"),
    [
        ("body: [{op: Conv2d, out_channels: 3, kernel_size: 3, padding: «r», dilation: r}]", "NS121", "also here"),
        ("body: [{op: Conv2d, out_channels: 3, kernel_size: 3, padding: «smae»}]", "NS108", "did you mean `same`"),
        ("body: [a: ReLU, {share: «a», op: Conv2d}]", "NS024", "remove the op"),
        ("blocks: {«B»: {op: Conv2d, out_channels: 3, kernel_size: 1}}\nbody: [B]", "NS022", "write it as a list"),
        ("blocks: {«a.b»: [ReLU]}\nbody: [a.b]", "NS107", "a dot"),
        ("body: [«a.b»: ReLU, a: [b: ReLU]]", "NS107", "a dot"),
        ("blocks: {B: [c: ReLU, d: ReLU]}\nbody: [{op: B, repeat: 3, inline: «true»}]", "NS106", "remove `inline`"),
        ("body: [g: {when: false, body: [r: ReLU], outputs: {p: r}}, {op: Add, from: [«g.p», g.p]}]", "NS103", "skipped here"),
        ("blocks: {C: {body: [s: ReLU], outputs: {o: s, z: s}}}\nbody: [c: {op: C, repeat: 0}, {op: Add, from: [«c.z», c.o]}]", "NS103", "skipped here"),
        ("body: [{each: {m: [«nearest», bilinear]}, body: [{op: Interpolate, scale_factor: 2, mode: =m}]}]", "NS121", "nest the quotes"),
    ],
)  # fmt: skip
def test_it_is_reported_once(marked: str, code: str, words: str) -> None:
    rejected(marked, code, words)


def test_a_condition_missing_from_dims_is_reported_once_for_a_symbol() -> None:
    steps = "{op: MaxPool2d, kernel_size: 2, repeat: 3}, {op: «Conv2d», out_channels: 3, kernel_size: [3, 1]}"
    text = f"dims: {{H: {{min: 2}}}}\nbody: [{steps}]"
    rejected(text, "NS302", "declare it: `H: {min: 24}`")
    good(text.replace("min: 2", "min: 24").replace("«", "").replace("»", ""))


# ---- values that are intended to be computed ------------------------------------------------------


def test_a_string_that_is_intended_as_an_expression() -> None:
    linear = "body: [{op: Linear, out_features: «e»}]"
    rejected(f"params: {{c: 2, e: c * 2}}\n{linear}", "NS108", "declare it as `=c * 2`")
    pad = "params: {m: reflect}\nbody: [{op: Pad, pad: [1, 1], mode: «m»}]"
    diagnostic = rejected(pad, "NS108", "write `=m`")
    assert [e.replacement for h in diagnostic.helps for e in h.edits] == ["=m"]
    rejected(
        "params: {e: =«d» * 2, d: 3}\nbody: [{op: Linear, out_features: e}]",
        "NS121",
        "is declared later",
    )
    block = "blocks: {B: {params: {e: =«d» * 2, d: 3}, body: [{op: Linear, out_features: e}]}}\nbody: [B]"
    rejected(block, "NS121", "is declared later")


def test_presets_are_looked_at_even_if_none_is_chosen() -> None:
    text = "params: {width: {type: int, default: 4, min: 1}}\npresets: {a: {width: %s}, b: {width: 2}}\nbody: [{op: Conv2d, out_channels: width, kernel_size: 1}]"
    rejected(text % "«-5»", "NS108", "at least 1")
    rejected(text % "«-5»", "NS108", "at least 1", preset="b")
    rejected(text % "«big»", "NS121")


# ---- inputs ----------------------------------------------------------------------------------------

TWO = "inputs: {%s: [N, 3, H, W], b: [N, 3, H, W]}\n"


def test_an_input_that_nothing_reads_is_a_warning() -> None:
    warned(TWO % "«a»" + "body: [{op: ReLU, from: b}]", "NS105", "the input `a` is never used")
    warned("inputs: {a: [N, 3], «b»: [N, 3]}\nbody: [ReLU]", "NS105", "`b`")
    for reads in (
        "{op: Add, from: [input, b]}",
        "g: [{op: Add, from: [input, b]}]",
        "{op: Interpolate, size: [b.height, 3]}",
        "{op: ReLU, when: b.channels == 3}",
    ):
        module(TWO % "a" + f"body: [{reads}]")
    module(TWO % "a" + "body: [ReLU]\noutputs: [previous, b]")


def test_a_block_does_not_see_the_inputs_of_the_file() -> None:
    rejected(
        "blocks: {B: [{op: Add, from: [input, «image»]}]}\nbody: [B]", "NS103", "declare `inputs`"
    )


# ---- texts -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("marked", "code", "words"),
    [
        ("body: [{op: ReLU, when: «null»}]", "NS122", "this is null"),
        ("body: [{op: ReLU, repeat: «x.height»}]", "NS124", "but this is `H`"),
        ("body: [{op: Concat, from: «[]»}]", "NS110", "at least 1 input, got 0"),
        ('init: {"**.bias": «zeros_»}\nbody: [{op: Conv2d, out_channels: 3, kernel_size: 1}]', "NS502", '"**": {bias: zeros_}'),
        ("init: {Conv2d: «zeros_»}\nbody: [{op: Conv2d, out_channels: 3, kernel_size: 1}]", "NS502", '"Conv2d": {weight: zeros_}'),
        ("inputs: «[a]»\nbody: [ReLU]", "NS025", "write `inputs: {a: [N, 3, H, W]}`"),
        ("doc: «[a]»\nbody: [ReLU]", "NS025", "`doc` must be text"),
    ],
)  # fmt: skip
def test_what_a_message_says(marked: str, code: str, words: str) -> None:
    rejected(marked, code, words)


# ---- sizes -----------------------------------------------------------------------------------------


def test_examples_that_are_not_valid_are_one_warning_with_its_cause() -> None:
    text = "dims: {H: «8», W: 8}\nbody: [c: {op: Conv2d, out_channels: 3, kernel_size: 9}]"
    diagnostic = warned(text, "NS302")
    assert diagnostic.message == "the examples H = 8 and W = 8 are not valid: H >= 9 and W >= 9"
    assert [label.span.text for label in diagnostic.labels] == ["8", "c"]
    assert "tables and costs use H = 224 and W = 224 instead" in diagnostic.helps[0].text
    diagnostic = warned(text.replace("W: 8", "W: 9"), "NS302", "c H-9 must be at least 0")
    assert diagnostic.message == "the example H = 8 is not valid: H >= 9"


def test_an_example_below_the_declared_least_is_one_warning() -> None:
    warned(
        "dims: {H: «{min: 16, example: 8}»}\nbody: [ReLU]", "NS302", "H = 8 is not valid: H >= 16"
    )
    text = "dims: {H: {min: 8, example: 8}}\nbody: [«c»: {op: Conv2d, out_channels: 3, kernel_size: 9}]"
    rejected(text, "NS302", "`dims` allows H = 8, but `c` requires H >= 9")


@pytest.mark.parametrize("op", ["BatchNorm1d", "{op: Conv1d, out_channels: 4, kernel_size: 1}"])
def test_an_open_size_is_not_said_to_depend_on_itself(op: str) -> None:
    diagnostic = rejected(f"inputs: {{a: [N, C, T]}}\nbody: [«{op}»]" if op[0] != "{" else
                    f"inputs: {{a: [N, C, T]}}\nbody: [{op}]", "NS125")  # fmt: skip
    assert diagnostic.label == "C is symbolic"
    of_two = rejected(
        "inputs: {a: [N, C, T]}\nbody: [{op: Flatten, start_dim: 1}, BatchNorm1d]", "NS125"
    )
    assert "depends on C, T" in of_two.label
