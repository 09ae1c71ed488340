"""The text of the JSON that the commands write. Within version 1, fields are added, never changed or removed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

FORMAT_VERSION: Final = "1.0"
"""The version of every report."""


def json_text(report: Mapping[str, object]) -> str:
    """A report as text."""
    return json.dumps(report, indent=2, ensure_ascii=False)
