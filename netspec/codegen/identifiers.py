"""Names for classes and variables: the spec's own where Python lets them, each once."""

from __future__ import annotations

import builtins
import keyword
import re
import unicodedata
from collections.abc import Container
from functools import lru_cache

from netspec.codegen.spelling import spelled
from netspec.graph import Graph

MOST_CACHED = 4096
"""How many names are remembered: the same few come up at every step of a program."""
BUILTINS = frozenset(dir(builtins))
RESERVED = (
    frozenset({"_check_inputs", "_recompute", "_without_statistics"})
    | frozenset({"torch", "nn", "F", "math", "checkpoint", "self", "i", "module"})
    | frozenset({"partial", "contextmanager", "nullcontext"})
    | frozenset(
        n
        for n in (
            "len",
            "range",
            "list",
            "enumerate",
            "zip",
            "getattr",
            "ValueError",
            "super",
            "tuple",
            "dict",
        )
    )
)
"""What generated code uses by name."""


@lru_cache(MOST_CACHED)
def camel(text: str) -> str:
    """`dense_block` and `denseblock{i}` as the name of a class.

    >>> camel("dense_block{i + 1}"), camel("layer-0"), camel("3x3"), camel("réseau"), camel("resnet50")
    ('DenseBlock', 'Layer0', 'Net3x3', 'Réseau', 'ResNet50')
    """
    words = re.findall(r"[^\W_]+", _normal(re.sub(r"\{[^}]*\}", "", text)))
    name = "".join(map(spelled, words))
    return f"Net{name}" if not name.isidentifier() or keyword.iskeyword(name) else name


@lru_cache(MOST_CACHED)
def identifier(text: str) -> str:
    """`text` as a variable's name.

    Python mangles `__name` within a class, where an argument of that name would be another one's.

    >>> identifier("c-3"), identifier("lambda"), identifier("0"), identifier("__b")
    ('c_3', 'lambda_', 'x0', 'x__b')
    """
    name = re.sub(r"\W", "_", _normal(text))
    mangled = name.startswith("__")
    name = f"x{name}" if mangled or not name.strip("_") or not name.isidentifier() else name
    taken = keyword.iskeyword(name) or name in RESERVED or name in BUILTINS
    return f"{name}_" if taken else name


def variable(text: str) -> str:
    """`text` as a variable of a constructor: never called like a class, which begins with a capital.

    >>> variable("Stem"), variable("planes")
    ('stem', 'planes')
    """
    name = identifier(text)
    return identifier(name[0].lower() + name[1:]) if name[:1].isupper() else name


@lru_cache(MOST_CACHED)
def local(text: str) -> str:
    """`text` as a variable of `forward`: in lower case, words joined by underscores.

    >>> local("Mixed_6e"), local("AuxLogits"), local("c3")
    ('mixed_6e', 'aux_logits', 'c3')
    """
    name = identifier(text)
    if name == name.lower():
        return name
    return identifier(re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower().rstrip("_"))


def singular(text: str) -> str:
    """A plural without its ending, and other words as they are.

    >>> singular("parts"), singular("halves"), singular("queries"), singular("pass"), singular("x")
    ('part', 'half', 'query', 'pass', 'x')
    """
    if len(text) <= len("xs") or text.endswith("ss") or not text.endswith("s"):
        return text
    for ending, replacement in (("alves", "alf"), ("ies", "y")):
        if text.endswith(ending):
            return text.removesuffix(ending) + replacement
    return text.removesuffix("s")


def is_plain(name: str) -> bool:
    """Whether `self.name` means the attribute of that name.

    Python mangles `__name` within a class, and takes characters that look alike for one.

    >>> is_plain("conv1"), is_plain("0"), is_plain("\N{MICRO SIGN}")
    (True, False, False)
    """
    if not name.isidentifier() or keyword.iskeyword(name) or name.startswith("__"):
        return False
    return name == _normal(name)


def _normal(text: str) -> str:
    """The text as Python reads it in a name."""
    return text if text.isascii() else unicodedata.normalize("NFKC", text)


def fresh(base: str, taken: Container[str]) -> str:
    """`base`, or `base2`, `base3`, … where it is taken.

    >>> fresh("out", {"out"}), fresh("conv1", {"conv1", "conv1_2"})
    ('out2', 'conv1_3')
    """
    name, number = base, 2
    joint = "_" if base[-1:].isdigit() else ""
    while name in taken:
        name, number = f"{base}{joint}{number}", number + 1
    return name


def input_names(graph: Graph) -> list[str]:
    """The names of `forward`'s arguments: the inputs' own, each once."""
    names: list[str] = []
    for value in graph.inputs:
        names.append(fresh(identifier(value.node.name), set(names)))
    return names


def class_name(title: str) -> str:
    """The name of the class for a block or a group: its own as far as Python takes it.

    >>> class_name("resnet.Bottleneck"), class_name("layer{k.index + 1}"), class_name("inner_blocks")
    ('Bottleneck', 'Layer', 'InnerBlocks')
    """
    name = _normal(re.sub(r"\{[^}]*\}", "", title).rpartition(".")[2])
    plain = name.isidentifier() and name[0].isupper() and not keyword.iskeyword(name)
    return name if plain else camel(name)
