"""Pictures: DOT that Graphviz takes, SVG with everything in it and nothing on top of another, and the command."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from itertools import combinations
from math import dist
from pathlib import Path
from shutil import which
from xml.etree import ElementTree

import pytest

import netspec
from netspec.render import EngineError, fitting_depth, picture, scene
from netspec.render.compared import compared
from netspec.render.dot import dot
from netspec.render.engine import CancelledError, draw, has_fonts
from netspec.render.rail import rail
from netspec.render.theme import THEMES, shaded

ROOT = Path(__file__).parents[2]
NAMES = (
    "densenet121",
    "resnet",
    "unet",
    "gpt",
    "siamese",
    "textbook/lenet",
    "textbook/inception_mnist",
    "googlenet",
)
SVG = "{http://www.w3.org/2000/svg}"
NET = """netspec: 1
inputs: {image: [N, 3, 32, 32]}
body:
  - "a\\"<b>&": {op: Conv2d, out_channels: 16, kernel_size: 3, doc: "says \\"no\\" & <i>goes</i>"}
  - relu: ReLU
"""
needs_graphviz = pytest.mark.skipif(
    which("dot") is None and __import__("importlib.util").util.find_spec("pygraphviz") is None,
    reason="Graphviz is not installed here",
)


def drawn(name: str, **options: object):
    graph = netspec.load(ROOT / f"specs/{name}.yaml").elaborate()
    return scene(graph, depth=fitting_depth(graph), **options)


# ---- DOT and Mermaid ----------------------------------------------------------------------------------


def test_dot_as_text() -> None:
    text = """netspec: 1
name: small
inputs: {image: [N, 3, 8, 8]}
body:
  - conv: {op: Conv2d, out_channels: 4, kernel_size: 3}
