"""The server: open texts, and requests about them."""

from __future__ import annotations

import asyncio
import logging
import os
import re
from collections.abc import Callable
from typing import Any

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from netspec import __version__
from netspec.assist.complete import Offer, complete
from netspec.assist.hover import hover
from netspec.assist.outline import outline
from netspec.assist.symbols import RenameError, definition, name_at, rename
from netspec.check import Report, check_text
from netspec.diagnostics import Diagnostic, Edit
from netspec.fix import fix
from netspec.fmt import UncertainError, formatted
from netspec.lsp.convert import (
    Units,
    document_symbol,
    lsp_diagnostic,
    path_of_uri,
    text_edit,
    uri_of,
)

_PAUSE = 0.05
"""Seconds without a key stroke before a text is checked."""
_IS_SPEC = re.compile(r"""["']?netspec["']?[ \t]*:""")
"""A key that shows that a text is intended as a spec."""
_KINDS = {
    "layer": types.CompletionItemKind.Class,
    "block": types.CompletionItemKind.Module,
    "argument": types.CompletionItemKind.Field,
    "key": types.CompletionItemKind.Keyword,
    "step": types.CompletionItemKind.Variable,
    "parameter": types.CompletionItemKind.Constant,
    "value": types.CompletionItemKind.Value,
}


class Server(LanguageServer):
    """The open texts, each with its last report."""

    def __init__(self) -> None:
        # Whole texts: pygls splits lines at U+2028, U+0085 and form feeds, too, which the protocol does not,
        # so that edits of a part would land on other lines.
        super().__init__(
            "netspec", __version__, text_document_sync_kind=types.TextDocumentSyncKind.Full
        )
        self.reports: dict[str, Report] = {}
        self.readable: dict[str, Report] = {}
        """The last report of each text in which there was a spec."""
        self.versions: dict[str, int] = {}

    @property
    def units(self) -> Units:
        """The unit of positions."""
        capabilities = self.server_capabilities
        return Units(getattr(capabilities, "position_encoding", None))

    def text(self, uri: str) -> str:
        """The text of an open document; otherwise that of its file, if it exists."""
        try:
            return str(self.workspace.get_text_document(uri).source)
        except (OSError, UnicodeDecodeError):
            return ""

    def check(self, uri: str) -> Report:
        """The report on a text as it is now."""
        report = check_text(self.text(uri), path_of_uri(uri))
        self.reports[uri] = report
        if report.spec is not None:
            self.readable[uri] = report
        return report

    def report(self, uri: str) -> Report:
        """The last report, if it belongs to the current text, or otherwise a new one."""
        last_report = self.reports.get(uri)
        return (
            last_report
            if last_report is not None and last_report.document.source.text == self.text(uri)
            else self.check(uri)
        )

    def publish(self, uri: str) -> None:
        """Check a text, and send its diagnostics to the client; for other YAML there are none."""
        report, own = self.check(uri), path_of_uri(uri)
        diagnostics = []
        if _IS_SPEC.search(report.document.source.text):
            here: list[Diagnostic] = []
            elsewhere: list[Diagnostic] = []
            for each in report.diagnostics:
                is_here = each.span is None or each.span.source.name == own
                (here if is_here else elsewhere).append(each)
            diagnostics = [lsp_diagnostic(d, self.units, uri) for d in here]
            diagnostics += [self._from_elsewhere(d, uri) for d in elsewhere]
        version = self.versions.get(uri)
        self.text_document_publish_diagnostics(
            types.PublishDiagnosticsParams(uri=uri, diagnostics=diagnostics, version=version)
        )

    def _from_elsewhere(self, diagnostic: Any, uri: str) -> types.Diagnostic:
        """A diagnostic in a file that this one uses: reported at the top, with a link to its place."""
        converted = lsp_diagnostic(diagnostic, self.units, uri)
        place = types.Location(uri_of(diagnostic.span.source.name), converted.range)
        first = types.DiagnosticRelatedInformation(place, diagnostic.label or "here")
        converted.related_information = [first, *(converted.related_information or [])]
        converted.range = types.Range(types.Position(0, 0), types.Position(0, 0))
        return converted

    def publish_dependents(self, uri: str) -> None:
        """Check the other open texts that use this one."""
        path = os.path.realpath(path_of_uri(uri))
        for other, report in list(self.reports.items()):
            uses = report.spec.uses.values() if report.spec is not None else ()
            if other != uri and any(os.path.realpath(u.document.source.name) == path for u in uses):
                self.publish(other)

    def offset(self, params: Any) -> int:
        """The offset of a position in a text."""
        return self.units.offset(self.text(params.text_document.uri), params.position)


