"""netspec: a compiler for neural networks written as text.

It proves shapes, explains errors, and generates PyTorch code.

>>> import netspec
>>> network = netspec.load('''
... netspec: 1
... inputs: {image: [N, 3, H, W]}
... body:
...   - conv: {op: Conv2d, out_channels: 8, kernel_size: 3, stride: 2}
... ''')
>>> [str(size) for size in network.elaborate().outputs.values[0].shape]
['N', '8', '(H-1)//2', '(W-1)//2']
"""

from __future__ import annotations

from typing import TYPE_CHECKING

__version__ = "0.1.0"

if TYPE_CHECKING:
    from netspec.api import MissingTorchError as MissingTorchError
    from netspec.api import Network as Network
    from netspec.api import compile as compile
    from netspec.api import load as load
    from netspec.api import source as source
    from netspec.check import Report as Report
    from netspec.diagnostics import Diagnostic as Diagnostic
    from netspec.diagnostics import SpecError as SpecError
    from netspec.render import EngineError as EngineError
    from netspec.schema.graph import GraphModel as GraphModel
    from netspec.schema.lock_model import LockFile as LockFile
    from netspec.schema.reports import CheckReport as CheckReport
    from netspec.schema.reports import CodeListReport as CodeListReport
    from netspec.schema.reports import CodePageReport as CodePageReport
    from netspec.schema.reports import DiffReport as DiffReport
    from netspec.schema.reports import LayerListReport as LayerListReport
    from netspec.schema.reports import LayerReport as LayerReport
    from netspec.schema.reports import MemoryPlanReport as MemoryPlanReport
    from netspec.schema.reports import ModuleReport as ModuleReport
    from netspec.schema.reports import NodeReport as NodeReport
    from netspec.schema.reports import SummaryReport as SummaryReport
    from netspec.schema.spec_file import SpecFile as SpecFile
    from netspec.schema.step_models import Step as Step

_HOMES = {
    "MissingTorchError": "api", "Network": "api", "compile": "api", "load": "api", "source": "api",
    "Report": "check", "Diagnostic": "diagnostics", "SpecError": "diagnostics", "EngineError": "render",
    "SpecFile": "schema.spec_file", "Step": "schema.step_models", "GraphModel": "schema.graph",
    "CheckReport": "schema.reports", "DiffReport": "schema.reports", "CodeListReport": "schema.reports",
    "CodePageReport": "schema.reports", "LayerListReport": "schema.reports", "LayerReport": "schema.reports",
    "LockFile": "schema.lock_model", "ModuleReport": "schema.reports", "NodeReport": "schema.reports",
    "SummaryReport": "schema.reports", "MemoryPlanReport": "schema.reports",
}  # fmt: skip
__all__ = [
    "CheckReport", "CodeListReport", "CodePageReport", "Diagnostic", "DiffReport", "EngineError",
    "GraphModel", "LayerListReport", "LayerReport", "LockFile", "MemoryPlanReport", "MissingTorchError",
    "ModuleReport", "Network", "NodeReport", "Report", "SpecError",
    "SpecFile", "Step", "SummaryReport", "__version__", "compile", "load",
    "source",
]  # fmt: skip


def __dir__() -> list[str]:
    """The public names, for whoever completes them."""
    return __all__


def __getattr__(name: str) -> object:
    """The public names, each loaded when it is first used: `netspec check` needs few of them."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'netspec' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"netspec.{home}"), name)
