"""The page on editors: what it gives to other programs is well formed, and starts the server there is."""

from __future__ import annotations

import json
import shlex
import tomllib

from doc_pages import fences

from netspec.cli.command_table import COMMANDS

PAGE = "docs/editors.md"


def test_the_settings_are_well_formed_and_start_the_server() -> None:
    by_language = {f.language: f.text for f in fences(PAGE)}
    assert json.loads(by_language["json"])
    server = tomllib.loads(by_language["toml"])["language-server"]["netspec"]
    assert [server["command"], *server["args"]] == ["netspec", "lsp"]
    assert '{ "netspec", "lsp" }' in by_language["lua"]
    assert '("netspec" "lsp")' in by_language["elisp"]
    assert "lsp" in COMMANDS


def test_parentheses_and_braces_close() -> None:
    for fence in fences(PAGE):
        if fence.language in ("lua", "elisp"):
            for opened, closed in ("()", "{}", "[]"):
                assert fence.text.count(opened) == fence.text.count(closed)
        if fence.language == "console":
            assert shlex.split(fence.text.splitlines()[0])
