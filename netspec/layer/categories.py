"""The categories of layers, in the order of lists and pages."""

from __future__ import annotations

from typing import Final, Literal

Category = Literal[
    "linear", "convolution", "pooling", "normalization", "activation", "elementwise", "dropout",
    "recurrent", "attention", "embedding", "join", "distance", "reduction", "shape", "padding",
    "resampling", "tensor", "custom",
]  # fmt: skip

TITLES: Final[dict[Category, str]] = {
    "linear": "Linear layers",
    "convolution": "Convolutions",
    "pooling": "Pooling",
    "normalization": "Normalization",
    "activation": "Activations",
    "elementwise": "Element-wise functions",
    "dropout": "Dropout",
    "recurrent": "Recurrent layers",
    "attention": "Attention and transformers",
    "embedding": "Embeddings",
    "join": "Operations on several tensors",
    "distance": "Distances",
    "reduction": "Reductions",
    "shape": "Reshaping, indexing and rearranging",
    "padding": "Padding",
    "resampling": "Resampling and shuffling",
    "tensor": "Parameters and constants",
    "custom": "Custom layers",
}
"""The heading of each category."""
