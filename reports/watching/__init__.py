"""Whether all is well, and what to do if not: one reading of the facts and one judgement on them.

/readyz, /metrics with its alert rules, the operations page and `manage.py watch` all ask here, so that none of them
can say otherwise than the others.
"""

from reports.watching.facts import Facts, look
from reports.watching.matters import CHECKS, Matter, judge

__all__ = ["CHECKS", "Facts", "Matter", "judge", "look"]
