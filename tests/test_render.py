"""How diagnostics and tables look: every test reads the text."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netspec.check import check, check_text
from netspec.diagnostics import Diagnostic, Edit, Help, Label, ScopeFrame, Source, Span
from netspec.printable import Lines
from netspec.report.diagnostic import concise, full
from netspec.report.numbers import scaled
from netspec.report.report_json import diagnostic_json
from netspec.report.status_line import verdict
from netspec.report.style import Style
from netspec.report.summary import Summary, SummaryRow
from netspec.report.table import table
from netspec.report.text_width import clipped, shown, width

SPECS = Path(__file__).parents[1] / "specs"


def spot(source: Source, text: str, after: str = "") -> Span:
    """The place of a text in a source; of several, the first one behind `after`."""
    start = source.text.index(text, source.text.index(after) if after else 0)
    return Span(source, start, start + len(text))


def diagnostic_at(source: Source, text: str, label: str = "", **rest: object) -> Diagnostic:
    """A diagnostic at a text."""
    return Diagnostic("NS999", "it is so", spot(source, text), label, **rest)  # type: ignore[arg-type]


def lines(diagnostic: Diagnostic, columns: int = 120) -> list[str]:
    """The diagnostic in full, line by line."""
    return full(diagnostic, columns=columns).splitlines()


# ---- diagnostics ---------------------------------------------------------------------------------


def test_one_place():
    source = Source("a: 1\nbb: two\n", "f.yaml")
    assert lines(diagnostic_at(source, "two", "here")) == [
        "error[NS999]: it is so",
        " --> f.yaml:2:5",
        "  |",
        "2 | bb: two",
        "  |     ^^^ here",
    ]


def test_several_places_and_the_lines_between_them():
    source = Source("\n".join(f"line {k}" for k in range(1, 13)), "f.yaml")
    labels = (Label(spot(source, "line 2"), "second"), Label(spot(source, "line 4"), "fourth"))
    assert lines(diagnostic_at(source, "12", labels=labels)) == [
        "error[NS999]: it is so",
        "  --> f.yaml:12:6",
        "   |",
        " 2 | line 2",
        "   | ------ second",
        " 3 | line 3",
        " 4 | line 4",
        "   | ------ fourth",
        "...",
        "12 | line 12",
        "   |      ^^",
    ]


def test_labels_on_one_line_hang_below_from_right_to_left():
    source = Source("Concat: [b1, b5, b3]", "f.yaml")
    labels = (Label(spot(source, "b1"), "left"), Label(spot(source, "b3"), "right"))
    assert lines(diagnostic_at(source, "b5", "middle", labels=labels))[3:] == [
        "1 | Concat: [b1, b5, b3]",
        "  |          --  ^^  -- right",
        "  |          |   |",
        "  |          |   middle",
        "  |          left",
    ]


def test_labels_that_cover_each_other_get_rows_of_their_own():
    source = Source("conv: {op: Conv2d}", "f.yaml")
    labels = (Label(spot(source, "{op: Conv2d}"), "all"), Label(spot(source, "op"), "key"))
    assert lines(diagnostic_at(source, "Conv2d", "part", labels=labels))[3:] == [
        "1 | conv: {op: Conv2d}",
        "  |        --  ^^^^^^ part",
        "  |        |",
        "  |        key",
        "  |       ------------ all",
    ]


def test_another_file_has_an_excerpt_of_its_own():
    here, there = Source("a: 1", "here.yaml"), Source("x\ny: 2", "there.yaml")
    labels = (Label(spot(there, "2"), "and this"),)
    assert lines(diagnostic_at(here, "1", labels=labels))[1:] == [
        " --> here.yaml:1:4",
        "  |",
        "1 | a: 1",
        "  |    ^",
        " ::: there.yaml:2:4",
        "  |",
        "2 | y: 2",
        "  |    - and this",
    ]


def test_notes_helps_and_blocks_come_last():
    source = Source("a: 1\nb: 2", "f.yaml")
    frames = tuple(ScopeFrame(f"level{k}", spot(source, "b")) for k in range(6))
    diagnostic = diagnostic_at(
        source,
        "1",
        notes=("1 = 1", Lines("two\nlines")),
        helps=(Help("write 2"),),
        frames=frames,
        uses=58,
    )
    assert lines(diagnostic)[5:] == [
        "  |",
        "  = note: 1 = 1",
        "  = note: two",
        "          lines",
        "  = help: write 2",
        "  = in: level0 (f.yaml:2)",
        "  = in: … 3 more",
        "  = in: level4 (f.yaml:2)",
        "  = in: level5 (f.yaml:2), and 57 more uses",
    ]


def test_a_span_of_several_lines_marks_the_first():
    source = Source("body:\n  - a: 1\n  - b: 2\n", "f.yaml")
    diagnostic = Diagnostic("NS999", "it is so", Span(source, 8, 22), "all of it")
    assert lines(diagnostic)[3:] == ["2 |   - a: 1", "  |   ^^^^^^ … all of it"]


def test_a_place_at_the_end_of_the_file():
    source = Source("a: 1\n", "f.yaml")
    diagnostic = Diagnostic("NS999", "it is so", Span(source, 5, 5), "missing here")
    assert lines(diagnostic)[1:] == [" --> f.yaml:2:1", "  |", "2 |", "  | ^ missing here"]


def test_a_file_that_cannot_be_read_has_no_excerpt():
    diagnostic = Diagnostic(
        "NS001", "no file", Span(Source("", "f.yaml"), 0, 0), helps=(Help("look"),)
    )
    assert lines(diagnostic) == ["error[NS001]: no file", " --> f.yaml", "  = help: look"]
    assert concise(diagnostic) == "f.yaml: error[NS001]: no file"


@pytest.mark.parametrize(
    ("shape", "dims", "summary"),
    [
        ("[N, T]", "", "T = 224"),
        ("[N, T]", "dims: {T: {multiple_of: 100}}", "T = 300"),
        ("[N, T]", "dims: {T: {example: 7}}", "T = 7"),
        ("[N, T]", "dims: {T: {example: 1}}", "T = 1"),
        ("[B, T]", "", "T = 224"),
        ("[N, 3, H, W]", "dims: {H: {min: 300}}", "3×300×224"),
    ],
)
def test_sizes_without_an_example_follow_one_rule_which_the_verdict_says(
    shape: str, dims: str, summary: str
) -> None:
    report = check_text(f"netspec: 1\ninputs: {{image: {shape}}}\n{dims}\nbody: [ReLU]\n")
    assert report.valid, report.diagnostics
    assert f"MACs at {summary}" in verdict(report)


def test_a_size_that_the_network_bounds_below_224_is_counted_at_the_largest():
    verdict_text = verdict(check(str(SPECS / "gpt.yaml")))
    assert "55.1 M MACs at T = 64, valid for T <= 64" in verdict_text
    assert "at T = 224" in verdict(check(str(SPECS / "gpt.yaml"), preset="gpt2"))


def test_a_diagnostic_without_a_place_names_its_file():
    diagnostic = Diagnostic("NS112", "no such parameter", severity="warning")
    assert full(diagnostic, file="f.yaml").splitlines()[1] == " --> f.yaml"
    assert concise(diagnostic, "f.yaml") == "f.yaml: warning[NS112]: no such parameter"


def test_tabs_and_wide_characters_keep_the_marks_in_place():
    source = Source("\tx: 卷积 # e\u0301 conv", "f.yaml")
    row, marks = lines(diagnostic_at(source, "conv", labels=(Label(spot(source, "卷积"), ""),)))[3:]
    assert row == "1 |     x: 卷积 # e\u0301 conv"
    assert marks == "  |        ----     ^^^^"


def test_carriage_returns_are_no_part_of_a_line():
    source = Source("a: 1\r\nb: 2\r\n", "f.yaml")
    assert lines(diagnostic_at(source, "2"))[3:] == ["2 | b: 2", "  |    ^"]


def test_a_long_line_is_clipped_around_the_place():
    source = Source("[" + "1, " * 500 + "here, " + "2, " * 500 + "]", "f.yaml")
    row, marks = lines(diagnostic_at(source, "here", "this"), 80)[3:]
    assert row.startswith("1 | …")
    assert row.endswith("…")
    assert width(row) <= 80
    assert row[marks.index("^") :].startswith("here")


def test_places_far_apart_on_a_long_line_have_excerpts_each():
    source = Source("one" + " " * 600 + "two", "f.yaml")
    rows = lines(diagnostic_at(source, "two", "b", labels=(Label(spot(source, "one"), "a"),)), 80)[
        3:
    ]
    assert rows[0].startswith("1 | one")
    assert rows[1] == "  | --- a"
    assert rows[2].endswith("two")
    assert rows[3].endswith("^^^ b")


def test_a_spec_cannot_command_the_terminal():
    source = Source("a: \x1b[2Jx\u202e\x9b", "f\x07.yaml")
    diagnostic = Diagnostic("NS999", "\x1b[31mred", spot(source, "x"), "\x08")
    text = full(diagnostic) + concise(diagnostic)
    assert not any(ord(c) < 0x20 and c != "\n" for c in text)
    assert "\u202e" not in text
    assert "␛[31mred" in text


def test_colors_add_nothing_but_colors():
    source = Source("a: [b, c]", "f.yaml")
    diagnostic = diagnostic_at(
        source, "b", "x", labels=(Label(spot(source, "c"), "y"),), notes=("z",)
    )
    colored = full(diagnostic, Style(color=True))
    for code in ("1;31", "1;34", "1"):
        assert f"\x1b[{code}m" in colored
        colored = colored.replace(f"\x1b[{code}m", "")
    assert colored.replace("\x1b[0m", "") == full(diagnostic)


@given(
    st.text(max_size=300),
    st.lists(st.tuples(st.integers(0, 300), st.integers(0, 60), st.text(max_size=5)), max_size=5),
    st.integers(40, 200),
)
def test_any_place_in_any_text_can_be_shown(text, places, columns):
    source = Source(text, "f.yaml")
    spans = [Span(source, min(a, len(text)), min(a + n, len(text))) for a, n, _ in places]
    labels = tuple(Label(s, t) for s, (_, _, t) in zip(spans[1:], places[1:], strict=True))
    diagnostic = Diagnostic("NS999", "m", spans[0] if spans else None, "here", labels)
    shown_text = full(diagnostic, columns=columns)
    assert shown_text.startswith("error[NS999]: m")
    assert not spans or not text or "^" in shown_text
    json.dumps(diagnostic_json(diagnostic, "f.yaml"))


def test_a_place_for_programs_counts_characters_and_bytes():
    source = Source("é: 1\nb: 2", "f.yaml")
    edit = Edit(spot(source, "2"), "3")
    data = diagnostic_json(
        diagnostic_at(source, "2", "l", helps=(Help("write 3", (edit,)),)), "f.yaml"
    )
    sizes = {"start": {"line": 2, "col": 4, "byte": 9}, "end": {"line": 2, "col": 5, "byte": 10}}
    assert data["primary"] == {"file": "f.yaml", **sizes, "label": "l"}
    assert data["help"] == [
        {"message": "write 3", "edits": [{"file": "f.yaml", **sizes, "replacement": "3"}]}
    ]


# ---- cells and numbers ------------------------------------------------------------------------


@given(st.text(), st.integers(0, 40))
def test_clipped_text_fits(text, most):
    assert width(clipped(text, most)) <= max(most, 0) or width(text) <= most


@given(st.text())
def test_shown_text_is_harmless_and_shown_again_the_same(text):
    once = shown(text)
    assert shown(once) == once
    assert not any(ord(c) < 0x20 or 0x7F <= ord(c) < 0xA0 for c in once)


@given(st.integers(0, 10**17))
def test_scaled_numbers_are_within_half_a_percent(number):
    text = scaled(number)
    value, _, unit = text.partition(" ")
    assert len(value.replace(".", "")) <= 3
    factor = 1000 ** ("", "k", "M", "G", "T", "P").index(unit)
    assert float(value) * factor == pytest.approx(number, rel=0.005)


# ---- verdicts and tables ----------------------------------------------------------------------


def network(body: str, inputs: str = "{image: [N, 3, H, W]}", more: str = "") -> str:
    """A spec with this body."""
    return f"netspec: 1\nname: net\n{more}\ninputs: {inputs}\nbody:\n{body}\n"


def test_the_verdict_on_densenet():
    report = check(str(SPECS / "densenet121.yaml"))
    assert verdict(report) == (
        "ok: 427 nodes, 7,978,856 parameters, 2.83 G MACs at 3×224×224, valid for H, W >= 29"
    )


def test_the_verdict_on_a_library():
    assert verdict(check_text("netspec: 1\nblocks: {A: [ReLU]}")) == "ok: library of 1 block"


def test_the_verdict_says_where_costs_are_counted():
    tokens = check_text(
        network("  - {op: Embedding, num_embeddings: 9, embedding_dim: 4}",
                "{tokens: {shape: [N, T], dtype: int64}}", "dims: {T: 16}")
    )  # fmt: skip
    assert "at T = 16" in verdict(tokens)
    fixed = check_text(network("  - {op: Linear, out_features: 4}", "{data: [N, 784]}"))
    assert verdict(fixed) == "ok: 1 node, 3,140 parameters, 3.14 k MACs"
    two = check_text(
        network("  - {op: Concat, from: [a, b]}", "{a: [N, 3, 8, 8], b: [N, 1, 8, 8]}")
    )
    assert "at a 3×8×8 and b 1×8×8" in verdict(two)


@pytest.mark.parametrize("path", sorted(SPECS.rglob("*.yaml")), ids=lambda p: p.stem)
def test_the_rows_add_up_to_the_network(path):
    graph = check(str(path)).graph
    assert graph is not None
    summary = Summary(graph)
    assert summary.parameters == graph.parameter_count
    assert summary.macs == graph.macs()
    assert sum(row.nodes for row in summary.rows) == len(graph.nodes)
    stack = list(summary.rows)
    while stack:
        row = stack.pop()
        stack += row.children
        if row.children:
            assert row.parameters == sum(c.parameters for c in row.children)
            assert row.macs == sum(c.macs for c in row.children)
            assert row.nodes == sum(c.nodes for c in row.children)


def rows(text: str) -> list[SummaryRow]:
    """The rows of a spec."""
    graph = check_text(text).graph
    assert graph is not None
    return Summary(graph).rows


def test_a_loop_of_alike_steps_is_one_row():
    [row] = rows(
        network("  - conv{i + 1}: {op: Conv2d, out_channels: 4 + i, kernel_size: 1, repeat: 5}")
    )
    assert (row.name, row.times, row.op) == ("conv1…5", 5, "Conv2d")
    assert str(row.shape) == "(N, 8, H, W)"
    assert row.parameters == 4 * 3 + 4 + sum((4 + i) * (3 + i) + 4 + i for i in range(1, 5))


def test_a_loop_that_shrinks_the_image_is_not():
    table_rows = rows(network("  - pool{i}: {op: MaxPool2d, kernel_size: 2, repeat: 3}"))
    assert [(row.name, row.times) for row in table_rows] == [
        ("pool0", 1),
        ("pool1", 1),
        ("pool2", 1),
    ]


def test_steps_that_differ_in_a_loop_stay_apart():
    table_rows = rows(
        network("  - b{i}: {op: B, repeat: 4, first: i == 0}",
                more="blocks:\n  B:\n    params: {first: bool}\n    body:\n"
                "      - ReLU\n      - {op: GELU, when: first}")
    )  # fmt: skip
    assert [row.name for row in table_rows] == ["b0", "b1…3"]


def test_steps_written_one_by_one_stay_apart():
    assert len(rows(network("  - ReLU\n  - ReLU"))) == 2


def test_shared_weights_are_counted_once_and_named():
    text = network("  - a: {op: Linear, out_features: 8}\n  - b: {share: a}", "{data: [N, 8]}")
    first, again = rows(text)
    assert (first.parameters, again.parameters, again.shared) == (72, 0, "a")
    assert "Linear = a" in table_of(text)


def table_of(text: str, columns: int = 100, **rest: object) -> str:
    graph = check_text(text).graph
    assert graph is not None
    return table(Summary(graph, rest.get("sizes")), rest.get("depth"), columns)  # type: ignore[arg-type]


NESTED = network(
    "  - stem:\n      - conv: {op: Conv2d, out_channels: 8, kernel_size: 3}\n      - ReLU\n"
    "  - {op: MaxPool2d, kernel_size: 2}"
)


def test_a_table():
    assert table_of(NESTED).splitlines() == [
        "net: image [N, 3, H, W]",
        "layer   op         output                      parameters    MACs",
        "─────────────────────────────────────────────────────────────────",
        "stem               [N, 8, H-2, W-2]                   224  10.6 M",
        "  conv  Conv2d     [N, 8, H-2, W-2]                   224  10.6 M",
        "  1     ReLU       [N, 8, H-2, W-2]",
        "1       MaxPool2d  [N, 8, (H-2)//2, (W-2)//2]",
        "─────────────────────────────────────────────────────────────────",
        "total   3 nodes    [N, 8, (H-2)//2, (W-2)//2]         224  10.6 M",
        "MACs at 3×224×224, valid for H, W >= 4",
    ]


def test_a_table_folds_at_a_depth():
    assert [line.split()[0] for line in table_of(NESTED, depth=1).splitlines()[3:5]] == [
        "stem", "1",
    ]  # fmt: skip


def test_sizes_take_the_place_of_symbols():
    text = table_of(NESTED, sizes={"H": 32, "W": 10})
    assert "image [N, 3, 32, 10]" in text
    assert "[N, 8, 15, 4]" in text
    assert "MACs at 3×32×10" in text


def test_a_narrow_table_shows_example_sizes_and_fits():
    text = table_of(NESTED, 62)
    assert "[N, 8, 111, 111]" in text
    assert max(map(width, text.splitlines())) <= 62
