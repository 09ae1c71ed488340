"""`netspec new`: a file of one's own from a network of the gallery."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from netspec import gallery
from netspec.cli import main

ROOT = Path(__file__).parents[1]


class CommandResult:
    """What a command line said, and its exit code."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err


@pytest.fixture
def run(capsys, monkeypatch, tmp_path):
    """Run a command line in an empty directory."""
    monkeypatch.chdir(tmp_path)

    def call(*argv: str) -> CommandResult:
        code = main(argv)
        captured = capsys.readouterr()
        return CommandResult(code, captured.out, captured.err)

    return call


def test_a_copy_of_every_spec_is_valid(run):
    files = {
        p.relative_to(ROOT / "specs").with_suffix("").as_posix()
        for p in (ROOT / "specs").rglob("*.yaml")
    }
    assert set(gallery.networks_by_name()) == files
    for name in files:
        target = f"{name.replace('/', '-')}/net.yaml"
        assert run("new", name, "-o", target).code == 0
        assert Path(target).read_text() == (ROOT / "specs" / f"{name}.yaml").read_text()
        assert run("check", target).code == 0


def test_the_file_has_the_name_of_the_network_by_default(run):
    result = run("new", "textbook/lenet")
    assert (result.code, result.out) == (0, "")
    assert result.err.startswith("lenet.yaml: ")
    assert [p.name for p in Path().iterdir()] == ["lenet.yaml"]


def test_a_network_of_the_textbooks_is_found_by_its_last_name_where_that_is_plain(run):
    assert run("new", "lenet", "-o", "a.yaml").code == 0
    assert "name: lenet" in Path("a.yaml").read_text()
    assert run("new", "alexnet", "-o", "b.yaml").code == 0
    assert "num_classes: 1000" in Path("b.yaml").read_text()


def test_a_directory_as_target_takes_the_file(run):
    Path("here").mkdir()
    assert run("new", "unet", "-o", "here").code == 0
    assert Path("here/unet.yaml").exists()


def test_what_a_network_uses_comes_with_it(run):
    result = run("new", "resnet_fpn", "-o", "deep/pyramid.yaml")
    assert [line.split(":")[0] for line in result.err.splitlines()] == [
        "deep/pyramid.yaml",
        "deep/resnet.yaml",
    ]
    assert run("check", "deep").code == 0


def test_a_dash_prints_the_file(run):
    result = run("new", "unet", "-o", "-")
    assert result.out == (ROOT / "specs/unet.yaml").read_text()
    assert not list(Path().iterdir())


def test_a_file_that_is_there_is_kept(run):
    Path("unet.yaml").write_text("mine")
    result = run("new", "unet")
    assert result.code == 2
    assert "`unet.yaml` already exists" in result.err
    assert "or replace it with `--force`" in result.err
    assert Path("unet.yaml").read_text() == "mine"


def test_nothing_is_written_where_only_a_used_file_is_there(run):
    Path("resnet.yaml").write_text("mine")
    result = run("new", "resnet_fpn")
    assert result.code == 2
    assert "`resnet.yaml` already exists" in result.err
    assert [p.name for p in Path().iterdir()] == ["resnet.yaml"]


def test_force_replaces_it(run):
    Path("unet.yaml").write_text("mine")
    assert run("new", "unet", "--force").code == 0
    assert Path("unet.yaml").read_text() == (ROOT / "specs/unet.yaml").read_text()


def test_writing_the_same_again_is_no_harm(run):
    assert run("new", "unet").code == 0
    assert run("new", "unet").code == 0


def test_the_list_has_a_sentence_for_each(run):
    lines = run("new", "--list").out.splitlines()
    assert [line.split()[0] for line in lines] == list(gallery.networks_by_name())
    assert all(len(line.split()) > 5 and line.endswith(".") for line in lines)
    assert any(line.startswith("vit  ") and "Vision Transformer" in line for line in lines)


@pytest.mark.parametrize(
    ("arguments", "message", "help"),
    [
        (["resnt"], "unknown network `resnt`", "did you mean `resnet`?"),
        (["zzzzzz"], "unknown network `zzzzzz`", "list all networks with `netspec new --list`"),
        (["resnet50"], "`resnet50` is a preset of `resnet`", "write `netspec new resnet`, then use the file with `--preset resnet50`"),
        ([], "`netspec new` requires a network", "list all networks with `netspec new --list`"),
        (["unet", "vgg"], "`netspec new` takes one network at a time", "list all networks with `netspec new --list`"),
        (["unet", "--list"], "`netspec new --list` takes no name", "remove the name, or `--list`"),
        (["unet", "-o", ""], "`--output` names no file", "write `-o net.yaml`"),
    ],
)  # fmt: skip
def test_a_command_line_that_makes_no_sense_says_why(run, arguments, message, help):
    result = run("new", *arguments)
    assert result.code == 2
    assert result.err.startswith(f"netspec: {message}\n  help: {help}")
    assert not list(Path().iterdir())


def test_without_the_gallery_it_says_where_it_looked(run, monkeypatch, tmp_path):
    monkeypatch.setattr(gallery, "_IN_CLONE", str(tmp_path / "nowhere"))
    result = run("new", "unet")
    assert result.code == 2
    assert f"no networks in `{tmp_path / 'specs'}`" in result.err
    assert "install netspec again" in result.err


def test_an_installed_package_has_the_gallery_inside(monkeypatch, tmp_path):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert wheel["force-include"]["specs"] == "netspec/specs"
    (tmp_path / "netspec/specs").mkdir(parents=True)
    monkeypatch.setattr(gallery, "_IN_CLONE", str(tmp_path / "netspec"))
    assert gallery.gallery_folder() == str(tmp_path / "netspec/specs")


def test_completion_knows_the_networks(run):
    for shell in ("bash", "zsh", "fish"):
        assert "textbook/lenet" in run("completion", shell).out


@pytest.mark.parametrize(("name", "family"), [("resnet18", "resnet"), ("vgg11", "vgg")])
def test_a_short_name_of_a_textbook_says_so(run, name: str, family: str) -> None:
    result = run("new", name)
    assert result.code == 0
    assert f"this is `textbook/{name}`: " in result.err
    assert f"the torchvision network is a preset of `{family}`" in result.err
    assert f"--preset {name}" in result.err
    assert "this is" not in run("new", f"textbook/{name}", "--force").err
    assert "this is" not in run("new", family).err
    assert "this is `textbook/lenet`: " in run("new", "lenet").err
