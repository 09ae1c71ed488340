#!/usr/bin/env bash
# Textual: a letter typed right after Backspace overtakes it.
#
# Versions: textual 8.2.8, Python 3.11, any Unix terminal.
# Input:    an app of one `Input`; a user types `abc`, Backspace, `d` faster than the app handles a key
#           (a paste without bracketed paste, a slow connection, an auto-typer: one write to the terminal).
# Guess:    the value is `abd`: keys take effect in the order in which they were pressed.
# Seen:     the value is `abc`. `Input` inserts a printable key as soon as the key reaches it, but Backspace is a
#           binding, which runs only after the key has come up through the widget queues to the App. The `d`
#           that waits behind it is inserted first, and Backspace then deletes the `d`.
#           `abcdef`, three times Backspace, `xyz` gives `abcdef`.
#
# The script fails when the behavior changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check textual==8.2.8

cat > "$folder/app.py" <<'PY'
from textual.app import App
from textual.widgets import Input


class OneInput(App):
    def compose(self):
        yield Input()

    def on_mount(self):
        self.set_timer(4, lambda: self.exit(self.query_one(Input).value))


print("VALUE", repr(OneInput().run()))
PY

cat > "$folder/type.py" <<'PY'
"""Run the app in a pseudo-terminal, write some keys in one piece, print the value that it ends with."""
import os
import pty
import re
import select
import sys
import time

process, terminal = pty.fork()
if process == 0:
    os.environ.update(TERM="xterm-256color", COLUMNS="80", LINES="24")
    os.execv(sys.executable, [sys.executable, sys.argv[1]])
output, start, typed = b"", time.monotonic(), False
while True:
    if select.select([terminal], [], [], 0.1)[0]:
        try:
            data = os.read(terminal, 65536)
        except OSError:
            break
        if not data:
            break
        output += data
    if not typed and time.monotonic() - start > 2.5:
        os.write(terminal, sys.argv[2].encode().decode("unicode_escape").encode())
        typed = True
print(re.findall(rb"VALUE '(\w*)'", output)[-1].decode())
PY

first=$("$folder/venv/bin/python" "$folder/type.py" "$folder/app.py" 'abc\x7fd')
second=$("$folder/venv/bin/python" "$folder/type.py" "$folder/app.py" 'abcdef\x7f\x7f\x7fxyz')
echo "abc, Backspace, d:           $first"
echo "abcdef, 3 x Backspace, xyz:  $second"
if [ "$first" = abc ] && [ "$second" = abcdef ]; then
  echo "as described: letters overtake Backspace"
else
  echo "the behavior has changed" >&2
  exit 1
fi
