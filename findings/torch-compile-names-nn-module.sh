#!/usr/bin/env bash
# torch: the first call of a compiled module adds an attribute to the class nn.Module itself.
#
# Versions: torch 2.13.0, Python 3.11, CPU.
# Input:    torch.compile(nn.Linear(2, 2), backend="eager") and one call of it; dir(nn.Module) before and after.
# Guess:    compiling wraps one module; the class that all modules share stays as it was imported, so that a list
#           of its names does not depend on what ran before.
# Seen:     nn.Module has one name more afterwards, of the compiler, and every other module shows it in `dir`. A
#           test that compares names with dir(nn.Module) passes or fails by the order of the tests.
#
# The script fails when the behavior changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check torch==2.13.0 numpy==2.4.6

"$folder/venv/bin/python" - <<'PY'
import torch
from torch import nn

before = set(dir(nn.Module))
torch.compile(nn.Linear(2, 2), backend="eager")(torch.zeros(1, 2))
added = sorted(set(dir(nn.Module)) - before)
print("names that nn.Module has now:", added)
if len(added) != 1 or added[0] not in dir(nn.ReLU()):
    raise SystemExit("the behavior has changed")
print("as described: the class that all modules share has a name of the compiler")
PY
