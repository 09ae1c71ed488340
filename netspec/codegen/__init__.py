"""From a typed graph to the source of an `nn.Module`, as an engineer would have written it.

`planner` and `bodies` lay the uses of every block side by side; `references` finds what they read, `arguments`
and `sizes` what their arguments say. `constructor` and `forward` build Python's syntax tree, `finish` makes plain
Python of it, and `printer` prints it.
"""

from netspec.codegen.generation import Generated as Generated
from netspec.codegen.generation import generate as generate
