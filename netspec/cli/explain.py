"""`netspec explain`: what a finding means, or how the numbers of one node come about."""

from __future__ import annotations

import json
import sys

from netspec.cli import exit_codes
from netspec.cli.arguments import Given, UsageError
from netspec.cli.output import answer, columns, style
from netspec.diagnostics import closest
from netspec.render.finding_page import CODES, Page, folder, page, pages
from netspec.render.finding_text import explained, listed
from netspec.render.report_json import FORMAT_VERSION


def run(given: Given) -> int:
    """Print the list of codes, the page of one, or the account of a node."""
    if len(given.operands) > 2:
        raise UsageError(
            "`netspec explain` takes one code, or a spec and one path",
            "write `netspec explain NS201`, or `netspec explain net.yaml features.conv0`",
        )
    if len(given.operands) == 2 or (given.operands and _is_spec(given.operands[0])):
        from netspec.cli.explain_node import run as explain

        return explain(given)
    answer(_finding(given) if given.operands else _all(given), given)
    return exit_codes.CLEAN


def _is_spec(operand: str) -> bool:
    return operand == "-" or operand.endswith((".yaml", ".yml", ".json"))


def _all(given: Given) -> str:
    found = pages()
    if not found:
        raise _no_pages()
    if given.last("--format") == "json":
        return _text({"findings": [_json(p) for p in found]})
    return listed(found, columns(sys.stdout), style(given, sys.stdout))


def _finding(given: Given) -> str:
    (asked,) = given.operands
    code = asked.upper()
    code = f"NS{code:>03}" if code.isdecimal() else code
    if code not in CODES:
        meant = closest(code, CODES)
        raise UsageError(
            f"there is no finding `{asked}`",
            f"did you mean `{meant}`?" if meant else "`netspec explain` lists them all",
        )
    found = page(code)
    if found is None:
        raise _no_pages()
    if given.last("--format") == "json":
        return _text(_json(found) | {"text": found.markdown})
    return explained(found, columns(sys.stdout), style(given, sys.stdout))


def _no_pages() -> UsageError:
    return UsageError(f"there are no pages in `{folder()}`", "install netspec again")


def _json(found: Page) -> dict[str, object]:
    return {"code": found.code, "title": found.title, "summary": found.summary}


def _text(value: dict[str, object]) -> str:
    return json.dumps({"format_version": FORMAT_VERSION, **value}, indent=2, ensure_ascii=False)
