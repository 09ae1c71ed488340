"""The typed graph that a spec elaborates into: its nodes, their locations, sizes, conditions and derivations."""

from netspec.graph.nodes import Entry as Entry
from netspec.graph.nodes import Level as Level
from netspec.graph.nodes import Loop as Loop
from netspec.graph.nodes import Node as Node
from netspec.graph.nodes import Value as Value
from netspec.graph.typed_graph import Graph as Graph
from netspec.graph.typed_graph import Outputs as Outputs
from netspec.graph.typed_graph import Restriction as Restriction
