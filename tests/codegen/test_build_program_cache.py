"""A spec that is compiled again is only constructed again: unless anything that its program depends on differs."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import netspec
from netspec import api
from netspec.program_cache import CompiledProgram, ProgramCache

HEAD = "netspec: 1\ninputs: {t: [N, 4]}\n"
LINEAR = f"{HEAD}params: {{width: 3}}\nbody: [{{op: Linear, out_features: =width}}]\n"


@pytest.fixture
def generated_names(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the networks whose programs are generated."""
    names: list[str] = []
    generate = api.generated_program

    def counted(network: api.Network, *arguments: object) -> object:
        names.append(network.name)
        return generate(network, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(api, "generated_program", counted)
    monkeypatch.setattr(api, "PROGRAMS", ProgramCache())
    return names


def out_features(module: object) -> int:
    """The features of the only layer."""
    [layer] = module.children()  # type: ignore[attr-defined]
    return int(layer.out_features)


def test_a_text_is_generated_once_for_equal_settings(generated_names: list[str]) -> None:
    first, again = netspec.compile(LINEAR), netspec.compile(LINEAR)
    assert type(first) is type(again)
    assert first is not again
    assert len(generated_names) == 1
    assert out_features(netspec.compile(LINEAR, width=5)) == 5
    assert out_features(netspec.compile(LINEAR, width=5)) == 5
    assert len(generated_names) == 2


def test_equal_values_of_other_types_are_other_settings(generated_names: list[str]) -> None:
    text = f"{HEAD}params: {{bias: true}}\nbody: [{{op: Linear, out_features: 2, bias: =bias}}]\n"
    assert netspec.compile(text, bias=True) is not None
    with pytest.raises(netspec.SpecError):
        netspec.compile(text, bias=1)


def test_a_preset_is_part_of_the_key(generated_names: list[str]) -> None:
    text = f"{LINEAR}presets: {{wide: {{width: 9}}}}\n"
    assert [out_features(netspec.compile(text, preset=p)) for p in (None, "wide", None)] == [
        3,
        9,
        3,
    ]
    assert len(generated_names) == 2


def test_a_changed_file_is_generated_again(generated_names: list[str], tmp_path: Path) -> None:
    file = tmp_path / "net.yaml"
    file.write_text(LINEAR, encoding="utf-8")
    stamp = file.stat()
    assert out_features(netspec.compile(file)) == out_features(netspec.compile(str(file))) == 3
    assert len(generated_names) == 1
    file.write_text(LINEAR.replace("width: 3", "width: 8"), encoding="utf-8")
    os.utime(file, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    assert out_features(netspec.compile(file)) == 8


def test_a_changed_file_that_a_spec_uses_counts(generated_names: list[str], tmp_path: Path) -> None:
    library, file = tmp_path / "blocks.yaml", tmp_path / "net.yaml"
    block = "netspec: 1\nblocks: {Layer: {body: [{op: Linear, out_features: 3}]}}\n"
    library.write_text(block, encoding="utf-8")
    text = "netspec: 1\nuse: {lib: blocks.yaml}\ninputs: {t: [N, 4]}\nbody: [lib.Layer]\n"
    file.write_text(text, encoding="utf-8")
    assert sum(p.numel() for p in netspec.compile(file).parameters()) == 15
    library.write_text(block.replace("out_features: 3", "out_features: 5"), encoding="utf-8")
    assert sum(p.numel() for p in netspec.compile(file).parameters()) == 25


def test_a_spec_with_errors_is_reported_each_time(generated_names: list[str]) -> None:
    for _ in range(2):
        with pytest.raises(netspec.SpecError):
            netspec.compile(f"{HEAD}body: [Linaer]\n")


def test_a_network_generates_its_program_once(generated_names: list[str]) -> None:
    network = netspec.load(LINEAR)
    assert type(network.compile()) is type(network.compile())
    assert len(generated_names) == 1


def test_settings_that_cannot_be_compared_are_not_kept(generated_names: list[str]) -> None:
    class Width(int):
        pass

    for _ in range(2):
        netspec.compile(LINEAR, width=Width(4))
    assert len(generated_names) == 2


def test_the_program_that_was_not_used_for_longest_is_forgotten() -> None:
    cache = ProgramCache()
    program = CompiledProgram("", "", "", "")
    keys = [bytes([k]) for k in range(65)]
    for key in keys[:64]:
        cache.add(key, program)
    assert cache.find(keys[0]) is program
    cache.add(keys[64], program)
    assert cache.find(keys[0]) is program
    assert cache.find(keys[1]) is None
