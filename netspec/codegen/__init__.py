"""From a typed graph to the source of an `nn.Module`, as an engineer would have written it.

`plan` turns every level of the graph into the parts of a class; levels of one structure share one;
`holes` finds how the numbers that differ between uses are said; `classes` and `forward` print.
"""

from netspec.codegen.source import generate as generate
