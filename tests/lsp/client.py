"""A client of the language server that speaks the protocol itself: frames of JSON over a process's pipes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from typing import Any

ROOT = Path(__file__).parents[2]


class Client:
    """A server in a process of its own, and what it said unasked."""

    def __init__(self, encodings: list[str] | None = None) -> None:
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "netspec", "lsp"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, env=environment,
        )  # fmt: skip
        self.messages: Queue[dict[str, Any]] = Queue()
        self.notifications: list[dict[str, Any]] = []
        self.number = 0
        Thread(target=self._read, daemon=True).start()
        general = {"positionEncodings": encodings} if encodings else {}
        self.capabilities = self.ask(
            "initialize", processId=None, rootUri=None, capabilities={"general": general}
        )["capabilities"]
        self.tell("initialized")

    def _read(self) -> None:
        out = self.process.stdout
        assert out is not None
        while True:
            length = 0
            while (line := out.readline().strip()) != b"":
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            if not length:
                return
            self.messages.put(json.loads(out.read(length)))

    def send(self, message: dict[str, Any]) -> None:
        """One frame."""
        data = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self.process.stdin is not None
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(data) + data)
        self.process.stdin.flush()

    def tell(self, method: str, **params: Any) -> None:
        """A notification."""
        self.send({"method": method, "params": params})

    def ask(self, method: str, **params: Any) -> Any:
        """The answer to a request; an error is raised with the server's words."""
        self.number += 1
        self.send({"id": self.number, "method": method, "params": params})
        while True:
            message = self.messages.get(timeout=20)
            if message.get("id") == self.number and "method" not in message:
                if "error" in message:
                    raise ProtocolError(message["error"]["message"])
                return message.get("result")
            self.notifications.append(message)

    def open(self, uri: str, text: str) -> list[dict[str, Any]]:
        """Open a text; what is found in it."""
        self.tell(
            "textDocument/didOpen",
            textDocument={"uri": uri, "languageId": "yaml", "version": 1, "text": text},
        )
        return self.diagnostics(uri)

    def change(self, uri: str, version: int, text: str) -> None:
        """Another text instead of the open one."""
        self.tell(
            "textDocument/didChange",
            textDocument={"uri": uri, "version": version},
            contentChanges=[{"text": text}],
        )

    def diagnostics(self, uri: str, timeout: float = 20) -> list[dict[str, Any]]:
        """The next diagnostics that are published for a text."""
        waiting = list(self.notifications)
        self.notifications.clear()
        while True:
            message = waiting.pop(0) if waiting else self.messages.get(timeout=timeout)
            params = message.get("params", {})
            if message.get("method") == "textDocument/publishDiagnostics" and params["uri"] == uri:
                self.notifications += waiting
                self.last_version = params.get("version")
                return list(params["diagnostics"])
            self.notifications.append(message)

    def is_quiet(self, seconds: float) -> bool:
        """Whether no message arrives for a while."""
        try:
            self.notifications.append(self.messages.get(timeout=seconds))
        except Empty:
            return True
        return False

    def close(self) -> int:
        """Shut the server down; its exit code."""
        self.ask("shutdown")
        self.tell("exit")
        code = self.process.wait(timeout=20)
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            assert pipe is not None
            pipe.close()
        return code


class ProtocolError(Exception):
    """What a server answers when it cannot do what it is asked."""
