"""The GitHub Action: in order by GitHub's own schema, and its steps run as GitHub runs them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
GOOD = "netspec: 1\ninputs: {image: [N, 3, 32, 32]}\nbody: [ReLU]\n"
BAD = GOOD.replace("ReLU", "Relu")


def test_github_would_take_it() -> None:
    command = [
        sys.executable,
        "-m",
        "check_jsonschema",
        "--builtin-schema",
        "vendor.github-actions",
    ]
    done = subprocess.run(
        [*command, str(ROOT / "action.yml")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_no_input_is_pasted_into_a_command() -> None:
    for step in ACTION["runs"]["steps"]:
        assert "${{" not in step.get("run", "")


@pytest.fixture
def step(tmp_path):
    """Runs a step of the action with these inputs, in a folder of its own."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name, module in (("netspec", "netspec"), ("python", None)):
        run = f'{sys.executable} -m {module} "$@"' if module else 'echo "$@"'
        (programs / name).write_text(f"#!/bin/sh\nexec {run}\n")
        (programs / name).chmod(0o755)
    work = tmp_path / "work"
    work.mkdir()

    def call(name: str, **inputs: str) -> tuple[int, str]:
        [steps] = [s for s in ACTION["runs"]["steps"] if s.get("name") == name]
        values = {key: spec["default"] for key, spec in ACTION["inputs"].items()} | inputs
        variables = {
            key: values.get(text[len("${{ inputs.") : -len(" }}")], "/the/action")
            for key, text in steps["env"].items()
        }
        environment = {
            **os.environ, **variables, "PYTHONPATH": str(ROOT), "GITHUB_ACTIONS": "true",
            "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        }  # fmt: skip
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", steps["run"]],
            cwd=work, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        return done.returncode, done.stdout

    call.work = work
    return call


def test_it_checks_the_requested_paths(step) -> None:
    (step.work / "good net.yaml").write_text(GOOD)
    assert step("Check") == (
        0,
        "good net.yaml: ok: 1 node, 0 parameters, 0 MACs at 3×32×32\n",
    )
    (step.work / "bad.yaml").write_text(BAD)
    code, out = step("Check")
    assert code == 1
    assert "::error file=bad.yaml,line=3,endLine=3,col=8," in out
    assert step("Check", paths="good net.yaml\n")[0] == 0
    code, out = step("Check", paths="good net.yaml\nbad.yaml", report="sarif:out.sarif")
    assert code == 1
    assert (step.work / "out.sarif").exists()


def test_options_are_lines_and_nothing_in_them_is_run(step) -> None:
    (step.work / "net.yaml").write_text(GOOD)
    code, out = step("Check", options="--format\nconcise\n--strict")
    assert (code, out) == (0, "")
    for hostile in ("$(touch owned)", "`touch owned`", "; touch owned", '" ; touch owned; "'):
        assert step("Check", paths=hostile)[0] == 2
        assert step("Check", options=hostile)[0] == 2
    assert not (step.work / "owned").exists()


def test_it_installs_itself_or_the_version_that_is_asked_for(step) -> None:
    assert step("Install netspec") == (0, "-m pip install --quiet /the/action\n")
    assert step("Install netspec", version="1.2") == (
        0, "-m pip install --quiet netspec-compiler==1.2\n",
    )  # fmt: skip
