"""Why a plan of the program does not work out, so that another is tried."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netspec.codegen.sites import Site

if TYPE_CHECKING:
    from netspec.codegen.plans import ClassPlan


class Unalignable(Exception):  # noqa: N818 - a reason to go another way, not a mistake
    """The uses of a definition cannot be written as one class."""


class CannotMerge(Exception):  # noqa: N818 - a reason to go another way, not a mistake
    """The uses of a class cannot be one: which class it is, and why."""

    def __init__(self, plan: ClassPlan, reason: Exception) -> None:
        super().__init__(f"{plan.base_name}: {reason}")
        self.plan, self.reason = plan, reason


class UnrollLoop(Exception):  # noqa: N818 - a reason to go another way, not a mistake
    """A loop cannot be kept as one; its iterations are written one by one."""

    def __init__(self, loop: Site) -> None:
        super().__init__(loop.step.title)
        self.loop = loop


class UnrollLoops(Exception):  # noqa: N818 - a reason to go another way, not a mistake
    """Loops of several classes that cannot be kept as one."""

    def __init__(self, loops: list[Site]) -> None:
        super().__init__(", ".join(loop.step.title for loop in loops))
        self.loops = loops
