#!/usr/bin/env bash
# PyYAML: its two loaders read one text as a mapping and as an error.
#
# Versions: PyYAML 6.0.3 (with its wheel's libyaml 0.2.5), Python 3.11.
# Input:    {a:[1]} and [a? b], which YAML 1.2 takes: a plain scalar may hold `:` before no space, and `?` inside.
# Guess:    SafeLoader and CSafeLoader give the same value: the C loader is documented as the faster one.
# Seen:     `{a:[1]}`: SafeLoader reads a mapping, CSafeLoader raises a ScannerError or ParserError.
#           `[a? b]`: SafeLoader raises, CSafeLoader reads ['a? b'].
#
# The script fails when the behavior changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check PyYAML==6.0.3

"$folder/venv/bin/python" - <<'PY'
import yaml


def read(text, loader):
    try:
        return repr(yaml.load(text, loader))
    except yaml.YAMLError as error:
        return f"{type(error).__name__}: {getattr(error, 'problem', '')}"


results = {}
for text in ("{a:[1]}", "[a? b]"):
    results[text] = [read(text, loader) for loader in (yaml.SafeLoader, yaml.CSafeLoader)]
    print(f"{text:8}  SafeLoader: {results[text][0]:40}  CSafeLoader: {results[text][1]}")
failed = [["Error" in r for r in pair] for pair in results.values()]
if failed != [[False, True], [True, False]]:
    raise SystemExit("the behavior has changed")
print("as described: each loader rejects what the other reads")
PY
