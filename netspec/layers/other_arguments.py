"""Names of arguments in other places: functions of PyTorch, its constructors, and other libraries.

A test holds the tables against the signatures of torch.
"""

from __future__ import annotations

from collections.abc import Iterable

_OF_LAYER = {
    "Split": dict.fromkeys(("split_size_or_sections", "split_sizes", "indices_or_sections"), "split_size"),
    "Expand": {"sizes": "size", "shape": "size"},
    "Reshape": {"size": "shape", "sizes": "shape", "newshape": "shape", "target_shape": "shape"},
    "Unflatten": {"sizes": "unflattened_size"},
    "Transpose": {"axis0": "dim0", "axis1": "dim1"},
    "Select": {"idx": "index"},
    "Norm": {"p": "ord"},
    "Hardtanh": {"min_value": "min_val", "max_value": "max_val"},
    "MultiheadAttention": {"dropout_p": "dropout", "key_dim": "embed_dim"},
    "Embedding": {"input_dim": "num_embeddings", "output_dim": "embedding_dim"},
    "LeakyReLU": {"alpha": "negative_slope", "slope": "negative_slope"},
    "GroupNorm": {"groups": "num_groups"},
}  # fmt: skip
"""Layer to arguments by the names that a function of the same meaning has for them."""

_OF_ANY = {
    # functions of torch and of NumPy
    "axis": ("dim", "dims"), "axes": ("dims", "dim"), "dimension": ("dim",), "keepdims": ("keepdim",),
    "output_size": ("size",), "scale_factors": ("scale_factor",), "has_biases": ("bias",),
    "scale": ("scale_factor",),
    # what they are called in programs
    "in": ("in_channels", "in_features", "input_size"), "out": ("out_channels", "out_features", "hidden_size"),
    "in_dim": ("in_features", "in_channels", "input_size"), "out_dim": ("out_features", "out_channels"),
    "pad": ("padding",), "kernel": ("kernel_size",), "ksize": ("kernel_size",), "heads": ("num_heads", "nhead"),
    "n_heads": ("num_heads", "nhead"), "nhead": ("num_heads",), "num_heads": ("nhead",),
    "hidden_dim": ("hidden_size",), "vocab_size": ("num_embeddings",),
    "embed_size": ("embedding_dim", "embed_dim"),
    "embed_dim": ("embedding_dim", "d_model"), "emb_dim": ("embedding_dim", "embed_dim"),
    # layers of Keras
    "filters": ("out_channels",), "units": ("out_features", "hidden_size"), "strides": ("stride",),
    "pool_size": ("kernel_size",), "dilation_rate": ("dilation",), "use_bias": ("bias",),
    "epsilon": ("eps",), "rate": ("p",), "recurrent_dropout": ("dropout",),
    "input_dim": ("in_features", "input_size"),
    # layers of Flax, Caffe and MXNet, operators of ONNX
    "features": ("out_channels", "out_features"), "num_output": ("out_channels", "out_features"),
    "num_filter": ("out_channels",), "num_filters": ("out_channels",), "n_filters": ("out_channels",),
    "num_hidden": ("out_features", "hidden_size"), "kernel_shape": ("kernel_size",),
    "filter_size": ("kernel_size",),
    # configurations of Transformers
    "num_attention_heads": ("num_heads", "nhead"), "intermediate_size": ("dim_feedforward",),
    "d_ff": ("dim_feedforward",), "ff_dim": ("dim_feedforward",), "ffn_dim": ("dim_feedforward",),
    "mlp_dim": ("dim_feedforward",), "hidden_size": ("embedding_dim", "embed_dim", "d_model"),
    "prob": ("p",), "dropout_rate": ("p", "dropout"), "dropout_prob": ("p", "dropout"),
    "align": ("align_corners",),
}  # fmt: skip
"""An argument's name elsewhere to its names here; the first that the layer has applies."""

