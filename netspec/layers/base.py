"""What a layer is: its arguments, its shape rule, its cost, and the call to generate.

A layer is one class in one file of this folder. It writes code and never runs it: nothing here
imports torch.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod
from typing import Any, ClassVar, Literal, Self, TypeVar

from netspec.diagnostics import Code, closest, did_you_mean
from netspec.dims import Shape, Size
from netspec.layers.answers import SAME, ArgumentError, FieldRule, Origin, ShapeError, Solver
from netspec.layers.arguments import Argument, Refused

__all__ = [
    "ArgumentError",
    "Axes",
    "Function",
    "Item",
    "Layer",
    "LayerClass",
    "Module",
    "Names",
    "Origin",
    "ShapeError",
    "Solver",
    "layer",
    "per_axis",
    "show",
]

Axes = tuple[int, ...]
"""A shape in plain numbers."""

Names = tuple["str | Names", ...]
"""Names of results, nested as torch nests them."""

Item = TypeVar("Item")


class Layer:
    """One operation with its arguments; subclasses declare these and override the rules below."""

    arguments: ClassVar[dict[str, Argument]] = {}
    """The declared arguments, in torch's order."""
    inputs: ClassVar[tuple[str, ...]] = ("input",)
    """The names of its inputs, as `from: {query: …}` may use them."""
    floating: ClassVar[bool] = False
    """Whether it works on floating-point numbers only; a layer with weights does by itself."""
    arithmetic: ClassVar[bool] = False
    """Whether it works on numbers only, and not on truth values."""
    fractional: ClassVar[bool] = False
    """Whether it makes floating-point numbers of whole ones."""
    elements: ClassVar[Mapping[str, Literal["whole", "mask"]]] = {}
    """What else an input, by name, must be: whole numbers, or a mask (bool or floating-point)."""
    optional_inputs: ClassVar[int] = 0
    """How many of the last inputs may be left out."""
    taken: tuple[str, ...] = ()
    """Which of its inputs this call gives, where some may be left out; empty for the first ones."""
    variadic: ClassVar[bool] = False
    """Whether it joins any number of inputs."""
    orderless: ClassVar[bool] = False
    """Whether the order of its inputs does not matter."""
    fewest: ClassVar[int] = 1
    """The least number of inputs of a variadic layer."""
    flows: ClassVar[bool] = True
    """Whether its result becomes `previous`."""
    view: ClassVar[bool] = False
    """Whether a result may be the first input itself, or a part of its memory; see `strides`."""
    splits: ClassVar[bool] = False
    """Whether its results are parts that torch lets nobody overwrite while it computes gradients."""
    saved_inputs: ClassVar[bool] = False
    """Whether its backward pass reads its inputs, so that nothing may overwrite them; see `saves_input`."""
    saved_result: ClassVar[bool] = False
    """Whether its backward pass reads its (first) result; see `saves_result`."""
    positional: ClassVar[tuple[str, ...]] = ()
    """The arguments that the generated constructor call gives by position."""
    axes: ClassVar[int] = 0
    """How many spatial axes it works over: 2 for `Conv2d`; `PerAxis` arguments ask for it."""
    example: ClassVar[str] = ""
    """A short spec that uses it, inputs and body, where the one that can be derived does not fit."""
    order: ClassVar[tuple[str, ...]] = ()
    """The order of the arguments, where it is not the order of their declarations."""

    def __init_subclass__(cls) -> None:
        declared = {}
        for base in reversed(cls.__mro__[1:]):
            declared.update(base.__dict__.get("arguments", {}))
        for name, value in list(cls.__dict__.items()):
            if isinstance(value, Argument):
                value.name = name
                declared.pop(name, None)
                declared[name] = value
        order = (*cls.order, *(name for name in declared if name not in cls.order))
        cls.arguments = {name: declared[name].over(cls.axes) for name in order}

    def __init__(self, **values: object) -> None:
        for name, argument in self.arguments.items():
            setattr(self, name, values.get(name, argument.default))

    def taking(self, names: tuple[str, ...]) -> Self:
        """This layer for a call that gives these of its inputs; the same one for the same names."""
        calls = self.__dict__.setdefault("_calls", {self.taken: self})
        names = () if names == self.inputs[: len(names)] else names
        if names not in calls:
            made = calls[names] = type(self)(**{n: getattr(self, n) for n in self.arguments})
            made.taken, made.__dict__["_calls"] = names, calls
        bound: Self = calls[names]
        return bound

    def by_name(self, inputs: Sequence[Item]) -> dict[str, Item]:
        """What a call gives for its inputs, by their names."""
        return dict(zip(self.taken or self.inputs, inputs, strict=False))

    @classmethod
    def make(cls, values: Mapping[str, object]) -> tuple[Layer | None, list[ArgumentError]]:
        """The layer with these arguments, or what is wrong with them (all of it)."""
        accepted: dict[str, object] = {}
        errors: list[ArgumentError] = []
        for name, value in values.items():
            argument = cls.arguments.get(name)
            if argument is None:
                errors.append(cls.unknown_argument(name))
                continue
            try:
                accepted[name] = argument.kind.accept(value)
            except Refused as refused:
                errors.append(_refusal(cls, argument, value, refused))
        suggested = {e.suggestion for e in errors}
        missing = [
            n for n, a in cls.arguments.items()
            if a.required and n not in values and n not in suggested
        ]  # fmt: skip
        if missing:
            errors.append(_missing(cls, missing))
        if errors:
            return None, errors
        made = cls(**accepted)
        try:
            made.validate()
        except ShapeError as error:
            return None, [_clash(error)]
        return made, []

    @classmethod
    def unknown_argument(cls, name: str) -> ArgumentError:
        """The error that says that this layer has no such argument, and which one was meant."""
        suggestion = closest(name, cls.arguments)
        has = ", ".join(cls.arguments) or "none"
        return ArgumentError(
            Code.UNKNOWN_ARGUMENT, name, f"`{cls.__name__}` has no argument `{name}`",
            "unknown argument",
            (did_you_mean(suggestion),) if suggestion else (f"its arguments are: {has}",),
            suggestion,
        )  # fmt: skip

    # ---- rules that a layer overrides ---------------------------------------------------------

    def validate(self) -> None:
        """Refuse arguments that do not go together, whatever the input; raises `ShapeError`.

        `make` asks, so that an instance is always in order.
        """

    def inferred_arguments(self, *inputs: Shape) -> dict[str, Size | Shape]:
        """The arguments that the input decides: `{"in_channels": …}`. Ranks may still be wrong."""
        return {}

    def infer(self, solver: Solver, /, *inputs: Shape) -> Shape | list[Shape]:
        """The shape of the result, or one for each of `results`; raises `ShapeError`."""
        return inputs[0]

    @property
    def results(self) -> tuple[str, ...]:
        """The names of its results; one result goes by the step's name alone."""
        return ("output",)

    @property
    def returned(self) -> Names:
        """The names of its results as torch nests them: `("output", ("h_n", "c_n"))`."""
        return self.results

    def parameters(self, *inputs: Shape) -> dict[str, Axes]:
        """Its weights: name to shape, in torch's order."""
        return {}

    def weight_groups(self, *inputs: Shape) -> list[tuple[int, dict[str, Axes]]]:
        """Its weights by equal parts: how often each part is there. A stack of layers has one of them once."""
        return [(1, self.parameters(*inputs))]

    def weight_count(self, *inputs: Shape) -> int:
        """How many numbers its weights hold."""
        return sum(
            times * prod(shape)
            for times, part in self.weight_groups(*inputs)
            for shape in part.values()
        )

    def tensor_count(self, *inputs: Shape) -> int:
        """How many weights it has."""
        return sum(times * len(part) for times, part in self.weight_groups(*inputs))

    def buffers(self, *inputs: Shape) -> dict[str, Axes]:
        """What its `state_dict` holds besides, in torch's order."""
        return {}

    def macs(self, inputs: Sequence[Axes], outputs: Sequence[Axes]) -> int:
        """Multiply-adds for inputs of these sizes."""
        return 0

    def origin(self, result: int, axis: int, *inputs: Shape) -> Origin:
        """Where size `axis` (from 0) of result number `result` comes from."""
        return Origin("same", parts=((0, axis),))

    def sees(self, result: int, index: int, axis: int, *inputs: Axes) -> FieldRule:
        """What one element of result number `result` sees of axis `axis` of input number `index`.

        By default the element at the same place, on the axis that `origin` says is made of this one;
        of an axis that no other is made of, everything. Edges that are filled do not count.
        """
        return SAME

    def worked(self, result: int, axis: int, *inputs: Axes) -> str:
        """The arithmetic of a size of kind `window`, numbers put in: `⌊(224 + 2·3 − 7) / 2⌋ + 1`."""
        return ""

    def saves_input(self, index: int) -> bool:
        """Whether its backward pass reads input `index` as the forward pass had it."""
        return self.saved_inputs

    def remark(self) -> str:
        """A comment for its call in a generated program, where the call alone does not say what it computes."""
        return ""

    def saves_result(self, result: int) -> bool:
        """Whether its backward pass reads result number `result` as the forward pass made it."""
        return self.saved_result and result == 0

    def overwrites(self) -> bool:
        """Whether it writes its result into its first input, while training at least."""
        return bool(getattr(self, "inplace", False))

    def strides(self, before: Axes, strides: Axes, after: Axes) -> Axes | None:
        """The strides of a view's result of sizes `after`, of an input of sizes `before` with `strides`.

        None where it copies its input while training.
        """
        return strides

    def together(self, shape: Shape) -> tuple[Size, ...] | None:
        """The sizes, other than 1, of what it normalises over while training, where torch refuses one value.

        None for a layer that trains on any input.
        """
        return None

    def dtype(self, *dtypes: str, result: int = 0) -> str:
        """The element type of a result, as torch spells it without `torch.`."""
        first = dtypes[0] if dtypes else "float32"
        return "float32" if self.fractional and "float" not in first else first

    def element(self, name: str) -> str:
        """What an input must be: a key of `KINDS`, such as `floating`, `numbers`, `mask`; or anything."""
        if name in self.elements:
            return self.elements[name]
        if self.floating or type(self).parameters is not Layer.parameters:
            return "floating"
        return "numbers" if self.arithmetic else ""

    # ---- code ---------------------------------------------------------------------------------

    def changed(self) -> dict[str, Any]:
        """The arguments that differ from torch's defaults, in order, but for inferred ones."""
        return {
            name: value
            for name, argument in self.arguments.items()
            if not argument.inferred
            and ((value := getattr(self, name)) != argument.default or argument.required)
        }


