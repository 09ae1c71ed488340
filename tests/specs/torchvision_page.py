"""The page docs/torchvision.md: `python tests/specs/torchvision_page.py` compares every preset and writes it."""

from __future__ import annotations

import re
from pathlib import Path

from torchvision_parity import Row, compare, pairs

PAGE = Path(__file__).parents[2] / "docs" / "torchvision.md"

_HEAD = """\
# Networks of torchvision

Each file in [`specs/`](../specs/README.md) listed here describes a family of networks. Its presets have the names of
torchvision's functions, and its modules the names of torchvision's modules, so weights of torchvision load unchanged:

```python code
import netspec
import torchvision

module = netspec.compile("specs/resnet.yaml", preset="resnet50")
module.load_state_dict(torchvision.models.resnet50(weights="DEFAULT").state_dict())
```

`netspec compile specs/resnet.yaml --presets` writes a family as one program, with one function per preset.

Each row of the table is one comparison. The `state_dict` keys are equal in name and order. Both modules then receive
the same random weights and statistics, all different from their defaults; the table shows the maximum difference of
their outputs in evaluation mode. The input is a small image, not square if the network allows it. Tests compare
gradients, outputs in training mode, running statistics and initial weights for one member of each family.

Differences from torchvision:

- GoogLeNet and Inception v3 return a dict that includes the auxiliary outputs in evaluation mode too; torchvision
  returns only the logits. Inception v3 therefore requires images of at least 299 × 299, as torchvision's does in
  training.
- With the same seed, initial weights equal torchvision's bit for bit, except for ViT and for the layers after the
  auxiliary classifier of Inception v3, which only have the same distributions. DenseNet uses the initialization of
  PyTorch's layers; its header contains the line for torchvision's initialization.

`python tests/specs/torchvision_page.py` repeats all comparisons and writes this page. `make test-all` tests every row,
`make test` one row per family.

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
