"""Every code of a diagnostic, and the kinds of codes."""

from __future__ import annotations

from enum import IntEnum, StrEnum
from typing import Final


class Severity(StrEnum):
    """Whether a diagnostic makes a spec invalid."""

    ERROR = "error"
    WARNING = "warning"


class Code:
    """Every code, by topic.

    Hundreds: 0 the text, 1 names, 2 shapes, 3 sizes, 4 smells, 5 limits, 6 weights.
    """

    UNREADABLE: Final = "NS001"
    NOT_TEXT: Final = "NS002"
    TOO_LARGE: Final = "NS003"
    FOREIGN: Final = "NS004"
    SYNTAX: Final = "NS010"
    DUPLICATE_KEY: Final = "NS011"
    TAG: Final = "NS012"
    ALIAS: Final = "NS013"
    TOO_DEEP: Final = "NS014"
    EMPTY: Final = "NS015"
    NOT_A_SPEC: Final = "NS020"
    UNKNOWN_KEY: Final = "NS021"
    MISSING_KEY: Final = "NS022"
    VERSION: Final = "NS023"
    BAD_STEP: Final = "NS024"
    BAD_VALUE: Final = "NS025"
    BAD_USE: Final = "NS026"
    UNKNOWN_OP: Final = "NS101"
    UNKNOWN_ARGUMENT: Final = "NS102"
    UNKNOWN_REFERENCE: Final = "NS103"
    FORWARD_REFERENCE: Final = "NS104"
    UNUSED: Final = "NS105"
    SAME_PATH: Final = "NS106"
    BAD_NAME: Final = "NS107"
    BAD_ARGUMENT: Final = "NS108"
    MISSING_ARGUMENT: Final = "NS109"
    INPUT_COUNT: Final = "NS110"
    RECURSION: Final = "NS111"
    UNKNOWN_PARAMETER: Final = "NS112"
    OWN_LAYER: Final = "NS113"
    EXPRESSION: Final = "NS120"
    UNKNOWN_NAME: Final = "NS121"
    EXPRESSION_TYPE: Final = "NS122"
    BOUNDS: Final = "NS123"
    UNDECIDED: Final = "NS124"
    NOT_FIXED: Final = "NS125"
    INFERRED: Final = "NS201"
    CONCAT: Final = "NS202"
    BROADCAST: Final = "NS203"
    DIVISIBLE: Final = "NS204"
    FEATURES: Final = "NS205"
    TOO_SMALL: Final = "NS206"
    RANK: Final = "NS207"
    ELEMENT_COUNT: Final = "NS208"
    VALUE: Final = "NS209"
    EXPECT: Final = "NS210"
    SHARED: Final = "NS211"
    DTYPE: Final = "NS212"
    CONDITION: Final = "NS301"
    DECLARED: Final = "NS302"
    NEVER: Final = "NS303"
    UNPROVED: Final = "NS304"
    INPLACE: Final = "NS402"
    SINGLE_VALUE_NORM: Final = "NS404"
    WRONG_DIMENSION: Final = "NS410"
    BATCH_AXIS: Final = "NS411"
    IGNORED: Final = "NS412"
    BUDGET: Final = "NS501"
    INIT: Final = "NS502"
    COMPILE: Final = "NS503"
    LOCK: Final = "NS504"
    WEIGHTS_FILE: Final = "NS601"
    WEIGHT_MISSING: Final = "NS602"
    WEIGHT_UNEXPECTED: Final = "NS603"
    WEIGHT_SHAPE: Final = "NS604"
    WEIGHT_DTYPE: Final = "NS605"
    WEIGHT_RENAME: Final = "NS606"


class Phase(IntEnum):
    """The topic of a code, in the order in which a check reports them."""

    TEXT = 0
    """The text is not YAML."""
    STRUCTURE = 1
    """Its keys and values are not those of a spec."""
    NAMES = 2
    SHAPES = 3
    SIZES = 4
    LINTS = 5
    LIMITS = 6
    WEIGHTS = 7

    @classmethod
    def of(cls, code: str) -> Phase:
        """The phase of a code.

        >>> [Phase.of(code).name for code in (Code.SYNTAX, Code.UNKNOWN_KEY, Code.UNKNOWN_OP, Code.CONCAT)]
        ['TEXT', 'STRUCTURE', 'NAMES', 'SHAPES']
        """
        hundreds = int(code[2])
        return cls(hundreds + 1) if hundreds or code >= Code.NOT_A_SPEC else cls.TEXT