_OF_STEP = {
    "times": "repeat", "repeats": "repeat", "num_blocks": "repeat", "if": "when", "condition": "when",
    "inputs": "from", "bottom": "from", "input_layers": "from", "input_names": "from", "source": "from",
}  # fmt: skip
"""Words of other formats to the key of a step that has their meaning."""

_INPUTS = frozenset({
    "input", "other", "tensor", "tensors", "mat2", "vec", "batch2", "tensor2", "hx", "x1", "x2",
    "dividend", "divisor",
})  # fmt: skip
"""Tensors that a function accepts as arguments."""

_REMARKS = {
    "device": "move the whole module after building it: `module.to(device=…)`",
    "dtype": "convert the whole module after building it: `module.to(dtype=…)`",
    "training": "set the mode on the module: `module.train()`, `module.eval()`",
    "train": "set the mode on the module: `module.train()`, `module.eval()`",
    **dict.fromkeys(
        ("weight", "running_mean", "running_var", "in_proj_weight", "out_proj_weight", "_weight"),
        "use `init` to set initial weights, `share` to use those of another step",
    ),
    **dict.fromkeys(
        ("encoder_layer", "decoder_layer"),
        "pass the arguments of the inner layer directly: `nhead`, `dim_feedforward`, …",
    ),
    **dict.fromkeys(
        ("activation", "act", "act_type"), "an activation is a step of its own, such as `ReLU`"
    ),
    **dict.fromkeys(
        ("norm", "norm_layer", "bn"), "a normalization is a step of its own, such as `BatchNorm2d`"
    ),
    **dict.fromkeys(
        ("input_shape", "batch_input_shape", "input_length"),
        "omit it: `inputs` declares the shape, and netspec infers the rest",
    ),
    **dict.fromkeys(
        ("return_sequences", "return_state"),
        "omit it: the output has all positions, `{op: Select, dim: 1, index: -1}` reads the last one, "
        "and `h_n` is the state",
    ),
    **dict.fromkeys(
        ("kernel_initializer", "bias_initializer", "weight_filler", "bias_filler", "kernel_init"),
        "`init` sets how weights are initialized",
    ),
    **dict.fromkeys(
        ("kernel_regularizer", "bias_regularizer", "activity_regularizer", "weight_decay"),
        "omit it: regularization belongs to the training code",
    ),
    **dict.fromkeys(
        ("axis", "data_format", "channels_last"),
        "omit it: the channels are dimension 1; `Permute` moves them there",
    ),
    "no_bias": "write the opposite: `bias: false` for `no_bias: true`",
    "keep_prob": "write `p`, the share that is dropped: 1 - keep_prob",
    "pads": "write `padding`: one number for each dimension, for both sides of it",
    "trainable": "a module is frozen after it is built: `module.requires_grad_(False)`",
}
"""The help for an argument without a counterpart."""


def suggested_argument(layer: str, name: str, arguments: Iterable[str]) -> str | None:
    """The argument of a layer that has another name elsewhere.

    >>> suggested_argument("Split", "split_size_or_sections", ["split_size", "dim"])
    'split_size'
    >>> suggested_argument("Softmax", "axis", ["dim"])
    'dim'
    """
    has = tuple(arguments)
    candidates = (_OF_LAYER.get(layer, {}).get(name, ""), *_OF_ANY.get(name, ()))
    return next((candidate for candidate in candidates if candidate in has), None)


def suggested_key(name: str) -> str | None:
    """The key of a step that an unknown argument is another word for.

    >>> suggested_key("times")
    'repeat'
    """
    return _OF_STEP.get(name)


def remark(name: str, inputs: tuple[str, ...]) -> str | None:
    """The help for an argument without a counterpart in this layer.

    >>> remark("tensors", ("input",))
    'pass its inputs with `from`'
    """
    if name in inputs or name in _INPUTS:
        return "pass its inputs with `from`"
    return _REMARKS.get(name)
