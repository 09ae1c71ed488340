"""From a spec to a typed graph: blocks, loops and repeats unfolded, shapes inferred on the way."""

from netspec.elaborate.catalog import Catalog as Catalog
from netspec.elaborate.graph import Entry as Entry
from netspec.elaborate.graph import Graph as Graph
from netspec.elaborate.graph import Level as Level
from netspec.elaborate.graph import Loop as Loop
from netspec.elaborate.graph import Node as Node
from netspec.elaborate.graph import Outputs as Outputs
from netspec.elaborate.graph import Restriction as Restriction
from netspec.elaborate.graph import Value as Value
from netspec.elaborate.network import SetText as SetText
from netspec.elaborate.network import elaborate as elaborate
