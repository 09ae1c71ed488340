"""The keys of a spec file with their sentences, as the models in `netspec/schema` have them.

`python tests/docs/key_tables.py` writes this module: the check path reads it instead of the models.
"""

from __future__ import annotations

FILE_KEYS = {
    "netspec": "The version of the language: `1` or `1.1`. Required.",
    "name": "The name of the network. Default: the name of the file.",
    "doc": "A sentence about the network.",
    "params": "Values that a user may override: `netspec check --set growth=48`, `netspec.load(path, growth=48)`.",
    "presets": "Named sets of such values: `--preset densenet169`, `netspec.load(path, preset=...)`.",
    "inputs": "The names and shapes of the inputs: `{image: [N, 3, H, W]}`.",
    "dims": "Bounds and examples of symbolic sizes: `{H: {min: 32, example: 224}}`.",
    "use": "Files whose blocks this file uses: `{resnet: ./blocks/resnet.yaml}`.",
    "blocks": "Named pieces of network, with parameters; used like layers.",
    "init": "How weights are initialized: a layer or a pattern of paths, to functions of `torch.nn.init`.",
    "body": "The steps of the network, in order. A file without it is a library of blocks.",
    "outputs": "The outputs: the name of a step, a list or a mapping. Default: the last step.",
    "budget": "Limits that `netspec check` enforces.",
    "rename": 'Names in weights files, mapped to the names here: `{"norm.1": norm1}`.',
}  # fmt: skip

BLOCK_KEYS = {
    "doc": "A sentence about the block.",
    "params": "Its parameters: `planes: int` is required, `stride: 1` has a default.",
    "inputs": "The names of its inputs if there are several; the first is the input of its first step.",
    "body": "Its steps, in order.",
    "outputs": "Its outputs; of several, the first is the input of the next step. Default: the last step.",
}  # fmt: skip

PARAMETER_KEYS = {
    "type": "The type of its values; `[int]` is a list of integers.",
    "default": "The value if a use does not set the parameter; `=4 * width` is an expression.",
    "min": "The smallest valid value.",
    "max": "The largest valid value.",
    "choices": "The valid values.",
    "doc": "A description for readers.",
}  # fmt: skip

INPUT_KEYS = {
    "shape": "Its sizes: `[N, 3, H, W]`; a name with a capital is a symbolic size.",
    "dtype": "The type of its elements, spelled as in torch. Default: float32.",
    "doc": "A description for readers.",
}  # fmt: skip

DIMENSION_KEYS = {
    "min": "The smallest size that a caller may pass.",
    "max": "The largest size that a caller may pass.",
    "multiple_of": "A divisor of every size that a caller may pass.",
    "example": "A size for tables and costs; it has no effect on validity.",
    "doc": "A description for readers.",
}  # fmt: skip

BUDGET_KEYS = {
    "params": "The maximum number of parameters.",
    "macs": "The maximum MACs, at the example sizes.",
    "activations": "The maximum number of elements of all results, at the example sizes.",
    "depth": "The maximum number of layers with a kernel or a weight matrix on any path.",
}  # fmt: skip

STEP_KEYS = {
    "op": "A layer, a block of this file, one of a used file, or an `op` parameter.",
    "name": "The name of the step. Use this key for a name that is not valid as a key in YAML.",
    "from": "The input: an earlier step, `input`, `previous`; several as a list or by name. Default: `previous`.",
    "body": "The steps of this group or loop, in order.",
    "outputs": "The output of this group. Default: that of its last step.",
    "branches": "Parallel branches into an op that joins them, such as Concat or Add.",
    "repeat": "How many times to run the step, each on the output of the one before; `i` counts from 0.",
    "when": "A condition; if it is false, the step is skipped: `stride != 1`.",
    "inline": "`true`: the name of this group or block adds no level to the paths inside. Name the steps inside.",
    "share": "Reuse that earlier step with its weights, or tie single weights: `{weight: wte.weight}`.",
    "expect": "The shape that the output must have; `_` matches any size: `[N, 88, _, _]`.",
    "checkpoint": "`true`: recompute the activations of this step in the backward pass, which saves memory.",
    "doc": "A description for readers, tables and pictures.",
    "each": "The loop's variable and its list: `{stage: stages}`.",
}  # fmt: skip

STEP_KINDS = {
    "op": ("op", "name", "doc", "from", "repeat", "when", "expect", "checkpoint", "inline", "share", "branches"),
    "body": ("body", "outputs", "name", "doc", "from", "repeat", "when", "expect", "checkpoint", "inline"),
    "each": ("each", "body", "doc"),
    "share": ("share", "name", "doc", "from", "repeat", "when", "expect", "checkpoint"),
}  # fmt: skip
"""The keys of each kind of step, by the key that makes it one."""

TYPES = ("int", "float", "bool", "str", "op", "size", "any")

ELEMENT_TYPES = ("float32", "float64", "float16", "bfloat16", "int64", "int32", "int16", "int8",
    "uint8", "bool", "complex64", "complex128")  # fmt: skip
