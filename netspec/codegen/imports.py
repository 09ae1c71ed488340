"""The imports of a program: what it uses, in the order of isort."""

from __future__ import annotations

import ast
import sys
from collections.abc import Mapping, Set

from netspec.codegen.syntax import statements

_MODULES = ("math", "re")
_STANDARD = {
    "OrderedDict": "collections",
    "Callable": "collections.abc",
    "Iterator": "collections.abc",
    "AbstractContextManager": "contextlib",
    "contextmanager": "contextlib",
    "nullcontext": "contextlib",
    "partial": "functools",
    "Any": "typing",
    "Self": "typing",
}
_TORCH = {
    "Tensor": "torch",
    "nn": "torch",
    "_BatchNorm": "torch.nn.modules.batchnorm",
    "checkpoint": "torch.utils.checkpoint",
}


def imports(used: Set[str], own: Mapping[str, str]) -> list[ast.stmt]:
    """The import statements for what a program mentions: the standard library's, then the others.

    Args:
        used: The names that the program mentions.
        own: Other names that it has from a module, and the module of each.
    """
    own_standard = {n: m for n, m in own.items() if m.partition(".")[0] in sys.stdlib_module_names}
    standard = [f"import {module}" for module in _MODULES if module in used]
    standard += _from(used | set(own_standard), {**_STANDARD, **own_standard})
    others = ["import torch", "import torch.fx"] if "torch" in used else []
    if "F" in used:
        others.append("import torch.nn.functional as F")
    own_others = {n: m for n, m in own.items() if n not in own_standard}
    others += _from(used | set(own_others), {**_TORCH, **own_others})
    made = statements("\n".join([*standard, *others]))
    if standard and others:
        made[len(standard)].starts_section = True  # type: ignore[attr-defined]
    return made


def _from(used: Set[str], modules: Mapping[str, str]) -> list[str]:
    """`from … import …`, one line a module."""
    by_module: dict[str, list[str]] = {}
    for name, module in modules.items():
        if name in used:
            by_module.setdefault(module, []).append(name)
    return [
        f"from {module} import {', '.join(sorted(names, key=_isort_key))}"
        for module, names in sorted(by_module.items())
    ]


def _isort_key(name: str) -> tuple[int, str]:
    """Constants come before classes, and classes before functions and modules."""
    bare = name.lstrip("_")
    kind = 0 if len(bare) > 1 and bare.isupper() else 1 if bare[:1].isupper() else 2
    return kind, name
