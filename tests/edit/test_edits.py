"""Structural edits: they change what they mean to, and no other byte, in whatever way a spec is written."""

from __future__ import annotations

import difflib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sampling import examples, some

from netspec.check import check_text
from netspec.edit import Address, Draft, EditError, entry_edits, step_operations, text_ranges, wrap
from netspec.edit.address import walked
from netspec.graph import Graph

HEAD = "netspec: 1\nname: t\ninputs: {image: [N, 8, 32, 32]}\n"
PLAIN = """body:
  # the stem
  - stem: {op: Conv2d,  out_channels: 8, kernel_size: 3, padding: 1}   # keeps its size
  - norm:
      op: BatchNorm2d
      eps: 1e-3    # torch has 1e-5
      # below the last key
  - relu: ReLU

  - side: {op: Conv2d, out_channels: 8, kernel_size: 1, from: stem}
  - sum: {op: Add, from: [relu, side]}
  - deep:
      - ReLU
      - name: inner
        op: Conv2d
        out_channels: 8
        kernel_size: 1
  - parallel:
      op: Concat
      branches:
        one: {op: Conv2d, out_channels: 8, kernel_size: 1}
        two:
          - ReLU
          - {op: Conv2d, out_channels: 8, kernel_size: 1}
  # the end
  - flatten: Flatten
  - fc: {op: Linear, out_features: 10}
# after everything
"""
FLOW = """body: [{stem: {op: Conv2d, out_channels: 8, kernel_size: 3, padding: 1}}, ReLU, {relu: ReLU},
       {sum: {op: Add, from: [stem, relu]}}, Flatten]
"""
LINES_IN_BRACKETS = """body: [
  {stem: {op: Conv2d, out_channels: 8, kernel_size: 3, padding: 1}},   # first
  {relu: ReLU},
  {sum: {op: Add, from: [stem, relu]}},
]
"""
JSON = """{
  "netspec": 1, "name": "t",
  "inputs": {"image": ["N", 8, 32, 32]},
  "body": [
    {"stem": {"op": "Conv2d", "out_channels": 8, "kernel_size": 3, "padding": 1}},
    {"relu": "ReLU"},
    {"sum": {"op": "Add", "from": ["stem", "relu"]}}
  ]
}
"""
NESTED_DASHES = """body:
  - - stem: {op: Conv2d, out_channels: 8, kernel_size: 3, padding: 1}
    - ReLU
    # about the last one
    - again: {op: Conv2d, out_channels: 8, kernel_size: 1}   # trailing
  - relu: ReLU
"""
GALLERY = sorted(Path("specs").rglob("*.yaml"))
TEXTS = {
    "plain": HEAD + PLAIN,
    "crlf": (HEAD + PLAIN).replace("\n", "\r\n"),
    "no end of line": (HEAD + PLAIN).rstrip("\n"),
    "crlf, no end of line": (HEAD + PLAIN).rstrip("\n").replace("\n", "\r\n"),
    "flow": HEAD + FLOW,
    "lines in brackets": HEAD + LINES_IN_BRACKETS,
    "json": JSON,
    "nested dashes": HEAD + NESTED_DASHES,
    **{p.stem: p.read_text() for p in GALLERY},
}
NAMES = {p.stem: p for p in GALLERY}
CALL = {"out_channels": 8, "kernel_size": 1}


def nodes(graph: Graph) -> list[str]:
    return [n.path for n in graph.nodes]


def edited(text: str, edit) -> Draft:
    draft = Draft(text)
    edit(draft)
    return draft


def changed_lines(before: str, after: str) -> tuple[list[str], list[str]]:
    """The lines that went and that came."""
    lines = list(difflib.ndiff(before.splitlines(), after.splitlines()))
    return [f[2:] for f in lines if f[0] == "-"], [f[2:] for f in lines if f[0] == "+"]


@pytest.mark.parametrize("name", TEXTS)
def test_every_step_of_every_text_is_found_by_its_place(name: str) -> None:
    draft = Draft(TEXTS[name])
    all_steps = list(walked(draft.spec))
    assert all_steps
    for address, step in all_steps:
        assert draft.step(address) is step
        assert draft.step_at(step.place.start) == address


