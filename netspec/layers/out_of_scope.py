"""The classes of `torch.nn` that are no layers of netspec, each with the reason."""

from __future__ import annotations

_LOSS = "a loss is no part of a network: apply it to what the compiled module gives"
_LAZY = "every layer infers its sizes from its input: write `{}`"
_BODY = "a body of steps, a group or a `repeat` takes its place"
_TENSOR = "learned tensors of the network's own are steps: `Parameter`"
_BASE = "it is the base of other classes, and does nothing by itself"

_LOSSES = (
    "AdaptiveLogSoftmaxWithLoss", "BCELoss", "BCEWithLogitsLoss", "CTCLoss", "CosineEmbeddingLoss",
    "CrossEntropyLoss", "GaussianNLLLoss", "HingeEmbeddingLoss", "HuberLoss", "KLDivLoss", "L1Loss",
    "LinearCrossEntropyLoss", "LinearCrossEntropyOptions", "MSELoss", "MarginRankingLoss",
    "MultiLabelMarginLoss", "MultiLabelSoftMarginLoss", "MultiMarginLoss", "NLLLoss", "NLLLoss2d",
    "PoissonNLLLoss", "SmoothL1Loss", "SoftMarginLoss", "TripletMarginLoss",
    "TripletMarginWithDistanceLoss",
)  # fmt: skip
_LAZY_ONES = (
    *(f"Lazy{kind}{n}d" for kind in ("BatchNorm", "Conv", "ConvTranspose", "InstanceNorm") for n in (1, 2, 3)),
    "LazyLinear",
)  # fmt: skip

OUT_OF_SCOPE: dict[str, str] = {
    **dict.fromkeys(_LOSSES, _LOSS),
    **{name: _LAZY.format(name.removeprefix("Lazy")) for name in _LAZY_ONES},
    **dict.fromkeys(("Container", "ModuleDict", "ModuleList", "Sequential"), _BODY),
    **dict.fromkeys(("ParameterDict", "ParameterList", "UninitializedParameter"), _TENSOR),
    **dict.fromkeys(("Module", "RNNBase", "RNNCellBase"), _BASE),
    "Buffer": "fixed tensors of the network's own are steps: `Constant`",
    "UninitializedBuffer": "fixed tensors of the network's own are steps: `Constant`",
    "DataParallel": "how a network is spread over devices is the business of who runs it",
}
"""Name to reason; a test holds the names against `dir(torch.nn)`."""
