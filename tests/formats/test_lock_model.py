"""The lock file as a model: it accepts what any YAML reader makes of a lock, and what our reader accepts."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import lock_tables
import pytest
import yaml
from jsonschema import Draft202012Validator
from pydantic import ValidationError
from sampling import some

import netspec
from netspec import LockFile
from netspec.compare import facts
from netspec.compare.lock_file import LockError, lock_text, read_lock

ROOT = Path(__file__).parents[2]
SPECS = sorted((ROOT / "specs").rglob("*.yaml"))


def lock_of(path: Path) -> str:
    return lock_text(facts(netspec.load(path).elaborate()))


def test_the_table_of_keys_is_that_of_the_model() -> None:
    assert lock_tables.MODULE.read_text(encoding="utf-8") == lock_tables.module()


@pytest.mark.parametrize("path", some(SPECS, 12), ids=lambda p: p.stem)
def test_the_model_reads_what_our_reader_reads(path: Path, run) -> None:
    network = netspec.load(path)
    if network.report.graph is None:
        return
    network_facts = facts(network.elaborate())
    data = yaml.safe_load(lock_text(network_facts))
    lock = LockFile.model_validate(data)
    assert (lock.name, lock.parameters, lock.macs) == (
        network_facts.name, network_facts.parameters, network_facts.macs,
    )  # fmt: skip
    assert tuple(lock.settings.items()) == network_facts.settings
    assert list(lock.nodes) == [node.path for node in network_facts.nodes]
    for node, locked in zip(network_facts.nodes, lock.nodes.values(), strict=True):
        assert (locked.op, tuple(locked.with_.items())) == (node.op, node.arguments)
        assert (tuple(locked.from_), tuple(locked.gives)) == (node.inputs, node.shapes)
    assert list(Draft202012Validator(schema(run)).iter_errors(lock.model_dump(by_alias=True))) == []


def schema(run: Any) -> Any:
    code, out, _ = run("schema", "--of", "lock")
    assert code == 0
    return yaml.safe_load(out)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (r"^name: .*\n", ""),
        (r"^name: .*", "name: [a]"),
        (r"^parameters: .*", "parameters: many"),
        (r"^macs: .*", "macs: [1]"),
        (r"^settings: .*", "settings: [a]"),
        (r"^field: .*\n", ""),
        (r"op: Conv2d, ", ""),
        (r"from: \[image\]", "from: image"),
        (r"^returns: .*\n", ""),
        (r"^made_by: .*\n", ""),
        (r", macs: \d+", ""),
        (r"^name: ", "unknown: 1\nname: "),
    ],
)
def test_the_model_and_our_reader_accept_the_same_locks(pattern: str, text: str) -> None:
    lock = lock_of(ROOT / "specs/unet.yaml")
    changed, count = re.subn(pattern, text, lock, count=1, flags=re.MULTILINE)
    assert count == 1
    try:
        read_lock(changed)
    except LockError:
        with pytest.raises(ValidationError):
            LockFile.model_validate(yaml.safe_load(changed))
    else:
        LockFile.model_validate(yaml.safe_load(changed))
