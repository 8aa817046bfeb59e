"""Faults of JSON: those that only JSON can have, and those of rows in words for whoever has no rows before them."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

IN_JSON: Mapping[str, str | Promise] = {
    # of the structure
    "json_broken": gettext_lazy("This is not JSON: line %(line)s, column %(column)s can't be read."),
    "json_refused": gettext_lazy(
        "JSON is taken in UTF-8, each name once in an object, without NUL and halves of letters, with numbers of "
        "modest size and no more than 20 levels deep. Mend what is not so."
    ),
    "not_list": gettext_lazy("A list is expected here: [ … ]."),
    "not_object": gettext_lazy("An object is expected here: { … }."),
    "nested": gettext_lazy("A single value is expected here, not a list or an object."),
    "unknown_member": gettext_lazy("There is no member “%(value)s” here. Did you mean “%(nearest)s”?"),
    "nothing": gettext_lazy("There is nothing in it. Send one curriculum or line at least."),
    "too_many_at_once": gettext_lazy(
        "There are %(count)s lines; at most %(limit)s are taken at once. Send them in parts, by programme."
    ),
    # of a document as a whole
    "elsewhere": gettext_lazy("This is sent for “%(expected)s”. Write that here, or leave the member out."),
    "duplicate_programme": gettext_lazy(
        "The document at %(first)s is of programme %(value)s too. Put all its lines into one."
    ),
    "students": gettext_lazy(
        "“%(value)s” is no number of students. Write a whole number from 0 to %(limit)s, or null."
    ),
    # of a value
    "required": gettext_lazy("The value is missing. Fill it in."),
    "truth": gettext_lazy("This is true or false. Write the value as text."),
    "not_choice": gettext_lazy("“%(value)s” is not among the values here. Write one of: %(allowed)s."),
    # of one line against another
    "duplicate_line": gettext_lazy(
        "The line at %(first)s has the same discipline in the same semester. Delete one of the two."
    ),
    "title_conflict": gettext_lazy(
        "The line at %(first)s gives discipline %(discipline)s another text here: “%(other)s”. "
        "Write the same in every line."
    ),
    # against what is known of the institution
    "programme_inactive": gettext_lazy(
        "Programme %(value)s is not taught in %(period)s according to the registry. "
        "Leave it out, or ask the ministry to correct the registry."
    ),
    "awaiting_review": gettext_lazy(
        "The curriculum of %(value)s has been submitted and awaits review, so it can't be changed. "
        "Leave it out, or wait until it is returned or approved."
    ),
    "more": gettext_lazy(
        "There are %(count)s more faults, which are not listed. Mend these and send it again."
    ),
}
