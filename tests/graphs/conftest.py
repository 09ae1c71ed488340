"""The random arguments of layers come from the layers' own tests."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "layers"))
