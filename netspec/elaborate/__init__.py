"""From a spec to a typed graph: unfolds blocks, loops and repeats, and infers shapes."""

from netspec.elaborate.catalog import Catalog as Catalog
from netspec.elaborate.network import elaborate as elaborate
from netspec.elaborate.parameter_settings import SetText as SetText