@pytest.mark.parametrize("name", TEXTS)
def test_a_step_put_in_after_any_other_adds_its_node_and_nothing_else(name: str) -> None:
    text = TEXTS[name]
    before = check_text(text, str(NAMES.get(name, "t")))
    for address, step in some(walked(Draft(text).spec), 12):
        try:
            draft = edited(text, lambda d, a=address: step_operations.add_after(d, a, "ReLU", {}))
        except EditError:
            continue
        assert draft.selected is not None
        new = draft.step(draft.selected)
        assert new.op is not None and new.op.text == "ReLU", step.title
        count = len(list(walked(draft.spec)))
        grown = count - len(list(walked(Draft(text).spec)))
        assert grown in (1, 2)  # two where a branch of one step becomes a list
        after = check_text(draft.text, str(NAMES.get(name, "t")))
        # A path in `init` may say a number that is another one now, and computed names may be numbers.
        # A ReLU keeps its result for the backward pass, and the step after it may overwrite that.
        allowed = {"NS502", "NS402"} | (
            {"NS106"} if step.name is not None and step.fixed is None else set()
        )
        assert before.graph is None or not {d.code for d in after.errors} - allowed, (
            step.title,
            after.errors,
        )
        gone, _ = changed_lines(text, draft.text)
        in_lines = text.endswith("\n") and not text_ranges.is_flow(draft.container(draft.selected))
        assert grown == 2 or not in_lines or not gone, step.title


@pytest.mark.parametrize("name", TEXTS)
def test_put_in_and_taken_out_again_is_the_same_text(name: str) -> None:
    text = TEXTS[name]
    for address, step in some(walked(Draft(text).spec), 12):
        draft = Draft(text)
        try:
            step_operations.add_after(draft, address, "ReLU", {})
        except EditError:
            continue
        assert draft.selected is not None
        if draft.selected != address.sibling(address.index + 1):
            continue  # a branch that became a list stays one
        draft.remove(draft.selected)
        assert draft.text == text, step.title


@pytest.mark.parametrize("name", TEXTS)
def test_a_step_taken_out_leaves_a_spec_whose_references_hold(name: str) -> None:
    text = TEXTS[name]
    for address, step in some(walked(Draft(text).spec), 12):
        try:
            draft = edited(text, lambda d, a=address: step_operations.remove(d, a))
        except EditError:
            continue
        computed = [
            s
            for a, s in walked(Draft(text).spec)
            if a.way[: len(address.way)] == address.way and a.block == address.block
        ]
        if any(s.name is not None and s.fixed is None for s in computed) or "*" in text:
            continue  # what refers to computed names, or to all that match, is computed itself
        codes = {d.code for d in check_text(draft.text, str(NAMES.get(name, "t"))).errors}
        assert not codes & {"NS010", "NS011", "NS103", "NS104", "NS024"}, (
            step.title,
            draft.text,
        )


@pytest.mark.parametrize(
    "name", ["plain", "crlf", "no end of line", "nested dashes", "lines in brackets", "flow"]
)
def test_two_moves_that_cancel_change_nothing(name: str) -> None:
    text = TEXTS[name]
    for address, _ in list(walked(Draft(text).spec)):
        for by in (-1, 1):
            draft = Draft(text)
            try:
                step_operations.move(draft, address, by)
            except EditError:
                continue
            assert draft.text != text
            assert draft.selected is not None
            step_operations.move(draft, draft.selected, -by)
            assert draft.text == text


def test_a_comment_goes_and_moves_with_its_step() -> None:
    draft = edited(TEXTS["plain"], lambda d: step_operations.remove(d, Address("", (7,))))
    assert "the end" not in draft.text and "after everything" in draft.text
    draft = edited(TEXTS["plain"], lambda d: step_operations.remove(d, Address("", (0,))))
    assert "the stem" not in draft.text and "keeps its size" not in draft.text
    draft = edited(TEXTS["plain"], lambda d: step_operations.move(d, Address("", (7,)), 1))
    assert draft.text.index("fc:") < draft.text.index("# the end") < draft.text.index("flatten:")