def language_server() -> Server:
    """A server that is ready to start."""
    server = Server()
    _on_texts(server)
    _on_questions(server)
    _on_edits(server)
    return server


def _on_texts(server: Server) -> None:
    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def did_open(params: types.DidOpenTextDocumentParams) -> None:
        server.versions[params.text_document.uri] = params.text_document.version
        server.publish(params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    async def did_change(params: types.DidChangeTextDocumentParams) -> None:
        uri, version = params.text_document.uri, params.text_document.version
        server.versions[uri] = version
        await asyncio.sleep(_PAUSE)
        if server.versions.get(uri) == version:  # else it is an older text by now
            server.publish(uri)

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    def did_save(params: types.DidSaveTextDocumentParams) -> None:
        server.publish_dependents(params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def did_close(params: types.DidCloseTextDocumentParams) -> None:
        uri = params.text_document.uri
        for cache in (server.reports, server.readable, server.versions):
            cache.pop(uri, None)
        server.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, []))


def _on_questions(server: Server) -> None:
    @server.feature(types.TEXT_DOCUMENT_HOVER)
    def on_hover(params: types.HoverParams) -> types.Hover | None:
        hover_result = hover(server.report(params.text_document.uri), server.offset(params))
        if hover_result is None:
            return None
        content = types.MarkupContent(types.MarkupKind.Markdown, hover_result.text)
        return types.Hover(content, server.units.range(hover_result.span))

    @server.feature(types.TEXT_DOCUMENT_DEFINITION)
    def on_definition(params: types.DefinitionParams) -> types.Location | None:
        uri = params.text_document.uri
        span = definition(server.report(uri), server.offset(params))
        if span is None:
            return None
        own = span.source.name == path_of_uri(uri)
        return types.Location(uri if own else uri_of(span.source.name), server.units.range(span))

    @server.feature(types.TEXT_DOCUMENT_REFERENCES)
    def on_references(params: types.ReferenceParams) -> list[types.Location]:
        uri = params.text_document.uri
        name = name_at(server.report(uri), server.offset(params))
        if name is None:
            return []
        spans = (*([name.declared] if params.context.include_declaration else []), *name.uses)
        return [types.Location(uri, server.units.range(span)) for span in spans]

    @server.feature(types.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT)
    def on_highlight(params: types.DocumentHighlightParams) -> list[types.DocumentHighlight]:
        name = name_at(server.report(params.text_document.uri), server.offset(params))
        spans = (name.declared, *name.uses) if name is not None else ()
        return [types.DocumentHighlight(server.units.range(span)) for span in spans]

    @server.feature(types.TEXT_DOCUMENT_DOCUMENT_SYMBOL)
    def on_symbols(params: types.DocumentSymbolParams) -> list[types.DocumentSymbol]:
        return [
            document_symbol(s, server.units)
            for s in outline(server.report(params.text_document.uri))
        ]

    @server.feature(
        types.TEXT_DOCUMENT_COMPLETION,
        types.CompletionOptions(trigger_characters=[" ", ":", "{", ",", "[", "-"]),
    )
    def on_completion(params: types.CompletionParams) -> list[types.CompletionItem]:
        uri = params.text_document.uri
        server.report(uri)
        offers = complete(server.text(uri), server.offset(params), server.readable.get(uri))
        return [_item(offer, k) for k, offer in enumerate(offers)]


