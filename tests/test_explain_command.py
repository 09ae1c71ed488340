"""`netspec explain CODE`: the pages on diagnostics, on a terminal and for programs."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from netspec.report import code_page
from netspec.report.code_page import CODES, page
from netspec.report.code_page_text import explained, listed
from netspec.report.style import Style

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("asked", ["NS201", "ns201", "Ns201", "201"])
def test_a_code_is_explained_however_it_is_written(run, asked):
    code, out, _ = run("explain", asked)
    assert code == 0
    lines = out.splitlines()
    assert lines[0] == "NS201: declared size mismatch"
    assert (
        "    error[NS201]: `head` declares `in_channels: 80`, but its input `join` has 64 channels"
        in lines
    )
    assert "  fixed.yaml:" in lines
    assert "```" not in out
    assert "#" not in out


@pytest.mark.parametrize("asked", ["NS6", "ns6", "NS6xx"])
def test_a_group_of_codes_is_listed(run, asked):
    code, out, _ = run("explain", asked)
    assert code == 0
    assert re.findall(r"^  (NS\d+)", out, re.MULTILINE) == [
        c for c in sorted(CODES) if c[:3] == "NS6"
    ]
    listed_codes = json.loads(run("explain", asked, "--format", "json")[1])["codes"]
    assert [entry["code"] for entry in listed_codes] == [c for c in sorted(CODES) if c[:3] == "NS6"]


def test_a_group_without_codes_is_unknown(run):
    code, _, err = run("explain", "NS9")
    assert code == 2
    assert "unknown code `NS9`" in err


def test_a_page_keeps_every_line_of_its_examples():
    for code in CODES:
        text = explained(page(code), 100)
        inside = False
        for line in page(code).markdown.splitlines():
            if line.startswith("```"):
                inside = not inside
            elif inside and line:
                assert f"    {line}" in text.splitlines()
            elif not line.startswith("```"):
                assert "](" not in text


def test_prose_is_as_wide_as_the_terminal():
    narrow = [
        line for line in explained(page("NS201"), 40).splitlines() if not line.startswith(" ")
    ]
    assert max(map(len, narrow[1:])) <= 40


def test_every_item_of_a_list_has_its_own_lines():
    markdown = page("NS402").markdown
    lines = explained(page("NS402"), 60).splitlines()
    starts = [k for k, line in enumerate(lines) if line.startswith("- ")]
    assert len(starts) == markdown.count("\n- ") > 3
    assert all(lines[k + 1].startswith(("- ", "  ")) for k in starts[:-1])


def test_colors_are_for_titles():
    assert explained(page("NS201"), 80, Style(color=True)).startswith("\x1b[1mNS201: ")


def test_alone_it_lists_every_code_with_a_sentence(run):
    code, out, _ = run("explain")
    assert code == 0
    rows = [line.split()[0] for line in out.splitlines() if line.startswith("  NS")]
    assert rows == sorted(CODES)
    assert "  NS104  A step reads the result of itself or of a later step.\n" in out
    assert "\nShapes\n  NS201  " in out
    assert out.endswith("`netspec explain CODE` shows an example and how to fix it\n")


def test_a_long_sentence_goes_on_under_itself():
    (row,) = [r for r in listed([page("NS026")], 60).splitlines() if "NS026" in r]
    more = listed([page("NS026")], 60).splitlines()[2]
    assert len(row) <= 60
    assert more.startswith(" " * 9)


def test_programs_get_json(run):
    _, out, _ = run("explain", "--format", "json")
    data = json.loads(out)
    assert data["format_version"]
    assert [f["code"] for f in data["codes"]] == sorted(CODES)
    _, out, _ = run("explain", "NS202", "--format", "json")
    data = json.loads(out)
    assert data["title"] == "shape mismatch in concatenation"
    assert data["summary"] == (
        "`Concat` or `Stack` receives inputs that differ in a dimension that must be equal."
    )
    assert data["text"] == (ROOT / "docs/diagnostics/NS202.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("asked", "message", "help"),
    [
        ("NS1244", "unknown code `NS1244`", "did you mean `NS124`?"),
        ("ns21", "unknown code `ns21`", "did you mean `NS021`?"),
        ("colors", "unknown code `colors`", "list all codes with `netspec explain`"),
    ],
)
def test_an_unknown_code_gets_a_suggestion(run, asked, message, help):
    code, out, err = run("explain", asked)
    assert (code, out) == (2, "")
    assert err == f"netspec: {message}\n  help: {help}\n"


@pytest.mark.parametrize("arguments", [["explain"], ["explain", "NS201"]])
def test_without_the_pages_it_says_where_it_looked(run, monkeypatch, tmp_path, arguments):
    monkeypatch.setattr(code_page, "_PACKAGE", str(tmp_path / "nowhere"))
    code, _, err = run(*arguments)
    assert code == 2
    where = tmp_path / "docs" / "diagnostics"
    assert err == f"netspec: no pages in `{where}`\n  help: install netspec again\n"


def test_an_installed_package_has_the_pages_inside(monkeypatch, tmp_path):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert wheel["force-include"]["docs/diagnostics"] == "netspec/diagnostic_pages"
    (tmp_path / "netspec/diagnostic_pages").mkdir(parents=True)
    monkeypatch.setattr(code_page, "_PACKAGE", str(tmp_path / "netspec"))
    assert code_page.folder() == str(tmp_path / "netspec/diagnostic_pages")


def test_completion_knows_the_codes(run):
    for shell in ("bash", "zsh", "fish"):
        assert "NS201" in run("completion", shell)[1]


def test_completion_offers_codes_and_files(run):
    (fish,) = [
        line
        for line in run("completion", "fish")[1].splitlines()
        if "from explain'" in line and "NS201" in line
    ]
    assert " -f " not in fish
    (zsh,) = [
        line for line in run("completion", "zsh")[1].splitlines() if "  explain) _arguments" in line
    ]
    assert '"files:file:_files"' in zsh
    assert "compgen -f" in run("completion", "bash")[1]


def check_on_a_terminal(spec: Path, *options: str) -> str:
    """What `netspec check` says on standard error, where that is a terminal."""
    leader, follower = os.openpty()
    try:
        subprocess.run(
            [sys.executable, "-m", "netspec", "check", str(spec), *options],
            stdout=subprocess.DEVNULL, stderr=follower, cwd=ROOT, check=False, timeout=60,
        )  # fmt: skip
    finally:
        os.close(follower)
    terminal_output = b""
    while True:
        try:
            more = os.read(leader, 4096)
        except OSError:  # its writer is gone
            break
        if not more:
            break
        terminal_output += more
    os.close(leader)
    return terminal_output.decode().replace("\r\n", "\n")


def test_a_check_with_diagnostics_says_on_a_terminal_where_there_is_more(tmp_path):
    spec = tmp_path / "net.yaml"
    spec.write_text("netspec: 1\ninputs: {a: [N, 4]}\nbody:\n  - RelU\n  - {op: Linear, out: 4}\n")
    tip = "for details: `netspec explain NS101`\n"
    assert check_on_a_terminal(spec) == f"2 errors in 1 file\n{tip}"
    spec.write_text("netspec: 1\ninputs: {a: [N, 4]}\nbody: [ReLU]\n")
    assert check_on_a_terminal(spec) == ""


def test_elsewhere_it_does_not(run, tmp_path):
    spec = tmp_path / "net.yaml"
    spec.write_text("netspec: 1\ninputs: {a: [N, 4]}\nbody: [RelU]\n")
    _, _, err = run("check", str(spec))
    assert err == "1 error in 1 file\n"


def test_sarif_has_the_words_of_the_pages(run, tmp_path):
    spec = tmp_path / "net.yaml"
    spec.write_text("netspec: 1\ninputs: {a: [N, 4]}\nbody: [RelU]\n")
    _, out, _ = run("check", str(spec), "--format", "sarif")
    (rule,) = json.loads(out)["runs"][0]["tool"]["driver"]["rules"]
    assert rule["id"] == "NS101"
    assert rule["shortDescription"]["text"] == page("NS101").summary
    assert rule["help"]["markdown"] == page("NS101").markdown
    assert rule["help"]["text"].startswith("NS101: unknown op\n\nA step uses an op")


def test_sarif_works_without_the_pages(run, monkeypatch, tmp_path):
    monkeypatch.setattr(code_page, "_PACKAGE", str(tmp_path / "nowhere"))
    spec = tmp_path / "net.yaml"
    spec.write_text("netspec: 1\ninputs: {a: [N, 4]}\nbody: [RelU]\n")
    _, out, _ = run("check", str(spec), "--format", "sarif")
    assert json.loads(out)["runs"][0]["tool"]["driver"]["rules"] == [
        {"id": "NS101", "name": "UnknownOp"}
    ]
