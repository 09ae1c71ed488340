"""The canonical layout of a spec."""

from netspec.fmt.formatted import UncertainError as UncertainError
from netspec.fmt.formatted import formatted as formatted
