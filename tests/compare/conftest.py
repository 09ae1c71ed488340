"""The table of keys of the lock file is that of the tests of the pages."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent.parent / "docs"))
