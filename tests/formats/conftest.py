"""The tables of the page on reports are those of the tests of the pages."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent.parent / "docs"))
