"""The page on generated programs: its table is today's, and no program is much longer than one by hand."""

from __future__ import annotations

import re

from program_lines import PAGE, rewritten


def test_the_table_counts_the_lines_of_today() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert rewritten(page) == page
    ratios = [float(ratio) for ratio in re.findall(r"\| (\d\.\d\d) \|$", page, re.MULTILINE)]
    assert len(ratios) == 6
    assert max(ratios) <= 1.2
