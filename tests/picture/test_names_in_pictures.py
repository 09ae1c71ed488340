"""Text of a spec in a picture is text: Graphviz and XML parsers return the names unchanged."""

from __future__ import annotations

import html
import json
import re
import subprocess
from shutil import which
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sampling import examples

import netspec
from netspec.render import Box, Scene, scene
from netspec.render.boxes import boxes
from netspec.render.dot import dot
from netspec.render.engine import draw
from netspec.render.escape import visible
from netspec.render.mermaid import MOST_CHARACTERS, MOST_EDGES, mermaid
from netspec.render.page import html_page
from netspec.render.rail import rail

SVG, LINK = "{http://www.w3.org/2000/svg}", "{http://www.w3.org/1999/xlink}"
SHARP = [
    r"a\N", r"\G\L\E\T\H", "a\\", "\\\\N", r"a\nb", r"\l\r", '"', "'", "<b>", "</TD>", "&amp;", "&#92;N", "&lt", "#35;", "]]>",
    "{q}", "a|b", "--", "-->", "/*", "//", "; n9", "%%", "end", "$$x$$", "\x00", "\x01", "\x1b[31m", "\x7f", "\x85",
    "\u2028", "\u202e", "\ufffe", "\ud800", "a\nb", "\t", "\r", "*x*", "`q`", "_x_", "~~s~~", "[a](b)", "<script>alert(1)</script>",
]  # fmt: skip
TEXTS = st.lists(st.sampled_from(SHARP) | st.text(max_size=4), min_size=1, max_size=4).map("".join)
needs_dot = pytest.mark.skipif(which("dot") is None, reason="Graphviz is not installed here")


def drawing(texts: list[str]) -> Scene:
    """A box for each text, which is its name, op, way, error, and tooltip."""
    made = []
    for text in texts:
        box = Box(text, text, text, "other", None)
        box.way, box.doc, box.span = text, text, (text, 1)
        box.errors, box.rounds, box.reads = [text[:20]], [text], [text]
        made.append(box)
    level = Box(texts[0], texts[0], texts[0], "level", None)
    level.children = [Box(texts[0], texts[0], "", "other", level)]
    return Scene(texts[0], [*made, level], [(made[0], made[-1])] if len(made) > 1 else [], "")


def words(text: str) -> str:
    """Text as one line, with runs of white space as one blank, as XML and Graphviz make them."""
    return " ".join(visible(text).replace("\n", "␊").split())


def spaced(text: str) -> str:
    return " ".join(text.split())


@needs_dot
@settings(max_examples=examples(40), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(TEXTS, min_size=1, max_size=5))
def test_graphviz_returns_the_names_unchanged(texts: list[str]) -> None:
    check(texts)


@needs_dot
@pytest.mark.parametrize("text", SHARP)
def test_graphviz_returns_names_that_look_like_markup(text: str) -> None:
    check([text, f"a{text}N", f"{text}{text}"])


def check(texts: list[str]) -> None:
    for links in (True, False):
        text = dot(drawing(texts), links=links)
        done = subprocess.run(
            ["dot", "-Tsvg"], input=text.encode(), capture_output=True, check=False
        )
        assert (done.returncode, done.stderr) == (0, b""), done.stderr
        root = ElementTree.fromstring(done.stdout)
        nodes = [g for g in root.iter(f"{SVG}g") if g.get("class") == "node"]
        by_title = {g.findtext(f"{SVG}title"): g for g in nodes}
        for number, name in enumerate(texts):
            node = by_title[f"n{number}"]
            visible_text = spaced(" ".join("".join(t.itertext()) for t in node.iter(f"{SVG}text")))
            assert words(name) in visible_text, (name, visible_text)
            tips = [a.get(f"{LINK}title") or "" for a in node.iter(f"{SVG}a")]
            expected = spaced(visible(name).replace("\n", " "))
            assert any(spaced(tip).startswith(expected) for tip in tips), (name, tips)
            if not links and name:
                ids = {g.get("id") for g in root.iter() if (g.get("id") or "").startswith("box ")}
                assert spaced(f"box {words(name)}") in {spaced(i or "") for i in ids}


@settings(max_examples=examples(60), deadline=None)
@given(st.lists(TEXTS, min_size=1, max_size=5))
def test_mermaid_has_every_text_in_entities_between_quotes(texts: list[str]) -> None:
    text = mermaid(drawing(texts))
    labels = re.findall(r'^ +n\d+\["([^"]*)"\]$', text, re.M)
    assert len(labels) == len(texts) + 1
    for name, label in zip(texts, labels, strict=False):
        first = label.split("<br>")[0]
        assert first.startswith("<b>")
        assert first.endswith("</b>")
        decoded = re.sub(r"#(\d+);", lambda m: chr(int(m[1])), first[3:-4]).replace("\u2060", "")
        plain = re.sub(r"\\([\\`*~_\[])", r"\1", decoded)
        assert plain == visible(name).replace("\n", "␊").replace("\u2060", "")
    assert not [c for c in text if c != "\n" and (ord(c) < 0x20 or 0x7F <= ord(c) < 0xA0)]


