"""A spec file as values: its declarations, unevaluated, each with its span in the text."""

from netspec.syntax.fields import plain_value as plain_value
from netspec.syntax.file import LANGUAGE as LANGUAGE
from netspec.syntax.file import read_spec as read_spec
from netspec.syntax.formula_steps import FORMULAS_SINCE as FORMULAS_SINCE
from netspec.syntax.keys import Misspelled as Misspelled
from netspec.syntax.keys import Respelling as Respelling
from netspec.syntax.model import RESERVED_NAMES as RESERVED_NAMES
from netspec.syntax.model import UNNAMED as UNNAMED
from netspec.syntax.model import Block as Block
from netspec.syntax.model import Body as Body
from netspec.syntax.model import Dimension as Dimension
from netspec.syntax.model import InitRule as InitRule
from netspec.syntax.model import Input as Input
from netspec.syntax.model import Parameter as Parameter
from netspec.syntax.model import Spec as Spec
from netspec.syntax.model import Step as Step
from netspec.syntax.model import UnknownName as UnknownName