class Module(Layer):
    """A layer that is a class of `torch.nn`: built once, called in `forward`."""

    called: ClassVar[tuple[str, ...]] = ()
    """The arguments that `forward` gives to the call, and not to the constructor."""
    torch_class: ClassVar[str] = ""
    """Where the class is that it builds, as text: `my_modules.Gate`; empty for one of `torch.nn`."""

    def constructor(self) -> str:
        """What is called to build it, in a program that imports `nn`, or else `torch_class`."""
        return self.torch_class.rpartition(".")[2] or f"nn.{type(self).__name__}"

    def build(self, *positional: str, **named: str) -> str:
        """The expression that builds it, from the expressions of its arguments."""
        arguments = [*positional, *(f"{name}={text}" for name, text in named.items())]
        return f"{self.constructor()}({', '.join(arguments)})"

    def write(self, module: str, *inputs: str, **arguments: str) -> str:
        """The expression that applies it: the module, the inputs and `called` as Python expressions."""
        from netspec.layers.writing import keywords

        listed = [
            text if self.inputs[k] == name else f"{name}={text}"
            for k, (name, text) in enumerate(self.by_name(inputs).items())
        ]
        return f"{module}({', '.join(listed)}{keywords(self, arguments, *self.called)})"


class Function(Layer):
    """A layer that is a function of tensors: nothing is built, `forward` calls it."""

    folds: ClassVar[bool] = False
    """Whether `f(a, b, c)` is computed as `f(f(a, b), c)`, bit for bit."""

    def write(self, *inputs: str, **arguments: str) -> str:
        """The expression that computes it, from the expressions of its inputs and arguments."""
        raise NotImplementedError


