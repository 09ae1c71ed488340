"""From a typed graph to the source of an `nn.Module`, as an engineer would have written it.

`planner` and `block_alignment` compare the uses of every block step by step; `value_references` finds what they
read, `argument_expressions` and `size_expressions` what their arguments are. `constructor` and `forward` build
Python's syntax tree, `lowering` replaces its special nodes by plain Python, and `printer` prints it.
"""

from netspec.codegen.generation import Generated as Generated
from netspec.codegen.generation import generate as generate
