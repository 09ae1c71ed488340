"""What version 1.1 of the language opens: in a file of version 1 it is one error, whose help is the number."""

from __future__ import annotations

from pathlib import Path

import pytest

import netspec
from language.spec_case import text_of
from netspec.check import check_text
from netspec.fix import fix

LATER = [
    "{op: Sin}",
    "{op: Ge, other: 0}",
    "{op: Arange, end: image.height}",
    "{op: Constant, value: 1.0, dtype: float32}",
    "{op: Constant, value: 1.0, persistent: true}",
    "{op: Parameter, shape: [3], requires_grad: false}",
    '{op: Clamp, max: "=sqrt(2)"}',
    '{op: Clamp, max: "=2 * pi"}',
]


def spec(version: str, step: str) -> str:
    return (
        f"netspec: {version}\ninputs: {{image: [N, 3, H, W]}}\nbody:\n  - step: {step}\n"
        "  - relu: {op: ReLU, from: image}\noutputs: [step, relu]\n"
    )


@pytest.mark.parametrize("step", LATER)
def test_a_later_word_is_one_error_in_version_1_and_the_help_removes_it(step: str) -> None:
    report = check_text(spec("1", step))
    errors = [d for d in report.diagnostics if d.severity == "error"]
    assert len(errors) == 1
    assert "requires version 1.1 of the language" in errors[0].message
    assert "write `netspec: 1.1`" in text_of(errors[0])
    assert fix(report, check_text).text == spec("1.1", step)
    assert not [d for d in check_text(spec("1.1", step)).diagnostics if d.severity == "error"]


def test_a_file_with_many_later_words_has_one_error() -> None:
    body = "".join(f"  - {{op: {op}, from: image}}\n" for op in ("Sin", "Cos", "Tan", "Sign"))
    text = f"netspec: 1\ninputs: {{image: [N, 3, H, W]}}\nbody:\n{body}"
    errors = [d for d in check_text(text).diagnostics if d.severity == "error"]
    assert [d.message for d in errors] == ["`Sin` requires version 1.1 of the language"]


def test_a_name_of_torch_is_corrected_with_the_version() -> None:
    report = check_text(spec("1", "{op: torch.sin}"))
    assert fix(report, check_text).text == spec("1.1", "{op: Sin}")


def test_a_parameter_may_have_the_name_of_the_number() -> None:
    text = "netspec: 1\nparams: {pi: 3}\ninputs: {t: [N, 4]}\nbody:\n  - {op: Linear, out_features: =pi}\n"
    assert netspec.load(text).diagnostics == ()
    assert netspec.compile(text)[0].out_features == 3  # type: ignore[index]


@pytest.mark.parametrize(
    ("version", "words"),
    [
        ("1.2", "this file uses version 1.2 of the language; this compiler reads version 1.1"),
        ("2", "this compiler reads version 1.1"),
        ("1.05", "`netspec` must be the version of the language"),
        ("true", "`netspec` must be the version of the language"),
        ("0", "`netspec` must be the version of the language"),
    ],
)
def test_another_version_is_an_error(version: str, words: str) -> None:
    (error,) = check_text(spec(version, "{op: Tanh}")).diagnostics
    assert error.code == "NS023"
    assert words in error.message


@pytest.mark.parametrize("version", ["1", "1.0", "1.1", "1.10"])
def test_a_version_is_a_number(version: str) -> None:
    assert check_text(spec(version, "{op: Identity}")).valid


OWN = '''
from netspec.layer import Module, layer

@layer
class Sin(Module):
    """Computes the sine.

    Shape: (*) -> (*)
    """

    torch_class = "my_modules.Sin"
'''


@pytest.mark.parametrize("version", ["1", "1.1"])
def test_a_custom_layer_keeps_a_name_that_version_1_1_introduced(
    version: str, tmp_path: Path
) -> None:
    path = tmp_path / "own.py"
    path.write_text(OWN, encoding="utf-8")
    network = netspec.load(spec(version, "{op: Sin}"), layers=[str(path)])
    assert not [d for d in network.diagnostics if d.severity == "error"]
    assert "from my_modules import Sin" in network.source()


@pytest.mark.parametrize("op", ["torch.nonzero", "unique", "masked_select", "torch.argwhere"])
def test_a_shape_that_depends_on_values_is_rejected_with_the_reason(op: str) -> None:
    (error,) = [
        d for d in check_text(spec("1.1", f"{{op: {op}}}")).diagnostics if d.severity == "error"
    ]
    assert error.code == "NS101"
    assert "depends on the values of its input" in text_of(error)
