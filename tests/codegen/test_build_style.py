"""The style of generated programs, judged by ruff, mypy and a few rules of our own: a reviewer finds nothing."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from small_networks import ROOT, SPECS

import netspec
from netspec import Network
from netspec.codegen.identifiers import camel, class_name

sys.path += [str(ROOT / "tests/graphs"), str(ROOT / "tests/layers")]
from random_specs import grow
from sampling import examples, some

NOT_HELD = {
    "ANN401": "`_recompute` wraps any module",
    "COM812": "ruff's own advice next to its formatter, which sets the commas",
    "CPY001": "the program is its owner's",
    "D102": "`forward` does what the class says",
    "D107": "the docstring of the class is that of its constructor",
    "D203": "contradicts D211",
    "D205": "docstrings are the sentences of the spec, however long",
    "D213": "contradicts D212",
    "D413": "Google's convention",
    "D301": "docstrings are the sentences of the spec, backslashes escaped",
    "D400": "docstrings are the sentences of the spec, with or without a period",
    "D415": "docstrings are the sentences of the spec, with or without a period",
    "EM102": "a message at its `raise` reads better",
    "FBT001": "a switch of the network is an argument; `_apply` is PyTorch's",
    "FBT002": "as FBT001",
    "N801": "a class is named as its block in the spec",
    "N803": "an argument is named as its parameter in the spec",
    "N812": "`functional as F` is PyTorch's convention",
    "PLR0913": "a network has as many hyperparameters as it has",
    "PLR0915": "a forward has a statement for each step of the spec",
    "PLR0917": "as PLR0913",
    "PLR2004": "a kernel of 3 needs no name",
    "RUF002": "docstrings are the sentences of the spec, × and – included",
    "TRY003": "a message at its `raise` reads better",
}
"""The rules of ruff that a generated program does not hold, each with the reason."""

SMALL = (2, 4, 8)
LARGE = (15, 25, 40)


def gallery() -> Iterator[tuple[str, Network]]:
    """Every network of the gallery with each of its presets; `make test` takes one of them for each network."""
    for path in sorted(SPECS.rglob("*.yaml")):
        spec = netspec.load(path).report.spec
        assert spec is not None
        for preset in (None, *some(spec.presets, 1)):
            where = "_".join(path.relative_to(SPECS).with_suffix("").parts)
            yield f"{where}__{preset}" if preset else where, netspec.load(path, preset=preset)


def random_networks(mutations: tuple[int, ...]) -> Iterator[tuple[str, Network]]:
    for seed in range(examples(200)):
        text = grow(Random(seed), mutations[seed % len(mutations)]).text
        yield f"random_{mutations[0]}_{seed}", netspec.load(text)


def run(*command: str) -> str:
    """What a tool prints, run from its package as it is installed here."""
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return "" if done.returncode == 0 else done.stdout + done.stderr


def written(networks: Iterator[tuple[str, Network]], folder: Path) -> dict[str, str]:
    """Write the programs as files of a package; return the remarks of our own rules on each."""
    folder.mkdir(exist_ok=True)
    (folder / "__init__.py").write_text('"""Generated programs."""\n')
    remarks = {}
    for label, network in networks:
        source = network.source()
        (folder / f"{label}.py").write_text(source, encoding="utf-8")
        if own_remarks_list := list(own_remarks(source, network)):
            remarks[label] = "; ".join(own_remarks_list)
    return remarks


def own_remarks(source: str, network: Network) -> Iterator[str]:
    """What no linter knows: names that count, detours around attributes, unread arguments."""
    for detour in ('getattr(self, "', "__dict__["):
        if detour in source:
            yield detour
    words = spec_words(network)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ClassDef):
            if node.name[-1].isdigit() and not any(map(node.name.endswith, words)):
                yield f"class {node.name} is numbered"
            yield from unused_arguments(node)


def spec_words(network: Network) -> set[str]:
    """The names ending in a digit that the spec wrote, and those of places, as classes have them."""
    source = network.report.document.source
    texts = [source.text]
    used = [Path(source.name).parent / f for f in re.findall(r"[\w/]+\.yaml", source.text)]
    texts += [file.read_text(encoding="utf-8") for file in used if file.is_file()]
    words = {word for text in texts for word in re.findall(r"[^\s:,{}\[\]]*\d\b", text)}
    words |= {word.strip("'\"") for word in words}
    named = {
        name for word in words if not word.isdigit() for name in (camel(word), class_name(word))
    }
    graph = network.elaborate()
    named |= {camel(node.level.path.replace(".", "_")) for node in graph.nodes if node.level.path}
    return {name for name in named if name[-1].isdigit()} | {camel(graph.name)}


def unused_arguments(node: ast.ClassDef) -> Iterator[str]:
    for method in node.body:
        if isinstance(method, ast.FunctionDef) and method.name == "__init__":
            read = {n.id for s in method.body for n in ast.walk(s) if isinstance(n, ast.Name)}
            for argument in method.args.args:
                if argument.arg not in read | {"self"}:
                    yield f"{node.name} does not read {argument.arg}"


def ruff_remarks(folder: Path) -> str:
    """What ruff says of the programs; of a file with a fault as well, so that silence means that it read them."""
    (folder / "faulty.py").write_text(
        '"""A module with an import that nothing uses."""\n\nimport re\n'
    )
    check = run("ruff", "check", "--isolated", "--select=ALL", "--target-version=py311",
                f"--ignore={','.join(NOT_HELD)}", "--output-format=concise", str(folder))  # fmt: skip
    expected = f"{folder / 'faulty.py'}:3:8: F401 [*] `re` imported but unused"
    assert expected in check
    (folder / "faulty.py").unlink()
    remarks = [line for line in check.splitlines() if line != expected and folder.name in line]
    return "\n".join(remarks) + run("ruff", "format", "--isolated", "--check", str(folder))


def mypy_remarks(folder: Path) -> str:
    """`mypy --strict` with the settings of `make lint`, whose cache has PyTorch already; as `ruff_remarks`."""
    (folder / "faulty.py").write_text("import torch\n\nsize: int = torch.zeros(3)\n")
    lines = run("mypy", "--config-file", str(ROOT / "pyproject.toml"), str(folder)).splitlines()
    (folder / "faulty.py").unlink()
    (expected,) = (line for line in lines if "faulty.py:3: error: " in line)
    assert expected.endswith("[assignment]")
    assert lines[-1].startswith("Found ")
    return "\n".join(line for line in lines[:-1] if line != expected)


def test_the_gallery_with_its_presets_is_written_well(tmp_path: Path) -> None:
    folder = tmp_path / "generated_programs"
    assert written(gallery(), folder) == {}
    assert ruff_remarks(folder) == ""


def test_programs_of_random_graphs_are_written_well(tmp_path: Path) -> None:
    folder = tmp_path / "generated_programs"
    assert written(random_networks(SMALL), folder) == {}
    assert ruff_remarks(folder) == ""


def test_a_type_checker_agrees_with_a_sample(tmp_path: Path) -> None:
    names = ("gpt", "mobilenet_v3", "resnet", "inception_v3", "siamese", "densenet_cifar")
    folder = tmp_path / "generated_programs"
    written(((name, netspec.load(SPECS / f"{name}.yaml")) for name in names), folder)
    assert mypy_remarks(folder) == ""


@pytest.mark.sweep
def test_a_type_checker_agrees_with_all(tmp_path: Path) -> None:
    folder = tmp_path / "generated_programs"
    for networks in (gallery(), random_networks(SMALL), random_networks(LARGE)):
        assert written(networks, folder) == {}
    assert ruff_remarks(folder) == ""
    assert mypy_remarks(folder) == ""


def test_the_rules_find_what_they_are_for(tmp_path: Path) -> None:
    network = netspec.load(SPECS / "textbook/lenet.yaml")
    poor = (
        "class Layer2(nn.Module):\n"
        "    def __init__(self, width: int) -> None:\n"
        '        self.a = getattr(self, "0") + self.__dict__["b"]\n'
    )
    assert list(own_remarks(poor, network)) == [
        'getattr(self, "',
        "__dict__[",
        "class Layer2 is numbered",
        "Layer2 does not read width",
    ]
    folder = tmp_path / "generated_programs"
    folder.mkdir()
    (folder / "__init__.py").touch()
    (folder / "poor.py").write_text("import torch\n\nsize: int = torch.zeros( 3 )\n")
    assert "would be reformatted" in ruff_remarks(folder)
    assert "E501" not in NOT_HELD and "F841" not in NOT_HELD and "ARG002" not in NOT_HELD
