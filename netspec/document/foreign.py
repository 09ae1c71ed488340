"""Texts of other tools, recognized by the keys and lines that only they have."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from netspec.diagnostics import Code, Diagnostic, Help, Source, Span
from netspec.document.nodes import Document, Mapping, Node, Sequence

_STEPS = (
    "write its layers as the steps of a spec; `netspec new --list` shows networks to begin with"
)
_OTHER = "name a spec in its place; `--specs-only` passes over all other files"
_WEIGHTS = "weights are compared with a spec: `netspec check SPEC --weights FILE`"
_MODULE = "write its layers as the steps of a spec; a file that declares layers is given as `--layers FILE.py`"
_LOCK = "it belongs to the spec beside it: `netspec check SPEC --locked`"

_GRAPH = "`netspec check`, `summary` and `compile` take it; `GraphModel.to_spec` writes the spec that it is"

_KEYS: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("a lock of netspec", ("netspec-lock",), _LOCK),
    ("a graph of netspec", ("schema_version", "nodes"), _GRAPH),
    ("a report of netspec", ("format_version", "valid", "diagnostics"), _OTHER),
    ("a model of Ultralytics YOLO", ("backbone", "head"), _STEPS),
    ("a data set of Ultralytics YOLO", ("train", "val", "names"), _OTHER),
    ("the settings of an Ultralytics run", ("task", "mode", "imgsz"), _OTHER),
    ("a configuration of Detectron2", ("MODEL.META_ARCHITECTURE",), _STEPS),
    ("a configuration of Detectron2", ("MODEL", "SOLVER"), _STEPS),
    ("a configuration of Detectron2", ("_BASE_", "MODEL"), _STEPS),
    ("a model of Keras", ("class_name", "config"), _STEPS),
    ("a model of TensorFlow.js", ("modelTopology", "weightsManifest"), _STEPS),
    ("an index of weights", ("weight_map", "metadata"), _WEIGHTS),
    ("a configuration of Hugging Face Transformers", ("model_type", "architectures"), _STEPS),
    ("a configuration of Hugging Face Transformers", ("model_type", "transformers_version"), _STEPS),
    ("a configuration of Hugging Face Transformers", ("model_type", "hidden_size"), _STEPS),
    ("a configuration of Hugging Face Diffusers", ("_class_name", "_diffusers_version"), _STEPS),
    ("a configuration of timm", ("architecture", "pretrained_cfg"), _STEPS),
    ("a tokenizer of Hugging Face", ("added_tokens", "pre_tokenizer"), _OTHER),
    ("a plan of nnU-Net", ("plans_name", "configurations"), _STEPS),
    ("a data set of nnU-Net", ("channel_names", "labels", "numTraining"), _OTHER),
    ("a configuration of Lightning", ("model.class_path",), _STEPS),
    ("a configuration of Lightning", ("trainer.max_epochs", "data"), _OTHER),
    ("a configuration of Hydra", ("_target_",), _OTHER),
    ("a configuration of Hydra", ("*._target_",), _OTHER),
    ("a configuration of Hydra", ("defaults", "hydra"), _OTHER),
    ("a model of MLflow", ("artifact_path", "flavors"), _OTHER),
    ("a pipeline of DVC", ("stages.*.cmd",), _OTHER),
    ("a configuration of Ludwig", ("input_features", "output_features"), _STEPS),
    ("a configuration of PaddleClas", ("Global", "Arch"), _STEPS),
    ("an index of OpenMMLab's models", ("Collections", "Models"), _OTHER),
    ("an adapter of PEFT", ("peft_type", "base_model_name_or_path"), _OTHER),
    ("a configuration of DeepSpeed", ("zero_optimization",), _OTHER),
    ("a configuration of Accelerate", ("compute_environment", "distributed_type"), _OTHER),
    ("a configuration of Axolotl", ("base_model", "datasets"), _OTHER),
    ("a workflow of GitHub Actions", ("jobs.*.runs-on",), _OTHER),
    ("a workflow of GitHub Actions", ("on", "jobs"), _OTHER),
    ("an action of GitHub", ("runs.using",), _OTHER),
    ("a pipeline of GitLab CI", ("*.script",), _OTHER),
    ("a pipeline of Azure", ("trigger", "pool"), _OTHER),
    ("a configuration of CircleCI", ("version", "jobs.*.steps"), _OTHER),
    ("a configuration of pre-commit", ("repos.*.hooks",), _OTHER),
    ("a file of Docker Compose", ("services.*.image",), _OTHER),
    ("a file of Docker Compose", ("services.*.build",), _OTHER),
    ("a manifest of Kubernetes", ("apiVersion", "kind"), _OTHER),
    ("a chart of Helm", ("apiVersion", "appVersion"), _OTHER),
    ("a playbook of Ansible", ("*.hosts", "*.tasks"), _OTHER),
    ("an environment of conda", ("channels", "dependencies"), _OTHER),
    ("a package of npm", ("name", "version", "dependencies"), _OTHER),
    ("a package of npm", ("name", "version", "scripts"), _OTHER),
    ("a notebook of Jupyter", ("cells", "nbformat"), _STEPS),
    ("a JSON Schema", ("$schema", "properties"), _OTHER),
    ("a JSON Schema", ("$schema", "$defs"), _OTHER),
    ("an API of OpenAPI", ("openapi", "paths"), _OTHER),
    ("an API of OpenAPI", ("swagger", "paths"), _OTHER),
    ("a site of MkDocs", ("site_name", "nav"), _OTHER),
    ("a log of SARIF", ("version", "runs.*.tool"), _OTHER),
)  # fmt: skip
"""What a mapping with these keys is, and what to do instead; `*` stands for any key or item."""

_IMPORT = r"^(?:import \w|from [\w.]+ import )"
_LINES: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("a printed module of PyTorch", (r"^\w+\($", r"^ +\([\w.]+\): \w+\("), _STEPS),
    ("a table of torchsummary or torchinfo", (r"^ *Layer \(type.*\bOutput Shape\b.*Param #",), _STEPS),
    ("a model of ncnn", (r"\A7767517\s*$", r"^\d+ \d+\s*$"), _STEPS),
    ("a model of Darknet", (r"^\[(?:net|network)\]\s*$", r"^\[\w+\]\s*$"), _STEPS),
    ("a model of Darknet", (r"^\[(?:convolutional|shortcut|yolo|maxpool)\]\s*$", r"^\w+ *="), _STEPS),
    ("a model of Caffe", (r"^ *layers? *\{", r"^ +type *: "), _STEPS),
    ("a text of protocol buffers", (r"^ *\w+ *:? *\{ *$", r"^ +\w+ *: ", r"^ *\} *$"), _STEPS),
    ("a program of Python", (_IMPORT, r"^(?:class \w+.*:|(?:async )?def \w+\(|\w[\w., ]* ?= ?)"), _MODULE),
    ("a program of Python", (r"^class \w+(?:\([\w., ]*\))?:", r"^ +(?:async )?def \w+\("), _MODULE),
    ("a program of Python", (r"^model *= *dict\(",), _MODULE),
    ("a Dockerfile", (r"^FROM [\w./:${}-]+", r"^(?:RUN|COPY|CMD|ENTRYPOINT|WORKDIR|ENV) "), _OTHER),
    ("a script of a shell", (r"\A#!.*\b(?:ba|z|da)?sh\b",), _OTHER),
    ("a program of Python", (r"\A#!.*\bpython",), _MODULE),
    ("XML or HTML", (r"\A\ufeff?\s*<(?:\?xml|!|[A-Za-z])", r">\s*\Z"), _OTHER),
    ("a graph of Graphviz", (r"^ *(?:strict +)?(?:di)?graph\b[^\n]*\{", r"(?:->|--)"), _OTHER),
    ("a diagram of Mermaid", (r"\A\s*(?:flowchart|graph) (?:TD|TB|LR|RL|BT)\b",), _OTHER),
    ("a configuration in TOML or INI", (r"^\[{1,2}[\w.\-\" ]+\]{1,2}\s*(?:#.*)?$", r"^[\w.\-\"]+ *= *\S"), _OTHER),
)  # fmt: skip
"""What a text is that has a line of each kind, and what to do instead."""

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
    """The finding on a text that another tool wrote or reads; None for all that may be meant as a spec."""
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


def _is_nearly_spec(root: Node | None) -> bool:
    return isinstance(root, Mapping) and sum(root.get(key) is not None for key in _SECTIONS) > 1


def _by_keys(root: Node | None) -> Iterator[_Match]:
    if root is None:
        return
    for kind, keys, instead in _KEYS:
        places = [_place(root, key.split(".")) for key in keys]
        first = places[0]
        if first is not None and None not in places:
            yield _Match(kind, instead, first.start, first.end)


def _place(node: Node, path: list[str]) -> Node | None:
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
