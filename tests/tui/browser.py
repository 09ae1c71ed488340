"""A real browser, over its own DevTools protocol."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import subprocess
import time
from collections.abc import AsyncIterator
from pathlib import Path
from shutil import which
from typing import Any

import aiohttp

CHROMIUM = next(
    (p for name in ("chromium", "chromium-browser", "google-chrome") if (p := which(name))), None
)
_FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-quic", "--window-size=1400,900",
    "--remote-debugging-port=0",
)  # fmt: skip
_KEYS = {
    "Enter": ("Enter", 13, "\r"), "Escape": ("Escape", 27, ""), "ArrowDown": ("ArrowDown", 40, ""),
    "Backspace": ("Backspace", 8, ""), "Tab": ("Tab", 9, ""),
}  # fmt: skip


class Tab:
    """One page of the browser."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self.requests: list[str] = []
        """The addresses that it has asked for."""
        self._number = 0

    async def call(self, method: str, **parameters: object) -> Any:
        """Have the browser do something; its answer."""
        self._number += 1
        await self.socket.send_json({"id": self._number, "method": method, "params": parameters})
        while True:
            message = json.loads((await self.socket.receive(30)).data)
            if message.get("method") in ("Network.requestWillBeSent", "Network.webSocketCreated"):
                event_parameters = message["params"]
                self.requests.append(
                    event_parameters.get("url") or event_parameters["request"]["url"]
                )
            if message.get("id") == self._number:
                assert "error" not in message, message
                return message["result"]

    async def open(self, address: str) -> None:
        """Open an address."""
        await self.call("Network.enable")
        await self.call("Page.enable")
        await self.call("Page.navigate", url=address)

    async def run(self, script: str) -> Any:
        """What a script gives."""
        answer = await self.call(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True
        )
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    async def until(self, script: str, patience: float = 20.0) -> None:
        """Wait until a script says yes."""
        end = time.monotonic() + patience
        while not await self.run(script):
            assert time.monotonic() < end, f"never came: {script}"
            await asyncio.sleep(0.1)

    async def press(self, key: str, *, ctrl: bool = False) -> None:
        """Press a key, as a person does."""
        letter = key, ord(key[0].upper()), "" if ctrl else key
        name, code, text = _KEYS.get(key, letter)
        common = {"key": name, "windowsVirtualKeyCode": code, "modifiers": 2 if ctrl else 0}
        await self.call("Input.dispatchKeyEvent", type="keyDown", text=text, **common)
        await self.call("Input.dispatchKeyEvent", type="keyUp", **common)
        await asyncio.sleep(0.05)

    async def picture(self, path: Path) -> None:
        """Write what it shows as PNG."""
        screenshot = await self.call("Page.captureScreenshot", format="png")
        path.write_bytes(base64.b64decode(screenshot["data"]))


@contextlib.asynccontextmanager
async def browser(folder: Path) -> AsyncIterator[Tab]:
    """A browser with one empty page."""
    assert CHROMIUM is not None
    profile = folder / "profile"
    process = subprocess.Popen(
        [CHROMIUM, *_FLAGS, f"--user-data-dir={profile}", "about:blank"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        listening = profile / "DevToolsActivePort"
        end = time.monotonic() + 30
        while not listening.exists() or "\n" not in listening.read_text():
            assert time.monotonic() < end, "the browser did not start"
            await asyncio.sleep(0.05)
        port = listening.read_text().split("\n", 1)[0]
        async with aiohttp.ClientSession() as http:
            async with http.get(f"http://127.0.0.1:{port}/json/list") as listed:
                page = next(t for t in await listed.json() if t["type"] == "page")
            async with http.ws_connect(page["webSocketDebuggerUrl"], max_msg_size=0) as socket:
                yield Tab(socket)
    finally:
        process.terminate()
        process.wait(10)
