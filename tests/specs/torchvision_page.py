"""The page docs/torchvision.md: `python tests/specs/torchvision_page.py` compares every preset and writes it."""

from __future__ import annotations

import re
from pathlib import Path

from torchvision_parity import Row, compare, pairs

PAGE = Path(__file__).parents[2] / "docs" / "torchvision.md"

_HEAD = """\
# Networks of torchvision

Each of these files in [`specs/`](../specs/README.md) is a family of networks; its presets are called as torchvision's
functions, and its modules as torchvision's modules. So weights of torchvision load as they are, every key matched:

```python code
import netspec
import torchvision

module = netspec.compile("specs/resnet.yaml", preset="resnet50")
module.load_state_dict(torchvision.models.resnet50(weights="DEFAULT").state_dict())
```

`netspec compile specs/resnet.yaml --presets` writes a family as one program, with a function for each of its presets.

A row of the table says what was compared: that the keys of the `state_dict` are the same, in name and order, and how
far the outputs in evaluation mode are apart when both modules have the same random weights and statistics, none of
them at its default. The picture is small and not square where the network allows it. Gradients, the outputs in
training mode, running statistics and initial weights are compared by tests on one member of each family.

What differs:

- GoogLeNet and Inception v3 give a dict, with their auxiliary outputs in evaluation mode too, where torchvision gives
  the logits alone. So Inception v3 wants pictures from 299 × 299 on, as torchvision's does while training.
- From one seed, initial weights are torchvision's bit for bit, but for ViT and for what follows the auxiliary head of
  Inception v3; those have torchvision's distributions from other draws. DenseNet starts as PyTorch's layers do; its
  header has the line that makes it start as torchvision's.

`python tests/specs/torchvision_page.py` compares everything again and writes this page; `make test-all` holds every row
against torchvision, `make test` one for each family.

| family | preset | keys | parameters | max difference | valid inputs |
|---|---|---:|---:|---:|---|
"""

_ROW = re.compile(
    r"^\| \[(\w+)\]\(.*?\) \| `(\w+)` \| ([\d,]+) \| ([\d,]+) \| ([\d.e-]+) \| (.*) \|$"
)


def rows() -> list[Row]:
    """What the page says."""
    page_rows = []
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if match := _ROW.match(line):
            family, preset, keys, parameters, difference, valid = match.groups()
            row = Row(family, preset, _number(keys), _number(parameters), float(difference), valid)
            page_rows.append(row)
    return page_rows


def _number(text: str) -> int:
    return int(text.replace(",", ""))


def line(row: Row) -> str:
    """One row of the table."""
    file = f"[{row.family}](../specs/{row.family}.yaml)"
    return f"| {file} | `{row.preset}` | {row.keys:,} | {row.parameters:,} | {row.difference} | {row.valid} |\n"


if __name__ == "__main__":
    PAGE.write_text(_HEAD + "".join(line(compare(*pair)) for pair in pairs()), encoding="utf-8")
