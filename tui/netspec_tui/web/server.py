"""textual-serve, held to this machine: its own server takes any origin and any host."""

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
    """Serves who has the secret and asks from this machine; one editor at a time."""

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
        """What opens it: the secret is a part of it."""
        return f"{self.public_url}/?token={self.secret}"

    async def _make_app(self) -> web.Application:
        app = await super()._make_app()

        @web.middleware
        async def guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
            return await self._guarded(request, handler)

        app.middlewares.append(guarded)
        return app

    async def _guarded(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Refuse what does not come from the page that was opened with the secret."""
        refusal = self._refusal(request)
        if refusal:
            return web.Response(status=403, text=refusal)
        if request.path == "/ws":
            return await self._alone(request, handler)
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
        """Browsers keep cookies by host alone, so that the name has the port."""
        return f"{_COOKIE}_{self.port}"

    def _refusal(self, request: web.Request) -> str:
        """Why a request is refused; empty where it is not."""
        if request.headers.get("Host", "") not in self.hosts:
            return "this is served to this machine alone"
        origin = request.headers.get("Origin")
        if origin not in (*(f"http://{host}" for host in self.hosts), None) or (
            origin is None and request.path == "/ws"
        ):
            return "another page cannot use this one"
        shown = request.query.get("token") or request.cookies.get(self._cookie) or ""
        if not hmac.compare_digest(shown.encode(), self.secret.encode()):
            return "open the address that the terminal shows: it has a token"
        return ""

    async def _alone(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """One session at a time: two would edit one file."""
        if self.busy:
            return web.Response(status=409, text="the editor is open in another tab")
        self.busy = True
        try:
            return await handler(request)
        finally:
            self.busy = False

    async def on_startup(self, app: web.Application) -> None:
        """Nothing to say: the address was announced already."""

    def run(self) -> None:
        """Serve until Ctrl+C."""
        web.run_app(self._make_app(), sock=self.listening, print=None, access_log=None)


def serve(
    command: str,
    *,
    port: int = 0,
    title: str = "netspec",
    open_browser: bool = True,
    announce: Callable[[str], None] = print,
) -> None:
    """Serve an app to a browser of this machine until Ctrl+C; port 0 is a free one. Raises `OSError`."""
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    with listening:
        listening.bind((_HERE, port))
        listening.listen()  # before the address is told: who comes early waits
        server = LocalServer(command, listening, title=title)
        announce(f"the editor is at {server.address}")
        announce("only this machine can open it; Ctrl+C ends it")
        if open_browser:
            webbrowser.open(server.address)
        server.run()
