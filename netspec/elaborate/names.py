"""Names and paths: which names torch takes, and that no two steps share a path."""

from __future__ import annotations

from netspec.diagnostics import Code, Diagnostic, Findings, Help, Label
from netspec.document import Node

RESERVED_BY_TORCH = frozenset("""
T_destination add_module apply bfloat16 buffers call_super_init children compile cpu cuda double
dump_patches eval extra_repr float forward get_buffer get_extra_state get_parameter get_submodule
half ipu load_state_dict modules mtia named_buffers named_children named_modules named_parameters
parameters register_backward_hook register_buffer register_forward_hook register_forward_pre_hook
register_full_backward_hook register_full_backward_pre_hook register_load_state_dict_post_hook
register_load_state_dict_pre_hook register_module register_parameter register_state_dict_post_hook
register_state_dict_pre_hook requires_grad_ set_extra_state set_submodule share_memory state_dict to
to_empty train training type xpu zero_grad
""".split())
"""What `nn.Module` itself is called; a test holds the list against torch."""

UNNAMED = "\0"
"""Begins the name of a step whose own could not be computed; an error has been reported."""

_LONGEST = 200
_NOBODYS = frozenset({"x", "i", "input", "previous"})


class Names:
    """Hands out paths, each once."""

    def __init__(self, findings: Findings) -> None:
        self.findings = findings
        self.taken: dict[str, Node] = {}

    def take(self, path: str, name: str, place: Node) -> bool:
        """Claim a path for the step at `place`; reports a name torch refuses or a path already taken."""
        if name.startswith(UNNAMED):
            return False
        other = self.taken.get(path)
        if other is not None:
            self._twice(path, place, other)
            return False
        self.taken[path] = place
        if (
            name in RESERVED_BY_TORCH or name in _NOBODYS or not name or "." in name or len(name) > _LONGEST
        ):
            self._refused(name, place)
            return False
        return True

    def _twice(self, path: str, place: Node, other: Node) -> None:
        same = other is place
        helps = (
            "let the name mention the loop: `{i}`, or the variable of `each`"
            if same
            else "give one of them another name"
        )
        self.findings.add(
            Diagnostic(
                Code.SAME_PATH, f"two steps have the path `{path}`", place.span,
                "every iteration has this name" if same else "the second one",
                () if same else (Label(other.span, "the first one"),), helps=(Help(helps),), path=path,
            )
        )  # fmt: skip

    def _refused(self, name: str, place: Node) -> None:
        if not name:
            message, why = "a step's name cannot be empty", "empty"
        elif "." in name:
            message, why = f"a step cannot be called `{name}`", "a dot separates the levels of a path"
        elif len(name) > _LONGEST:
            message, why = f"a name of {len(name)} characters is too long", f"more than {_LONGEST}"
        elif name in _NOBODYS:
            message, why = f"a step cannot be called `{name}`", "has a meaning of its own"
        else:
            message, why = f"a step cannot be called `{name}`", "torch.nn.Module has an attribute of this name"
        self.findings.add(
            Diagnostic(Code.BAD_NAME, message, place.span, why, helps=(Help("choose another name"),))
        )
