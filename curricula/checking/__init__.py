"""What is wrong or odd in a curriculum: one catalogue of rules for the forms, spreadsheets, signing and review.

`catalogue` says each rule with its source and remedy, `rows` judges single lines, `finding` reads whole sets of
versions, `reasons` keeps what the institution answers.
"""

from curricula.checking.catalogue import RULES, Finding, Kind, Rule
from curricula.checking.finding import findings

__all__ = ["RULES", "Finding", "Kind", "Rule", "findings"]
