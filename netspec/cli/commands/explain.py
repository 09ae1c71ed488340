"""`netspec explain`: what a code means, or how the numbers of one node come about."""

from __future__ import annotations

import sys

from netspec.cli import exit_codes
from netspec.cli.options import ParsedArgs, UsageError
from netspec.cli.output import answer, columns, style
from netspec.report.code_page import CODES, folder, page, pages
from netspec.report.code_page_text import explained, listed
from netspec.similar_words import closest


def run(args: ParsedArgs) -> int:
    """Print the list of codes, the page of one, or the account of a node."""
    if len(args.operands) > 2:
        raise UsageError(
            "`netspec explain` takes one code, or a spec and a path",
            "write `netspec explain NS201`, or `netspec explain net.yaml features.conv0`",
        )
    if len(args.operands) == 2 or (args.operands and _is_spec(args.operands[0])):
        from netspec.cli.commands.explain_node import run as explain

        return explain(args)
    answer(_page(args) if args.operands else _all(args), args)
    return exit_codes.CLEAN


def _is_spec(operand: str) -> bool:
    return operand == "-" or operand.endswith((".yaml", ".yml", ".json"))


def _all(args: ParsedArgs) -> str:
    code_pages = pages()
    if not code_pages:
        raise _no_pages()
    if args.last("--format") == "json":
        from netspec.report.code_page_json import code_list_json

        return code_list_json(code_pages)
    return listed(code_pages, columns(sys.stdout), style(args, sys.stdout))


def _page(args: ParsedArgs) -> str:
    (asked,) = args.operands
    code = asked.upper()
    code = f"NS{code:>03}" if code.isdecimal() else code
    if code not in CODES:
        suggestion = closest(code, CODES)
        raise UsageError(
            f"unknown code `{asked}`",
            f"did you mean `{suggestion}`?"
            if suggestion
            else ("list all codes with `netspec explain`"),
        )
    code_page = page(code)
    if code_page is None:
        raise _no_pages()
    if args.last("--format") == "json":
        from netspec.report.code_page_json import code_page_json

        return code_page_json(code_page)
    return explained(code_page, columns(sys.stdout), style(args, sys.stdout))


def _no_pages() -> UsageError:
    return UsageError(f"no pages in `{folder()}`", "install netspec again")