def test_a_step_taken_out_is_bridged() -> None:
    draft = edited(TEXTS["plain"], lambda d: step_operations.remove(d, Address("", (2,))))
    assert "sum: {op: Add, from: [norm, side]}" in draft.text
    draft = edited(TEXTS["plain"], lambda d: step_operations.remove(d, Address("", (0,))))
    assert "from: input}" in draft.text
    draft = edited(TEXTS["plain"], lambda d: step_operations.remove(d, Address("", (3,))))
    assert "from: [relu, stem]" in draft.text


def test_a_step_put_in_on_an_edge_leads_that_edge_alone() -> None:
    draft = edited(
        TEXTS["plain"],
        lambda d: step_operations.insert_before(d, Address("", (4,)), "Conv2d", CALL, 1),
    )
    assert "- conv1: {op: Conv2d, from: side, out_channels: 8, kernel_size: 1}" in draft.text
    assert "from: [relu, conv1]" in draft.text
    report = check_text(draft.text)
    assert report.graph is not None and not report.diagnostics
    sum_ = next(n for n in report.graph.nodes if n.path == "sum")
    assert [v.node.path for v in sum_.inputs] == ["relu", "conv1"]


def test_a_branch_leaves_what_was_there_as_it_was_and_a_join_leads_it_on() -> None:
    draft = Draft(
        HEAD
        + "body:\n  - a: ReLU\n  - b: {op: Conv2d, out_channels: 8, kernel_size: 1}\n  - c: ReLU\n"
    )
    step_operations.branch_from(draft, Address("", (0,)), "Conv2d", CALL)
    assert draft.selected == Address("", (1,))
    assert "b: {op: Conv2d, out_channels: 8, kernel_size: 1, from: a}" in draft.text
    step_operations.join(draft, Address("", (2,)), Address("", (1,)), "Add", {})
    report = check_text(draft.text)
    assert report.graph is not None and not report.diagnostics
    assert nodes(report.graph) == ["a", "conv1", "b", "add1", "c"]
    [c] = [n for n in report.graph.nodes if n.path == "c"]
    assert c.inputs[0].node.path == "add1"


def test_a_gate_joined_with_what_it_begins_at_flows_on() -> None:
    """The squeeze and excitation of SENet, built step by step in the editor."""
    draft = Draft(Path("specs/resnet.yaml").read_text())
    bn2 = next(a for a, s in walked(draft.spec) if a.block == "BasicBlock" and s.title == "bn2")
    step_operations.branch_from(draft, bn2, "AdaptiveAvgPool2d", {"output_size": 1})
    for op, call in (
        ("Conv2d", {"out_channels": "x.channels // 4", "kernel_size": 1}),
        ("ReLU", {}),
        ("Conv2d", {"out_channels": "planes", "kernel_size": 1}),
        ("Sigmoid", {}),
    ):
        step_operations.add_after(draft, draft.selected, op, call)
    step_operations.join(draft, bn2, draft.selected, "Mul", {})
    report = check_text(draft.text, preset="resnet18")
    assert report.graph is not None and not report.errors, report.errors
    [add] = [n for n in report.graph.nodes if n.path == "layer1.0.add"]
    assert {v.node.path for v in add.inputs} >= {"layer1.0.bn2"} or add.inputs[0].node.op == "Mul"


def test_connections_are_made_forwards_only() -> None:
    draft = Draft(TEXTS["plain"])
    step_operations.connect(draft, Address("", (4,)), Address("", (1,)))
    assert "from: [relu, side, norm]" in draft.text
    step_operations.disconnect(draft, Address("", (4,)), 1)
    assert "from: [relu, norm]" in draft.text
    with pytest.raises(EditError, match="can only read earlier steps"):
        step_operations.connect(draft, Address("", (1,)), Address("", (4,)))
    with pytest.raises(EditError, match="cannot refer to a step inside another one"):
        step_operations.connect(draft, Address("", (7,)), Address("", (5, 0)))


