"""A spec file as values: what it declares, unevaluated, every part with its place in the text."""

from netspec.spec.fields import plain as plain
from netspec.spec.file import LANGUAGE as LANGUAGE
from netspec.spec.file import read_spec as read_spec
from netspec.spec.keys import Misspelt as Misspelt
from netspec.spec.keys import Respelling as Respelling
from netspec.spec.model import UNNAMED as UNNAMED
from netspec.spec.model import Block as Block
from netspec.spec.model import Body as Body
from netspec.spec.model import Dimension as Dimension
from netspec.spec.model import InitRule as InitRule
from netspec.spec.model import Input as Input
from netspec.spec.model import Parameter as Parameter
from netspec.spec.model import Spec as Spec
from netspec.spec.model import Step as Step
