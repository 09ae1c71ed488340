"""The structure of a spec file as pydantic models, and as the JSON Schema that editors read.

It is for editors only. The checker reads files itself (`netspec/syntax`), because it knows the place
of everything, and does not wait for pydantic to load.
"""

from netspec.schema.document import document, text
from netspec.schema.lock_model import lock_schema_text
from netspec.schema.reports import REPORTS, report_schema, report_schema_text
from netspec.schema.spec_file import SpecFile

__all__ = [
    "REPORTS",
    "SpecFile",
    "document",
    "lock_schema_text",
    "report_schema",
    "report_schema_text",
    "text",
]
