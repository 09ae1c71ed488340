"""YAML 1.2, tamed, and JSON."""

from __future__ import annotations

import json

import pytest

import netspec
from language.spec_case import keys, module, modules, rejected, shape, text_of, whole
from netspec import Network


def load(text: str) -> Network:
    """A file as it stands."""
    return netspec.load(text)


def test_on_yes_and_no_are_text() -> None:
    assert modules("body: [on: ReLU, yes: ReLU, no: ReLU, off: ReLU, y: ReLU, n: ReLU]") == [
        "on",
        "yes",
        "no",
        "off",
        "y",
        "n",
    ]
    assert modules('params: {a: yes, b: Off}\nbody: ["{a}": ReLU, "{b}": ReLU]') == ["yes", "Off"]


@pytest.mark.parametrize("word", ["no", "off", "yes", "on"])
def test_no_for_false_is_reported(word: str) -> None:
    boolean_word = "false" if word in ("no", "off") else "true"
    rejected(
        f"body: [{{op: Conv2d, out_channels: 1, kernel_size: 1, bias: «{word}»}}]",
        "NS121",
        f"`{boolean_word}`",
    )


@pytest.mark.parametrize("word", ["false", "False", "FALSE"])
def test_false_is_false(word: str) -> None:
    assert keys(f"body: [c: {{op: Conv2d, out_channels: 1, kernel_size: 1, bias: {word}}}]") == [
        "c.weight"
    ]


@pytest.mark.parametrize(
    ("text", "value"),
    [("1e-5", 1e-5), ("1e-05", 1e-5), (".5", 0.5), ("1.", 1.0), ("+0.25", 0.25), ("1E-3", 1e-3)],
)
def test_numbers_are_those_of_yaml_1_2(text: str, value: float) -> None:
    assert module(f"body: [b: {{op: BatchNorm2d, eps: {text}}}]").b.eps == value


@pytest.mark.parametrize(
    ("text", "value"), [("010", "10"), ("0o10", "8"), ("0x10", "16"), ("+5", "5"), ("08", "8")]
)
def test_a_leading_zero_is_no_octal(text: str, value: str) -> None:
    assert shape(f"body: [{{op: Conv2d, out_channels: {text}, kernel_size: 1}}]")[1] == value


def test_nothing_is_sexagesimal() -> None:
    rejected("body: [{op: Conv2d, out_channels: 1:30, kernel_size: 1}]", "NS120")


def test_a_repeated_key_is_an_error_with_both_places() -> None:
    diagnostic = rejected(
        "body: [{op: Conv2d, out_channels: 1, kernel_size: 3, «kernel_size»: 5}]", "NS011", "first"
    )
    assert [label.span.text for label in diagnostic.labels] == ["kernel_size"]
    rejected("body: [ReLU]\n«body»: [ReLU]", "NS011")
    rejected("params: {a: 1, «a»: 2}\nbody: [ReLU]", "NS011")
    rejected('params: {a: 1, «"a"»: 2}\nbody: [ReLU]', "NS011")


@pytest.mark.parametrize("tag", ["!!int", "!mine", "!!python/name:os.system", "!"])
def test_tags_are_rejected(tag: str) -> None:
    rejected(f"body: [{{op: Conv2d, out_channels: {tag} 3, kernel_size: 1}}]", "NS012")


def test_a_rejected_tag_is_one_error_whatever_it_is_on() -> None:
    rejected("body: [!!python/object/apply:os.system [x]]", "NS012")


def test_anchors_aliases_and_merge_keys_work() -> None:
    text = """
body:
  - a: &conv {op: Conv2d, out_channels: 3, kernel_size: 1}
  - b: *conv
  - c: {<<: *conv, out_channels: 5}
  - d: {<<: [*conv, {bias: false, out_channels: 9}], kernel_size: 3}
  - &act ReLU
  - *act
"""
    shapes_by_key = {k: tuple(v.shape) for k, v in module(text).state_dict().items()}
    assert shapes_by_key == {
        "a.weight": (3, 3, 1, 1), "a.bias": (3,), "b.weight": (3, 3, 1, 1), "b.bias": (3,),
        "c.weight": (5, 3, 1, 1), "c.bias": (5,), "d.weight": (3, 5, 3, 3),
    }  # fmt: skip
    assert modules(text)[-2:] == ["4", "5"]


