"""The structure of specs, graphs, reports and lock files as pydantic models, and as JSON Schemas.

They describe, validate and read data. The checker reads specs itself (`netspec/syntax`), since it knows the place
of everything, and does not wait for pydantic to load.
"""

from netspec.schema.document import spec_schema, text
from netspec.schema.lock_model import lock_schema_text
from netspec.schema.reports import REPORTS, report_schema, report_schema_text
from netspec.schema.spec_file import SpecFile

__all__ = [
    "REPORTS",
    "SpecFile",
    "lock_schema_text",
    "report_schema",
    "report_schema_text",
    "spec_schema",
    "text",
]
