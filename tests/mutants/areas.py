"""What is mutated, and which tests must notice: of each module those of its own, so that a mutant takes seconds."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Part:
    """A module, the triggers of some tables, or the policies of the wall; and the tests that are asked."""

    tests: tuple[str, ...]
    module: str = ""
    triggers: tuple[str, ...] = ()
    policies: bool = False


def _module(path: str, *tests: str) -> Part:
    return Part(_files(tests), module=f"{path}.py")


def _files(tests: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"tests/{folder}/test_{name}.py" for folder, name in (test.split("/") for test in tests))


FIGURES = (
    "reports/boundaries",
    "reports/methodology_of_figures",
    "reports/snapshots",
    "reports/fingerprint_text",
)
FILES = ("curricula/importing", "curricula/import_previews")
ENDING = ("curricula/import_previews", "curricula/import_running", "curricula/imports_beside_others")
DECIDING = ("curricula/reviewing", "curricula/deciding_together", "curricula/decisions_at_once")
SEALED = (
    "curricula/database_rules",
    "curricula/seal_of_curricula",
    "curricula/seal_of_submissions",
    "curricula/submitting",
)
WALL = ("institutions/wall_rules", "institutions/wall", "institutions/wall_accounts")

AREAS = {
    "metrics": [
        _module("reports/assessing", *FIGURES, "reports/live_coverage"),
        _module("reports/indicators", *FIGURES),
        _module("reports/fingerprints", *FIGURES),
        _module("reports/snapshots", "reports/snapshots", "reports/boundaries"),
        _module("reports/live", "reports/live_coverage", "reports/live_page"),
        _module("reports/recomputing", *FIGURES),
        _module("reports/verifying", "reports/snapshots", "reports/boundaries", "reports/methodology_of_figures"),
    ],
    "permissions": [
        _module("institutions/scoping", "institutions/access", "institutions/wall"),
        _module("institutions/access", "institutions/access"),
        _module("institutions/inviting", "institutions/inviting"),
        _module("institutions/joining", "institutions/joining"),
        _module("institutions/models/users", "institutions/access", "institutions/sessions"),
        _module("institutions/wall/rules", *WALL),
        _module("institutions/wall/standing", *WALL, "institutions/wall_requests"),
        _module("curricula/models/sampling", "curricula/sampling", "institutions/access"),
        Part(_files(("institutions/wall",)), policies=True),  # the others see that one is gone, not what that means
    ],
    "importer": [
        _module("curricula/importing/plans", *FILES),
        _module("curricula/importing/saving", *FILES, "curricula/imports_beside_others"),
        _module("curricula/importing/whole", *FILES, "curricula/import_undo", "curricula/api_imports"),
        _module("curricula/importing/confirming", *ENDING, "curricula/import_preview_pages"),
        _module("curricula/importing/recording", *ENDING, "curricula/api_imports"),
        _module("curricula/importing/running", *ENDING, "curricula/api_imports"),
        _module("curricula/importing/restoring", "curricula/import_undo"),
        _module("curricula/spreadsheets/rows", "curricula/spreadsheet_reading", "curricula/spreadsheet_columns"),
        _module("curricula/spreadsheets/columns", "curricula/spreadsheet_columns", "curricula/spreadsheet_reading"),
        _module("curricula/spreadsheets/headings", "curricula/spreadsheet_reading"),
    ],
    "approval": [
        _module("curricula/reviewing", *DECIDING, "curricula/telling", "curricula/announcing"),
        _module("curricula/claiming", "curricula/claiming"),
        _module("curricula/submitting", "curricula/submitting"),
        _module("curricula/assigning", "curricula/assigning"),
        _module("reports/adopting", "reports/drafts_of_requirements"),
        _module("reports/releasing", "reports/releasing", "reports/two_people_release"),
        Part(
            _files(SEALED),
            triggers=("curricula_curriculumversion", "curricula_submission", "curricula_line", "curricula_aisum"),
        ),
    ],
}  # fmt: skip
