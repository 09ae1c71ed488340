#!/usr/bin/env bash
# torch: a module with MaxUnpool2d runs, and torch.jit.trace rejects it.
#
# Versions: torch 2.13.0, Python 3.11.
# Input:    MaxPool2d(2, return_indices=True) followed by MaxUnpool2d(2), on a tensor of shape (1, 1, 4, 4).
# Guess:    the module is traced, as one with MaxPool2d alone is: no `output_size` is given, so nothing depends on data.
# Seen:     the forward pass works; torch.jit.trace raises TypeError "cond must be a bool, but got a Tensor", because the sizes
#           of a traced tensor are tensors and the check of the output size requires a bool.
#
# The script fails when the behavior changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check torch==2.13.0 numpy

"$folder/venv/bin/python" -W ignore - <<'PY'
import torch
from torch import nn


class Unpooled(nn.Module):
    def __init__(self):
        super().__init__()
        self.pool = nn.MaxPool2d(2, return_indices=True)
        self.unpool = nn.MaxUnpool2d(2)

    def forward(self, x):
        return self.unpool(*self.pool(x))


x = torch.randn(1, 1, 4, 4)
torch.jit.trace(nn.MaxPool2d(2), x)
print("MaxPool2d: traced")
print(f"MaxUnpool2d: runs, {tuple(Unpooled()(x).shape)}")
try:
    torch.jit.trace(Unpooled(), x)
except TypeError as error:
    print(f"MaxUnpool2d: {error}")
    if not str(error).startswith("cond must be a bool, but got a Tensor"):
        raise SystemExit("the behavior has changed") from None
else:
    raise SystemExit("the behavior has changed: the module is traced")
print("as described")
PY
