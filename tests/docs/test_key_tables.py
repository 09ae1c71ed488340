"""The tables of keys are those of the models: the fast reader, completion and the language page have no others."""

from __future__ import annotations

import key_tables

from netspec.assist.complete import complete
from netspec.assist.hover import hover
from netspec.check import check_text
from netspec.syntax import step_keys
from netspec.syntax.model import Step


def test_the_tables_of_the_fast_reader_are_those_of_the_models() -> None:
    assert key_tables.MODULE.read_text(encoding="utf-8") == key_tables.module()


def test_the_tables_of_the_language_page_are_those_of_the_models() -> None:
    text = key_tables.PAGE.read_text(encoding="utf-8")
    assert key_tables.page(text) == text


def test_every_key_of_a_step_has_an_attribute_of_the_step_that_was_read() -> None:
    assert [name for name in step_keys.FIELDS.values() if not hasattr(Step, name)] == []
    assert frozenset(key_tables.keys(key_tables.Step)) == step_keys.RESERVED


def test_hover_and_completion_say_what_a_key_is_for() -> None:
    text = "netspec: 1\ninputs: {image: [N]}\nblocks: {B: {doc: text, body: [ReLU]}}\nbody: [{op: B, repeat: 2}]\n"
    report = check_text(text)
    tables = {
        "inputs": key_tables.spec_file.SpecFile,
        "doc": key_tables.spec_file.Block,
        "repeat": key_tables.Step,
    }
    for key, model in tables.items():
        shown = hover(report, text.index(f"{key}:"))
        assert shown is not None
        assert shown.text == f"`{key}`: {key_tables.keys(model)[key]}"
    offers = {offer.text: offer.doc for offer in complete(text, len(text), report)}
    assert offers == key_tables.keys(key_tables.spec_file.SpecFile)