"""
    dot_text = dot(scene(netspec.load(text).elaborate()), legend=False)
    assert dot_text.splitlines()[0] == 'digraph "small" {'
    assert (
        "<TR><TD>  <B>conv</B>  </TD></TR><TR><TD>  <I>Conv2d 4, 3×3</I>  </TD></TR>"
        "<TR><TD>  [N, 4, 6, 6]  </TD></TR>" in dot_text
    )
    assert re.findall(r"^  (n\d) -> (n\d);$", dot_text, re.M) == [("n0", "n1"), ("n1", "n2")]
    assert (
        'tooltip="conv\\n3.89 k MACs\\n<text>:5\\nheight: 8 (image) → 6 (conv)\\nwidth: 8 (image) → 6 (conv)"]'
        in dot_text
    )


@pytest.mark.parametrize("name", NAMES)
def test_mermaid_has_every_box_and_edge(name: str) -> None:
    drawing = drawn(name)
    text = picture(drawing, "mermaid")
    assert isinstance(text, str)
    assert text.startswith("flowchart TD\n")
    assert len(re.findall(r"^ +n\d+\[", text, re.M)) == len(drawing.leaves)
    assert len(re.findall(r"^  n\d+ -(?:-|.-)> n\d+$", text, re.M)) == len(drawing.edges)
    assert text.count("subgraph ") == len(re.findall(r"^ +end$", text, re.M))


VISIONS = {
    "all": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "no red": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "no green": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "no blue": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}
"""A color as seen without one kind of cones, in linear RGB (Machado, Oliveira and Fernandes, 2009)."""


def linear(color: str) -> list[float]:
    parts = [int(color[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    return [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]


def lab(rgb: list[float]) -> tuple[float, float, float]:
    """CIE L*a*b* of linear RGB: distances in it are about as large as they seem."""
    r, g, b = (min(max(c, 0.0), 1.0) for c in rgb)
    x = (0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505
    y = 0.2126 * r + 0.7152 * g + 0.0722 * b
    z = (0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089
    x, y, z = (t ** (1 / 3) if t > 0.008856 else 7.787 * t + 16 / 116 for t in (x, y, z))
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def luminance(color: str) -> float:
    r, g, b = linear(color)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


@pytest.mark.parametrize("vision", VISIONS)
@pytest.mark.parametrize("name", ["light", "dark"])
def test_kinds_are_distinguishable_with_color_blindness(name: str, vision: str) -> None:
    same = {"constant", "other", "input", "output"}
    seen = {
        kind: lab(
            [sum(m * c for m, c in zip(row, linear(fill), strict=True)) for row in VISIONS[vision]]
        )
        for kind, fill in THEMES[name].fills.items()
        if kind not in same
    }
    for one, other in combinations(seen, 2):
        assert dist(seen[one], seen[other]) > 11, (one, other)


@pytest.mark.parametrize("name", THEMES)
def test_text_is_readable_on_every_color(name: str) -> None:
    theme = THEMES[name]
    for fill in (*theme.fills.values(), *theme.marks.values(), theme.background, theme.frame):
        low, high = sorted((luminance(fill), luminance(theme.text)))
        assert (high + 0.05) / (low + 0.05) > 4.5, fill


def test_shades_go_from_pale_to_strong() -> None:
    assert set(THEMES["print"].fills.values()) == {"#ffffff"}
    assert shaded(THEMES["light"], 0.0) == "#f2f6fa"
    assert shaded(THEMES["light"], 1.0) == "#2b6cb0"


# ---- Graphviz -------------------------------------------------------------------------------------------


@needs_graphviz
@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("name", NAMES)
def test_an_svg_has_every_box_edge_and_label_and_no_box_on_another(name: str, theme: str) -> None:
    drawing = drawn(name)
    data = draw(dot(drawing, theme), "svg")
    root = ElementTree.fromstring(data)
    groups = [g for g in root.iter(f"{SVG}g") if g.get("class") == "node"]
    boxes = [g for g in groups if g.findtext(f"{SVG}title") != "legend"]
    assert len(boxes) == len(drawing.leaves)
    edges = [g for g in root.iter(f"{SVG}g") if g.get("class") == "edge"]
    assert len(edges) >= len(drawing.edges)
    words = ["".join(t.itertext()).strip() for t in root.iter(f"{SVG}text")]
    for box in drawing.leaves:
        assert any(box.name in word for word in words), box.name
        if box.sizes is not None:
            assert f"[{', '.join(box.sizes)}]" in words
    places = [_extent(g) for g in boxes]
    for k, one in enumerate(places):
        for other in places[k + 1 :]:
            assert (
                one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
            )


def _extent(group: ElementTree.Element) -> tuple[float, float, float, float]:
    """The rectangle that a node's outlines cover."""
    points = [
        (float(x), float(y))
        for shape in group.iter()
        if shape.tag in (f"{SVG}path", f"{SVG}polygon")
        for x, y in re.findall(
            r"(-?[\d.]+),(-?[\d.]+)", shape.get("d") or shape.get("points") or ""
        )
    ]
    xs, ys = zip(*points, strict=True)
    return min(xs), min(ys), max(xs), max(ys)


@needs_graphviz
def test_names_that_are_markup_are_text() -> None:
    root = ElementTree.fromstring(draw(dot(scene(netspec.load(NET).elaborate())), "svg"))
    words = ["".join(t.itertext()) for t in root.iter(f"{SVG}text")]
    assert any('a"<b>&' in word for word in words)
    assert not list(root.iter(f"{SVG}b"))


@needs_graphviz
def test_all_of_densenet_is_drawn() -> None:
    graph = netspec.load(ROOT / "specs/densenet121.yaml").elaborate()
    whole_scene = scene(graph, repeats=False)
    assert len(whole_scene.leaves) == len(graph.nodes) + 2
    assert (
        draw(dot(whole_scene), "svg", patience=300).count(b'class="node"')
        == len(whole_scene.leaves) + 1
    )


