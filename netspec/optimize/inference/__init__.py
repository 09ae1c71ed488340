"""Programs for inference: normalizations folded into weights, calls fused, concatenations without copies.

`fusion` finds the nodes that become one call, `statements` writes the forward pass as data, `names` gives each
value a variable by its lifetime, `repetition` finds the loops, and `inference_class` adds the class to the
program.
"""

from netspec.optimize.inference.inference_class import optimize_inference as optimize_inference
from netspec.optimize.inference.inference_class import plain_reason as plain_reason
