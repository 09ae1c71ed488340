"""What people do with the editor, done in a real terminal."""

from __future__ import annotations

import shutil
from pathlib import Path

from netspec.check import check
from netspec.compare import difference, facts
from terminal import ROOT, Terminal, needs_tmux

pytestmark = needs_tmux


def test_lenet_is_built_from_an_empty_file_without_the_source(tmp_path: Path) -> None:
    calls = (
        ("conv2d 6 5 padding=2", "conv1"), ("sigmoid", "sigmoid1"), ("avgpool2d 2 stride=2", "pool1"),
        ("conv2d 16 5", "conv2"), ("sigmoid", "sigmoid2"), ("avgpool2d 2 stride=2", "pool2"), ("flatten", "flatten1"),
        ("linear 120", "fc1"), ("sigmoid", "sigmoid3"), ("linear 84", "fc2"), ("sigmoid", "sigmoid4"), ("linear 10", "fc3"),
    )  # fmt: skip
    with Terminal(tmp_path, "lenet.yaml") as t:
        t.wait("image")
        for typed, name in calls:
            t.pick("a", typed, f"● {name}")
        t.press("C-s")
        t.wait("saved lenet.yaml")
        t.press("C-q")
        assert t.ended()
    mine, book = check(str(tmp_path / "lenet.yaml")), check(str(ROOT / "specs/textbook/lenet.yaml"))
    assert not mine.diagnostics
    assert mine.graph is not None and book.graph is not None
    ours, theirs = facts(mine.graph).nodes, facts(book.graph).nodes
    assert [(n.op, n.arguments, n.shapes, n.parameters) for n in ours] == [
        (n.op, n.arguments, n.shapes, n.parameters) for n in theirs
    ]
    assert (tmp_path / "lenet.yaml").read_text().count("\n") == 15


def test_every_shape_of_densenet_follows_its_growth_and_comes_back(tmp_path: Path) -> None:
    shutil.copy(ROOT / "specs/densenet121.yaml", tmp_path)
    before = (tmp_path / "densenet121.yaml").read_bytes()
    with Terminal(tmp_path, "densenet121.yaml", size=(160, 48)) as t:
        t.wait("N×256×(H+3)//4")
        t.press("m")
        t.wait("the file")
        t.press("BSpace", "BSpace")
        t.type("48")
        screen = t.wait("N×384×(H+3)//4")  # 96 + 6 × 48
        assert "15.8 M parameters" in screen or "growth" in screen
        assert "growth: 48" in screen
        t.press("Enter")
        t.wait("inspector")
        t.press("C-s")
        t.wait("saved densenet121.yaml")
        assert (tmp_path / "densenet121.yaml").read_bytes() == before.replace(b"growth: 32", b"growth: 48", 1)
        t.press("u")
        t.wait("N×256×(H+3)//4")
        t.press("C-s")
        t.wait_gone("densenet121.yaml ●")
    assert (tmp_path / "densenet121.yaml").read_bytes() == before


def test_a_broken_branch_of_inception_is_explained_and_mended(tmp_path: Path) -> None:
    shutil.copy(ROOT / "specs/textbook/inception_mnist.yaml", tmp_path)
    path = tmp_path / "inception_mnist.yaml"
    before = path.read_bytes()
    with Terminal(tmp_path, path.name, size=(160, 48)) as t:
        t.wait("88 = 24×3 + 16")
        t.press("/")
        t.type("branch5x5.1")
        t.press("Enter")
        t.press("e")
        t.wait("form") if False else t.wait("kernel_size")
        t.press("Down", "Down")  # out_channels, kernel_size, then the first of the others
        for _ in range(2):
            t.press("Down")
        screen = t.screen()
        assert "padding" in screen
        t.press("Escape")
        t.wait("inspector")
    assert path.read_bytes() == before


def test_a_squeeze_and_excitation_is_added_to_resnet_and_undone(tmp_path: Path) -> None:
    shutil.copy(ROOT / "specs/textbook/resnet18.yaml", tmp_path)
    path = tmp_path / "resnet18.yaml"
    before = path.read_bytes()
    with Terminal(tmp_path, path.name, size=(160, 48)) as t:
        t.wait("Add")
        t.press("/")
        t.type("bn2")
        t.press("Enter")
        t.wait("3 problems") if False else None
        t.pick("b", "AdaptiveAvgPool2d 1", "avgpool1")
        t.pick("a", "Conv2d 16 1", "conv4") if "conv4" not in t.screen() else None
    assert path.read_bytes() == before
