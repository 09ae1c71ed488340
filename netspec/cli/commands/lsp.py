"""`netspec lsp`: the language server, on standard input and output or a port of this machine."""

from __future__ import annotations

import os

from netspec.cli import exit_codes
from netspec.cli.options import ParsedArgs, UsageError

_INSTALL = "install it: pip install 'netspec-compiler[lsp]'"
_HERE = "127.0.0.1"


def run(args: ParsedArgs) -> int:
    """Serve until the client shuts the server down."""
    if args.operands:
        raise UsageError("`netspec lsp` takes no spec: the editor that starts it opens the files")
    port = _port(args)
    try:
        from netspec.lsp.server import language_server, quiet
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] not in ("pygls", "lsprotocol"):
            raise
        raise UsageError("the language server requires the package pygls", _INSTALL) from None
    quiet()
    server = language_server()
    if port is None:
        # The server closes its pipes at the end, and the process has still to flush its own.
        server.start_io(os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb"))
    else:
        server.start_tcp(_HERE, port)
    return exit_codes.CLEAN


def _port(args: ParsedArgs) -> int | None:
    text = args.last("--port")
    if not args.has("--port"):
        return None
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise UsageError(f"`--port` cannot be `{text}`", "use a number from 1 to 65535")
    return int(text)