def _item(offer: Offer, rank: int) -> types.CompletionItem:
    doc = types.MarkupContent(types.MarkupKind.Markdown, offer.doc) if offer.doc else None
    return types.CompletionItem(
        label=offer.text, kind=_KINDS[offer.kind], detail=offer.detail or None, documentation=doc,
        sort_text=f"{rank:04}",
    )  # fmt: skip


def _on_edits(server: Server) -> None:
    @server.feature(types.TEXT_DOCUMENT_RENAME)
    def on_rename(params: types.RenameParams) -> types.WorkspaceEdit:
        uri = params.text_document.uri
        try:
            edits = rename(
                server.report(uri), server.offset(params), params.new_name, _checker(uri)
            )
        except RenameError as error:
            from pygls.exceptions import JsonRpcInvalidParams

            raise JsonRpcInvalidParams(str(error)) from None
        return _workspace_edit(uri, edits, server.units)

    @server.feature(types.TEXT_DOCUMENT_PREPARE_RENAME)
    def on_prepare(params: types.PrepareRenameParams) -> types.Range | None:
        offset = server.offset(params)
        name = name_at(server.report(params.text_document.uri), offset)
        spans = (name.declared, *name.uses) if name is not None else ()
        here = next((s for s in spans if s.start <= offset <= s.end), None)
        return server.units.range(here) if here is not None else None

    @server.feature(
        types.TEXT_DOCUMENT_CODE_ACTION,
        types.CodeActionOptions([types.CodeActionKind.QuickFix, types.CodeActionKind.SourceFixAll]),
    )
    def on_action(params: types.CodeActionParams) -> list[types.CodeAction]:
        return _actions(server, params)

    @server.feature(types.TEXT_DOCUMENT_FORMATTING)
    def on_format(params: types.DocumentFormattingParams) -> list[types.TextEdit]:
        report = server.report(params.text_document.uri)
        try:
            after = formatted(report.document)
        except UncertainError:
            return []
        return _whole(report, after, server.units)


def _actions(server: Server, params: types.CodeActionParams) -> list[types.CodeAction]:
    uri = params.text_document.uri
    report, units = server.report(uri), server.units
    text = report.document.source.text
    start, end = units.offset(text, params.range.start), units.offset(text, params.range.end)
    actions = [
        types.CodeAction(
            title=_title(help_.text),
            kind=types.CodeActionKind.QuickFix,
            diagnostics=[lsp_diagnostic(d, units, uri)],
            edit=_workspace_edit(uri, list(help_.edits), units),
        )
        for d in report.diagnostics
        if d.span is not None and d.span.start <= end and start <= d.span.end
        for help_ in d.helps
        if help_.edits and all(e.span.source.name == path_of_uri(uri) for e in help_.edits)
    ]
    fixed = fix(report, _checker(uri))
    if fixed.applied:
        edit = types.WorkspaceEdit(changes={uri: _whole(report, fixed.text, units)})
        actions.append(
            types.CodeAction(
                "Fix all safe diagnostics", types.CodeActionKind.SourceFixAll, edit=edit
            )
        )
    return actions


def _title(help_: str) -> str:
    return help_[:1].upper() + help_[1:]


def _checker(uri: str) -> Callable[[str], Report]:
    return lambda text: check_text(text, path_of_uri(uri))


def _workspace_edit(uri: str, edits: list[Edit], units: Units) -> types.WorkspaceEdit:
    return types.WorkspaceEdit(changes={uri: [text_edit(edit, units) for edit in edits]})


def _whole(report: Report, after: str, units: Units) -> list[types.TextEdit]:
    """A text instead of another one; nothing where they are the same."""
    source = report.document.source
    if after == source.text:
        return []
    whole = types.Range(types.Position(0, 0), units.position(source, len(source.text)))
    return [types.TextEdit(whole, after)]


def quiet() -> None:
    """Keep the log of the library off standard error, which editors show to their users."""
    logging.getLogger("pygls").setLevel(logging.ERROR)
