#!/usr/bin/env bash
# torch: load_state_dict(assign=True) of a module's own state_dict unties its shared weight.
#
# Versions: torch 2.13.0, Python 3.11.
# Input:    a module whose head.weight is embedding.weight (tied as in nanoGPT), and its own state_dict,
#           in which both keys hold one tensor.
# Guess:    loading it back, with assign=True as without, leaves one shared parameter.
# Seen:     with assign=True head.weight and embedding.weight are two parameters over one storage:
#           parameters() yields both, so Adam steps the same memory twice, each time with a part of the
#           gradient, and the weights are not those of the tied module after one step.
#           Without assign the tie stays.
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


class Tied(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(5, 4)
        self.head = nn.Linear(4, 5, bias=False)
        self.head.weight = self.embedding.weight

    def forward(self, tokens):
        return self.head(self.embedding(tokens))


def after_a_step(module):
    optimizer = torch.optim.Adam(module.parameters(), lr=0.1)
    module(torch.tensor([[0, 1, 2]])).square().sum().backward()
    optimizer.step()
    return module.embedding.weight.detach().clone()


def tied(assign):
    torch.manual_seed(0)
    module = Tied()
    module.load_state_dict(module.state_dict(), assign=assign)
    return module


plain, assigned = tied(False), tied(True)
counts = [len(list(m.parameters())) for m in (plain, assigned)]
shared = assigned.head.weight.data_ptr() == assigned.embedding.weight.data_ptr()
print("parameters without and with assign:", counts)
print("one storage still:", shared)
print("tied:", plain.head.weight is plain.embedding.weight, assigned.head.weight is assigned.embedding.weight)
difference = (after_a_step(plain) - after_a_step(assigned)).abs().max().item()
print("largest difference after one step of Adam, lr 0.1:", difference)
if counts != [1, 2] or not shared or difference < 0.05:
    raise SystemExit("the behavior has changed")
print("as described: two parameters over one storage")
PY
