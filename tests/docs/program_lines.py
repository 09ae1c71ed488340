"""The lines of generated programs next to those that people wrote: `python tests/docs/program_lines.py` writes the table.

Both are counted by one rule: classes and the functions that they use, without imports, docstrings and comments, as
`ast.unparse` and `ruff format` at 88 columns write them, blank lines out.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import netspec

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/generated-programs.md"

CONVOLUTION = {"ops/misc.py": ["ConvNormActivation", "Conv2dNormActivation"]}
EXCITATION = {"ops/misc.py": ["ConvNormActivation", "Conv2dNormActivation", "SqueezeExcitation"]}
DEPTH = {"ops/stochastic_depth.py": ["stochastic_depth", "StochasticDepth"]}
THEIRS = {
    "mobilenet_v3": {
        **EXCITATION,
        "models/mobilenetv3.py": ["InvertedResidualConfig", "InvertedResidual", "MobileNetV3"],
    },
    "efficientnet": {
        **EXCITATION,
        **DEPTH,
        "models/efficientnet.py": [
            "_MBConvConfig",
            "MBConvConfig",
            "MBConv",
            "EfficientNet",
        ],
    },
    "convnext": {
        **DEPTH,
        "ops/misc.py": ["ConvNormActivation", "Conv2dNormActivation", "Permute"],
        "models/convnext.py": ["LayerNorm2d", "CNBlock", "CNBlockConfig", "ConvNeXt"],
    },
    "densenet_cifar": {
        "models/densenet.py": ["_DenseLayer", "_DenseBlock", "_Transition", "DenseNet"]
    },
    "vit": {
        "ops/misc.py": ["MLP"],
        "models/vision_transformer.py": [
            "MLPBlock",
            "EncoderBlock",
            "Encoder",
            "VisionTransformer",
        ],
    },
}
"""The classes of torchvision that build the network: its presets and their tables are not among them."""
TITLES = {
    "mobilenet_v3": "MobileNetV3",
    "efficientnet": "EfficientNet",
    "convnext": "ConvNeXt",
    "densenet_cifar": "DenseNet (CIFAR)",
    "vit": "ViT",
    "gpt": "GPT",
}
NANO_GPT = 139
"""The classes of nanoGPT's model.py with `__init__`, `forward` and `_init_weights`, by the same rule.

Counted once in https://github.com/karpathy/nanoGPT at 3adf61e154c3fe3fca428ad6bc3818b27a3b8291; with the methods that
load weights, make an optimizer and generate text it is 255.
"""


def lines_of(nodes: list[ast.stmt]) -> int:
    """How many lines these definitions have, by the rule."""
    for node in (n for each in nodes for n in ast.walk(each)):
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    text = "\n".join(map(ast.unparse, nodes))
    command = [sys.executable, "-m", "ruff", "format", "--isolated", "--line-length=88", "-"]
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=True)
    return sum(1 for line in done.stdout.splitlines() if line.strip())


def definitions(source: str) -> dict[str, ast.stmt]:
    """The classes and functions of a module by name."""
    tree = ast.parse(source)
    return {n.name: n for n in tree.body if isinstance(n, ast.ClassDef | ast.FunctionDef)}


def generated(name: str) -> int:
    """The lines of a generated program: its classes, and the functions that they call."""
    program_definitions = definitions(netspec.source(ROOT / f"specs/{name}.yaml"))
    classes = [n for n in program_definitions.values() if isinstance(n, ast.ClassDef)]
    used = {n.id for c in classes for n in ast.walk(c) if isinstance(n, ast.Name)}
    return lines_of(
        [n for n in program_definitions.values() if n in classes or getattr(n, "name", "") in used]
    )


def torchvision(name: str) -> int:
    """The lines of torchvision's classes for the same network; torchvision is not imported."""
    spec = find_spec("torchvision")
    assert spec is not None
    assert spec.origin is not None
    chosen: list[ast.stmt] = []
    for file, names in THEIRS[name].items():
        class_definitions = definitions(
            (Path(spec.origin).parent / file).read_text(encoding="utf-8")
        )
        chosen += [class_definitions[each] for each in names]
    return lines_of(chosen)


def table() -> str:
    """The table of the page."""
    rows = ["| network | generated | handwritten | ratio |", "|---|---:|---:|---:|"]
    for name, title in TITLES.items():
        source = "nanoGPT" if name == "gpt" else "torchvision"
        mine, theirs = generated(name), NANO_GPT if name == "gpt" else torchvision(name)
        network = f"[{title}](../specs/{name}.yaml)"
        rows.append(f"| {network} | {mine} | {theirs} ({source}) | {mine / theirs:.2f} |")
    return "\n".join(rows) + "\n"


def rewritten(page: str) -> str:
    """The page with today's table."""
    return re.sub(r"^\| network \|.*?\n(?=\n)", lambda _: table(), page, flags=re.M | re.S)


if __name__ == "__main__":
    PAGE.write_text(rewritten(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
