"""The gallery and the random specs are those of the other tests."""

import sys
from pathlib import Path

sys.path[:0] = [
    str(Path(__file__).parent.parent / folder) for folder in ("specs", "graphs", "layers")
]
