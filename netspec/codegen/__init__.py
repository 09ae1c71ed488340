"""From a typed graph to the source of an `nn.Module`, as an engineer would have written it.

The uses of every block are laid side by side (`bodies`, `planner`); what they read is found once for all of
them (`references`), and so is what their arguments say (`arguments`, `sizes`). `constructor` and `forward` build Python's
syntax tree, `finish` makes it plain Python, and `printer` prints it.
"""

from netspec.codegen.program import Generated as Generated
from netspec.codegen.program import generate as generate
