"""A network as facts that can be stored, and the differences between two networks."""

from netspec.compare.difference import Difference as Difference
from netspec.compare.difference import difference as difference
from netspec.compare.facts import Facts as Facts
from netspec.compare.facts import facts as facts
from netspec.compare.facts import fitting as fitting
