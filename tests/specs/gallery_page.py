"""The page specs/README.md: `python tests/specs/gallery_page.py` writes it from the specs themselves."""

from __future__ import annotations

import re
from pathlib import Path

import netspec
from netspec.gallery import GalleryEntry, networks_by_name
from netspec.report.numbers import scaled
from netspec.report.status_line import example_sizes, validity

PAGE = Path(__file__).parents[2] / "specs" / "README.md"

_HEAD = """\
# The gallery

Networks to use, to read, and to start from. `netspec new resnet` copies one to your directory, and
`netspec new --list` lists all of them. If a network has presets, select one with `--preset`:

```sh
netspec summary specs/resnet.yaml --preset resnet18 --depth 0
```

The table shows the parameters of the default, and its MACs (multiply-accumulate operations) at the stated input size.
Each file begins with the source of its network. [Networks of torchvision](../docs/torchvision.md) describes the
comparison with torchvision.

"""
_TABLES = (
    ("Networks", lambda entry: "/" not in entry.name),
    ("Networks from textbooks", lambda entry: "/" in entry.name),
)
_COLUMNS = "| network | presets | source | parameters | MACs | valid inputs |\n|---|---|---|---:|---:|---|\n"
_PAPER = re.compile(r'"([^"]+)", ((?:[A-Z]\w+ )?(?:19|20)\d\d|(?:section|lecture) [\d.]*\d)\b')


def page() -> str:
    """The whole page."""
    page_text = _HEAD
    for title, belongs in _TABLES:
        rows = "".join(_row(entry) for entry in networks_by_name().values() if belongs(entry))
        page_text += f"## {title}\n\n{_COLUMNS}{rows}\n"
    return page_text.rstrip("\n") + "\n"


def _row(entry: GalleryEntry) -> str:
    graph = netspec.load(Path(entry.path)).elaborate()
    counted_at = example_sizes(graph)
    macs = f"{scaled(graph.macs())}{f' at {counted_at}' if counted_at else ''}"
    cells = [
        f"[{entry.name.rpartition('/')[2]}]({entry.name}.yaml)",
        _presets(entry.presets),
        _source(entry.text),
        f"{graph.parameter_count:,}",
        macs,
        validity(graph.domains) or ("every size" if len(graph.domains) > 1 else counted_at),
    ]
    return f"| {' | '.join(cells)} |\n"


def _presets(names: tuple[str, ...]) -> str:
    if len(names) > 2:
        return f"{names[0]} … {names[-1]} ({len(names)})"
    return ", ".join(names)


def _source(text: str) -> str:
    """The papers that a file names at its beginning."""
    header = text.partition("\nnetspec:")[0]
    plain = " ".join(line.lstrip("# ") for line in header.splitlines())
    return "; ".join(f"{title}, {place}" for title, place in _PAPER.findall(plain))


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
