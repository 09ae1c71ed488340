"""The memory of a training step, predicted from the graph, and the checkpoints that make it fit.

`tape` and `training_tape` write the step as operations at given sizes, `simulation` runs them in both passes,
`candidates` are the modules that a checkpoint may compute again, `plan` searches them, and `memory_budget`
writes the program.
"""

from netspec.optimize.memory.memory_budget import BudgetError as BudgetError
from netspec.optimize.memory.memory_budget import MissingSizeError as MissingSizeError
from netspec.optimize.memory.memory_budget import complete_sizes as complete_sizes
from netspec.optimize.memory.memory_budget import program_within as program_within
from netspec.optimize.memory.plan import MemoryPlan as MemoryPlan
from netspec.optimize.memory.plan import PlanRow as PlanRow
from netspec.optimize.memory.plan import plan_memory as plan_memory
