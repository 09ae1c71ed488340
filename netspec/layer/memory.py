"""How a layer uses memory: which tensors it shares, overwrites, or saves for the backward pass."""

from __future__ import annotations

from typing import ClassVar

ConcreteShape = tuple[int, ...]
"""A shape whose sizes are all integers."""


class Memory:
    """The rules of a layer on memory. In-place operations and views are checked with them."""

    view: ClassVar[bool] = False
    """Whether a result may share memory with the first input; see `strides`."""
    splits: ClassVar[bool] = False
    """Whether its results are views that PyTorch does not allow to overwrite while it computes gradients."""
    saved_inputs: ClassVar[bool] = False
    """Whether the backward pass reads the inputs, so that nothing may overwrite them; see `saves_input`."""
    saved_result: ClassVar[bool] = False
    """Whether the backward pass reads the first result; see `saves_result`."""

    def saves_input(self, index: int) -> bool:
        """Whether the backward pass reads an input as it was in the forward pass.

        Args:
            index: The index of the input.

        Returns:
            Whether nothing may overwrite that input.
        """
        return self.saved_inputs

    def saves_result(self, result: int) -> bool:
        """Whether the backward pass reads a result as it was in the forward pass.

        Args:
            result: The index of the result.

        Returns:
            Whether nothing may overwrite that result.
        """
        return self.saved_result and result == 0

    def overwrites(self) -> bool:
        """Whether the layer writes its result into its first input, at least in training.

        Returns:
            True for a layer with `inplace: true`.
        """
        return bool(getattr(self, "inplace", False))

    def strides(
        self, before: ConcreteShape, strides: ConcreteShape, after: ConcreteShape
    ) -> ConcreteShape | None:
        """The strides of a view.

        Args:
            before: The shape of the input.
            strides: The strides of the input.
            after: The shape of the result.

        Returns:
            The strides of the result; None if the layer copies its input in training.
        """
        return strides
