"""Kazakh dates and numbers: «2026 ж. 1 қазан», «10 142,5».

The year comes first and the month is written in lower case (`E`, from the "alt. month" strings of
`config/locale_libraries`). Spaces inside a number and before «ж.» do not break.
"""

DATE_FORMAT = "Y\N{NO-BREAK SPACE}ж. j E"
TIME_FORMAT = "H:i"
DATETIME_FORMAT = "Y\N{NO-BREAK SPACE}ж. j E, H:i"
YEAR_MONTH_FORMAT = "Y\N{NO-BREAK SPACE}ж. E"
MONTH_DAY_FORMAT = "j E"
SHORT_DATE_FORMAT = "d.m.Y"
SHORT_DATETIME_FORMAT = "d.m.Y H:i"
FIRST_DAY_OF_WEEK = 1

DATE_INPUT_FORMATS = ["%d.%m.%Y", "%d.%m.%y", "%Y-%m-%d"]
DATETIME_INPUT_FORMATS = [
    "%d.%m.%Y %H:%M:%S",
    "%d.%m.%Y %H:%M:%S.%f",
    "%d.%m.%Y %H:%M",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
]

DECIMAL_SEPARATOR = ","
THOUSAND_SEPARATOR = "\N{NO-BREAK SPACE}"
NUMBER_GROUPING = 3