def test_without_graphviz_the_message_says_what_to_do(monkeypatch) -> None:
    import netspec.render.engine as engine

    monkeypatch.setattr(engine, "which", lambda _: None)
    monkeypatch.setattr(engine, "find_spec", lambda _: None)
    with pytest.raises(EngineError) as raised:
        draw("digraph {}", "svg")
    assert raised.value.message == "Graphviz is not installed"
    assert "netspec-compiler[graphviz]" in raised.value.help


def test_without_fonts_no_letters_are_drawn_as_boxes(monkeypatch) -> None:
    import netspec.render.engine as engine

    monkeypatch.setattr(engine.os, "walk", lambda _: iter(()))
    monkeypatch.setattr(engine.sys, "platform", "linux")
    with pytest.raises(EngineError, match="no fonts are installed"):
        draw("digraph {}", "png")


def test_a_graphviz_that_fails_or_hangs_is_one_message(monkeypatch, tmp_path) -> None:
    program = tmp_path / "dot"
    program.write_text("#!/bin/sh\necho 'Error: syntax error in line 1' >&2; exit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises(EngineError, match="Graphviz failed: Error: syntax error in line 1"):
        draw("digraph {", "svg")
    program.write_text("#!/bin/sh\nexec sleep 20\n")
    with pytest.raises(EngineError, match="Graphviz did not finish within 1 seconds"):
        draw("digraph {}", "svg", patience=1)


@pytest.mark.skipif(sys.platform == "win32", reason="requires a shell")
def test_an_outdated_picture_is_canceled_at_once(monkeypatch, tmp_path) -> None:
    program, done = tmp_path / "dot", tmp_path / "done"
    program.write_text(f"#!/bin/sh\nsleep 3\ntouch {done}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    asked = iter([False, False, True])
    start = time.monotonic()
    with pytest.raises(CancelledError):
        draw("digraph {}", "svg", cancelled=lambda: next(asked))
    assert time.monotonic() - start < 2
    assert not done.exists()


# ---- two networks -----------------------------------------------------------------------------------------


def test_a_difference_in_one_picture() -> None:
    old = """netspec: 1
name: net
inputs: {image: [N, 3, 32, 32]}
body:
  - a: {op: Conv2d, out_channels: 8, kernel_size: 3}
  - gone: ReLU
  - b: {op: Conv2d, out_channels: 8, kernel_size: 3}
  - c: Sigmoid
"""
    new = old.replace("  - gone: ReLU\n", "").replace(
        "- c:", "- more: {op: MaxPool2d, kernel_size: 2}\n  - c:"
    )
    new = new.replace("b: {op: Conv2d, out_channels: 8", "b: {op: Conv2d, out_channels: 9")
    compared_scene = compared(netspec.load(old).elaborate(), netspec.load(new).elaborate())
    assert {b.name: b.mark for b in compared_scene.leaves} == {
        "image": "", "a": "", "b": "changed", "more": "added", "c": "changed", "output": "", "gone": "removed",
    }  # fmt: skip
    edges = {(a.name, b.name) for a, b in compared_scene.edges}
    assert {("a", "gone"), ("gone", "b"), ("a", "b"), ("b", "more"), ("more", "c")} <= edges
    [b] = [b for b in compared_scene.leaves if b.name == "b"]
    assert b.way == "out_channels 8 → 9"
    text = dot(compared_scene)
    assert text.count("style=dashed") == 2
    assert "<S>gone</S>" in text
    for mark in ("added", "removed", "changed"):
        assert f">{mark}</TD>" in text
    marked = re.findall(r"^[^\w+~-]*?([+~-]?) (\w+)  ", rail(compared_scene), re.M)
    assert marked == [
        ("", "image"), ("", "a"), ("-", "gone"), ("~", "b"), ("+", "more"), ("~", "c"), ("", "output"),
    ]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_one_network_twice_has_no_marks(name: str) -> None:
    graph = netspec.load(ROOT / f"specs/{name}.yaml").elaborate()
    assert {b.mark for b in compared(graph, graph, 2).leaves} == {""}


def test_the_command_draws_a_difference(run, net) -> None:
    code, out, err = run("render", "--diff", "net.yaml", "--to-set", "w=3", "--format", "dot")
    assert (code, out) == (2, "")
    assert "no parameter" in err
    Path("other.yaml").write_text(Path("net.yaml").read_text().replace("relu: ReLU", "relu: GELU"))
    code, out, _ = run("render", "--diff", "net.yaml", "other.yaml", "--format", "dot")
    assert code == 0
    assert "op ReLU → GELU" in out


# ---- the command, and Python -----------------------------------------------------------------------------


@pytest.fixture
def net(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("net.yaml").write_text(NET.replace('a\\"<b>&', "conv"))
    return tmp_path


def test_the_command(run, net) -> None:
    code, out, err = run("render", "net.yaml")
    assert (code, err) == (0, "")
    assert out.splitlines()[1].startswith("●  conv    Conv2d 16, 3×3  [N, 16, 30, 30]  448")
    assert run("render", "net.yaml", "--ascii")[1].startswith("o  image")
    assert run("render", "net.yaml", "-o", "net.dot")[0] == 0
    assert Path("net.dot").read_text().startswith('digraph "net" {')
    assert run("render", "net.yaml", "-o", "net.mmd", "--theme", "dark")[0] == 0
    assert Path("net.mmd").read_text().startswith("flowchart TD")
    for arguments, why in [
        (("-o", "net.gif"), "has no known picture extension"),
        (("--focus", "nowhere"), "has no level `nowhere`"),
        (("--depth", "x"), "`--depth` cannot be `x`"),
        (("--format", "gif"), "`--format` cannot be `gif`"),
    ]:
        code, out, err = run("render", "net.yaml", *arguments)
        assert (code, out) == (2, "")
        assert why in err


@needs_graphviz
def test_the_formats_of_graphviz(run, net) -> None:
    for ending, begin in (("svg", b"<?xml"), ("png", b"\x89PNG"), ("pdf", b"%PDF")):
        if ending != "svg" and not has_fonts():
            continue
        assert run("render", "net.yaml", "-o", f"net.{ending}")[0] == 0
        assert Path(f"net.{ending}").read_bytes().startswith(begin)


def test_a_spec_with_errors_is_drawn_with_its_faults(run, net) -> None:
    Path("net.yaml").write_text(
        NET.replace('a\\"<b>&', "conv").replace(
            "out_channels: 16", "in_channels: 4, out_channels: 16"
        )
    )
    code, out, err = run("render", "net.yaml")
    assert code == 1
    assert "error[NS201]" in err
    assert "✗ `conv` declares `in_channels: 4`, but its input `image` has 3 channels" in out
    _, out, _ = run("render", "net.yaml", "--format", "dot")
    assert f'COLOR="{THEMES["light"].error}"' in out
    Path("net.yaml").write_text("netspec: 1\nblocks: {A: [ReLU]}\n")
    assert run("render", "net.yaml")[0] == 2


def test_from_python(net) -> None:
    network = netspec.load("net.yaml")
    assert str(network.render()).startswith("●  image")
    network.render("net.mmd", format="mermaid", theme="dark")
    assert Path("net.mmd").read_text().startswith("flowchart TD")
    with pytest.raises(ValueError, match="`gif` is not a format"):
        network.render("net.gif")
    if which("dot") is not None:
        svg = network._repr_svg_()
        assert svg is not None
        assert "<svg" in svg
    assert netspec.load("netspec: 1\ninputs: {a: [N]}\nbody: [Relu]\n")._repr_svg_() is None


@needs_graphviz
def test_graphviz_itself_reads_what_is_written() -> None:
    if which("dot") is None:
        pytest.skip("there is no dot on the path")
    for name in NAMES:
        text = dot(drawn(name), "dark", "macs")
        done = subprocess.run(
            ["dot", "-Tcanon"], input=text, text=True, capture_output=True, check=False
        )
        assert (done.returncode, done.stderr) == (0, "")
