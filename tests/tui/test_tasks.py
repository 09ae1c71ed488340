"""What people do with the editor, done in a real terminal."""

from __future__ import annotations

import shutil
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import pytest
from terminal import ROOT, Terminal, needs_tmux

from netspec.check import check
from netspec.compare import facts

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
        assert (tmp_path / "densenet121.yaml").read_bytes() == before.replace(
            b"growth: 32", b"growth: 48", 1
        )
        t.press("u")
        t.wait("N×256×(H+3)//4")
        t.press("C-s")
        t.wait_gone("densenet121.yaml ●")
    assert (tmp_path / "densenet121.yaml").read_bytes() == before


def test_a_broken_branch_of_inception_is_explained_and_fixed(tmp_path: Path) -> None:
    shutil.copy(ROOT / "specs/textbook/inception_mnist.yaml", tmp_path)
    path = tmp_path / "inception_mnist.yaml"
    before = path.read_bytes()
    with Terminal(tmp_path, path.name, size=(160, 48)) as t:
        t.wait("88 = 24×3 + 16")
        t.press("/")
        t.type("branch5x5.1")
        t.press("Enter", "e")
        t.wait("in_channels")
        t.press("Down", "Down", "Down", "End", "BSpace")  # the padding
        screen = t.wait("NS202")
        assert "cannot concatenate: the height differs (12 and 8)" in screen
        t.press("Enter")
        t.wait_gone("every step")
        t.press("F8")
        t.wait("✗ `incep1.join`")  # the inspector tells the reason
        t.press("5", "Enter")
        page = t.wait("error[NS202]")
        assert "the other 3 inputs have height 12" in page
        assert "--> inception_mnist.yaml:20:13" in page
        assert "`padding: 2` in `incep1.branch5x5.1`" in page
        t.press("f")
        t.wait_gone("NS202")
        t.wait("88 = 24×3 + 16")
        t.press("C-s")
        t.wait("saved inception_mnist.yaml")
        assert path.read_bytes() == before
        t.press("u", "u")
        t.wait_gone("nothing to undo")
        t.press("C-s")
    assert path.read_bytes() == before


def test_a_squeeze_and_excitation_is_added_to_resnet_and_undone(tmp_path: Path) -> None:
    shutil.copy(ROOT / "specs/textbook/resnet18.yaml", tmp_path)
    path = tmp_path / "resnet18.yaml"
    before = path.read_bytes()
    with Terminal(tmp_path, path.name, size=(160, 48)) as t:
        t.wait("● ")
        t.wait("bn2")
        t.press("/")
        t.type("name:bn2")
        t.press("Enter")
        t.pick("b", "AdaptiveAvgPool2d 1", "avgpool1")
        t.pick("a", "Conv2d x.channels//4 1", "conv4")
        t.pick("a", "relu", "relu3")
        t.pick("a", "Conv2d channels 1", "conv5")
        t.pick("a", "sigmoid", "sigmoid1")
        t.pick("J", "bn2", "Join by")
        t.type("mul")
        t.wait("[N, 64, (H+3)//4, (W+3)//4], [N, 64, 1, 1] → [N, 64, (H+3)//4, (W+3)//4]")
        t.press("Enter")
        t.wait("Which steps read the result?")
        t.press("Down", "Enter")
        t.wait("mul1")
        t.press("C-s")
        t.wait("saved resnet18.yaml")
        report = check(str(path))
        assert not report.diagnostics
        assert report.graph is not None
        [add] = [n for n in report.graph.nodes if n.path == "1.0.add"]
        assert add.inputs[0].node.op == "Mul"
        for _ in range(6):
            t.press("u")
        t.wait_gone("avgpool1")
        t.press("u")
        t.wait("nothing to undo")
        t.press("C-s")
        t.wait_gone("resnet18.yaml ●")
        assert path.read_bytes() == before
        for _ in range(6):
            t.press("U")
        t.wait("mul1")


def test_unsaved_changes_are_asked_about_and_restored_after_a_kill(tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    text = "netspec: 1\ninputs: {image: [N, 1, 28, 28]}\nbody:\n  - a: ReLU\n"
    path.write_text(text)
    with Terminal(tmp_path, path.name) as t:
        t.wait("a")
        t.wait("● output")
        t.press("Down")
        t.pick("a", "sigmoid", "sigmoid1")
        t.press("C-q")
        t.wait("unsaved changes")
        t.press("Escape")
        time.sleep(1.2)
        t.kill()
    assert path.read_text() == text
    with Terminal(tmp_path, path.name) as t:
        t.wait("net.yaml has unsaved changes of another session")
        t.press("r")
        t.wait("sigmoid1")
        t.press("C-s")
        t.wait("saved net.yaml")
        t.press("C-q")
        assert t.ended()
    assert "sigmoid1" in path.read_text()


def test_a_file_that_cannot_be_parsed_opens_anyway(tmp_path: Path) -> None:
    (tmp_path / "broken.yaml").write_text("netspec: 1\nbody: [\n")
    with Terminal(tmp_path, "broken.yaml") as t:
        t.wait("NS010")


@pytest.mark.parametrize(
    ("name", "message"),
    [("binary.yaml", "is not a text"), ("nowhere/net.yaml", "there is no directory")],
)
def test_a_binary_file_is_rejected_with_one_line(tmp_path: Path, name: str, message: str) -> None:
    (tmp_path / "binary.yaml").write_bytes(b"\x00\x01\x02")
    with Terminal(tmp_path, name, shell=True) as t:
        t.wait(message)
    assert (tmp_path / "binary.yaml").read_bytes() == b"\x00\x01\x02"


def test_a_change_on_disk_is_not_overwritten_without_confirmation(tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    path.write_text("netspec: 1\ninputs: {image: [N, 1, 28, 28]}\nbody:\n  - first: ReLU\n")
    with Terminal(tmp_path, path.name) as t:
        t.wait("● first")
        path.write_text(path.read_text() + "  - second: ReLU\n")
        t.wait("● second")  # without unsaved changes, the file is reloaded
        t.press("Down")
        t.pick("a", "sigmoid", "sigmoid1")
        path.write_text(path.read_text() + "  - third: ReLU\n")
        t.wait("Another program has changed the file")
        t.press("C-s")
        t.wait("The file has changed on disk")
        assert "third" in path.read_text()
        t.press("o")
        t.wait("saved net.yaml")
    assert "third" not in path.read_text() and "sigmoid1" in path.read_text()
