"""`netspec explain`: the meaning of a code, or the arithmetic of one node."""

from __future__ import annotations

import sys

from netspec.cli import exit_codes
from netspec.cli.options import ParsedArgs, UsageError
from netspec.cli.output import answer, columns, style
from netspec.report.code_page import CODES, folder, page, pages
from netspec.report.code_page_text import explained, listed
from netspec.similar_words import closest


def run(args: ParsedArgs) -> int:
    """Print a list of codes, the page of one, or the explanation of a node."""
    if len(args.operands) > 2:
        raise UsageError(
            "`netspec explain` takes one code, or a spec and a path",
            "write `netspec explain NS201`, or `netspec explain net.yaml features.conv0`",
        )
    if len(args.operands) == 2 or (args.operands and _is_spec(args.operands[0])):
        from netspec.cli.commands.explain_node import run as explain

        return explain(args)
    prefix = _prefix(args.operands[0]) if args.operands else "NS"
    answer(_list(prefix, args) if prefix else _page(args), args)
    return exit_codes.CLEAN


def _is_spec(operand: str) -> bool:
    return operand == "-" or operand.endswith((".yaml", ".yml", ".json"))


def _prefix(operand: str) -> str:
    """The beginning of a group of codes, `NS2` for `ns2` or `NS2xx`; empty for anything else."""
    prefix = operand.upper().removesuffix("XX")
    return prefix if prefix in {code[: len("NS2")] for code in CODES} else ""


def _list(prefix: str, args: ParsedArgs) -> str:
    code_pages = [code_page for code_page in pages() if code_page.code.startswith(prefix)]
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
