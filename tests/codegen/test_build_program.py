"""The generated program: alone in the world, short, loaded once."""

from __future__ import annotations

import pathlib
import re
import sys
import threading

import pytest
from small_networks import MIXED, SPECS, dense, lenet, run_python

import netspec
from netspec.build import build
from netspec.build.module import load_program


@pytest.mark.parametrize("name", sorted(path.stem for path in SPECS.glob("*.yaml")))
def test_the_program_needs_torch_alone(name: str) -> None:
    source = netspec.source(SPECS / f"{name}.yaml")
    imported = re.findall(r"^(?:import|from) (\w+)", source, re.MULTILINE)
    assert set(imported) <= {"torch", *sys.stdlib_module_names}
    assert "netspec" not in re.sub(r'^""".*?"""', "", source, flags=re.DOTALL)


def test_the_program_runs_where_netspec_is_not_installed(tmp_path: pathlib.Path) -> None:
    file = tmp_path / "network.py"
    file.write_text(netspec.source(MIXED), encoding="utf-8")
    program = """
import sys
sys.modules["netspec"] = None  # from here on, importing it fails
sys.path.insert(0, sys.argv[1])
import network, torch
result = network.Mixed()(torch.zeros(1, 3, 4, 5))
print({name: list(tensor.shape) for name, tensor in result.items()})
"""
    printed = run_python(program, tmp_path, isolated=True)
    assert printed == "{'large': [1, 4, 8, 10], 'small': [1, 4, 4, 5]}\n"


def test_the_program_of_densenet_is_short() -> None:
    source = netspec.source(SPECS / "densenet121.yaml")
    assert len(source.splitlines()) <= 150
    assert max(map(len, source.splitlines())) <= 88
    assert "\t" not in source
    assert not re.search(r"[ ]+$", source, re.MULTILINE)


def test_the_same_spec_is_the_same_class_however_often_it_is_compiled() -> None:
    assert type(dense()) is type(dense())
    assert type(dense()) is not type(lenet())


def test_threads_that_compile_at_once_get_one_class() -> None:
    source = (
        "import time\nfrom torch import nn\ntime.sleep(0.05)\nclass Slow(nn.Module):\n    pass\n"
    )
    classes = []
    threads = [
        threading.Thread(target=lambda: classes.append(type(build(source, "Slow"))))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(classes) == 4
    assert len(set(classes)) == 1


def test_a_program_that_fails_leaves_nothing_behind() -> None:
    before = set(sys.modules)
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            load_program("1 / 0\n")
    assert {name for name in set(sys.modules) - before if "generated" in name} == set()


def test_a_value_that_waits_carries_the_name_of_its_step() -> None:
    source = netspec.source(SPECS / "unet.yaml")
    assert "        enc4 = self.enc4(x)\n" in source
    assert "        x = torch.cat([enc4, x], 1)\n" in source


def test_a_network_that_is_a_chain_is_a_sequential() -> None:
    source = netspec.source(SPECS / "textbook/lenet.yaml")
    assert "class LeNet(nn.Sequential):" in source
    assert "            nn.Conv2d(6, 16, 5),\n" in source
    assert "getattr" not in source


ONCE = """
netspec: 1
name: once
params: {width: 8, copies: 1}
inputs: {image: [N, 3, 8, 8]}
blocks:
  Conv:
    params: {width: int, stride: int}
    body:
      - c: {op: Conv2d, out_channels: width, kernel_size: 1, stride: stride}
      - {op: Add, from: [previous, previous]}
  Stage:
    params: {n: int, width: int}
    body:
      - pre: {op: Conv2d, out_channels: width, kernel_size: 1}
      - blocks: {op: Conv, repeat: n, width: 2 * x.channels, stride: "2 if i == 0 else 1"}
      - {op: Add, from: [previous, previous]}
body:
  - a: {op: Stage, n: 1, width: 6}
  - b: {op: Stage, n: 1, width: width}
  - one: {op: Conv, repeat: 1, width: 16, stride: 1}
  - each: {w: [8]}
    body: [{op: Conv2d, out_channels: w, kernel_size: 1}]
  - any: {op: Conv, repeat: copies, width: 16, stride: 1}
"""


def test_what_runs_once_is_no_loop() -> None:
    source = netspec.load(ONCE).source()
    assert "range(1)" not in source
    assert "self.blocks = nn.Sequential(Conv(width, width=2 * width, stride=2))" in source
    assert "self.one = nn.Sequential(Conv(" in source
    assert "range(copies)" in source  # a different count is a different network
    keys = list(netspec.load(ONCE).compile().state_dict())
    assert keys[:4] == ["a.pre.weight", "a.pre.bias", "a.blocks.0.c.weight", "a.blocks.0.c.bias"]
