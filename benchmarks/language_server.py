"""From a key stroke to the diagnostics on the new text, through the language server's own protocol."""

from __future__ import annotations

import statistics
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests" / "lsp"))

from client import Client  # noqa: E402 - it is next to the tests

STROKES = 40


def main() -> None:
    """Print the medians for DenseNet-121."""
    text = (ROOT / "specs" / "densenet121.yaml").read_text(encoding="utf-8")
    uri = "file:///nowhere/densenet121.yaml"
    client = Client()
    client.open(uri, text)
    verdicts, hovers = [], []
    for k in range(STROKES):
        start = time.perf_counter()
        client.change(uri, k + 2, text.replace("growth: 32", f"growth: {k + 8}"))
        client.diagnostics(uri)
        verdicts.append(time.perf_counter() - start)
        start = time.perf_counter()
        position = {"line": 27, "character": 16}
        client.ask("textDocument/hover", textDocument={"uri": uri}, position=position)
        hovers.append(time.perf_counter() - start)
    client.close()
    print("the language server, densenet121.yaml, medians")
    stroke, hover = (statistics.median(times) * 1e3 for times in (verdicts, hovers))
    print(f"  key stroke to diagnostics {stroke:6.1f} ms, 50 of which it waits for another stroke")
    print(f"  hover                  {hover:6.1f} ms")
