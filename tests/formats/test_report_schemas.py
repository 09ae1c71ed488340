"""The JSON Schemas of the reports: every report fits its schema, and the schema names every field."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from netspec.report.report_json import FORMAT_VERSION
from netspec.schema import REPORTS, report_schema

ROOT = Path(__file__).parents[2]
SPECS = sorted((ROOT / "specs").rglob("*.yaml"))
MESSAGES = sorted((ROOT / "docs/messages").glob("NS*.md"))
PAGE = (ROOT / "docs/reports.md").read_text(encoding="utf-8")


def strict(schema: Any) -> Any:
    """The same schema, with no field allowed that it does not name."""
    if isinstance(schema, list):
        return [strict(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    strict_schema = {key: strict(part) for key, part in schema.items()}
    return (
        {**strict_schema, "additionalProperties": False}
        if "properties" in strict_schema
        else strict_schema
    )


def mistakes(command: str, text: str) -> list[str]:
    """What is wrong with a report."""
    validator = Draft202012Validator(strict(report_schema(command)))
    return [error.message for error in validator.iter_errors(json.loads(text))]


@pytest.mark.parametrize("command", REPORTS)
def test_a_schema_is_one(command: str, run) -> None:
    Draft202012Validator.check_schema(report_schema(command))
    code, out, _ = run("schema", "--of", command)
    assert (code, json.loads(out)) == (0, report_schema(command))
    assert mistakes(command, "{}")
    assert FORMAT_VERSION in json.dumps(report_schema(command))


def test_every_report_of_the_gallery_fits(run) -> None:
    for path in SPECS:
        assert mistakes("check", run("check", str(path), "--format", "json")[1]) == []
        assert mistakes("summary", run("summary", str(path), "--format", "json")[1]) == []


@pytest.mark.parametrize("page", MESSAGES, ids=lambda p: p.stem)
def test_every_finding_fits(page: Path, run, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    texts = re.findall(r"^```yaml wrong\n(.*?)^```$", page.read_text(encoding="utf-8"), re.M | re.S)
    assert texts
    for k, text in enumerate(texts):
        Path(f"net{k}.yaml").write_text(text, encoding="utf-8")
    files = [f"net{k}.yaml" for k in range(len(texts))]
    code, out, _ = run(
        "check", *files, "missing.yaml", str(ROOT / "specs/unet.yaml"), "--format", "json"
    )
    assert code == 2
    assert mistakes("check", out) == []
    assert {d["code"] for d in json.loads(out)["diagnostics"]} == {page.stem, "NS001"}


def test_every_difference_fits(run) -> None:
    pairs = [("densenet121", "resnet"), ("gpt", "unet"), ("resnet", "resnet"), ("siamese", "vit")]
    for a, b in pairs:
        files = [str(ROOT / f"specs/{name}.yaml") for name in (a, b)]
        assert mistakes("diff", run("diff", *files, "--format", "json")[1]) == []


@pytest.mark.parametrize("command", REPORTS)
def test_the_page_names_every_field(command: str) -> None:
    section = PAGE.partition(f"## `netspec {command}")[2].partition("\n## ")[0]
    parts = [report_schema(command), *report_schema(command).get("$defs", {}).values()]
    for part in parts:
        for name in part.get("properties", {}):
            assert f"`{name}`" in section, (command, name)
