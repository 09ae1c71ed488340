"""Binary files of other tools, recognized by how they begin."""

from __future__ import annotations

import re

from netspec.diagnostics import Code, Diagnostic, Help

_WEIGHTS = "to compare weights with a spec: `netspec check SPEC --weights FILE`"
_OTHER_WEIGHTS = "netspec reads weights from `.safetensors` and `torch.save` files only"
_STEPS = (
    "write its layers as the steps of a spec; `netspec new --list` lists networks to start from"
)
_SCRIPT = (
    "to compare its weights with a spec, save them alone: "
    "`torch.save(torch.jit.load(path).state_dict(), 'weights.pt')`"
)
_EXPORTED = (
    "to compare its weights with a spec, save them alone: "
    "`torch.save(torch.export.load(path).state_dict, 'weights.pt')`"
)
_PICTURE = "pass the spec instead"

_BEGINS = (
    (b"\x89HDF\r\n\x1a\n", "an HDF5 file, as Keras writes models and weights", _OTHER_WEIGHTS),
    (b"GGUF", "a GGUF file with the weights of a language model", _OTHER_WEIGHTS),
    (b"\x93NUMPY", "a NumPy array", _OTHER_WEIGHTS),
    (b"\x89PNG\r\n", "an image", _PICTURE),
    (b"\xff\xd8\xff", "an image", _PICTURE),
    (b"GIF8", "an image", _PICTURE),
    (b"%PDF-", "a PDF", _PICTURE),
    (b"\x1f\x8b", "a gzip archive", "unpack it first"),
)  # fmt: skip
_TORCH = re.compile(
    rb"[^/]+/(?:data\.pkl|constants\.pkl|data/\d+|code/.*|version|byteorder|\.format_version|\.data/.*)"
)
_SCRIPT_RECORD = re.compile(rb"/constants\.pkl|/code/__torch__")
"""The names of records that a program of TorchScript has, as its directory lists them."""
_EXPORTED_RECORD = re.compile(
    rb"/archive_format|/models/\w+\.json|serialized_exported_program\.json"
)
_ONNX = re.compile(
    rb"\x08[\x01-\x1f][\x12\x1a\x22\x32\x3a\x42]|\x08[\x01-\x1f]\x28.[\x12\x1a\x22\x32\x3a\x42]",
    re.DOTALL,
)
_HEADER = re.compile(rb'\{\s*"')
_PICKLE = re.compile(rb"\x80[\x02-\x05]")


def foreign_bytes(path: str, data: bytes, end: bytes) -> Diagnostic | None:
    """The diagnostic on a binary file of a known kind, from its first and last bytes; None for every text."""
    known = _kind(data, end)
    if known is None:
        return None
    kind, instead = known
    return Diagnostic(Code.FOREIGN, f"`{path}` is {kind}, not a spec", helps=(Help(instead),))


def _kind(data: bytes, end: bytes) -> tuple[str, str] | None:
    for begin, kind, instead in _BEGINS:
        if data.startswith(begin):
            return kind, instead
    if data.startswith(b"PK\x03\x04"):
        return _archive(data, end)
    if data[4:8] == b"TFL3":
        return "a TensorFlow Lite model", _STEPS
    if _HEADER.match(data, 8) and int.from_bytes(data[:8], "little") < 2**40 and b"\0" in data[:8]:
        return "a safetensors weights file", _WEIGHTS
    if _PICKLE.match(data):
        return "a pickle, as older versions of `torch.save` write weights", _WEIGHTS
    if _ONNX.match(data) and (b"\0" in data or b"onnx" in data or b"\x0a" in data):
        return "an ONNX model", _STEPS
    return None


def _archive(data: bytes, end: bytes) -> tuple[str, str]:
    """The contents of a zip archive, by its directory and the name of its first file."""
    if _SCRIPT_RECORD.search(end):
        return "a TorchScript program from `torch.jit.save`", _SCRIPT
    if _EXPORTED_RECORD.search(end):
        return "a program from `torch.export.save`", _EXPORTED
    length = int.from_bytes(data[26:28], "little")
    name = data[30 : 30 + length]
    if _TORCH.fullmatch(name):
        return "a `torch.save` file with weights", _WEIGHTS
    if name in (b"metadata.json", b"config.json", b"model.weights.h5"):
        return "a Keras model", _STEPS
    if name.endswith(b".npy"):
        return "an archive of NumPy arrays", _OTHER_WEIGHTS
    return "a zip archive", "unpack it first"
