"""Russian dates: «1 октября 2026 г.», as Django has them, but with a space before «г.» that does not break."""

DATE_FORMAT = "j E Y\N{NO-BREAK SPACE}г."
TIME_FORMAT = "H:i"
DATETIME_FORMAT = "j E Y\N{NO-BREAK SPACE}г., H:i"
YEAR_MONTH_FORMAT = "F Y\N{NO-BREAK SPACE}г."