@settings(max_examples=examples(60), deadline=None)
@given(st.lists(TEXTS, min_size=1, max_size=5))
def test_rails_and_boxes_command_no_terminal(texts: list[str]) -> None:
    for text in (rail(drawing(texts)), boxes(drawing(texts)).text):
        assert not [c for c in text if c != "\n" and (ord(c) < 0x20 or 0x7F <= ord(c) < 0xA0)]


@needs_dot
def test_a_name_that_could_not_be_worked_out_is_drawn_as_it_is_written() -> None:
    text = 'netspec: 1\ninputs: {image: [N, 3]}\nbody:\n  - "r{q}": ReLU\n  - "a\\\\N": ReLU\n'
    report = netspec.load(text).report
    assert report.graph is not None
    drawn = scene(report.graph)
    assert [b.name for b in drawn.leaves] == ["image", "r{q}", "a\\N", "output"]
    root = ElementTree.fromstring(draw(dot(drawn), "svg"))
    visible_texts = ["".join(t.itertext()).strip() for t in root.iter(f"{SVG}text")]
    assert "r{q}" in visible_texts
    assert "a\\N" in visible_texts
    assert "\0" not in mermaid(drawn) + dot(drawn) + rail(drawn)


@needs_dot
def test_the_page_holds_hostile_text_as_data() -> None:
    doc = "</script><!--\u2028<script>alert(1)</script>"
    text = (
        "netspec: 1\ninputs: {image: [N, 3]}\nbody:\n"
        f"  - '<img src=x onerror=alert(1)>\\N': {{op: ReLU, doc: {json.dumps(doc)}}}\n"
    )
    page_text = html_page(netspec.load(text).report)
    assert page_text.count("</script>") == 2
    data = re.search(
        r'<script type="application/json" id="data">(.*?)</script>', page_text, re.DOTALL
    )
    assert data is not None
    held = json.loads(data[1])
    assert held["boxes"]["<img src=x onerror=alert(1)>\\N"]["doc"] == doc
    for view in held["views"].values():
        root = ElementTree.fromstring(view["svg"])
        assert not list(root.iter(f"{SVG}img"))
        assert "box <img src=x onerror=alert(1)>\\N" in {g.get("id") for g in root.iter()}
        assert "<img" not in view["svg"]
        assert html.unescape(view["svg"]).count("<img src=x onerror=alert(1)>\\N") >= 2


def test_a_chart_beyond_the_limits_of_mermaid_says_so(run, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    steps = "".join(f"  - s{k}: ReLU\n" for k in range(MOST_EDGES))
    (tmp_path / "net.yaml").write_text(f"netspec: 1\ninputs: {{image: [N, 3]}}\nbody:\n{steps}")
    code, out, err = run("render", "net.yaml", "--format", "mermaid")
    assert code == 0
    assert out.splitlines()[0] == (
        "%% Mermaid rejects this chart by default: it has 501 edges (at most 500). "
        "Fold it with --depth, or raise maxEdges and maxTextSize in the Mermaid configuration."
    )
    assert err.startswith(
        "note: Mermaid rejects this chart by default: it has 501 edges (at most 500)."
    )
    long = Box("x" * MOST_CHARACTERS, "x", "", "other", None)
    assert (
        f"characters (at most {MOST_CHARACTERS:,})"
        in mermaid(Scene("n", [long], [], "")).splitlines()[0]
    )
    assert not mermaid(Scene("n", [Box("x", "x", "", "other", None)], [], "")).startswith("%%")


def test_what_is_too_large_for_a_format_is_rejected_in_a_sentence(
    run, tmp_path, monkeypatch
) -> None:
    monkeypatch.chdir(tmp_path)
    branches = "".join(f"  - s{k}: {{op: ReLU, from: image}}\n" for k in range(2600))
    join = f"  - join: {{op: Concat, from: [{', '.join(f's{k}' for k in range(2600))}]}}\n"
    (tmp_path / "net.yaml").write_text(
        f"netspec: 1\ninputs: {{image: [N, 3]}}\nbody:\n{branches}{join}"
    )
    for arguments, error in [
        (("-o", "net.svg"), "2,603 boxes exceed the limit for Graphviz (2,500)"),
        (("--format", "boxes"), "as text boxes, the picture is at least"),
        (("--html", "net.html"), "more than 400 boxes on one level"),
    ]:
        code, out, err = run("render", "net.yaml", *arguments)
        assert (code, out) == (2, "")
        assert error in err
    code, out, _ = run("render", "net.yaml")
    assert code == 0
    assert (
        "… 2,600 tensors are live at once; only the first 64 have a lane: " in out.splitlines()[-1]
    )
    assert max(map(len, out.splitlines()[:-1])) < 260
