"""The language server in a process of its own, asked over its real protocol."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from client import Client, ProtocolError
from sampling import some

import netspec
from netspec.check import check_text

ROOT = Path(__file__).parents[2]
NET = """netspec: 1
inputs: {image: [N, 3, 32, 32]}
params: {width: 16}
blocks:
  Layer:
    doc: A convolution and what belongs to it.
    params: {channels: int, kernel: 3}
    body:
      - conv: {op: Conv2d, out_channels: channels, kernel_size: kernel, padding: kernel // 2}
      - relu: ReLU
body:
  - stem: {op: Layer, channels: width}
  - layer: {op: Layer, channels: stem.channels, repeat: 2}
  - sum: {op: Add, from: [stem, layer]}
  - flat: Flatten
  - head: {op: Linear, out_features: 10}
outputs: {scores: head, features: sum}
"""
URI = "file:///nowhere/net.yaml"


@pytest.fixture(scope="module")
def client():
    lsp_client = Client()
    yield lsp_client
    assert lsp_client.close() == 0


@pytest.fixture
def opened(client):
    assert client.open(URI, NET) == []
    yield client
    client.tell("textDocument/didClose", textDocument={"uri": URI})
    assert client.diagnostics(URI) == []


def position_of(text: str, word: str, nth: int = 0, into: int = 0) -> dict[str, int]:
    """The position of a word in a text."""
    offset = -1
    for _ in range(nth + 1):
        offset = text.index(word, offset + 1)
    offset += into
    return {
        "line": text.count("\n", 0, offset),
        "character": offset - text.rfind("\n", 0, offset) - 1,
    }


def ask(client: Client, method: str, position: dict[str, int], **more: Any) -> Any:
    return client.ask(
        f"textDocument/{method}", textDocument={"uri": URI}, position=position, **more
    )


def cut(text: str, place: dict[str, Any]) -> str:
    """The text of a range, on one line."""
    line = text.split("\n")[place["start"]["line"]]
    return line[place["start"]["character"] : place["end"]["character"]]


# ---- diagnostics ---------------------------------------------------------------------------------------


def test_diagnostics_come_as_one_types_and_go(opened) -> None:
    wrong = NET.replace("op: Linear", "op: Linaer")
    opened.change(URI, 2, wrong)
    [diagnostic] = opened.diagnostics(URI)
    assert (diagnostic["code"], diagnostic["severity"], diagnostic["source"]) == (
        "NS101",
        1,
        "netspec",
    )
    assert diagnostic["message"].startswith("unknown op `Linaer`\nhelp: did you mean `Linear`?")
    assert cut(wrong, diagnostic["range"]) == "Linaer"
    opened.change(URI, 3, NET)
    assert opened.diagnostics(URI) == []


def test_other_places_are_related_information(opened) -> None:
    wrong = NET.replace("op: Linear, out", "op: Linear, in_features: 7, out")
    opened.change(URI, 2, wrong)
    [diagnostic] = opened.diagnostics(URI)
    assert diagnostic["code"] == "NS205"
    assert "note: " in diagnostic["message"]
    related = diagnostic["relatedInformation"]
    assert all(r["location"]["uri"] == URI for r in related)
    assert any("channels" in r["message"] for r in related)


def test_of_many_strokes_only_the_last_text_is_reported(opened) -> None:
    for version in range(2, 12):
        opened.change(URI, version, NET + "#" * version + "\n" + ("x: [" if version < 11 else ""))
    assert opened.diagnostics(URI) == []
    assert opened.last_version == 11
    assert opened.is_quiet(0.3)


def test_half_typed_texts_are_no_trouble(client) -> None:
    uri = "file:///nowhere/typed.yaml"
    client.open(uri, "")
    for version, end in enumerate(range(0, len(NET), 9), start=2):
        client.change(uri, version, NET[:end])
        position = {"line": NET.count("\n", 0, end), "character": end - NET.rfind("\n", 0, end) - 1}
        document = {"uri": uri}
        client.ask("textDocument/completion", textDocument=document, position=position)
        client.ask("textDocument/hover", textDocument=document, position=position)
        client.ask("textDocument/definition", textDocument=document, position=position)
        client.ask("textDocument/documentSymbol", textDocument=document)
    client.tell("textDocument/didClose", textDocument={"uri": uri})


def test_diagnostics_in_a_used_file_have_a_link_to_it(client, tmp_path) -> None:
    (tmp_path / "parts.yaml").write_text("netspec: 1\nblocks: {A: [Relu]}\n")
    text = "netspec: 1\nuse: {parts: parts.yaml}\ninputs: {image: [N, 3]}\nbody: [parts.A]\n"
    uri = (tmp_path / "net.yaml").as_uri()
    [diagnostic] = client.open(uri, text)
    assert diagnostic["range"]["start"] == {"line": 0, "character": 0}
    assert (
        diagnostic["relatedInformation"][0]["location"]["uri"] == (tmp_path / "parts.yaml").as_uri()
    )
    (tmp_path / "parts.yaml").write_text("netspec: 1\nblocks: {A: [ReLU]}\n")
    parts = (tmp_path / "parts.yaml").as_uri()
    client.open(parts, (tmp_path / "parts.yaml").read_text())
    client.tell("textDocument/didSave", textDocument={"uri": parts})
    assert client.diagnostics(uri) == []


# ---- questions --------------------------------------------------------------------------------------


def hover(client: Client, word: str, nth: int = 0, into: int = 0) -> str:
    answer = ask(client, "hover", position_of(NET, word, nth, into))
    return answer["contents"]["value"] if answer else ""


def test_a_step_tells_its_shapes_and_cost(opened) -> None:
    assert (
        hover(opened, "head:") == "- `head`: [N, 16384] → [N, 10], 163,850 parameters, 164 k MACs"
    )
    assert "- `stem.conv`: [N, 3, 32, 32] → [N, 16, 32, 32], 448 parameters" in hover(
        opened, "conv:"
    )
    assert "`layer.1.conv`" in hover(opened, "conv:")


def test_an_op_an_argument_a_block_and_a_parameter_are_explained(opened) -> None:
    hover_text = hover(opened, "Conv2d")
    assert hover_text.startswith("**Conv2d**: Applies a 2-D convolution")
    assert "`(N, C_in, H, W) -> " in hover_text
    assert hover(opened, "kernel_size").startswith("`kernel_size`: ")
    assert hover(opened, "Layer, channels").startswith("**Layer** (block): A convolution")
    assert hover(opened, "width}") == "`width` = 16"
    assert hover(opened, "channels, kernel_size") == "`channels`: int = 16"


def test_a_reference_tells_the_shape(opened) -> None:
    assert "[N, 16, 32, 32]" in hover(opened, "stem, layer]")


def test_an_empty_position_has_no_hover(opened) -> None:
    assert ask(opened, "hover", {"line": 500, "character": 3}) is None
    assert ask(opened, "hover", {"line": 0, "character": 9999}) is None


@pytest.mark.parametrize(
    ("word", "nth", "target"),
    [
        ("Layer, channels", 0, "Layer:"),
        ("stem, layer]", 0, "stem:"),
        ("layer]", 0, "layer:"),
        ("stem.channels", 0, "stem:"),
        ("width}", 1, "width: 16"),
        ("channels, kernel_size", 0, "channels: int"),
        ("kernel // 2", 0, "kernel: 3"),
        ("head, features", 0, "head:"),
    ],
)
def test_a_name_leads_to_where_it_is_declared(opened, word: str, nth: int, target: str) -> None:
    if nth == 1:
        nth = 0
    answer = ask(opened, "definition", position_of(NET, word, nth))
    assert answer["uri"] == URI
    assert answer["range"]["start"] == position_of(NET, target)


def test_a_block_of_another_file_is_found_there(client) -> None:
    text = "netspec: 1\nuse: {nets: resnet.yaml}\ninputs: {image: [N, 64, 32, 32]}\nbody:\n  - {op: nets.BasicBlock, planes: 64}\n"
    uri = (ROOT / "specs/net.yaml").as_uri()
    assert client.open(uri, text) == []
    position = position_of(text, "nets.BasicBlock", into=7)
    answer = client.ask("textDocument/definition", textDocument={"uri": uri}, position=position)
    assert answer["uri"] == (ROOT / "specs/resnet.yaml").as_uri()
    lines = (ROOT / "specs/resnet.yaml").read_text().split("\n")
    assert lines[answer["range"]["start"]["line"]] == "  BasicBlock:"


def test_all_places_of_a_name(opened) -> None:
    answer = ask(
        opened, "references", position_of(NET, "stem"), context={"includeDeclaration": True}
    )
    assert [f["range"]["start"]["line"] for f in answer] == [11, 12, 13]
    lit = ask(opened, "documentHighlight", position_of(NET, "stem"))
    assert len(lit) == 3


def test_the_outline(opened) -> None:
    answer = opened.ask("textDocument/documentSymbol", textDocument={"uri": URI})
    assert [s["name"] for s in answer] == [
        "width",
        "image",
        "Layer",
        "stem",
        "layer",
        "sum",
        "flat",
        "head",
    ]
    assert [s["name"] for s in answer[2]["children"]] == ["conv", "relu"]
    assert answer[7]["detail"] == "Linear"


# ---- completion -------------------------------------------------------------------------------------


def offers(client: Client, text: str, marker: str = "|") -> list[str]:
    """What may be written at the marker."""
    uri = "file:///nowhere/completed.yaml"
    offset = text.index(marker)
    text = text.replace(marker, "", 1)
    client.open(uri, NET)
    client.change(uri, 2, text)
    position = {
        "line": text.count("\n", 0, offset),
        "character": offset - text.rfind("\n", 0, offset) - 1,
    }
    answer = client.ask("textDocument/completion", textDocument={"uri": uri}, position=position)
    client.tell("textDocument/didClose", textDocument={"uri": uri})
    return [item["label"] for item in answer]


def test_ops_blocks_arguments_references_and_values_are_offered(client) -> None:
    labels = offers(client, NET.replace("op: Linear, out_features: 10}", "op: |"))
    assert labels[0] == "Layer"
    assert {"Conv2d", "BatchNorm2d", "Concat"} <= set(labels)
    labels = offers(client, NET.replace("out_features: 10}", "|}"))
    assert labels[:3] == ["in_features", "out_features", "bias"]
    assert {"from", "when", "repeat"} <= set(labels)
    assert offers(client, NET.replace("{op: Layer, channels: stem.", "{op: Layer, |stem."))[:2] == [
        "channels",
        "kernel",
    ]
    labels = offers(client, NET.replace("from: [stem, layer]", "from: [|"))
    assert {"stem", "layer", "image", "previous"} <= set(labels)
    assert "padding_mode" in offers(client, NET.replace("padding: kernel // 2", "|"))
    assert offers(client, NET.replace("padding: kernel // 2", "bias: |"))[:2] == ["true", "false"]
    assert "reflect" in offers(client, NET.replace("padding: kernel // 2", "padding_mode: |"))
    assert "width" in offers(client, NET.replace("out_features: 10", "out_features: |"))
    assert "budget" in offers(client, NET + "bu|")
    assert "Conv2d" in offers(client, NET.replace("flat: Flatten", "flat: F|"))
    assert "ReLU" in offers(client, NET.replace("- flat: Flatten", "- |"))


def test_arguments_are_offered_in_lines_too(client) -> None:
    text = NET.replace(
        "- flat: Flatten", "- flat:\n      op: Conv2d\n      out_channels: 3\n      |"
    )
    labels = offers(client, text)
    assert labels[:4] == ["in_channels", "out_channels", "kernel_size", "stride"]


# ---- edits ------------------------------------------------------------------------------------------


def applied(text: str, edits: list[dict[str, Any]]) -> str:
    """A text after edits of the protocol."""
    lines = text.split("\n")
    starts = [sum(len(line) + 1 for line in lines[:k]) for k in range(len(lines))]

    def offset(p: dict[str, int]) -> int:
        return starts[p["line"]] + p["character"]

    for edit in sorted(edits, key=lambda e: offset(e["range"]["start"]), reverse=True):
        text = (
            text[: offset(edit["range"]["start"])]
            + edit["newText"]
            + text[offset(edit["range"]["end"]) :]
        )
    return text


@pytest.mark.parametrize(
    ("word", "new", "changes"),
    [
        ("stem:", "trunk", {"stem:": "trunk:", "stem.channels": "trunk.channels", "[stem,": "[trunk,"}),
        ("Layer:", "Unit", {"Layer:": "Unit:", "op: Layer": "op: Unit"}),
        ("width: 16", "w", {"width: 16": "w: 16", "channels: width": "channels: w"}),
        ("image", "picture", {"{image:": "{picture:"}),
        ("kernel: 3", "size", {"kernel: 3": "size: 3", "kernel_size: kernel,": "kernel_size: size,", "kernel // 2": "size // 2"}),
        ("head:", "classifier", {"head:": "classifier:", "scores: head": "scores: classifier"}),
        ("conv:", "convolution", {"conv:": "convolution:"}),
    ],
)  # fmt: skip
def test_a_name_is_changed_everywhere_and_nothing_else(
    opened, word: str, new: str, changes: dict[str, str]
) -> None:
    answer = ask(opened, "rename", position_of(NET, word), newName=new)
    after = applied(NET, answer["changes"][URI])
    expected = NET
    for old, now in changes.items():
        expected = expected.replace(old, now)
    assert after == expected
    assert check_text(after).diagnostics == ()


@pytest.mark.parametrize(
    ("word", "new", "why"),
    [
        ("stem:", "layer", "cannot be renamed to"),
        ("stem:", "a b", "is not a name"),
        ("Layer:", "Conv2d", "cannot be renamed to"),
        ("netspec", "other", "no name to change"),
    ],
)
def test_a_rename_that_would_change_the_network_is_rejected(
    opened, word: str, new: str, why: str
) -> None:
    with pytest.raises(ProtocolError, match=why):
        ask(opened, "rename", position_of(NET, word), newName=new)


def test_a_rename_that_makes_another_step_an_output_is_rejected() -> None:
    from netspec.assist.symbols import RenameError, rename

    text = (
        "netspec: 1\ninputs: {image: [N, 4]}\nbody:\n  - a: ReLU\n"
        "  - g: {body: [b: ReLU, c: Neg], outputs: {o: a, p: c}}\noutputs: [g.o, g.p]\n"
    )
    report = check_text(text, "net.yaml")
    with pytest.raises(RenameError, match="`b` cannot be renamed to `a`"):
        rename(report, text.index("b: ReLU"), "a", lambda t: check_text(t, "net.yaml"))


def test_every_name_of_the_gallery_can_be_changed_or_is_rejected_with_a_reason() -> None:
    from netspec.assist.symbols import RenameError, rename

    for path in some(sorted((ROOT / "specs").rglob("*.yaml")), 8):
        report = netspec.load(path).report
        text, name = report.document.source.text, report.document.source.name
        for offset in some(range(0, len(text), 97), 10):
            try:
                edits = rename(report, offset, "renamed_here", lambda t, n=name: check_text(t, n))
            except RenameError as error:
                assert str(error)
            else:
                assert edits


def test_quick_fixes_and_fixing_all(opened) -> None:
    wrong = NET.replace("op: Linear", "op: Linaer").replace("flat: Flatten", "flat: Flaten")
    opened.change(URI, 2, wrong)
    assert len(opened.diagnostics(URI)) == 2
    place = {"start": position_of(wrong, "Linaer"), "end": position_of(wrong, "Linaer")}
    answer = opened.ask(
        "textDocument/codeAction",
        textDocument={"uri": URI},
        range=place,
        context={"diagnostics": []},
    )
    assert [a["kind"] for a in answer] == ["quickfix", "source.fixAll"]
    assert answer[0]["title"].startswith("Did you mean `Linear`?")
    assert applied(wrong, answer[0]["edit"]["changes"][URI]) == NET.replace(
        "flat: Flatten", "flat: Flaten"
    )
    assert applied(wrong, answer[1]["edit"]["changes"][URI]) == NET
    opened.change(URI, 3, NET)
    opened.diagnostics(URI)


def test_formatting(client) -> None:
    uri = "file:///nowhere/ugly.yaml"
    ugly = NET.replace("inputs: {image: [N, 3", "inputs:   { image : [N,3")
    client.open(uri, ugly)
    options = {"tabSize": 2, "insertSpaces": True}
    [edit] = client.ask("textDocument/formatting", textDocument={"uri": uri}, options=options)
    assert edit["newText"] == NET
    client.change(uri, 2, NET)
    assert client.ask("textDocument/formatting", textDocument={"uri": uri}, options=options) == []


# ---- positions, and nonsense ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("encodings", "chosen", "column"),
    [(None, "utf-16", 6), (["utf-8", "utf-16"], "utf-8", 8), (["utf-32"], "utf-32", 5)],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_positions_are_counted_as_the_client_counts(
    encodings, chosen: str, column: int, end: str
) -> None:
    client = Client(encodings)
    assert client.capabilities.get("positionEncoding", "utf-16") == chosen
    text = f"netspec: 1{end}inputs: {{image: [N, 3]}}{end}body:{end}- 𝛼: Relu{end}"
    [diagnostic] = client.open(URI, text)
    assert diagnostic["range"]["start"] == {"line": 3, "character": column}
    assert client.close() == 0


def test_nonsense_is_answered_and_the_server_goes_on(client) -> None:
    for method in ("textDocument/hover", "textDocument/completion", "textDocument/definition"):
        document = {"uri": "file:///never/opened.yaml"}
        client.ask(method, textDocument=document, position={"line": 3, "character": 1})
    with pytest.raises(ProtocolError):
        client.ask("no/such/method")
    client.send({"id": 9999, "method": "textDocument/hover", "params": {"nonsense": 1}})
    binary = "file:///nowhere/binary.yaml"
    assert client.open(binary, "netspec: 1\n\x00\x01")[0]["code"] == "NS002"
    assert client.open("untitled:Untitled-1", NET) == []


def test_other_yaml_is_left_in_peace(client) -> None:
    uri = "file:///nowhere/docker-compose.yaml"
    assert client.open(uri, "services:\n  web: {image: nginx}\n") == []
    client.change(uri, 2, "services: [")
    assert client.diagnostics(uri) == []
    client.change(uri, 3, "netspec: 1\nservices: {}\n")
    assert "NS021" in [d["code"] for d in client.diagnostics(uri)]


def test_command_lines_that_make_no_sense(run) -> None:
    assert run("lsp", "net.yaml")[0] == 2
    assert run("lsp", "--port", "none")[2].startswith("netspec: `--port` cannot be `none`")


def test_without_the_library_the_message_says_what_to_install(run, monkeypatch) -> None:
    import sys

    for name in [n for n in sys.modules if n.startswith("netspec.lsp")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "pygls", None)
    monkeypatch.setitem(sys.modules, "pygls.lsp.server", None)
    code, out, err = run("lsp")
    assert (code, out) == (2, "")
    assert err == (
        "netspec: the language server requires the package pygls\n"
        "  help: install it: pip install 'netspec-compiler[lsp]'\n"
    )


@pytest.mark.parametrize(
    ("text", "word", "new"),
    [
        # one diagnostic before and one after, another one: `b` is there then, and `a` is not
        ("netspec: 1\ninputs: {image: [N, 3]}\nbody:\n  - a: ReLU\n  - {op: Add, from: [b, image]}\n  - c: {op: Expand, size: [2, =a.shape[1]]}\n", "a: ReLU", "b"),
        ("netspec: 1\ninputs: {image: [N, 3]}\nparams: {width: 4, w: 3}\nbody:\n  - {op: Linear, out_features: width, biass: 1}\n  - {op: ReLU, when: w > 2}\n", "width: 4", "w"),
    ],
)  # fmt: skip
def test_a_rename_with_another_diagnostic_in_place_of_an_old_one_is_rejected(
    text: str, word: str, new: str
) -> None:
    from netspec.assist.symbols import RenameError, rename
    from netspec.fix import spliced

    report = check_text(text)
    try:
        edits = rename(report, text.index(word), new, check_text)
    except RenameError as error:
        assert f"cannot be renamed to `{new}`" in str(error)
        return
    after = check_text(spliced(text, [(e,) for e in edits])[0])
    assert {d.code for d in after.diagnostics} <= {d.code for d in report.diagnostics}
    assert len(after.diagnostics) <= len(report.diagnostics)


def test_diagnostics_are_compared_and_not_counted() -> None:
    from netspec.assist.symbols import RenameError, rename

    text = "netspec: 1\ninputs: {image: [N, 3]}\nbody:\n  - a: ReLU\n  - {op: Linaer, out_features: 4}\n"
    other = check_text(text.replace("Linaer", "Conv7d"))
    with pytest.raises(RenameError, match="cannot be renamed to `stem`: unknown op `Conv7d`"):
        rename(check_text(text), text.index("a: ReLU"), "stem", lambda _: other)
    assert rename(check_text(text), text.index("a: ReLU"), "stem", check_text)


@pytest.mark.parametrize("character", ["\u2028", "\u2029", "\x85"], ids=ascii)
def test_characters_that_end_no_line_of_the_protocol(client, character: str) -> None:
    text = NET.replace("params: {width: 16}", f"params: {{width: 16}}  # a{character}b", 1)
    uri = "file:///nowhere/lines.yaml"
    assert client.open(uri, text) == []
    wrong = text.replace("op: Linear", "op: Linaer")
    client.change(uri, 2, wrong)
    [diagnostic] = client.diagnostics(uri)
    line = wrong.split("\n")[diagnostic["range"]["start"]["line"]]
    assert line[diagnostic["range"]["start"]["character"] :].startswith("Linaer")
    client.tell("textDocument/didClose", textDocument={"uri": uri})
    assert client.diagnostics(uri) == []


def test_the_server_asks_for_whole_texts(client) -> None:
    sync = client.capabilities["textDocumentSync"]
    assert (sync["change"] if isinstance(sync, dict) else sync) == 1


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=ascii)
def test_positions_count_the_lines_of_the_protocol(end: str) -> None:
    from netspec.diagnostics import Source
    from netspec.lsp.convert import Units

    text = f"one{end}two \u2028 \x0c \x85 x{end}{end}four"
    units = Units("utf-16")
    for offset in range(len(text) + 1):
        if text[offset - 1 : offset + 1] == "\r\n":
            continue
        place = units.position(Source(text, "a"), offset)
        before = text[:offset].split(end)
        assert (place.line, place.character) == (len(before) - 1, len(before[-1]))
        assert units.offset(text, place) == offset
