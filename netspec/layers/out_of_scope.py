"""The classes of `torch.nn` that are no layers of netspec, each with the reason."""

from __future__ import annotations

_LOSS = "a loss is not part of a network: apply it to the output of the compiled module"
_LAZY = "write `{}`: every layer infers its sizes from its input"
_BODY = "use a body of steps, a group or a `repeat` instead"
_TENSOR = "write a learned tensor as a step: `Parameter`"
_BASE = "it is a base class without a computation"

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
    "Buffer": "write a fixed tensor as a step: `Constant`",
    "UninitializedBuffer": "write a fixed tensor as a step: `Constant`",
    "DataParallel": "distribute the compiled module over devices in the training code",
}
"""Name to reason; a test holds the names against `dir(torch.nn)`."""