def _refusal(
    layer: type[Layer], argument: Argument, value: object, refused: Refused
) -> ArgumentError:
    if refused.fixed:
        return ArgumentError(
            Code.NOT_FIXED, argument.name,
            (f"`{argument.name}` of `{layer.__name__}` must be a constant, but `{show(value)}` "
"depends on the input size"),
            f"{show(value)} is not a constant",
        )  # fmt: skip
    return ArgumentError(
        Code.BAD_ARGUMENT, argument.name,
        f"`{argument.name}` of `{layer.__name__}` cannot be {show(value)}",
        f"must be {refused.expected}",
        (_advice(argument, value, refused),),
    )  # fmt: skip


def _advice(argument: Argument, value: object, refused: Refused) -> str:
    suggestion = closest(value, argument.kind.words) if isinstance(value, str) else None
    if suggestion:
        return did_you_mean(suggestion)
    if isinstance(value, str) and value in argument.kind.others_words:
        return f"write a number: only `Conv1d`, `Conv2d` and `Conv3d` accept `{value}`"
    return f"set `{argument.name}` to {refused.expected}"


def _missing(layer: type[Layer], names: list[str]) -> ArgumentError:
    listed = ", ".join(f"`{n}`" for n in names)
    return ArgumentError(
        Code.MISSING_ARGUMENT, "", f"`{layer.__name__}` requires {listed}",
        f"missing {', '.join(names)}",
        tuple(f"`{n}`: {layer.arguments[n].doc}" for n in names),
    )  # fmt: skip


def _clash(error: ShapeError) -> ArgumentError:
    helps = (*error.notes, *error.helps)
    return ArgumentError(error.code, error.argument, error.message, error.label, helps)


def show(value: object) -> str:
    """A value as a spec would write it.

    >>> show([1, True, None, "same"])
    '[1, true, null, same]'
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "null"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(show(v) for v in value) + "]"
    return str(value)


def per_axis(value: int | Sequence[int], axes: int) -> tuple[int, ...]:
    """One number per axis, as torch expands `kernel_size=3`.

    >>> per_axis(3, 2), per_axis((3, 5), 2)
    ((3, 3), (3, 5))
    """
    return (value,) * axes if isinstance(value, int) else tuple(value)


LayerClass = TypeVar("LayerClass", bound=type[Layer])


def layer(cls: LayerClass) -> LayerClass:
    """Mark a class as a layer that specs can name. Its docstring must have a `Shape:` line."""
    return cls
