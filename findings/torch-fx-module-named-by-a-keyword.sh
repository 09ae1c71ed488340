#!/usr/bin/env bash
# torch.fx: a submodule whose name is a Python keyword traces to code that Python cannot read.
#
# Versions: torch 2.13.0, Python 3.11.
# Input:    a module with the child "class" (add_module takes the name; the state_dict key is class.weight),
#           called as getattr(self, "class")(x); it runs, saves and loads.
# Guess:    fx.symbolic_trace gives a GraphModule that computes the same: it already writes
#           getattr(self, "0") for a name that is no identifier.
# Seen:     SyntaxError while the GraphModule is made: its code says self.class(x). The module that
#           torch.export.export gives fails alike.
#
# The script fails when the behavior changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check torch==2.13.0 numpy

"$folder/venv/bin/python" - <<'PY'
import torch
from torch import fx, nn


class Net(nn.Module):
    def __init__(self, name):
        super().__init__()
        self.name = name
        self.add_module(name, nn.Linear(3, 2))

    def forward(self, x):
        return getattr(self, self.name)(x)


x = torch.ones(1, 3)
for name in ("0", "class"):
    net = Net(name)
    print(f"child {name!r}: keys {list(net.state_dict())}, result {tuple(net(x).shape)}")
print(fx.symbolic_trace(Net("0")).code)
def exported(net):
    return torch.export.export(net, (x,)).module()


failures = 0
for make in (fx.symbolic_trace, exported):
    try:
        make(Net("class"))
    except SyntaxError as error:
        failures += 1
        print(f"{make.__name__}, child 'class': SyntaxError: {error.text.strip()}")
if failures != 2:
    raise SystemExit("the behavior has changed")
print("as described")
PY
