"""What reports, networks and errors print in Python: what the command line prints."""

from __future__ import annotations

import pytest

import netspec
from netspec.cli import main

GOOD = "netspec: 1\nname: tiny\ninputs: {a: [N, 3]}\nbody: [{op: Linear, out_features: 4}]\n"
BAD = GOOD.replace("op: Linear,", "op: Linear, in_features: 5,")
LIBRARY = "netspec: 1\nname: parts\nblocks: {A: [ReLU]}\n"


def test_a_report_prints_as_check_does(
    tmp_path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, text in (("good.yaml", GOOD), ("bad.yaml", BAD), ("library.yaml", LIBRARY)):
        (tmp_path / name).write_text(text)
        main(["check", name])
        assert str(netspec.load(name).check()).strip() == capsys.readouterr().out.strip()


def test_an_error_prints_its_lines_and_its_help() -> None:
    for call in (lambda n: n.elaborate(), lambda n: n.source(), lambda n: n.compile()):
        with pytest.raises(netspec.SpecError) as caught:
            call(netspec.load(BAD))
        printed = str(caught.value)
        assert "body: [{op: Linear, in_features: 5, out_features: 4}]" in printed
        assert "declared 5, inferred 3" in printed
        assert "= help: " in printed
        assert caught.value.diagnostics[0].code == "NS205"


def test_reprs_say_what_it_is() -> None:
    assert repr(netspec.load(GOOD)) == "<Network tiny: [N, 3] → [N, 4], 16 parameters>"
    assert repr(netspec.load(BAD)) == "<Network tiny: 1 error>"
    assert repr(netspec.load(LIBRARY)) == "<Network parts, a library: ok>"
    assert repr(netspec.load(BAD).check()) == "<Report of <text>: 1 error>"


def test_a_picture_without_graphviz_says_how_to_install_it(
    tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("netspec.render.engine.which", lambda name: None)
    monkeypatch.setattr("netspec.render.engine.find_spec", lambda name: None)
    with pytest.raises(netspec.EngineError) as caught:
        netspec.load(GOOD).render(tmp_path / "q.svg")
    assert "Graphviz is not installed" in str(caught.value)
    assert "pip install 'netspec-compiler[graphviz]'" in str(caught.value)
    assert not (tmp_path / "q.svg").exists()


def test_source_has_a_function_for_each_preset_that_it_carries() -> None:
    text = (
        "netspec: 1\nname: net\nparams: {width: 8, depth: 2}\n"
        "presets: {wide: {width: 16}, none: {width: 0}}\n"
        "inputs: {image: [N, 3, H, W]}\nbody:\n"
        "  - conv{i}: {op: Conv2d, out_channels: width, kernel_size: 1, repeat: depth}\n"
    )
    network = netspec.load(text, width=4)
    with pytest.warns(UserWarning, match="the preset `none` is skipped: the network has errors"):
        source = netspec.load(text).source(presets=True)
    assert "def wide(*, depth: int = 2) -> Net:" in source
    assert "def wide" not in network.source()
    assert "width: int = 4" in network.source()
