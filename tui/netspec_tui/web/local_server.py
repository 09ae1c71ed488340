"""textual-serve, restricted to this machine: its own server accepts any origin and any host."""

from __future__ import annotations

import hmac
import secrets
import socket
import webbrowser
from collections.abc import Awaitable, Callable
from pathlib import Path

from aiohttp import web
from textual_serve.server import Server

_HERE = "127.0.0.1"
_COOKIE = "netspec_session"
_POLICY = (
    "default-src 'self'; connect-src 'self' ws:; img-src 'self' data: blob:; font-src 'self' data:; "
    "style-src 'self' 'unsafe-inline'; script-src 'self' 'unsafe-inline'; frame-ancestors 'none'"
)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class LocalServer(Server):
    """Serves requests from this machine that have the secret, to one editor at a time."""

    def __init__(self, command: str, listening: socket.socket, *, title: str) -> None:
        port = listening.getsockname()[1]
        super().__init__(
            command,
            _HERE,
            port,
            title,
            f"http://{_HERE}:{port}",
            templates_path=Path(__file__).parent,
        )
        self.listening = listening
        self.secret = secrets.token_urlsafe(24)
        self.busy = False
        self.hosts = (f"{_HERE}:{port}", f"localhost:{port}")

    @property
    def address(self) -> str:
        """The address of the editor, with the secret."""
        return f"{self.public_url}/?token={self.secret}"

    async def _make_app(self) -> web.Application:
        app = await super()._make_app()

        @web.middleware
        async def guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
            return await self._guarded(request, handler)

        app.middlewares.append(guarded)
        return app

    async def _guarded(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Reject requests that do not come from the page that was opened with the secret."""
        rejection = self._rejection(request)
        if rejection:
            return web.Response(status=403, text=rejection)
        if request.path == "/ws":
            return await self._one_session(request, handler)
        response = await handler(request)
        if not response.prepared:
            response.headers["Content-Security-Policy"] = _POLICY
            response.headers["Referrer-Policy"] = "no-referrer"
            response.headers["Cache-Control"] = "no-store"
            if request.query.get("token"):
                response.set_cookie(self._cookie, self.secret, httponly=True, samesite="Strict")
        return response

    @property
    def _cookie(self) -> str:
        """The name of the cookie. It has the port, because browsers store cookies by host only."""
        return f"{_COOKIE}_{self.port}"

    def _rejection(self, request: web.Request) -> str:
        """Why a request is rejected; empty if it is not."""
        if request.headers.get("Host", "") not in self.hosts:
            return "this server accepts requests from this machine only"
        origin = request.headers.get("Origin")
        if origin not in (*(f"http://{host}" for host in self.hosts), None) or (
            origin is None and request.path == "/ws"
        ):
            return "requests from other pages are rejected"
        shown = request.query.get("token") or request.cookies.get(self._cookie) or ""
        if not hmac.compare_digest(shown.encode(), self.secret.encode()):
            return "open the address that the terminal shows: it contains the token"
        return ""

    async def _one_session(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Serve one session at a time: two would edit the same file."""
        if self.busy:
            return web.Response(status=409, text="the editor is open in another tab")
        self.busy = True
        try:
            return await handler(request)
        finally:
            self.busy = False

    async def on_startup(self, app: web.Application) -> None:
        """Print nothing: the address is announced already."""

    def run(self) -> None:
        """Serve until Ctrl+C."""
        web.run_app(self._make_app(), sock=self.listening, print=None, access_log=None)


def serve_app(
    command: str,
    *,
    port: int = 0,
    title: str = "netspec",
    open_browser: bool = True,
    announce: Callable[[str], None] = print,
) -> None:
    """Serve an app to a browser on this machine until Ctrl+C; port 0 is a free one. Raises `OSError`."""
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    with listening:
        listening.bind((_HERE, port))
        listening.listen()  # before the address is announced: an early request waits
        server = LocalServer(command, listening, title=title)
        announce(f"the editor is at {server.address}")
        announce("only this machine can open it; press Ctrl+C to stop")
        if open_browser:
            webbrowser.open(server.address)
        server.run()
