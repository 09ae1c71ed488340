"""Laws of the edits over specs that are written by hand, in any layout: what is not meant keeps its bytes."""

from __future__ import annotations

import re

from hand import CALLS, specs
from hypothesis import given, settings
from hypothesis import strategies as st
from sampling import examples

from netspec.check import check_text
from netspec.edit import Address, Draft, EditError, entry_edits, step_operations, wrap
from netspec.edit.address import walked
from netspec.syntax import Step
from netspec_tui.core.disk import OpenedFile
from netspec_tui.core.session import Session

SOME = settings(max_examples=examples(120), deadline=None)


def pieces(draft: Draft) -> dict[str, str]:
    """The bytes of every step, by its name."""
    return {step.title: draft.text[start(step) : end(step)] for _, step in walked(draft.spec)}


def start(step: Step) -> int:
    return min(step.node.start, step.place.start)


def end(step: Step) -> int:
    return max(step.node.end, step.place.end)


def remarks(text: str) -> list[str]:
    return re.findall(r"# remark \d+", text)


def order(text: str) -> list[str]:
    graph = check_text(text).graph
    assert graph is not None
    return [node.path for node in graph.nodes]


@SOME
@given(specs())
def test_what_a_hand_writes_is_a_spec(text: str) -> None:
    assert not check_text(text).errors, text


@SOME
@given(specs(), st.data())
def test_a_step_put_in_adds_its_own_bytes_alone(text: str, data: st.DataObject) -> None:
    draft = Draft(text)
    count = len(pieces(draft))
    position = data.draw(st.integers(0, count - 1))
    step_operations.add_after(draft, Address("", (position,)), "GELU", {})
    assert order(draft.text) == [
        *order(text)[: position + 1],
        "gelu1",
        *order(text)[position + 1 :],
    ]
    [fresh] = set(pieces(draft)) - set(pieces(Draft(text)))
    assert {k: v for k, v in pieces(draft).items() if k != fresh} == pieces(Draft(text))
    assert remarks(draft.text) == remarks(text)
    # one insertion: the bytes before and after it are the old ones
    size = len(draft.text) - len(text)
    assert any(draft.text[:k] + draft.text[k + size :] == text for k in range(len(text) + 1)), (
        draft.text
    )


@SOME
@given(specs(), st.data())
def test_put_in_and_taken_out_is_nothing(text: str, data: st.DataObject) -> None:
    draft = Draft(text)
    position = data.draw(st.integers(0, len(pieces(draft)) - 1))
    step_operations.add_after(draft, Address("", (position,)), "GELU", {})
    step_operations.remove(draft, Address("", (position + 1,)))
    assert draft.text == text


@SOME
@given(specs(), st.data())
def test_an_argument_changes_in_its_own_step(text: str, data: st.DataObject) -> None:
    draft = Draft(text)
    position = data.draw(st.integers(0, len(pieces(draft)) - 1))
    name, step = f"s{position}", draft.step(Address("", (position,)))
    assert step.op is not None
    known = CALLS[step.op.text]
    if not known:
        return
    key = data.draw(st.sampled_from(sorted(known)))
    value = {"eps": "1e-4", "p": "0.5"}.get(key, "x.channels" if key == "out_channels" else "1")
    entry_edits.set_argument(draft, Address("", (position,)), key, value)
    before, after = pieces(Draft(text)), pieces(draft)
    assert {k: v for k, v in after.items() if k != name} == {
        k: v for k, v in before.items() if k != name
    }
    assert after[name].replace(value, "") != before[name]
    assert remarks(draft.text) == remarks(text)
    assert re.sub(r"\s", "", after[name]) == re.sub(r"\s", "", before[name]).replace(
        f"{key}:{known[key]}", f"{key}:{value}"
    )


@SOME
@given(specs(), st.data())
def test_a_step_taken_out_takes_its_own_bytes_and_what_named_it(
    text: str, data: st.DataObject
) -> None:
    draft = Draft(text)
    position = data.draw(st.integers(0, len(pieces(draft)) - 1))
    step_operations.remove(draft, Address("", (position,)))
    assert order(draft.text) == [path for path in order(text) if path != f"s{position}"]
    for name, piece in pieces(draft).items():
        before = pieces(Draft(text))[name]
        assert piece == before or "from" in piece or f"s{position}" in before
    assert set(remarks(draft.text)) <= set(remarks(text))
    assert not check_text(draft.text).errors


@SOME
@given(specs(), st.data())
def test_steps_that_change_places_keep_their_bytes(text: str, data: st.DataObject) -> None:
    draft = Draft(text)
    position = data.draw(st.integers(0, len(pieces(draft)) - 2))
    try:
        step_operations.move(draft, Address("", (position,)), 1)
    except EditError:
        return  # the second one reads the first
    before, after = pieces(Draft(text)), pieces(draft)
    assert set(before) == set(after)
    for name in before:
        assert after[name] == before[name] or "from" in after[name]
    assert sorted(remarks(draft.text)) == sorted(remarks(text))


@SOME
@given(specs(), st.data())
def test_any_edits_through_the_editor_are_undone_to_the_byte(
    text: str, data: st.DataObject
) -> None:
    session = Session("never.yaml", OpenedFile(text, None))
    seen = [text]
    for _ in range(data.draw(st.integers(1, 6))):
        places = [a for a, _ in walked(Draft(session.text).spec)]
        if not places:
            break
        position = data.draw(st.sampled_from(places))
        kind = data.draw(
            st.sampled_from(
                ["add", "insert", "branch", "remove", "move", "wrap", "repeat", "block"]
            )
        )

        def change(draft: Draft, kind: str = kind, address: Address = position) -> None:
            match kind:
                case "add":
                    step_operations.add_after(draft, address, "GELU", {})
                case "insert":
                    step_operations.insert_before(draft, address, "GELU", {})
                case "branch":
                    step_operations.branch_from(draft, address, "GELU", {})
                case "remove":
                    step_operations.remove(draft, address)
                case "move":
                    step_operations.move(draft, address, 1)
                case "wrap":
                    wrap.wrap(draft, [address], "together")
                case "repeat":
                    wrap.repeat(draft, [address], "2")
                case _:
                    wrap.extract(draft, [address], "Made")

        try:
            session.edit(kind, change)
        except EditError:
            continue
        seen.append(session.text)
    for before in reversed(seen[:-1]):
        assert session.undo() is not None
        assert session.text == before
    for after in seen[1:]:
        assert session.redo() is not None
        assert session.text == after
