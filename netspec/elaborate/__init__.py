"""From a spec to a typed graph: blocks, loops and repeats unfolded, shapes inferred on the way."""

from netspec.elaborate.catalog import Catalog as Catalog
from netspec.elaborate.network import elaborate as elaborate
from netspec.elaborate.parameter_settings import SetText as SetText
