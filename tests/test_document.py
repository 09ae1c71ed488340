"""What a text is read as: the data, the places, YAML 1.2, JSON, anchors, and no surprises."""

from __future__ import annotations

import gc
import json
import subprocess
import sys

import pytest
import yaml
from document_texts import (
    SPEC,
    content,
    data,
    mutated,
    same,
    scalars,
    specs_of_lines,
    tree,
    written,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from sampling import examples

from netspec.diagnostics import Code, Source
from netspec.document import Mapping, Scalar, Sequence, TextNode, parse
from netspec.document.aliases import MAX_EXPANSION
from netspec.document.plain_text import read_plain
from netspec.document.pure_loader import PureLoader
from netspec.document.scalars import resolve
from netspec.document.yaml_reader import compose

RESOLUTION: dict[str, object] = (
    dict.fromkeys(("null", "Null", "NULL", "~", ""))
    | dict.fromkeys(("true", "True", "TRUE"), True)
    | dict.fromkeys(("false", "False", "FALSE"), False)
    | {"0": 0, "-1": -1, "+7": 7, "010": 10, "0o17": 15, "0x1F": 31, "-0": 0}
    | {"1e-5": 1e-5, "1.": 1.0, ".5": 0.5, "-1.5E+3": -1500.0, "1e5": 1e5, "00.5": 0.5}
    | {".inf": float("inf"), "-.INF": float("-inf"), "+.Inf": float("inf")}
)
TEXTS = (
    *("on", "off", "yes", "no", "y", "N", "On", "tRUE", "nULL", "none", "None"),
    *("1_000", "12:30:45", "1:30", "2024-01-01", "0b1", "0o8", "0xg", "-0x1F", "1d", "1 2"),
    *(".", "+", "1e", "e5", "1.2.3", "1.10.", "-.nan", "inf", "nan", "..", "=x", "\u0661"),
)
RESOLUTION |= {text: text for text in TEXTS}


REJECTED = "the character U+"


def check_all(text: str) -> None:
    """What holds for every text whatsoever."""
    document = parse(text, "x.yaml")
    assert document.source.text == text
    assert document.root is not None or document.diagnostics
    for diagnostic in document.diagnostics:
        assert diagnostic.span is not None
        spans = [diagnostic.span, *(label.span for label in diagnostic.labels)]
        spans += [edit.span for help in diagnostic.helps for edit in help.edits]
        assert all(s.source is document.source for s in spans)
        assert all(0 <= s.start <= s.end <= len(text) for s in spans)
    check_places(document.root, len(text))
    if not any(REJECTED in diagnostic.message for diagnostic in document.diagnostics):
        check_plain(text)


def check_places(root: TextNode | None, size: int) -> None:
    """Each node is within the text."""
    if root is not None:
        assert 0 <= root.start <= root.end <= size
    for child in children(root):
        check_places(child, size)


def children(node: TextNode | None) -> list[TextNode]:
    if isinstance(node, Sequence):
        return node.items
    return [n for entry in node.entries for n in entry] if isinstance(node, Mapping) else []


def check_plain(text: str) -> bool:
    """The line reader gives what the YAML parser gives, or nothing."""
    root = read_plain(Source(text, "x"))
    if root is None:
        return False
    composed = compose(Source(text, "x"))
    assert not (composed.fault or composed.diagnostics or composed.mistakes)
    assert tree(root) == tree(composed.root)
    return True


@given(written())
def test_data_comes_back_from_any_style_with_the_place_of_every_piece(sample) -> None:
    text, value, expected = sample
    document = parse(text)
    if expected[1] == expected[2]:
        return  # nothing was written
    assert not document.diagnostics
    assert same(content(document.root), value)
    assert tree(document.root) == expected
    check_plain(text)


@given(written())
def test_the_pure_python_parser_gives_the_same_tree(sample) -> None:
    composed = compose(Source(sample[0], "x"), PureLoader)
    if composed.root is not None and sample[2][1] != sample[2][2]:
        assert tree(composed.root) == sample[2]


@given(written())
def test_windows_line_ends_and_a_byte_order_mark_change_places_only(sample) -> None:
    text, value, _ = sample
    changed = "\ufeff" + text.replace("\n", "\r\n")
    document = parse(changed)
    assert document.source.text == changed
    if not document.diagnostics and "\\n" not in text and "\n" not in str(value):
        assert same(content(document.root), value)
        check_scalars(document.root, changed)


def check_scalars(node: TextNode | None, text: str) -> None:
    """The text at a scalar's span has the scalar's value."""
    for child in children(node):
        check_scalars(child, text)
    if isinstance(node, Scalar) and not node.quoted:
        assert text[node.start : node.end] == node.text


@given(st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_json_comes_back_as_it_went_in(value) -> None:
    text = json.dumps([value], allow_nan=False) if finite(value) else "[1]"
    for name in ("x.json", "x"):
        document = parse(text, name)
        assert not document.diagnostics
        assert same(content(document.root), json.loads(text))


def finite(value: object) -> bool:
    text = json.dumps(value)
    return not any(word in text for word in ("NaN", "Infinity", "\\ud", "\\u00"))


@given(data, st.booleans())
def test_what_pyyaml_writes_is_read_back(value, flow) -> None:
    text = yaml.safe_dump(
        {"v": value}, default_flow_style=flow, allow_unicode=True, sort_keys=False
    )
    document = parse(text)
    if not document.diagnostics:
        assert same(json_like(content(document.root)), json_like(yaml.load(text, yaml.BaseLoader)))


def json_like(value: object) -> object:
    """Structure and keys; PyYAML's scalars are YAML 1.1."""
    if isinstance(value, dict):
        return {key: json_like(item) for key, item in value.items()}
    return [json_like(item) for item in value] if isinstance(value, list) else None


@pytest.mark.parametrize(("text", "value"), RESOLUTION.items())
def test_words_mean_what_yaml_1_2_says(text, value) -> None:
    assert same(resolve(text), value)
    assert same(content(parse(f"a: {text}").root), {"a": value})


def test_quoted_words_are_text() -> None:
    root = parse("a: '1'\nb: \"null\"\nc: |\n  true\n").root
    assert content(root) == {"a": "1", "b": "null", "c": "true\n"}
    assert isinstance(root, Mapping)
    assert all(isinstance(v, Scalar) and v.quoted for _, v in root.entries)


def test_not_a_number_and_numbers_of_any_length_are_read() -> None:
    assert repr(resolve(".nan")) == "nan"
    assert resolve("9" * 4000) == 10**4000 - 1
    assert resolve("9" * 5000) == "9" * 5000
    assert resolve("0x" + "f" * 5000) == "0x" + "f" * 5000
    assert content(parse("[" + "9" * 9000 + "]").root) == ["9" * 9000]


def test_a_mapping_knows_keys_and_values_by_their_text() -> None:
    root = parse("op: Conv2d\n1: one\n'2': two").root
    assert isinstance(root, Mapping)
    assert [key.text for key, _ in root.entries] == ["op", "1", "2"]
    assert content(root.get("1")) == "one"
    assert root.key("2").span.text == "'2'"
    assert root.get("kernel_size") is None
    assert root.key("kernel_size") is None
    assert repr(root) == "Mapping(op, 1, 2, 0:26)"


def test_the_specs_that_people_write_are_plain() -> None:
    assert check_plain(SPEC)
    assert not parse(SPEC).diagnostics


def test_a_block_ends_with_its_last_child() -> None:
    text = "a:\n  - b\n  - c: d   # note\n\n# more\ne: f\n"
    root = parse(text).root
    value = root.get("a")
    assert text[value.start : value.end] == "- b\n  - c: d"


def test_a_block_of_text_ends_with_its_last_line() -> None:
    text = "a: |\n  one\n  two\n\n\nb: >-\n  three\n"
    root = parse(text).root
    assert root.get("a").span.text == "|\n  one\n  two"
    assert content(root) == {"a": "one\ntwo\n", "b": "three"}


def test_an_anchor_is_no_part_of_the_value() -> None:
    root = parse("a: &x 5\nb: &y\n  c: 1\nd: &z [1]\ne: &l\n- 2\nf: *x").root
    assert [root.get(k).span.text for k in "abde"] == ["5", "c: 1", "[1]", "- 2"]
    assert root.get("f") is root.get("a")


def test_merge_keys_take_over_what_is_not_written() -> None:
    text = "a: &a {x: 1, y: 2}\nb: &b {y: 3, z: 4}\nc: {y: 0, <<: [*a, *b], z: 9}\nd: {<<: *a}\n"
    root = parse(text).root
    assert content(root.get("c")) == {"y": 0, "x": 1, "z": 9}
    assert content(root.get("d")) == {"x": 1, "y": 2}
    assert content(parse("'<<': 1").root) == {"<<": 1}


@settings(max_examples=examples(200))
@given(mutated())
def test_a_broken_spec_gives_a_tree_or_a_reason(text) -> None:
    check_all(text)


@settings(max_examples=examples(200))
@given(specs_of_lines)
def test_any_lines_give_a_tree_or_a_reason(text) -> None:
    check_all(text)


@given(st.text(st.sampled_from("ab1:- {}[],\n '\"#&*!|>%@`?\\\t$()<~.=é\r")) | st.text())
def test_garbage_gives_a_tree_or_a_reason(text) -> None:
    check_all(text)
    parse(text, "x.json")


@given(st.text(st.sampled_from('{}[],:" \\u01eE.-+ntrufalsd\n')))
def test_json_is_read_exactly_if_python_reads_it(text) -> None:
    try:
        json.loads(text, parse_constant=int)
    except ValueError:
        assert parse(text, "x.json").diagnostics
    else:
        codes = {d.code for d in parse(text, "x.json").diagnostics}
        assert codes <= {Code.DUPLICATE_KEY} or "\\ud" in text


@pytest.mark.sweep
@settings(max_examples=20_000, deadline=None)
@given(mutated() | specs_of_lines)
def test_the_two_yaml_readers_agree(text) -> None:
    check_all(text)


def laughs(levels: int) -> str:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    more = (f"a{i + 1}: &a{i + 1} [{', '.join([f'*a{i}'] * 9)}]" for i in range(levels))
    return "\n".join([*lines, *more])


def count(root: TextNode | None) -> int:
    """Distinct nodes: what the tree takes in memory."""
    seen, todo = set(), [root]
    while todo:
        node = todo.pop()
        if id(node) not in seen:
            seen.add(id(node))
            todo += children(node)
    return len(seen)


def expanded(root: TextNode | None) -> int:
    """Nodes with every alias written out: what a reader of the tree may meet."""
    total, todo = 0, [root]
    while todo:
        total += 1
        todo += children(todo.pop())
    return total


def test_a_billion_laughs_are_rejected() -> None:
    document = parse(laughs(60))
    assert [d.code for d in document.diagnostics] == [Code.ALIAS]
    assert "expand to more than 100,000 values" in document.diagnostics[0].message
    assert count(document.root) < 2000
    assert expanded(document.root) < MAX_EXPANSION + 2000


def test_merging_much_and_often_is_rejected() -> None:
    wide = ", ".join(f"k{i}: {i}" for i in range(2000))
    document = parse(f"a: &a {{{wide}}}\n" + "".join(f"b{i}: {{<<: *a}}\n" for i in range(1000)))
    assert [d.code for d in document.diagnostics] == [Code.ALIAS]
    assert expanded(document.root) < MAX_EXPANSION + 10_000


def test_aliases_cannot_build_a_tower() -> None:
    text = "- &a0 [x]\n" + "".join(f"- &a{i + 1} [*a{i}]\n" for i in range(500))
    document = parse(text)
    assert document.diagnostics[0].code == Code.TOO_DEEP


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? ", "[\n", '{"a":', "[[], "])
@pytest.mark.parametrize("name", ["x", "x.json"])
def test_nesting_has_an_end(opening, name) -> None:
    document = parse(opening * 5000, name)
    assert document.diagnostics[0].code in (Code.TOO_DEEP, Code.SYNTAX)
    if name == "x" or opening in ("[", '{"a":', "[\n"):
        assert document.diagnostics[0].code == Code.TOO_DEEP


@pytest.mark.parametrize("levels", [50, 100])
def test_reasonable_nesting_is_read(levels) -> None:
    for text in ("[" * levels + "]" * levels, "\n".join("  " * i + "a:" for i in range(levels))):
        assert not parse(text).diagnostics


def test_the_collector_is_left_as_it_was() -> None:
    assert gc.isenabled()
    parse("a: b")
    assert gc.isenabled()
    gc.disable()
    try:
        parse("a: [")
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_a_flow_style_yaml_file_is_not_json() -> None:
    assert content(parse("{a: 1, b: [x, 'y']}").root) == {"a": 1, "b": ["x", "y"]}
    assert parse("{a: 1}", "x.JSON").diagnostics


def test_reading_a_plain_spec_imports_no_yaml() -> None:
    code = "import sys; from netspec.document import parse; parse(sys.argv[1]); "
    code += "print('yaml' in sys.modules)"
    run = subprocess.run(
        [sys.executable, "-c", code, SPEC], capture_output=True, text=True, check=True
    )
    assert run.stdout == "False\n"
