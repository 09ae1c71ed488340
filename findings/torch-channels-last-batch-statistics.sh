#!/usr/bin/env bash
# torch: nn.BatchNorm2d computes batch statistics with fewer digits from images in channels_last.
#
# Versions: torch 2.13.0, Python 3.11, CPU.
# Input:    the same 16 × 32 × 112 × 112 images of float32, contiguous and in channels_last, through
#           nn.BatchNorm2d in training; with momentum=1.0 the running statistics are those of the batch.
# Guess:    the memory format decides the speed, and the statistics agree with float64 to the rounding of
#           float32 in both.
# Seen:     contiguous images give the mean and the variance to about 1e-7; images in channels_last lose one to
#           two digits more, and the error grows with the number of pixels of the batch.
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

torch.manual_seed(0)
torch.set_num_threads(1)
images = torch.randn(16, 32, 112, 112) + 1
means = images.double().mean((0, 2, 3))
variances = images.double().var((0, 2, 3))


def errors(memory_format):
    norm = nn.BatchNorm2d(32, momentum=1.0)
    norm(images.contiguous(memory_format=memory_format))
    return (
        ((norm.running_mean.double() - means) / means).abs().max().item(),
        ((norm.running_var.double() - variances) / variances).abs().max().item(),
    )


contiguous, channels_last = errors(torch.contiguous_format), errors(torch.channels_last)
print("largest relative error of mean and variance")
print("  contiguous:    %.1e  %.1e" % contiguous)
print("  channels_last: %.1e  %.1e" % channels_last)
if not all(last > 10 * first and first < 1e-6 for first, last in zip(contiguous, channels_last)):
    raise SystemExit("the behavior has changed")
print("as described: the statistics of channels_last have fewer digits")
PY
