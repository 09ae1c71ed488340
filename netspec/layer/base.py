"""The base class of layers: arguments, shape rule, cost, and the generated call.

A layer writes code and never runs it: nothing here imports torch.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self, TypeVar

from netspec.dims import Shape, Size
from netspec.layer.argument_kinds import InvalidValueError
from netspec.layer.arguments import Argument
from netspec.layer.memory import ConcreteShape, Memory
from netspec.layer.shape_rules import SAME, ArgumentError, FieldRule, Origin, ShapeError, Solver

if TYPE_CHECKING:
    from netspec.layer.categories import Category

__all__ = [
    "ArgumentError",
    "ConcreteShape",
    "Function",
    "Item",
    "Layer",
    "Module",
    "Names",
    "Origin",
    "ShapeError",
    "Solver",
]

Names = tuple["str | Names", ...]
"""Names of results, nested as torch nests them."""

Item = TypeVar("Item")


class Layer(Memory):
    """One operation with its arguments. Subclasses declare the arguments and override the rules below.

    A declaration extends `Module` or `Function`. An instance has the value of each argument as an attribute.

    Example:
        >>> from netspec.layers import find
        >>> conv, errors = find("Conv2d").make({"out_channels": 8, "kernel_size": 3})
        >>> conv.kernel_size, conv.stride
        (3, 1)
        >>> conv.parameters((1, 3, 32, 32))
        {'weight': (8, 3, 3, 3), 'bias': (8,)}
    """

    op: ClassVar[str] = ""
    """The name in specs; the name of the class unless the class sets it."""
    since: ClassVar[float] = 1
    """The version of the language that introduced it."""
    later: ClassVar[tuple[str, ...]] = ()
    """The arguments that version 1.1 of the language introduced, of a layer of version 1."""
    category: ClassVar[Category] = "custom"
    """The group in lists and the color in pictures: a key of `netspec.layer.categories.TITLES`."""
    torch_name: ClassVar[str] = ""
    """The function of PyTorch, such as `torch.cat`; a `Module` uses the name of its class by default."""
    arguments: ClassVar[dict[str, Argument]] = {}
    """The declared arguments, in the order of PyTorch."""
    inputs: ClassVar[tuple[str, ...]] = ("input",)
    """The names of the inputs, for `from: {query: …}`."""
    floating: ClassVar[bool] = False
    """Whether it requires floating-point inputs; a layer with weights does in any case."""
    arithmetic: ClassVar[bool] = False
    """Whether it requires numbers, not booleans."""
    fractional: ClassVar[bool] = False
    """Whether the result of integer inputs has floating-point elements."""
    elements: ClassVar[Mapping[str, Literal["integer", "int64", "mask", "boolean", "bits"]]] = {}
    """The element types of other inputs by name: integers, booleans, bits (both), or a mask (booleans or
    floating-point numbers)."""
    optional_inputs: ClassVar[int] = 0
    """The number of optional inputs, which come last."""
    taken: tuple[str, ...] = ()
    """The names of the inputs of this call if some are omitted; empty for the first ones."""
    variadic: ClassVar[bool] = False
    """Whether it accepts any number of inputs."""
    orderless: ClassVar[bool] = False
    """Whether the order of the inputs has no effect."""
    fewest: ClassVar[int] = 1
    """The minimum number of inputs of a variadic layer."""
    flows: ClassVar[bool] = True
    """Whether its result becomes `previous`."""
    positional: ClassVar[tuple[str, ...]] = ()
    """The arguments that the generated constructor call passes by position."""
    axes: ClassVar[int] = 0
    """The number of spatial dimensions: 2 for `Conv2d`. `PerAxis` arguments use it."""
    example: ClassVar[str] = ""
    """A short spec that uses the layer, inputs and body, if the derived one is not suitable."""
    order: ClassVar[tuple[str, ...]] = ()
    """The order of the arguments, if it is not that of their declarations."""

    def __init_subclass__(cls) -> None:
        if "op" not in cls.__dict__:
            cls.op = cls.__name__
        declared = {}
        for base in reversed(cls.__mro__[1:]):
            declared.update(base.__dict__.get("arguments", {}))
        for name, value in list(cls.__dict__.items()):
            if isinstance(value, Argument):
                value.name = name
                declared.pop(name, None)
                declared[name] = value
            elif name in declared:
                del declared[name]  # a plain value takes the place of an inherited argument
        order = (*cls.order, *(name for name in declared if name not in cls.order))
        cls.arguments = {name: declared[name].over(cls.axes) for name in order}

    def __init__(self, **values: object) -> None:
        for name, argument in self.arguments.items():
            setattr(self, name, values.get(name, argument.default))

    def taking(self, names: tuple[str, ...]) -> Self:
        """The layer for a call with some of its inputs.

        Args:
            names: The names of the inputs of the call, in order.

        Returns:
            A layer with these names as `taken`; the same object for the same names.
        """
        calls = self.__dict__.setdefault("_calls", {self.taken: self})
        names = () if names == self.inputs[: len(names)] else names
        if names not in calls:
            made = calls[names] = type(self)(**{n: getattr(self, n) for n in self.arguments})
            made.taken, made.__dict__["_calls"] = names, calls
        bound: Self = calls[names]
        return bound

    def by_name(self, inputs: Sequence[Item]) -> dict[str, Item]:
        """The inputs of a call by name.

        Args:
            inputs: A value for each input of the call.

        Returns:
            The values by the name of the input.
        """
        return dict(zip(self.taken or self.inputs, inputs, strict=False))

    @classmethod
    def make(cls, values: Mapping[str, object]) -> tuple[Layer | None, list[ArgumentError]]:
        """Construct the layer from the values of a step.

        Args:
            values: The values of the arguments by name.

        Returns:
            The layer and no errors, or None and every error in the values.
        """
        accepted: dict[str, object] = {}
        rejected: dict[str, InvalidValueError | None] = {}
        for name, value in values.items():
            argument = cls.arguments.get(name)
            try:
                if argument is None:
                    rejected[name] = None
                else:
                    accepted[name] = argument.kind.accept(value)
            except InvalidValueError as error:
                rejected[name] = error
        missing = [n for n, a in cls.arguments.items() if a.required and n not in values]
        if rejected or missing:
            from netspec.layer.argument_errors import value_errors

            return None, value_errors(cls, values, rejected, missing)
        made = cls(**accepted)
        try:
            made.validate()
        except ShapeError as error:
            from netspec.layer.argument_errors import conflicting_arguments

            return None, [conflicting_arguments(error)]
        return made, []

    # ---- rules that a layer overrides ---------------------------------------------------------

    def validate(self) -> None:
        """Reject arguments that contradict each other, whatever the input. `make` calls it.

        Raises:
            ShapeError: The arguments cannot be used together.
        """

    def inferred_arguments(self, *inputs: Shape) -> dict[str, Size | Shape]:
        """The arguments that the inputs determine.

        Args:
            inputs: The shapes of the inputs. Their ranks may still be wrong.

        Returns:
            The values by name, such as `{"in_channels": 64}`.
        """
        return {}

    def infer(self, solver: Solver, /, *inputs: Shape) -> Shape | list[Shape]:
        """The shape rule.

        Args:
            solver: Decides relations between symbolic sizes.
            inputs: The shapes of the inputs.

        Returns:
            The shape of the result, or a list with a shape for each of `results`.

        Raises:
            ShapeError: The layer cannot be applied to these shapes.
        """
        return inputs[0]

    @property
    def results(self) -> tuple[str, ...]:
        """The names of the results. A single result has the name of the step."""
        return ("output",)

    @property
    def returned(self) -> Names:
        """The names of the results as PyTorch nests them: `("output", ("h_n", "c_n"))`."""
        return self.results

    def parameters(self, *inputs: Shape) -> dict[str, ConcreteShape]:
        """The shapes of the parameters.

        Args:
            inputs: The shapes of the inputs.

        Returns:
            The shapes by name, in the order of PyTorch.
        """
        return {}

    def weight_groups(self, *inputs: Shape) -> list[tuple[int, dict[str, ConcreteShape]]]:
        """The parameters in groups; a stack of equal layers is one group.

        Args:
            inputs: The shapes of the inputs.

        Returns:
            For each group, how often it occurs, and the shapes of its parameters by name.
        """
        return [(1, self.parameters(*inputs))]

    def weight_count(self, *inputs: Shape) -> int:
        """The number of elements of all parameters.

        Args:
            inputs: The shapes of the inputs.

        Returns:
            The number of elements.
        """
        return sum(
            times * prod(shape)
            for times, part in self.weight_groups(*inputs)
            for shape in part.values()
        )

    def tensor_count(self, *inputs: Shape) -> int:
        """The number of parameter tensors.

        Args:
            inputs: The shapes of the inputs.

        Returns:
            The number of tensors.
        """
        return sum(times * len(part) for times, part in self.weight_groups(*inputs))

    def buffers(self, *inputs: Shape) -> dict[str, ConcreteShape]:
        """The shapes of the buffers in the `state_dict`.

        Args:
            inputs: The shapes of the inputs.

        Returns:
            The shapes by name, in the order of PyTorch.
        """
        return {}

    def macs(self, inputs: Sequence[ConcreteShape], outputs: Sequence[ConcreteShape]) -> int:
        """The number of multiply-accumulate operations.

        Args:
            inputs: The shapes of the inputs.
            outputs: The shapes of the results.

        Returns:
            The MACs of one forward pass.
        """
        return 0

    def origin(self, result: int, axis: int, *inputs: Shape) -> Origin:
        """How a size of a result is computed, for messages that show the arithmetic.

        Args:
            result: The index of the result.
            axis: The dimension, from 0.
            inputs: The shapes of the inputs.

        Returns:
            The origin of the size.
        """
        return Origin("same", parts=((0, axis),))

    def receptive_field(
        self, result: int, index: int, axis: int, *inputs: ConcreteShape
    ) -> FieldRule:
        """The elements of an input on which one element of a result depends, along one dimension.

        By default, it is the element at the same position, along the dimension that `origin` names; of a
        dimension that no dimension of the result comes from, it is every element. Padding does not count.

        Args:
            result: The index of the result.
            index: The index of the input.
            axis: The dimension of the input, from 0.
            inputs: The shapes of the inputs.

        Returns:
            A window, `"everything"`, or `"unclear"` if the elements are not a window.
        """
        return SAME

    def formula(self, result: int, axis: int, *inputs: ConcreteShape) -> str:
        """The arithmetic of a size of origin `window`, with its numbers.

        Args:
            result: The index of the result.
            axis: The dimension, from 0.
            inputs: The shapes of the inputs.

        Returns:
            The arithmetic, such as `⌊(224 + 2·3 − 7) / 2⌋ + 1`.
        """
        return ""

    def remark(self) -> str:
        """A comment for the call in generated code, if the call does not show what it computes.

        Returns:
            The comment; empty for none.
        """
        return ""

    def normalized_sizes(self, shape: Shape) -> tuple[Size, ...] | None:
        """The sizes over which the layer normalizes in training, if PyTorch rejects a single value.

        Args:
            shape: The shape of the input.

        Returns:
            The sizes other than 1; None for a layer that accepts any input in training.
        """
        return None

    def dtype(self, *dtypes: str, result: int = 0) -> str:
        """The element type of a result.

        Args:
            dtypes: The element types of the inputs.
            result: The index of the result.

        Returns:
            The element type, as PyTorch spells it without `torch.`.
        """
        first = dtypes[0] if dtypes else "float32"
        return "float32" if self.fractional and "float" not in first else first

    def result_dtype(self, dtypes: Sequence[str], shapes: Sequence[Shape], result: int = 0) -> str:
        """The element type of a result whose inputs have these types and shapes; `dtype` by default.

        Args:
            dtypes: The element types of the inputs.
            shapes: The shapes of the inputs.
            result: The index of the result.

        Returns:
            The element type, as PyTorch spells it without `torch.`.
        """
        return self.dtype(*dtypes, result=result)

    def check_dtypes(self, dtypes: Sequence[str], shapes: Sequence[Shape]) -> None:
        """Reject element types that depend on each other; `element` has those of each input.

        Args:
            dtypes: The element types of the inputs.
            shapes: The shapes of the inputs.

        Raises:
            ShapeError: The layer cannot be applied to these element types.
        """

    def element(self, name: str) -> str:
        """The element types that an input accepts.

        Args:
            name: The name of the input.

        Returns:
            `floating`, `numbers`, `integer` or `mask`; empty for any.
        """
        if name in self.elements:
            return self.elements[name]
        if self.floating or type(self).parameters is not Layer.parameters:
            return "floating"
        return "numbers" if self.arithmetic else ""

    def canonical_op(self, op: str) -> str:
        """The op as networks are compared by it: without the names that a spec chooses.

        Args:
            op: The op of the step.

        Returns:
            The op; a formula has numbered inputs instead of names.
        """
        return op

    def canonical_arguments(self) -> dict[str, Any]:
        """The arguments as networks are compared by them; see `canonical_op`.

        Returns:
            The values by name.
        """
        return self.changed()

    # ---- code ---------------------------------------------------------------------------------

    def changed(self) -> dict[str, Any]:
        """The arguments that differ from the defaults.

        Returns:
            The values by name, in order, without inferred ones.
        """
        return {
            name: value
            for name, argument in self.arguments.items()
            if not argument.inferred
            and ((value := getattr(self, name)) != argument.default or argument.required)
        }


class Module(Layer):
    """A layer that is a class of `torch.nn`, or one of your own: constructed once, called in `forward`.

    Example:
        >>> from netspec.layers import find
        >>> conv, errors = find("Conv2d").make({"out_channels": 8, "kernel_size": 3})
        >>> conv.build("3", "8", "3"), conv.write("self.conv", "x")
        ('nn.Conv2d(3, 8, 3)', 'self.conv(x)')
    """

    call_arguments: ClassVar[tuple[str, ...]] = ()
    """The arguments of the call in `forward`, as opposed to those of the constructor."""
    torch_class: ClassVar[str] = ""
    """The class to construct, as text: `my_modules.Gate`; empty for the class of `torch.nn` with that name."""

    def constructor(self) -> str:
        """The expression of the class, in a program that imports `nn` or `torch_class`.

        Returns:
            The expression, such as `nn.Conv2d`.
        """
        return self.torch_class.rpartition(".")[2] or f"nn.{self.op}"

    def build(self, *positional: str, **named: str) -> str:
        """The expression that constructs the module.

        Args:
            positional: The expressions of the arguments in `positional`.
            named: The expressions of the other arguments.

        Returns:
            The call of the constructor, such as `nn.Conv2d(3, 64, 7)`.
        """
        arguments = [*positional, *(f"{name}={text}" for name, text in named.items())]
        return f"{self.constructor()}({', '.join(arguments)})"

    def write(self, module: str, *inputs: str, **arguments: str) -> str:
        """The expression that calls the module.

        Args:
            module: The expression of the module.
            inputs: The expressions of the inputs.
            arguments: The expressions of the arguments in `call_arguments`.

        Returns:
            The call, such as `self.conv(x)`.
        """
        from netspec.layer.calls import keywords

        listed = [
            text if self.inputs[k] == name else f"{name}={text}"
            for k, (name, text) in enumerate(self.by_name(inputs).items())
        ]
        return f"{module}({', '.join(listed)}{keywords(self, arguments, *self.call_arguments)})"


class Function(Layer):
    """A layer that is a function of tensors: nothing is constructed, `forward` calls it.

    Example:
        >>> from netspec.layers import find
        >>> concat, errors = find("Concat").make({"dim": 1})
        >>> concat.write("a", "b", dim="1")
        'torch.cat([a, b], 1)'
    """

    folds: ClassVar[bool] = False
    """Whether `f(a, b, c)` equals `f(f(a, b), c)` bit for bit."""

    def write(self, *inputs: str, **arguments: str) -> str:
        """The expression that computes the result.

        Args:
            inputs: The expressions of the inputs.
            arguments: The expressions of all arguments.

        Returns:
            The expression, such as `torch.cat([a, b], 1)`.

        Raises:
            NotImplementedError: The layer does not define it.
        """
        raise NotImplementedError
