"""Texts of other tools, recognized by the keys and lines that only they have."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from netspec.diagnostics import Code, Diagnostic, Help, Source, Span
from netspec.document.tree import Document, Mapping, Sequence, TextNode

_STEPS = (
    "write its layers as the steps of a spec; `netspec new --list` lists networks to start from"
)
_OTHER = "pass a spec; `--specs-only` skips all other files"
_WEIGHTS = "to compare weights with a spec: `netspec check SPEC --weights FILE`"
_MODULE = (
    "write its layers as the steps of a spec; pass a file that declares layers with "
    "`--layers FILE.py`"
)
_LOCK = "check the spec next to it: `netspec check SPEC --locked`"

_GRAPH = (
    "`netspec check`, `summary`, `render` and `compile` read it from its file; "
    "to edit it as a spec, write `GraphModel.model_validate_json(text).to_spec()`"
)

_KEYS: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("a netspec lock file", ("netspec-lock",), _LOCK),
    ("a graph of netspec", ("schema_version", "nodes"), _GRAPH),
    ("a netspec report", ("format_version", "valid", "diagnostics"), _OTHER),
    ("an Ultralytics YOLO model", ("backbone", "head"), _STEPS),
    ("an Ultralytics YOLO data set", ("train", "val", "names"), _OTHER),
    ("an Ultralytics settings file", ("task", "mode", "imgsz"), _OTHER),
    ("a Detectron2 configuration", ("MODEL.META_ARCHITECTURE",), _STEPS),
    ("a Detectron2 configuration", ("MODEL", "SOLVER"), _STEPS),
    ("a Detectron2 configuration", ("_BASE_", "MODEL"), _STEPS),
    ("a Keras model", ("class_name", "config"), _STEPS),
    ("a TensorFlow.js model", ("modelTopology", "weightsManifest"), _STEPS),
    ("an index of weights files", ("weight_map", "metadata"), _WEIGHTS),
    ("a Hugging Face Transformers configuration", ("model_type", "architectures"), _STEPS),
    ("a Hugging Face Transformers configuration", ("model_type", "transformers_version"), _STEPS),
    ("a Hugging Face Transformers configuration", ("model_type", "hidden_size"), _STEPS),
    ("a Hugging Face Diffusers configuration", ("_class_name", "_diffusers_version"), _STEPS),
    ("a timm configuration", ("architecture", "pretrained_cfg"), _STEPS),
    ("a Hugging Face tokenizer", ("added_tokens", "pre_tokenizer"), _OTHER),
    ("an nnU-Net plan", ("plans_name", "configurations"), _STEPS),
    ("an nnU-Net data set", ("channel_names", "labels", "numTraining"), _OTHER),
    ("a Lightning configuration", ("model.class_path",), _STEPS),
    ("a Lightning configuration", ("trainer.max_epochs", "data"), _OTHER),
    ("a Hydra configuration", ("_target_",), _OTHER),
    ("a Hydra configuration", ("*._target_",), _OTHER),
    ("a Hydra configuration", ("defaults", "hydra"), _OTHER),
    ("an MLflow model", ("artifact_path", "flavors"), _OTHER),
    ("a DVC pipeline", ("stages.*.cmd",), _OTHER),
    ("a Ludwig configuration", ("input_features", "output_features"), _STEPS),
    ("a PaddleClas configuration", ("Global", "Arch"), _STEPS),
    ("an OpenMMLab model index", ("Collections", "Models"), _OTHER),
    ("a PEFT adapter", ("peft_type", "base_model_name_or_path"), _OTHER),
    ("a DeepSpeed configuration", ("zero_optimization",), _OTHER),
    ("an Accelerate configuration", ("compute_environment", "distributed_type"), _OTHER),
    ("an Axolotl configuration", ("base_model", "datasets"), _OTHER),
    ("a GitHub Actions workflow", ("jobs.*.runs-on",), _OTHER),
    ("a GitHub Actions workflow", ("on", "jobs"), _OTHER),
    ("a GitHub action", ("runs.using",), _OTHER),
    ("a GitLab CI pipeline", ("*.script",), _OTHER),
    ("an Azure pipeline", ("trigger", "pool"), _OTHER),
    ("a CircleCI configuration", ("version", "jobs.*.steps"), _OTHER),
    ("a pre-commit configuration", ("repos.*.hooks",), _OTHER),
    ("a Docker Compose file", ("services.*.image",), _OTHER),
    ("a Docker Compose file", ("services.*.build",), _OTHER),
    ("a Kubernetes manifest", ("apiVersion", "kind"), _OTHER),
    ("a Helm chart", ("apiVersion", "appVersion"), _OTHER),
    ("an Ansible playbook", ("*.hosts", "*.tasks"), _OTHER),
    ("a conda environment", ("channels", "dependencies"), _OTHER),
    ("an npm package", ("name", "version", "dependencies"), _OTHER),
    ("an npm package", ("name", "version", "scripts"), _OTHER),
    ("a Jupyter notebook", ("cells", "nbformat"), _STEPS),
    ("a JSON Schema", ("$schema", "properties"), _OTHER),
    ("a JSON Schema", ("$schema", "$defs"), _OTHER),
    ("an OpenAPI description", ("openapi", "paths"), _OTHER),
    ("an OpenAPI description", ("swagger", "paths"), _OTHER),
    ("an MkDocs site", ("site_name", "nav"), _OTHER),
    ("a SARIF log", ("version", "runs.*.tool"), _OTHER),
)  # fmt: skip
"""The tool of a mapping with these keys, and the help; `*` matches any key or item."""

_IMPORT = r"^(?:import \w|from [\w.]+ import )"
_LINES: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("a printed PyTorch module", (r"^\w+\($", r"^ +\([\w.]+\): \w+\("), _STEPS),
    ("a torchsummary or torchinfo table", (r"^ *Layer \(type.*\bOutput Shape\b.*Param #",), _STEPS),
    ("an ncnn model", (r"\A7767517\s*$", r"^\d+ \d+\s*$"), _STEPS),
    ("a Darknet model", (r"^\[(?:net|network)\]\s*$", r"^\[\w+\]\s*$"), _STEPS),
    ("a Darknet model", (r"^\[(?:convolutional|shortcut|yolo|maxpool)\]\s*$", r"^\w+ *="), _STEPS),
    ("a Caffe model", (r"^ *layers? *\{", r"^ +type *: "), _STEPS),
    ("a protocol buffers text file", (r"^ *\w+ *:? *\{ *$", r"^ +\w+ *: ", r"^ *\} *$"), _STEPS),
    ("a Python program", (_IMPORT, r"^(?:class \w+.*:|(?:async )?def \w+\(|\w[\w., ]* ?= ?)"), _MODULE),
    ("a Python program", (r"^class \w+(?:\([\w., ]*\))?:", r"^ +(?:async )?def \w+\("), _MODULE),
    ("a Python program", (r"^model *= *dict\(",), _MODULE),
    ("a Dockerfile", (r"^FROM [\w./:${}-]+", r"^(?:RUN|COPY|CMD|ENTRYPOINT|WORKDIR|ENV) "), _OTHER),
    ("a shell script", (r"\A#!.*\b(?:ba|z|da)?sh\b",), _OTHER),
    ("a Python program", (r"\A#!.*\bpython",), _MODULE),
    ("XML or HTML", (r"\A\ufeff?\s*<(?:\?xml|!|[A-Za-z])", r">\s*\Z"), _OTHER),
    ("a Graphviz graph", (r"^ *(?:strict +)?(?:di)?graph\b[^\n]*\{", r"(?:->|--)"), _OTHER),
    ("a Mermaid diagram", (r"\A\s*(?:flowchart|graph) (?:TD|TB|LR|RL|BT)\b",), _OTHER),
    ("a TOML or INI file", (r"^\[{1,2}[\w.\-\" ]+\]{1,2}\s*(?:#.*)?$", r"^[\w.\-\"]+ *= *\S"), _OTHER),
)  # fmt: skip
"""The tool of a text with a line of each kind, and the help."""

_SPEC_KEY = re.compile(r"""^\s*[{]?\s*["']?netspec["']?\s*:""", re.MULTILINE)
_SECTIONS = ("inputs", "body", "blocks")
"""A text with two of these is a spec whose `netspec` key is missing."""
_BEGIN = 20_000
"""Characters in which the lines of a text are looked for."""


class _Match(NamedTuple):
    kind: str
    instead: str
    start: int
    end: int


def foreign(document: Document) -> Diagnostic | None:
    """The diagnostic on a text that another tool wrote or reads; None for all that may be intended as a spec."""
    source, root = document.source, document.root
    if not source.text or _SPEC_KEY.search(source.text) or _is_nearly_spec(root):
        return None
    match = (
        next(_by_keys(root), None) or next(_by_json(source), None) or next(_by_lines(source), None)
    )
    if match is None:
        return None
    return Diagnostic(
        Code.FOREIGN,
        f"this is {match.kind}, not a spec",
        Span(source, match.start, match.end),
        helps=(Help(match.instead),),
    )


def _is_nearly_spec(root: TextNode | None) -> bool:
    return isinstance(root, Mapping) and sum(root.get(key) is not None for key in _SECTIONS) > 1


def _by_keys(root: TextNode | None) -> Iterator[_Match]:
    if root is None:
        return
    for kind, keys, instead in _KEYS:
        places = [_place(root, key.split(".")) for key in keys]
        first = places[0]
        if first is not None and None not in places:
            yield _Match(kind, instead, first.start, first.end)


def _place(node: TextNode, path: list[str]) -> TextNode | None:
    """The key at the end of a path of keys."""
    key, rest = path[0], path[1:]
    if isinstance(node, Sequence):
        return (
            next(filter(None, (_place(n, rest) for n in node.items)), None) if key == "*" else None
        )
    if not isinstance(node, Mapping):
        return None
    if key == "*":
        return next(filter(None, (_place(value, rest) for _, value in node.entries)), None)
    scalar, value = node.key(key), node.get(key)
    if scalar is None or value is None:
        return None
    return _place(value, rest) if rest else scalar


def _by_json(source: Source) -> Iterator[_Match]:
    """JSON that only Python reads, such as with `NaN`: its keys without their places."""
    if not source.text.lstrip("\ufeff \t\r\n").startswith("{"):
        return
    import json

    try:
        keys = json.loads(source.text.removeprefix("\ufeff"))
    except (ValueError, RecursionError):
        return
    for kind, needed, instead in _KEYS:
        is_ours = instead == _GRAPH  # the fault of its JSON is what to report
        if not is_ours and isinstance(keys, dict) and all(key in keys for key in needed):
            yield _Match(kind, instead, 0, 1)


def _by_lines(source: Source) -> Iterator[_Match]:
    text = source.text[:_BEGIN]
    for kind, patterns, instead in _LINES:
        lines = [re.search(pattern, text, re.MULTILINE) for pattern in patterns]
        first = lines[0]
        if first is not None and None not in lines:
            start = first.start() + len(first[0]) - len(first[0].lstrip())
            yield _Match(kind, instead, start, first.end())
