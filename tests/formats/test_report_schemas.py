"""The models of the reports: every report fits its schema, which names every field, and is read back as it is."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Union

import pytest
import report_tables
from jsonschema import Draft202012Validator
from pydantic import TypeAdapter, ValidationError

import netspec
from netspec.graph.location import entries_by_path
from netspec.report.json_text import FORMAT_VERSION
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
    """What is wrong with a report; one that is read into its model and written again is the same."""
    validator = Draft202012Validator(strict(report_schema(command)))
    messages = [error.message for error in validator.iter_errors(json.loads(text))]
    return messages or ([] if is_the_same_read_back(command, text) else ["read back differently"])


def is_the_same_read_back(command: str, text: str) -> bool:
    report = TypeAdapter(Union[REPORTS[command]]).validate_json(text)  # noqa: UP007
    written = report.model_dump(by_alias=True, exclude_unset=True)
    return json.dumps(written, sort_keys=True) == json.dumps(json.loads(text), sort_keys=True)


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
def test_every_diagnostic_fits(page: Path, run, tmp_path, monkeypatch) -> None:
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


def test_every_explanation_fits(run) -> None:
    for name in ("resnet", "gpt", "unet", "textbook/lenet", "siamese"):
        path = str(ROOT / f"specs/{name}.yaml")
        graph = netspec.load(path).elaborate()
        for entry in ["", *list(entries_by_path(graph))[::9]]:
            out = run("explain", path, *([entry] if entry else []), "--format", "json")[1]
            assert mistakes("explain", out) == []
    assert mistakes("explain", run("explain", "--format", "json")[1]) == []
    assert mistakes("explain", run("explain", "NS203", "--format", "json")[1]) == []


def test_every_layer_fits(run) -> None:
    listed = run("layers", "--format", "json")[1]
    assert mistakes("layers", listed) == []
    for layer in json.loads(listed)["layers"][::12]:
        assert mistakes("layers", run("layers", layer["name"], "--format", "json")[1]) == []


def test_a_report_is_read_from_python(run) -> None:
    out = run(
        "diff", str(ROOT / "specs/unet.yaml"), str(ROOT / "specs/vit.yaml"), "--format", "json"
    )[1]
    report = netspec.DiffReport.model_validate_json(out)
    assert report.different
    assert report.before.name == "unet"
    assert report.removed[0].from_ == json.loads(out)["removed"][0]["from"]


def test_a_field_of_a_later_version_is_ignored_and_a_wrong_one_is_named(run) -> None:
    out = run("check", str(ROOT / "specs/unet.yaml"), "--format", "json")[1]
    later = json.loads(out) | {"duration": 3}
    assert netspec.CheckReport.model_validate(later).valid
    later["files"][0]["nodes"] = "many"
    with pytest.raises(ValidationError) as caught:
        netspec.CheckReport.model_validate(later)
    assert [error["loc"] for error in caught.value.errors()] == [("files", 0, "nodes")]


def test_the_types_of_the_writers_and_the_tables_of_the_page_are_those_of_the_models() -> None:
    assert report_tables.MODULE.read_text(encoding="utf-8") == report_tables.module()
    assert report_tables.page(PAGE) == PAGE