def test_a_mistake_behind_an_alias_is_one_error_where_it_is_written() -> None:
    rejected("body:\n  - a: &c {op: Conv2d, out_channels: 3, «kernel»: 1}\n  - b: *c", "NS102")


def test_a_merge_of_nothing_is_an_error() -> None:
    rejected("body:\n  - d: {<<: «3», op: ReLU}", "NS013")


def test_an_unknown_alias_is_one_error() -> None:
    rejected("body: [«*foo»]", "NS013")


def bomb() -> str:
    lines = ["  a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]"]
    lines += [f"  a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    return "params:\n" + "\n".join(lines) + "\nbody: [ReLU]"


def test_aliases_are_bounded() -> None:
    diagnostics = load(whole(bomb())).diagnostics
    assert "NS013" in [d.code for d in diagnostics]


def test_too_many_aliases_are_one_error() -> None:
    rejected(bomb(), "NS013", "100,000")


# ---- JSON ----------------------------------------------------------------------------------------

DATA = {
    "netspec": 1,
    "params": {"w": 4},
    "inputs": {"image": ["N", 3, "H", "W"]},
    "blocks": {"B": [{"c": {"op": "Conv2d", "out_channels": 3, "kernel_size": 1}}, "ReLU"]},
    "body": ["ReLU", {"op": "Conv2d", "out_channels": "2 * w", "kernel_size": [1, 1]}, {"g": ["B", []]},
             {"each": {"k": "range(2)"}, "body": [{"a{k}": "Sigmoid"}]}, {"op": "Add", "from": ["previous", "g"]}],
}  # fmt: skip


@pytest.mark.parametrize("indent", [None, 2, "\t"])
def test_a_json_file_has_exactly_the_same_meaning(indent: int | str | None) -> None:
    text = json.dumps(DATA, indent=indent)
    network = load(text)
    assert network.diagnostics == ()
    assert list(network.compile().state_dict()) == [
        "1.weight",
        "1.bias",
        "g.0.c.weight",
        "g.0.c.bias",
    ]


@pytest.mark.parametrize("declared", ["int", {"type": "int", "min": 1}, ["int"], {"type": ["int"]}])
def test_types_are_reported_in_json_too(declared: object) -> None:
    value = [2] if "[" in json.dumps(declared) else 2
    block = {"params": {"w": declared}, "body": ["ReLU"]}
    spec = {
        "netspec": 1,
        "inputs": {"t": ["N"]},
        "blocks": {"B": block},
        "body": [{"op": "B", "w": value}],
    }
    assert load(json.dumps(spec)).diagnostics == ()
    spec["body"] = [{"op": "B", "w": 2.5}]
    assert [d.code for d in load(json.dumps(spec)).diagnostics] == ["NS108"]


def test_the_source_of_yaml_and_json_is_the_same() -> None:
    yaml = """netspec: 1
params: {w: 4}
inputs: {image: [N, 3, H, W]}
blocks: {B: [c: {op: Conv2d, out_channels: 3, kernel_size: 1}, ReLU]}
body: [ReLU, {op: Conv2d, out_channels: 2 * w, kernel_size: [1, 1]}, g: [B, []], {each: {k: range(2)}, body: ["a{k}": Sigmoid]}, {op: Add, from: [previous, g]}]
"""

    def code(text: str) -> str:
        return "\n".join(
            line.split("#")[0].split('"""')[0].rstrip() for line in load(text).source().splitlines()
        )

    assert code(yaml) == code(json.dumps(DATA, indent=1))


def test_places_in_json_are_exact() -> None:
    text = json.dumps(DATA, indent=2).replace('"Sigmoid"', '"Sigmoidd"')
    (diagnostic,) = load(text).diagnostics
    assert diagnostic.span is not None
    assert diagnostic.span.text == '"Sigmoidd"'
    assert diagnostic.code == "NS101"


def test_duplicate_keys_of_json_are_errors() -> None:
    text = '{"netspec": 1, "inputs": {"a": ["N"]},\n "body": ["ReLU"],\n "body": ["ReLU"]}'
    (diagnostic,) = load(text).diagnostics
    assert diagnostic.code == "NS011"
    assert (diagnostic.span.line, diagnostic.labels[0].span.line) == (3, 2)


@pytest.mark.parametrize(
    "text",
    [
        '{"netspec": 1',
        '{"netspec" 1}',
        '{"netspec": 1} x',
        '{"netspec": 01e}',
        '{"netspec": 1, "body": ["ReLU" "ReLU"]}',
    ],
)
def test_broken_json_is_one_error(text: str) -> None:
    assert len(load(text).diagnostics) == 1


# ---- what people really write --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("marked", "quoted"),
    [
        (
            "params: {widths: [1]}\nbody: [{op: Conv2d, out_channels: «widths[0]», kernel_size: 1}]",
            '"widths[0]"',
        ),
        ("body: [{op: Conv2d, out_channels: «max(3, 4)», kernel_size: 1}]", '"max(3, 4)"'),
        ("params: {k: a}\nbody:\n  - «{k}1»: ReLU", '"{k}1"'),
        (
            "params: {k: 3}\nbody:\n  - op: Conv2d\n    out_channels: «${k}»\n    kernel_size: 1",
            "`k`",
        ),
        ("body:\n  - «conv1:ReLU»", "`conv1: ReLU`"),
    ],
)
def test_a_missing_quote_is_offered(marked: str, quoted: str) -> None:
    rejected(marked, "NS010", quoted)


