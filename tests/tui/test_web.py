"""The editor in a browser: who may use it, and that it can be used."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import pytest
from aiohttp import web
from browser import CHROMIUM, browser

ROOT = Path(__file__).parents[2]
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="requires Chromium")


class Served:
    """A running `netspec tui --web`."""

    def __init__(self, path: Path, *more: str) -> None:
        state = path.parent / "state"
        (state / "netspec").mkdir(parents=True, exist_ok=True)
        (state / "netspec" / "tour").touch()
        self.path = path
        self.process = subprocess.Popen(
            [sys.executable, "-m", "netspec", "tui", str(path), "--web", "--no-browser", *more],
            stdout=subprocess.PIPE, text=True, env={**os.environ, "XDG_STATE_HOME": str(state)},
        )  # fmt: skip
        assert self.process.stdout is not None
        first_line = self.process.stdout.readline()
        url_match = re.search(r"http://\S+", first_line)
        assert url_match is not None, first_line
        self.address = url_match[0]
        self.base = self.address.partition("/?")[0]
        self.token = self.address.partition("token=")[2]

    @property
    def socket(self) -> str:
        return f"{self.base}/ws?token={self.token}&width=120&height=36"


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    shutil.copy(ROOT / "specs/textbook/lenet.yaml", tmp_path)
    running = Served(tmp_path / "lenet.yaml")
    with running.process:
        yield running
        running.process.send_signal(signal.SIGINT)


def talk(script: Callable[[aiohttp.ClientSession], Awaitable[None]]) -> None:
    async def go() -> None:
        jar = aiohttp.CookieJar(unsafe=True)  # of hosts that are numbers, too, as browsers do
        async with aiohttp.ClientSession(cookie_jar=jar) as http:
            await script(http)

    asyncio.run(go())


async def status(http: aiohttp.ClientSession, address: str, **headers: str) -> int:
    async with http.get(address, headers=headers) as answer:
        return answer.status


def test_the_page_requires_the_token(served: Served) -> None:
    async def script(http: aiohttp.ClientSession) -> None:
        assert await status(http, served.base) == 403
        assert await status(http, f"{served.base}/?token=wrong") == 403
        assert await status(http, f"{served.base}/static/js/textual.js") == 403
        assert await status(http, f"{served.base}/ws") == 403
        async with http.get(served.address) as answer:
            assert answer.status == 200
            assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
            cookie = answer.headers["Set-Cookie"]
            assert "HttpOnly" in cookie
            assert "SameSite=Strict" in cookie
            assert served.token not in await answer.text()
        # the page's own requests come with the cookie
        assert await status(http, f"{served.base}/static/js/textual.js") == 200

    talk(script)


def test_another_host_name_is_rejected(served: Served) -> None:
    """DNS rebinding: an evil page's own host name that resolves to 127.0.0.1."""

    async def script(http: aiohttp.ClientSession) -> None:
        assert await status(http, served.address, Host="evil.example") == 403
        assert await status(http, served.address, Host="127.0.0.1:1") == 403
        assert await status(http, served.address, Host=urlsplit(served.base).netloc) == 200

    talk(script)


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "http://127.0.0.1:1", "null", "https://127.0.0.1"]
)
def test_a_page_of_another_origin_gets_no_socket_even_with_the_token(
    served: Served, origin: str
) -> None:
    async def script(http: aiohttp.ClientSession) -> None:
        with pytest.raises(aiohttp.WSServerHandshakeError) as rejected:
            await http.ws_connect(served.socket, headers={"Origin": origin})
        assert rejected.value.status == 403
        with pytest.raises(aiohttp.WSServerHandshakeError) as rejected:
            await http.ws_connect(served.socket)  # a browser always says its origin
        assert rejected.value.status == 403

    talk(script)


def test_one_editor_at_a_time_and_its_screen_comes_over_the_socket(served: Served) -> None:
    async def script(http: aiohttp.ClientSession) -> None:
        own = {"Origin": served.base}
        async with http.ws_connect(served.socket, headers=own) as socket:
            screen_text, end = "", time.monotonic() + 30
            while "Sigmoid" not in screen_text:
                assert time.monotonic() < end, screen_text[-500:]
                message = await socket.receive(30)
                screen_text += (
                    message.data if isinstance(message.data, str) else message.data.decode()
                )
            with pytest.raises(aiohttp.WSServerHandshakeError) as rejected:
                await http.ws_connect(served.socket, headers=own)
            assert rejected.value.status == 409
        for _ in range(100):  # the first one is gone: the next may come
            try:
                async with http.ws_connect(served.socket, headers=own):
                    return
            except aiohttp.WSServerHandshakeError:
                await asyncio.sleep(0.1)
        raise AssertionError("the editor stayed busy")

    talk(script)


