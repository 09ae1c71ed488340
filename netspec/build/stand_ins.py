"""Replacement classes: the constructors of a program use them in place of `nn` and its own classes.

The program itself stays as it is. Its constructors run as functions whose global names refer to stand-ins: that of
a layer copies a template (`netspec.build.templates`), that of a class of the program runs the constructor of this
class in the same way. PyTorch is not changed, and a class that a user calls runs its own constructor.
"""

from __future__ import annotations

from collections.abc import Callable
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import Any

from torch import nn

from netspec.build.templates import Templates
from netspec.build.torch_state import Code, is_ordinary

_IDENTIFIES_CLASSES = {"type", "issubclass", "__class__"}
"""Names with which a program would notice that a class is under another name."""


class StandIn(type):
    """A class whose instances are constructed in another way than those of the class of its name.

    Attributes:
        original: That class. It is also what `isinstance` and `issubclass` compare with.
        construct: A function from the arguments to an object of the original class.
    """

    original: type[nn.Module]
    construct: Callable[..., nn.Module]

    def __call__(cls, *args: Any, **kwargs: Any) -> nn.Module:
        """An object of the original class."""
        return cls.construct(*args, **kwargs)

    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, cls.original)

    def __subclasscheck__(cls, subclass: type) -> bool:
        return issubclass(getattr(subclass, "original", subclass), cls.original)

    def __getattr__(cls, name: str) -> Any:
        return getattr(cls.original, name)


def _stand_in(original: type[nn.Module], construct: Callable[..., nn.Module]) -> StandIn:
    members = {"original": original, "construct": staticmethod(construct)}
    return StandIn(original.__name__, (), members)


class _Layers:
    """`torch.nn` with replacements for its layers.

    Args:
        library: The templates of the layers.
        draws: Whether weights are filled at random; otherwise `init` does nothing, too.
    """

    def __init__(self, library: _Library, *, draws: bool) -> None:
        self._library, self._draws = library, draws
        if not draws:
            self.init = _NoInitialization()

    def __getattr__(self, name: str) -> Any:
        value = getattr(nn, name)
        if isinstance(value, type) and issubclass(value, nn.Module) and value is not nn.Module:
            value = self._library.layer(value, draws=self._draws)
        setattr(self, name, value)
        return value


class _NoInitialization:
    """`torch.nn.init` with functions that do not change their tensors."""

    def __getattr__(self, name: str) -> Any:
        function = getattr(nn.init, name)
        return (lambda tensor, *_, **__: tensor) if name.endswith("_") else function


class _Library:
    """Stand-ins for the layers of PyTorch, valid while its code stays the same."""

    def __init__(self) -> None:
        self.code = Code()
        self.layers = {draws: _Layers(self, draws=draws) for draws in (True, False)}
        self._templates: dict[type[nn.Module], Templates] = {}

    def layer(self, layer: type[nn.Module], *, draws: bool) -> type:
        """The replacement of a layer; the layer itself if its code is not PyTorch's."""
        if not self.code.is_of_torch(layer):
            return layer
        templates = self._templates.setdefault(layer, Templates(layer))
        return _stand_in(layer, templates.module if draws else templates.module_without_draws)


_libraries: list[_Library] = []
"""The library for the code of PyTorch as it was last."""


def _current_library() -> _Library:
    if not _libraries or not _libraries[0].code.is_unchanged():
        _libraries[:] = [_Library()]
    return _libraries[0]


def construct(program: ModuleType, name: str, *, draws: bool) -> nn.Module:
    """An object of a class of a program, as that class constructs it.

    Args:
        program: The program as a module.
        name: The name of the class.
        draws: Whether weights are drawn at random, as the program says. Otherwise the values are undefined
            where a template replaces the constructor of the layer.
    """
    scope = dict(vars(program))
    if scope.get("nn") is nn and is_ordinary():
        scope["nn"] = _current_library().layers[draws]
        for each, value in vars(program).items():
            if isinstance(value, type) and value.__module__ == program.__name__:
                scope[each] = _in_scope(value, scope)
    made = scope[name]()
    assert isinstance(made, nn.Module)
    return made


def _in_scope(program_class: type, scope: dict[str, Any]) -> type:
    """A class of the program with these global names in its constructor.

    A class without a constructor stays as it is, and so does one that compares the types of objects with classes.
    """
    own = vars(program_class).get("__init__")
    if not issubclass(program_class, nn.Module) or type(own) is not FunctionType:
        return program_class
    methods = {
        name: method
        for name, method in vars(program_class).items()
        if type(method) is FunctionType and method.__globals__ is own.__globals__
    }
    if any(_global_names(method.__code__) & _IDENTIFIES_CLASSES for method in methods.values()):
        return program_class
    initialize = _with_globals(own, scope)
    initializers = {
        name: _with_globals(method, scope)
        for name, method in methods.items()
        if method is not own and "init" in method.__code__.co_names
    }

    def construct(*args: Any, **kwargs: Any) -> nn.Module:
        module: nn.Module = program_class.__new__(program_class)
        for name, method in initializers.items():
            vars(module)[name] = MethodType(method, module)
        initialize(module, *args, **kwargs)
        for name in initializers:
            del vars(module)[name]
        return module

    return _stand_in(program_class, construct)


def _global_names(code: CodeType) -> set[str]:
    """The names of globals and attributes in a function and in the functions inside it."""
    inner = (_global_names(const) for const in code.co_consts if isinstance(const, CodeType))
    return set(code.co_names).union(*inner)


def _with_globals(function: FunctionType, scope: dict[str, Any]) -> FunctionType:
    """A function that sees other global names."""
    defaults = _with_stand_ins(function.__defaults__, scope)
    made = FunctionType(function.__code__, scope, function.__name__, defaults, function.__closure__)
    made.__kwdefaults__ = _with_stand_ins(function.__kwdefaults__, scope)
    return made


def _with_stand_ins(default: Any, scope: dict[str, Any]) -> Any:
    """The default of an argument, with replacements for the layers in it."""
    if type(default) is tuple:
        return tuple(_with_stand_ins(part, scope) for part in default)
    if type(default) is dict:
        return {name: _with_stand_ins(part, scope) for name, part in default.items()}
    name = default.__name__ if isinstance(default, type) else ""
    return getattr(scope["nn"], name) if default is getattr(nn, name, scope) else default
