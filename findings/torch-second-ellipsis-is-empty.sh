#!/usr/bin/env bash
# torch: an index may have several ellipses, and every one after the first stands for no dimension.
#
# Versions: torch 2.13.0, numpy 2.4.6, Python 3.11, CPU.
# Input:    x[..., 0, ...] of a tensor of shape [2, 3, 4], and of the same array in numpy.
# Guess:    two ellipses are ambiguous, so that torch rejects them, as numpy does: "an index can only have a
#           single ellipsis".
# Seen:     torch returns [2, 3]: the first `...` stands for two dimensions and the second for none, so that 0
#           is an index of the last dimension. Who meant the second dimension gets no error.
#
# The script fails when the behavior changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check torch==2.13.0 numpy==2.4.6

"$folder/venv/bin/python" - <<'PY'
import torch

x = torch.arange(24).reshape(2, 3, 4)
print("torch:", list(x[..., 0, ...].shape))
if not torch.equal(x[..., 0, ...], x[..., 0]):
    raise SystemExit("the behavior has changed: torch")
try:
    x.numpy()[..., 0, ...]
except IndexError as error:
    print("numpy:", error)
else:
    raise SystemExit("the behavior has changed: numpy")
print("as described: torch takes the second ellipsis for no dimension")
PY
