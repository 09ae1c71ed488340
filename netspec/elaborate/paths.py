"""Names and paths: the names that PyTorch accepts, and unique paths."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from netspec.diagnostics import Code, Diagnostic, Diagnostics, Help, Label
from netspec.document import TextNode
from netspec.syntax import RESERVED_NAMES, UnknownName

RESERVED_BY_TORCH = frozenset(
    """
T_destination _apply _backward_hooks _backward_pre_hooks _buffers _call_impl _compiled_call_impl
_forward_hooks _forward_hooks_always_called _forward_hooks_with_kwargs _forward_pre_hooks
_forward_pre_hooks_with_kwargs _get_backward_hooks _get_backward_pre_hooks _get_name
_is_full_backward_hook _load_from_state_dict _load_state_dict_post_hooks
_load_state_dict_pre_hooks _maybe_warn_non_full_backward_hook _modules _named_members
_non_persistent_buffers_set _parameters _register_load_state_dict_pre_hook
_register_state_dict_hook _replicate_for_data_parallel _save_to_state_dict _slow_forward
_state_dict_hooks _state_dict_pre_hooks _version _wrapped_call_impl add_module apply bfloat16
buffers call_super_init children compile cpu cuda double dump_patches eval extra_repr float
forward get_buffer get_extra_state get_parameter get_submodule half ipu load_state_dict modules
mtia named_buffers named_children named_modules named_parameters parameters register_backward_hook
register_buffer register_forward_hook register_forward_pre_hook register_full_backward_hook
register_full_backward_pre_hook register_load_state_dict_post_hook
register_load_state_dict_pre_hook register_module register_parameter register_state_dict_post_hook
register_state_dict_pre_hook requires_grad_ set_extra_state set_submodule share_memory state_dict
to to_empty train training type xpu zero_grad
""".split()  # noqa: SIM905 - a hundred names read better as words
)
"""The attributes of `nn.Module`, which a test compares with torch; `__names__` are also rejected."""

_LONGEST = 200


class Names:
    """Assigns paths, each once."""

    def __init__(self, diagnostics: Diagnostics) -> None:
        self.diagnostics = diagnostics
        self.taken: dict[str, TextNode] = {}
        self._inline: list[TextNode] = []
        """The inline steps around the one that claims a path, outermost first."""
        self._reported: set[TextNode] = set()
        """Those of them that a clash was reported of."""
        self._sound: set[str] = set()
        """Valid names; most occur many times."""

    def take(self, path: str, name: str, place: TextNode) -> bool:
        """Claim a path for the step at `place`; False without a path, or if another step has it.

        Reports that, and a name that torch rejects.
        """
        other = self.taken.get(path)
        if other is not None or type(name) is UnknownName:
            if other is not None and type(name) is not UnknownName:
                self._twice(path, place, other)
            return False
        if name not in self._sound and invalid_name(name):
            self._rejected(name, place)
            return True
        self._sound.add(name)
        self.taken[path] = place
        return True

    @contextmanager
    def inlining(self, place: TextNode) -> Iterator[None]:
        """Claim paths of the steps of a block in the enclosing level: `place` has the key `inline`."""
        self._inline.append(place)
        yield
        self._inline.pop()
        self._reported.discard(place)

    def _twice(self, path: str, place: TextNode, other: TextNode) -> None:
        if self._inline:
            self._inline_twice(path, self._inline[0], other)
            return
        same = other is place
        helps = (
            "add the loop variable to the name: `{i}`, or the variable of `each`"
            if same
            else "rename one of them"
        )
        self.diagnostics.add(
            Diagnostic(
                Code.SAME_PATH,
                f"two steps have the path `{path}`",
                place.span,
                "every iteration has this name" if same else "the second one",
                () if same else (Label(other.span, "the first one"),),
                helps=(Help(helps),),
                path=path,
            )
        )

    def _inline_twice(self, path: str, inline: TextNode, other: TextNode) -> None:
        """One diagnostic for all names that something inline brings a second time."""
        if inline in self._reported:
            return
        self._reported.add(inline)
        self.diagnostics.add(
            Diagnostic(
                Code.SAME_PATH,
                f"two steps have the path `{path}`: an inline step adds no level to "
                "distinguish them",
                inline.span,
                "adds its steps here",
                (Label(other.span, f"`{path}`"),),
                helps=(Help("remove `inline`, or add a parameter to the names inside"),),
                path=path,
            )
        )

    def _rejected(self, name: str, place: TextNode) -> None:
        message = f"a step cannot be named `{name}`" if name else "a step's name cannot be empty"
        helps = (Help("choose another name"),)
        self.diagnostics.add(
            Diagnostic(Code.BAD_NAME, message, place.span, invalid_name(name), helps=helps)
        )


def invalid_name(name: str) -> str:
    """Why a name is not valid for torch or in a reference; empty if it is valid."""
    if not name:
        return "empty"
    if "." in name:
        return "a dot separates the levels of a path"
    if len(name) > _LONGEST:
        return f"longer than {_LONGEST} characters"
    if name in RESERVED_NAMES:
        return RESERVED_NAMES[name]
    if name in RESERVED_BY_TORCH or (name.startswith("__") and name.endswith("__")):
        return "torch.nn.Module has an attribute of this name"
    return ""
