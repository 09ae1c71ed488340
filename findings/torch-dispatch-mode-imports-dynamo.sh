#!/usr/bin/env bash
# torch: the first operation under a TorchDispatchMode imports torch._dynamo and sympy.
#
# Versions: torch 2.13.0, Python 3.11.
# Input:    a subclass of torch.utils._python_dispatch.TorchDispatchMode that only lists the operations, and
#           torch.empty(3) under it. Nothing is compiled.
# Guess:    the operation costs some microseconds more, and the mode needs no other part of PyTorch.
# Seen:     the class wraps `__torch_dispatch__` in torch._disable_dynamo, and the first call of the wrapper
#           imports torch._dynamo, and with it sympy: some hundred modules, which take seconds. Entering the
#           mode imports nothing.
#
# The script fails when the behavior changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check torch==2.13.0 numpy

"$folder/venv/bin/python" - <<'PY'
import sys

import torch
from torch.utils._python_dispatch import TorchDispatchMode


class Listed(TorchDispatchMode):
    def __init__(self):
        super().__init__()
        self.operations = []

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        self.operations.append(str(func))
        return func(*args, **(kwargs or {}))


def compiler():
    return [name for name in ("torch._dynamo", "sympy") if name in sys.modules]


with Listed() as mode:
    entered, modules = compiler(), len(sys.modules)
    torch.empty(3)
print("operations:", mode.operations)
print("imported when the mode is entered:", entered)
print("imported by the first operation:", compiler(), "and", len(sys.modules) - modules, "modules in all")
if entered or compiler() != ["torch._dynamo", "sympy"] or mode.operations != ["aten.empty.memory_format"]:
    raise SystemExit("the behavior has changed")
print("as described: one operation imports the compiler")
PY