def test_on_a_line_of_their_own_expressions_want_no_quotes() -> None:
    text = "params: {widths: [5]}\nbody:\n  - op: Conv2d\n    out_channels: max(3, widths[0])\n    kernel_size: 1"
    assert shape(text)[1] == "5"


def test_tabs_are_shown() -> None:
    rejected("body:\n«\t»- ReLU", "NS010", "spaces")


def test_arguments_that_are_not_indented_can_be_moved() -> None:
    text = whole("body:\n  - conv1:\n    op: Conv2d\n    out_channels: 3\n    kernel_size: 1")
    (diagnostic,) = load(text).diagnostics
    assert diagnostic.code == "NS024"
    assert "indent" in text_of(diagnostic)
    for edit in sorted(diagnostic.helps[0].edits, key=lambda e: -e.span.start):
        text = text[: edit.span.start] + edit.replacement + text[edit.span.end :]
    assert load(text).diagnostics == ()
    assert list(load(text).compile().state_dict()) == ["conv1.weight", "conv1.bias"]


@pytest.mark.parametrize(
    "broken",
    [
        "body: [ReLU",
        "body: {a: [}",
        "body: 'ReLU",
        "body: [ReLU]]",
        'body: ["k{i}": {: 2, op: ReLU, repeat: 2}]',
        'body:\n  - "k{i}": {op: ReLU, : 2}',
        "body: [a: {: ReLU}, b: [: 2]]",
        "doc: b: c",
        "- a\nbody: [ReLU]",
        "body: [ReLU]\n---\nbody: [ReLU]",
        "%YAML 1.1\n---\na: 1",
        "? [a]\n: b",
        "body: &a [*a]",
    ],
)
def test_a_broken_text_is_one_error(broken: str) -> None:
    diagnostics = load(whole(broken)).diagnostics
    assert len(diagnostics) == 1, [d.message for d in diagnostics]
    assert diagnostics[0].span is not None


def test_too_much_nesting_is_one_error() -> None:
    rejected(f"body: {'[' * 150}ReLU{']' * 150}", "NS014")


def test_line_breaks_comments_and_marks_of_order_do_not_matter() -> None:
    text = "\ufeff# a comment\r\nnetspec: 1\r\ninputs: {image: [N, 3, H, W]} # b\r\nbody:\r\n  # c\r\n- a: ReLU\r\n"
    network = load(text)
    assert network.diagnostics == ()
    assert [n for n, _ in network.compile().named_modules()][1:] == ["a"]
