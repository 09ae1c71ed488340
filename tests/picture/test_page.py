"""The page: one file that needs nothing else, and does in a real browser what it promises."""

from __future__ import annotations

import json
import re
import subprocess
from importlib.util import find_spec
from pathlib import Path
from shutil import which

import pytest

import netspec
from netspec.render.page import html_page

ROOT = Path(__file__).parents[2]
CHROMIUM = next(
    (p for name in ("chromium", "chromium-browser", "google-chrome") if (p := which(name))), None
)
pytestmark = pytest.mark.skipif(
    which("dot") is None and find_spec("pygraphviz") is None,
    reason="Graphviz is not installed here",
)


def written(name: str, theme: str = "light") -> str:
    return html_page(netspec.load(ROOT / f"specs/{name}.yaml").report, theme)


def data(text: str) -> dict:
    match = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
    assert match is not None
    return json.loads(match[1])


@pytest.mark.parametrize("name", ["densenet121", "resnet", "unet", "textbook/lenet"])
def test_it_is_one_file_with_every_view(name: str) -> None:
    text = written(name)
    page_data = data(text)
    outside = re.sub(r'xmlns(:\w+)?=\\?"[^"]*"|http://www.w3.org/\S*', "", text)
    assert not re.findall(r"(?:src|href)=\\?[\"']?(?:https?:)?//", outside)
    assert "default-src 'none'" in text
    assert page_data["start"] in page_data["views"]
    assert all(view["svg"].startswith("<svg") for view in page_data["views"].values())
    drawn = {
        p
        for view in page_data["views"].values()
        for p in re.findall(r'id="box ([^"]*)"', view["svg"])
    }
    assert {p.replace("&#45;", "-") for p in drawn} <= set(page_data["boxes"])


def test_what_is_in_a_spec_cannot_end_the_script() -> None:
    text = """netspec: 1
inputs: {image: [N, 3, 32, 32]}
body:
  - conv: {op: Conv2d, out_channels: 3, kernel_size: 1, doc: "</script><script>alert(1)</script>"}
"""
    page_text = html_page(netspec.load(text).report)
    assert page_text.count("</script>") == 2
    assert data(page_text)["boxes"]["conv"]["doc"] == "</script><script>alert(1)</script>"


@pytest.fixture
def browse(tmp_path):
    """Open a page in Chromium, run a few lines there, and return their result."""
    if CHROMIUM is None:
        pytest.skip("there is no Chromium here")

    def call(text: str, program: str) -> object:
        probe = (
            "<script>try { document.body.dataset.answer = JSON.stringify((() => {"
            + program
            + "})()); } "
            "catch (e) { document.body.dataset.answer = JSON.stringify(String(e)); }</script></body>"
        )
        path = tmp_path / "page.html"
        path.write_text(text.replace("</body>", probe), encoding="utf-8")
        done = subprocess.run(
            [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync",
             "--disable-background-networking", "--disable-component-update", "--window-size=1400,900",
             f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", path.as_uri()],
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        answer = re.search(r'data-answer="([^"]*)"', done.stdout)
        assert answer is not None, done.stderr[-500:]
        return json.loads(answer[1].replace("&quot;", '"').replace("&amp;", "&"))

    return call


CLICK = """
const g = (path) => [...document.querySelectorAll("#stage g.node")].find((n) => n.id === "box " + path);
const hit = (e, kind) => e.dispatchEvent(new MouseEvent(kind, {bubbles: true}));
"""


def test_a_click_shows_a_node_and_marks_its_line(browse) -> None:
    answers = browse(
        written("densenet121"),
        CLICK + 'hit(g("features.conv0").querySelector("text"), "click");'
        'return [document.getElementById("details").innerText, document.querySelector("#text .here").textContent,'
        'document.querySelectorAll("#stage g.picked").length];',
    )
    assert isinstance(answers, list)
    panel_text, line, picked = answers
    for words in (
        "features.conv0",
        "Conv2d 64, 7×7 /2",
        "[N, 3, H, W] from image",
        "9,408",
        "[64, 3, 7, 7]",
        "118,013,952",
    ):
        assert words in panel_text
    assert line.strip().startswith("- conv0: {op: Conv2d")
    assert picked == 1


def test_a_level_opens_and_the_way_leads_back(browse) -> None:
    answers = browse(
        written("densenet121"),
        CLICK + 'show("depth:1"); const before = document.querySelectorAll("#stage g.node").length;'
        'hit(g("features.denseblock2"), "dblclick");'
        'const inside = Boolean(g("features.transition1.pool")) && document.getElementById("way").innerText;'
        'document.querySelector("#way button").click();'
        "return [before, inside, view === data.start];",
    )
    assert answers == [answers[0], answers[1], True]  # type: ignore[index]
    assert "denseblock2" in str(answers[1])  # type: ignore[index]


def test_a_search_finds_names_ops_and_shapes(browse) -> None:
    answers = browse(
        written("textbook/lenet"),
        'const f = (w) => { const s = document.getElementById("search"); s.value = w; s.dispatchEvent(new Event("input"));'
        'return document.getElementById("hits").textContent; };'
        'return [f("conv2d"), f("[N, 120]"), f("nothing"), f("")];',
    )
    assert answers == ["2 found", "2 found", "0 found", ""]


def test_zoom_and_fit(browse) -> None:
    answers = browse(
        written("unet", "dark"),
        'const before = scale; document.getElementById("in").click(); const larger = scale > before;'
        'document.getElementById("fit").click(); return [larger, scale === before,'
        "getComputedStyle(document.body).backgroundColor];",
    )
    assert answers == [True, True, "rgb(20, 23, 27)"]


def test_the_command(run, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    code, out, err = run("render", str(ROOT / "specs/textbook/lenet.yaml"), "--html", "net.html")
    assert (code, out, err) == (0, "", "net.html\n")
    assert Path("net.html").read_text(encoding="utf-8").startswith("<!doctype html>")
