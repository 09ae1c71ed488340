"""`python docs/pictures/networks.py`: draws the networks that the page on pictures shows."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]

NETWORKS: dict[str, tuple[str, ...]] = {
    "densenet121": ("specs/densenet121.yaml", "--depth", "2"),
    "inception_mnist": ("specs/textbook/inception_mnist.yaml",),
}
"""The arguments of `netspec render` for each picture."""


def draw(name: str, folder: Path = HERE) -> Path:
    """Write one picture to a folder, and return its path."""
    path = folder / f"{name}.svg"
    command = [sys.executable, "-m", "netspec", "render", *NETWORKS[name], "-o", str(path)]
    subprocess.run(command, cwd=ROOT, check=True)
    return path


def main() -> None:
    """Draw all of them."""
    for name in NETWORKS:
        draw(name)


if __name__ == "__main__":
    main()
