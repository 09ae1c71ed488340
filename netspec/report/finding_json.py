"""The pages of the findings for programs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from netspec.report.finding_page import Page
from netspec.report.json_text import FORMAT_VERSION, json_text

if TYPE_CHECKING:
    from netspec.report.json_types import (
        FindingListReportJson,
        FindingPageJson,
        FindingPageReportJson,
    )


def listed_findings_json(pages: Iterable[Page]) -> str:
    """Every code with its title and first sentence."""
    report: FindingListReportJson = {
        "format_version": FORMAT_VERSION,
        "findings": [_summary(page) for page in pages],
    }
    return json_text(report)


def finding_page_json(page: Page) -> str:
    """One page."""
    report: FindingPageReportJson = {
        "format_version": FORMAT_VERSION,
        **_summary(page),
        "text": page.markdown,
    }
    return json_text(report)


def _summary(page: Page) -> FindingPageJson:
    return {"code": page.code, "title": page.title, "summary": page.summary}
