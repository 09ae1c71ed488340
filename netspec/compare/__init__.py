"""What a network is, as facts that can be kept, and what differs between two of them."""

from netspec.compare.difference import Difference as Difference
from netspec.compare.difference import difference as difference
from netspec.compare.facts import Facts as Facts
from netspec.compare.facts import facts as facts
from netspec.compare.facts import fitting as fitting