def test_the_server_listens_on_localhost_only(served: Served) -> None:
    port = urlsplit(served.base).port
    table = Path("/proc/net/tcp")
    if not table.exists():
        pytest.skip("requires /proc")
    listening = [
        line.split()[1] for line in table.read_text().splitlines()[1:] if line.split()[3] == "0A"
    ]
    assert [a for a in listening if a.endswith(f":{port:04X}")] == [f"0100007F:{port:04X}"]


@needs_chromium
def test_keys_in_a_browser_edit_the_file_without_requests_to_other_hosts(
    served: Served, tmp_path: Path
) -> None:
    async def go() -> None:
        async with browser(tmp_path) as tab:
            await tab.open(served.address)
            await tab.until("document.body && document.body.classList.contains('-first-byte')")
            await tab.until("document.activeElement.tagName == 'TEXTAREA'")  # without a click
            await asyncio.sleep(1.5)
            await tab.press("ArrowDown")
            await tab.press("a")
            await asyncio.sleep(0.8)
            for letter in "relu":
                await tab.press(letter)
            await asyncio.sleep(0.5)
            await tab.press("Enter")
            await asyncio.sleep(0.5)
            await tab.press("s", ctrl=True)
            for _ in range(100):
                if "ReLU" in served.path.read_text():
                    break
                await asyncio.sleep(0.1)
            assert "- relu1: ReLU" in served.path.read_text()
            outside = [
                a for a in tab.requests if urlsplit(a).netloc != urlsplit(served.base).netloc
            ]
            assert not outside
            await tab.press("q", ctrl=True)
            await tab.until("getComputedStyle(document.querySelector('#ended')).display == 'flex'")

    asyncio.run(go())


@asynccontextmanager
async def evil_page() -> AsyncIterator[str]:
    """A page of another origin of this machine."""

    async def page(_: web.Request) -> web.Response:
        return web.Response(text="<p>an evil page", content_type="text/html")

    app = web.Application()
    app.router.add_get("/", page)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/"
    finally:
        await runner.cleanup()


@needs_chromium
def test_an_evil_page_in_the_same_browser_gets_neither_screen_nor_keys(
    served: Served, tmp_path: Path
) -> None:
    """The cookie goes with its requests, since a port makes no other site; the origin gives it away."""
    connect = """new Promise(done => {
        const socket = new WebSocket("%s");
        socket.onopen = () => done("open");
        socket.onmessage = () => done("message");
        socket.onerror = () => done("rejected");
    })"""
    fetched = (
        "fetch('%s', {credentials: 'include'}).then(r => 'read ' + r.status, () => 'rejected')"
    )

    async def go() -> None:
        async with browser(tmp_path) as tab, evil_page() as address:
            await tab.open(served.address)
            await tab.until("document.body && document.body.classList.contains('-first-byte')")
            own = served.base.replace("http", "ws") + "/ws"
            await tab.open(address)
            await tab.until("document.body && document.body.textContent.includes('evil')")
            await asyncio.sleep(1.0)  # the editor's own tab is gone: it is not busy
            assert await tab.run(connect % own) == "rejected"
            assert await tab.run(connect % f"{own}?token={served.token}") == "rejected"
            assert await tab.run(fetched % served.address) == "rejected"
            assert await tab.run(
                f"new Promise(done => {{const f = document.createElement('iframe'); f.src = '{served.address}';"
                "f.onload = () => { try { done(f.contentDocument ? 'framed' : 'rejected') } catch { done('rejected') } };"
                "document.body.append(f)})"
            ) == "rejected"  # fmt: skip

    asyncio.run(go())


def test_a_port_in_use_is_reported(served: Served, tmp_path: Path) -> None:
    port = str(urlsplit(served.base).port)
    done = subprocess.run(
        [sys.executable, "-m", "netspec", "tui", "x.yaml", "--web", "--no-browser", "--port", port],
        capture_output=True, text=True, check=False, cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 2
    assert f"port {port} cannot be used: address already in use" in done.stderr