@pytest.mark.parametrize(
    "name",
    [
        "plain",
        "crlf",
        "no end of line",
        "flow",
        "lines in brackets",
        "json",
        "resnet",
        "densenet121",
    ],
)
def test_steps_put_together_are_the_same_network(name: str) -> None:
    """Every pair of neighbors in a group, by name or inline: `wrap` rejects what would change the network."""
    text = TEXTS[name]
    before = check_text(text)
    made = 0
    for address, _ in some(walked(Draft(text).spec), 8):
        for inline in (False, True):
            draft = Draft(text)
            try:
                wrap.wrap(
                    draft, [address, address.sibling(address.index + 1)], "together", inline=inline
                )
            except (EditError, IndexError):
                continue
            made += 1
            after = check_text(draft.text)
            assert after.graph is not None and before.graph is not None
            assert [n.op for n in after.graph.nodes] == [n.op for n in before.graph.nodes]
            if inline:
                assert after.graph.parameter_count == before.graph.parameter_count
    assert made


@pytest.mark.parametrize(
    "name", ["plain", "crlf", "no end of line", "densenet121", "resnet", "googlenet", "vgg"]
)
def test_a_block_made_of_steps_and_unfolded_again_is_the_same_network(name: str) -> None:
    text = TEXTS[name]
    made = 0
    for address, _ in some(walked(Draft(text).spec), 8):
        draft = Draft(text)
        try:
            wrap.extract(
                draft, [address, address.sibling(address.index + 1)], "Together", inline=True
            )
        except (EditError, IndexError):
            continue
        made += 1
        report = check_text(draft.text)
        assert not report.errors
        assert "Together" in draft.spec.blocks
        try:
            wrap.unfold(draft, address)
        except EditError as error:
            assert "brackets" in str(error) or "another" in str(error) or "an error" in str(error)
            continue
        assert not check_text(draft.text).errors
    assert made


@settings(max_examples=examples(200), deadline=None)
@given(st.data())
def test_any_edits_in_any_order_leave_a_text_that_can_be_read(data: st.DataObject) -> None:
    draft = Draft(TEXTS[data.draw(st.sampled_from(sorted(TEXTS)))])
    for _ in range(data.draw(st.integers(1, 6))):
        all_steps = [a for a, _ in walked(draft.spec)]
        if not all_steps:
            return
        a, b = (data.draw(st.sampled_from(all_steps)) for _ in range(2))
        kind = data.draw(st.sampled_from(["add", "before", "branch", "join", "remove", "move", "connect", "argument",
                                          "repeat", "wrap", "paste", "parameter"]))  # fmt: skip
        before = draft.text
        tried = Draft(before)
        try:
            match kind:
                case "add":
                    step_operations.add_after(tried, a, "Conv2d", CALL)
                case "before":
                    step_operations.insert_before(tried, a, "ReLU", {})
                case "branch":
                    step_operations.branch_from(tried, a, "Conv2d", CALL)
                case "join":
                    step_operations.join(tried, a, b, "Add", {})
                case "remove":
                    step_operations.remove(tried, a)
                case "move":
                    step_operations.move(tried, a, data.draw(st.sampled_from([-1, 1])))
                case "connect":
                    step_operations.connect(tried, a, b)
                case "argument":
                    entry_edits.set_argument(
                        tried,
                        a,
                        "doc",
                        data.draw(st.sampled_from(["said", "", "[x", "a: b", "#", "it's"])),
                    )
                case "repeat":
                    wrap.repeat(tried, [a], data.draw(st.sampled_from(["2", "1", ""])))
                case "wrap":
                    wrap.wrap(tried, [a], "together")
                case "paste":
                    step_operations.paste(tried, a, step_operations.copied_steps(tried, [b]))
                case "parameter":
                    entry_edits.set_entry(
                        tried,
                        "params",
                        "extra",
                        data.draw(st.sampled_from(["3", "[1, 2]", "", "a b"])),
                    )
        except EditError:
            continue
        codes = {d.code for d in check_text(tried.text).errors}
        assert not codes & {"NS010", "NS011", "NS012"}, (kind, a, b, before, tried.text)
        draft = tried
