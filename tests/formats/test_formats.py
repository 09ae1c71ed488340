"""The report formats, each read by the rules of the tool that it is for."""

from __future__ import annotations

import io
import json
import pathlib
import re
from contextlib import redirect_stderr, redirect_stdout
from xml.etree import ElementTree

import jsonschema
import pytest

from netspec.cli import main

HERE = pathlib.Path(__file__).parent
SARIF = json.loads((HERE / "sarif-2.1.0.schema.json").read_text())
"""The structure that OASIS prescribes, without its prose."""

BAD = """netspec: 1
inputs: {image: [N, 10, 12, 12]}
blocks:
  Pair:
    - a: {op: Conv2d, out_channels: 16, kernel_size: 1}
    - "50%: a, b": {op: Linear, in_features: 3, out_features: 3}
body:
  - p: {op: Pair, repeat: 2}
  - c: {op: Conv2d, in_channels: 80, out_channels: 20, kernel_size: 5, from: input}
  - spare: ReLU
  - d: {op: ReLU, from: c}
"""
GOOD = "netspec: 1\ninputs: {v: [N, 3]}\nbody: [ReLU]\n"
REPORTS = ["json", "sarif", "github", "gitlab", "junit"]


@pytest.fixture(autouse=True)
def _files(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    (tmp_path / "bad net.yaml").write_text(BAD)
    (tmp_path / "good.yaml").write_text(GOOD)


def run(*arguments: str) -> tuple[int, str]:
    out = io.StringIO()
    with redirect_stdout(out), redirect_stderr(io.StringIO()):
        code = main(["check", *arguments])
    return code, out.getvalue()


def json_diagnostics(*paths: str) -> list[dict[str, object]]:
    data = json.loads(run(*paths, "--format", "json")[1])["diagnostics"]
    assert data
    return list(data)


@pytest.mark.parametrize("paths", [["bad net.yaml"], ["good.yaml"], ["good.yaml", "gone.yaml"]])
@pytest.mark.parametrize("format", REPORTS)
def test_the_exit_code_is_the_same_whatever_the_format(paths: list[str], format: str) -> None:
    assert run(*paths, "--format", format)[0] == run(*paths)[0]


@pytest.mark.parametrize("paths", [["bad net.yaml", "good.yaml", "gone.yaml"], ["good.yaml"]])
def test_sarif_is_what_the_standard_prescribes(paths: list[str]) -> None:
    log = json.loads(run(*paths, "--format", "sarif")[1])
    jsonschema.Draft4Validator(SARIF).validate(log)
    assert (log["version"], len(log["runs"])) == ("2.1.0", 1)


def test_the_check_of_the_standard_can_fail() -> None:
    log = json.loads(run("bad net.yaml", "--format", "sarif")[1])
    log["runs"][0]["results"][0]["level"] = "bad"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft4Validator(SARIF).validate(log)


def test_sarif_says_all_that_is_known_of_a_diagnostic() -> None:
    run_ = json.loads(run("bad net.yaml", "--format", "sarif")[1])["runs"][0]
    reported = json_diagnostics("bad net.yaml")
    assert [r["ruleId"] for r in run_["results"]] == [d["code"] for d in reported]
    rules = run_["tool"]["driver"]["rules"]
    assert all(rules[r["ruleIndex"]]["id"] == r["ruleId"] for r in run_["results"])
    declared = next(r for r in run_["results"] if r["ruleId"] == "NS201")
    (where,) = declared["locations"]
    assert where["physicalLocation"]["artifactLocation"]["uri"] == "bad%20net.yaml"
    region = where["physicalLocation"]["region"]
    assert (
        BAD.splitlines()[region["startLine"] - 1][
            region["startColumn"] - 1 : region["endColumn"] - 1
        ]
        == "80"
    )
    assert where["logicalLocations"][0]["fullyQualifiedName"] == "c"
    (change,) = declared["fixes"][0]["artifactChanges"]
    assert change["replacements"][0]["insertedContent"]["text"] == "10"
    assert change["replacements"][0]["deletedRegion"] == region


def test_fingerprints_outlive_lines_that_move_and_are_each_their_own() -> None:
    def marks(format: str) -> list[str]:
        data = json.loads(run("bad net.yaml", "--format", format)[1])
        if format == "gitlab":
            return [issue["fingerprint"] for issue in data]
        return [r["partialFingerprints"]["netspec/v1"] for r in data["runs"][0]["results"]]

    before = marks("sarif")
    assert before == marks("gitlab")
    assert len(set(before)) == len(before) > 2
    pathlib.Path("bad net.yaml").write_text("# moved\n\n" + BAD)
    assert marks("sarif") == before


ANNOTATION = re.compile(r"::(error|warning|notice) ([^:]*)::(.*)")


def annotations(text: str) -> list[tuple[str, dict[str, str], str]]:
    """Commands as the runner of GitHub Actions reads them: `%25`, `%0A`, `%3A` and `%2C` taken back."""

    def back(value: str) -> str:
        for code, character in (("%3A", ":"), ("%2C", ","), ("%0A", "\n"), ("%25", "%")):
            value = value.replace(code, character)
        return value

    parsed_annotations = []
    for line in text.splitlines():
        match = ANNOTATION.fullmatch(line)
        if match is not None:
            pairs = (p.partition("=") for p in match[2].split(","))
            parsed_annotations.append((match[1], {k: back(v) for k, _, v in pairs}, back(match[3])))
    return parsed_annotations


def test_github_gets_place_title_and_the_whole_message() -> None:
    text = run("bad net.yaml", "--format", "github")[1]
    by_title = {f"{d['code']} {d['path']}": d for d in json_diagnostics("bad net.yaml")}
    commands = annotations(text)
    assert len(commands) == len(text.splitlines()) == len(by_title)
    for severity, properties, message in commands:
        diagnostic = by_title[properties["title"]]
        assert severity == diagnostic["severity"]
        assert properties["file"] == "bad net.yaml"
        assert int(properties["line"]) == diagnostic["primary"]["start"]["line"]  # type: ignore[index]
        assert message.startswith(str(diagnostic["message"]))
    assert "NS205 p.0.50%: a, b" in [properties["title"] for _, properties, _ in commands]


def test_github_is_given_no_more_than_it_keeps_and_errors_first() -> None:
    lines = [
        f"  - s{k}: {{op: Conv2d, in_channels: 9, out_channels: 10, kernel_size: 1}}"
        for k in range(30)
    ]
    head = "netspec: 1\ninputs: {image: [N, 10, 12, 12]}\nbody:\n  - spare: ReLU\n  - first: {op: ReLU, from: image}\n"
    pathlib.Path("many.yaml").write_text(head + "\n".join(lines) + "\n")
    commands = annotations(run("many.yaml", "--format", "github")[1])
    assert [severity for severity, _, _ in commands] == [*["error"] * 10, "warning", "notice"]
    assert commands[-1][2] == "20 more diagnostics: see the log"


def test_github_actions_gets_annotations_next_to_the_text(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = run("bad net.yaml")
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    code, text = run("bad net.yaml")
    assert code == plain[0]
    assert text.startswith(plain[1])
    assert len(annotations(text)) == len(json_diagnostics("bad net.yaml"))
    assert annotations(run("good.yaml")[1]) == []


def test_gitlab_reads_its_issues() -> None:
    issues = json.loads(run("bad net.yaml", "gone.yaml", "--format", "gitlab")[1])
    reported = json_diagnostics("bad net.yaml", "gone.yaml")
    assert [issue["description"] for issue in issues] == [d["message"] for d in reported]
    for issue in issues:
        assert issue["severity"] in ("info", "minor", "major", "critical", "blocker")
        assert 1 <= issue["location"]["lines"]["begin"] <= issue["location"]["lines"]["end"]
        assert not issue["location"]["path"].startswith("./")


def test_junit_has_a_case_for_each_file() -> None:
    root = ElementTree.fromstring(
        run("bad net.yaml", "good.yaml", "gone.yaml", "--format", "junit")[1].encode()
    )
    (suite,) = root
    assert {k: suite.get(k) for k in ("tests", "failures", "errors")} == {
        "tests": "3", "failures": "1", "errors": "1",
    }  # fmt: skip
    bad, good, gone = suite
    assert "declares `in_channels: 80`" in (bad.findtext("failure") or "")
    assert "is never used" in (bad.findtext("system-out") or "")
    assert len(good) == 0
    error = gone.find("error")
    assert error is not None
    assert error.get("type") == "NS001"


def test_junit_fails_warnings_where_they_fail_the_run() -> None:
    pathlib.Path("warn.yaml").write_text(GOOD.replace("[ReLU]", "[a: ReLU, {op: ReLU, from: v}]"))
    for strict, failures in (([], "0"), (["--strict"], "1")):
        code, text = run("warn.yaml", "--format", "junit", *strict)
        assert code == int(failures)
        assert ElementTree.fromstring(text.encode())[0].get("failures") == failures


def test_junit_holds_no_character_that_xml_forbids() -> None:
    pathlib.Path("odd.yaml").write_text(GOOD.replace("ReLU", '"Re\\u0007LU"'))
    ElementTree.fromstring(run("odd.yaml", "--format", "junit")[1].encode())


def test_several_reports_are_written_next_to_the_text() -> None:
    plain = run("bad net.yaml")
    asked = [f"{format}:out.{format}" for format in REPORTS]
    result = run("bad net.yaml", *(f"--output={a}" for a in asked))
    assert result == plain
    for format in REPORTS:
        written = pathlib.Path(f"out.{format}").read_text()
        assert written == run("bad net.yaml", "--format", format)[1]


@pytest.mark.parametrize(
    ("output", "help"),
    [
        ("sarif", "--output sarif:diagnostics.sarif"),
        ("serif:x", "did you mean `sarif`?"),
        (":x", "choose from"),
    ],
)
def test_a_report_that_cannot_be_written_is_code_2(
    output: str, help: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", "good.yaml", "-o", output]) == 2
    assert help in capsys.readouterr().err


def test_a_file_that_cannot_be_written_is_code_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "good.yaml", "-o", "junit:no/such/place.xml"]) == 2
    assert "cannot write" in capsys.readouterr().err
