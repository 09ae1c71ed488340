#!/usr/bin/env bash
# torch: LPPool with ceil_mode=True counts elements that are not there.
#
# Versions: torch 2.13.0, Python 3.11, CPU.
# Input:    nn.LPPool1d(norm_type=1, kernel_size=3, stride=2, ceil_mode=True) on six ones.
# Guess:    [3, 3, 2]: the p-norm of what is in each window; the last window holds two elements.
# Seen:     [3, 3, 3]. LPPool is the average pool of |x|^p times the number of elements in a full window,
#           and the average of a window that is cut short divides by what it holds. So the last result is
#           too large by 3/2, as if the window were full of the same values. The documented sum over X has
#           only what is in the window.
#
# The script fails when the behavior changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check torch==2.13.0 numpy

"$folder/venv/bin/python" - <<'PY'
import torch
from torch import nn

pool = nn.LPPool1d(norm_type=1, kernel_size=3, stride=2, ceil_mode=True)
result = pool(torch.ones(1, 1, 6)).flatten().tolist()
print("six ones:", result)
if result != [3.0, 3.0, 3.0]:
    raise SystemExit("the behavior has changed")
print("as described: the last window is counted as full")
PY
