"""The pages on codes for programs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from netspec.report.code_page import Page
from netspec.report.json_text import FORMAT_VERSION, json_text

if TYPE_CHECKING:
    from netspec.report.json_types import (
        CodeListReportJson,
        CodePageJson,
        CodePageReportJson,
    )


def code_list_json(pages: Iterable[Page]) -> str:
    """Every code with its title and first sentence."""
    report: CodeListReportJson = {
        "format_version": FORMAT_VERSION,
        "codes": [_summary(page) for page in pages],
    }
    return json_text(report)


def code_page_json(page: Page) -> str:
    """One page."""
    report: CodePageReportJson = {
        "format_version": FORMAT_VERSION,
        **_summary(page),
        "text": page.markdown,
    }
    return json_text(report)


def _summary(page: Page) -> CodePageJson:
    return {"code": page.code, "title": page.title, "summary": page.summary}
