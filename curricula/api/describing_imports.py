"""What the schema says of many curricula at once."""

import json
from typing import Any

from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers

from curricula.api.describing_curricula import DRY_RUN, LINE, SENT, problem_example
from curricula.models import Import
from institutions.api.describing import READING, WRITING, OwnFaultSerializer, described, example, sent

# What is taken, and by which suffix the worker knows it.
KINDS = {
    "application/json": ".json",
    "application/x-ndjson": ".jsonl",
    "application/jsonl": ".jsonl",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "application/vnd.oasis.opendocument.spreadsheet": ".ods",
    "text/csv": ".csv",
}
PHASES = ("", "reading", "checking", "marking", "saving")


class ProgressSerializer(serializers.Serializer[Any]):
    done = serializers.IntegerField(min_value=0, help_text="So many rows of this phase are done")
    total = serializers.IntegerField(min_value=0, help_text="of so many; 0 while that is not known.")


class RowsSerializer(serializers.Serializer[Any]):
    """`read` = `accepted` + `rejected` + `blank`, whatever was sent."""

    read = serializers.IntegerField(min_value=0, help_text="Rows that were looked at.")
    accepted = serializers.IntegerField(min_value=0, help_text="Rows without a fault.")
    rejected = serializers.IntegerField(
        min_value=0, help_text="Rows with a fault; with one nothing is saved."
    )
    blank = serializers.IntegerField(min_value=0, help_text="Rows of a spreadsheet that say nothing.")


class CurriculaSerializer(serializers.Serializer[Any]):
    added = serializers.IntegerField(min_value=0, help_text="Drafts begun.")
    changed = serializers.IntegerField(min_value=0, help_text="Drafts changed.")
    unchanged = serializers.IntegerField(min_value=0, help_text="Curricula that say so already.")


class MovedSerializer(serializers.Serializer[Any]):
    added = serializers.IntegerField(min_value=0, help_text="New lines.")
    changed = serializers.IntegerField(min_value=0, help_text="Lines that say something else.")
    removed = serializers.IntegerField(min_value=0, help_text="Lines dropped.")


class WordedSerializer(serializers.Serializer[Any]):
    added = serializers.IntegerField(min_value=0, help_text="New disciplines.")
    changed = serializers.IntegerField(min_value=0, help_text="Disciplines reworded.")


class ImportSummarySerializer(serializers.Serializer[Any]):
    """What was sent by a program or uploaded by a person, and what became of it."""

    number = serializers.IntegerField(help_text="By which it is asked for.")
    period = serializers.CharField(help_text="Code of the period.")
    name = serializers.CharField(help_text="Of the file; of what a program sent, the name of its key.")
    dry_run = serializers.BooleanField(help_text="Whether it was only to be tried.")
    state = serializers.ChoiceField(
        choices=Import.State.choices,
        help_text="`queued` and `running` go on by themselves; `ready` waits for a person in the workspace;"
        " all others are final, and only `done` has saved anything.",
    )
    phase = serializers.ChoiceField(choices=PHASES, allow_blank=True, help_text="What is done at the moment.")
    progress = ProgressSerializer(help_text="How far that is; at the end, all that was read.")
    sent_at = serializers.DateTimeField(help_text="When it came in.")
    finished_at = serializers.DateTimeField(allow_null=True, help_text="When its state became final.")
    rows = RowsSerializer(help_text="Rows of the spreadsheet, or lines of the curricula.")
    curricula = CurriculaSerializer(help_text="What became of the curricula, or would.")
    lines = MovedSerializer(help_text="What became of their lines, or would.")
    disciplines = WordedSerializer(help_text="What became of the disciplines themselves, or would.")
    can_be_undone = serializers.BooleanField(help_text="Whether undoing it would restore anything.")
    undone_at = serializers.DateTimeField(allow_null=True, help_text="When it was undone.")
    failure = serializers.CharField(allow_blank=True, help_text="Why it failed, through no fault of yours.")


class ImportSerializer(ImportSummarySerializer):
    errors = OwnFaultSerializer(  # type: ignore[assignment]
        many=True, help_text="Every fault, by its pointer or its row and cell; the first 10,000."
    )


class ImportListSerializer(serializers.Serializer[Any]):
    results = ImportSummarySerializer(many=True, help_text="The newest hundred, newest first.")


class UndoneSerializer(serializers.Serializer[Any]):
    restored = serializers.IntegerField(min_value=0, help_text="Drafts that say again what they said.")
    kept = serializers.ListField(
        child=serializers.CharField(),
        help_text="Programmes whose draft somebody has changed or handed in since: it stays.",
    )


SUMMARY = {
    "number": 4711,
    "period": "2025",
    "name": "Platonus.json",
    "dry_run": False,
    "state": "queued",
    "phase": "",
    "progress": {"done": 0, "total": 0},
    "sent_at": "2026-11-30T12:00:00Z",
    "finished_at": None,
    "rows": {"read": 0, "accepted": 0, "rejected": 0, "blank": 0},
    "curricula": {"added": 0, "changed": 0, "unchanged": 0},
    "lines": {"added": 0, "changed": 0, "removed": 0},
    "disciplines": {"added": 0, "changed": 0},
    "can_be_undone": False,
    "undone_at": None,
    "failure": "",
}
DONE = SUMMARY | {
    "state": "done",
    "finished_at": "2026-11-30T12:00:09Z",
    "rows": {"read": 4000, "accepted": 4000, "rejected": 0, "blank": 0},
    "curricula": {"added": 90, "changed": 8, "unchanged": 2},
    "lines": {"added": 3600, "changed": 41, "removed": 3},
    "disciplines": {"added": 211, "changed": 0},
    "can_be_undone": True,
}
REFUSED = SUMMARY | {
    "state": "refused",
    "finished_at": "2026-11-30T12:00:02Z",
    "rows": {"read": 4000, "accepted": 3999, "rejected": 1, "blank": 0},
    "errors": [
        {
            "pointer": "/12/lines/3/credits",
            "code": "not_number",
            "row": 484,
            "column": "credits",
            "value": "5,5 ects",
            "message": "“5,5 ects” is not a number. Write 5.5.",
        }
    ],
}
NUMBER = OpenApiParameter("number", int, OpenApiParameter.PATH, description="Number of the import.")
FOR = OpenApiParameter("period", str, required=True, description="Code of the period that it is for.")
CODING = OpenApiParameter(
    "Content-Encoding", str, OpenApiParameter.HEADER, enum=["gzip"], description="If the body is compressed."
)
BUSY = problem_example(
    "On its way",
    409,
    {
        "title": "It can't be changed now",
        "detail": "This very file is being imported already.",
        "code": "already_running",
    },
)
ENDED = problem_example(
    "Has ended",
    409,
    {
        "title": "It can't be changed now",
        "detail": "The import has ended already, so it can't be cancelled.",
        "code": "ended",
    },
)
DOCUMENTS = {"type": "array", "items": {"type": "object"}, "minItems": 1}
BODIES = {
    media_type: DOCUMENTS if media_type == "application/json" else {"type": "string", "format": "binary"}
    for media_type in KINDS
}
CSV = "\n".join(",".join(map(str, row)) for row in (("programme_code", *LINE), ("6B06102", *LINE.values())))

LIST = described(
    "list_own_imports",
    "What was sent and uploaded",
    "The newest hundred imports of the institution, whoever sent them.",
    answers={200: ImportListSerializer},
    codes=READING,
    examples=[example("Imports", {"results": [DONE]})],
)
_POST = described(
    "send_own_import",
    "Send many curricula at once",
    "Up to 50,000 lines, saved whole or not at all by a background job. As JSON: a list of documents as of one"
    " curriculum, each with its `programme`. As JSON lines: in each line such a document, or one line of a curriculum"
    " with its `programme_code`. Or the spreadsheet that the workspace takes, as XLSX, ODS or CSV. At most 10 MB, if"
    " need be compressed by gzip to that. It can be undone as long as nobody has worked on the drafts. A list that says"
    " what is there already changes nothing.",
    answers={
        202: OpenApiResponse(ImportSummarySerializer, description="Taken in; `Location` says where to look.")
    },
    codes=(*WRITING, 413),
    parameters=[FOR, DRY_RUN, CODING],
    examples=[
        sent("Documents", [{"programme": "6B06102", **SENT}]),
        *(
            sent(
                "A line of a curriculum in each line of text",
                json.dumps({"programme_code": "6B06102", **LINE}, ensure_ascii=False),
                media_type,
            )
            for media_type in ("application/x-ndjson", "application/jsonl")
        ),
        sent("A spreadsheet as text", CSV, "text/csv"),
        example("Taken in", SUMMARY, 202),
        BUSY,
    ],
)


def POST(method: Any) -> Any:  # noqa: N802 - a decorator, named as the others
    return extend_schema(request=BODIES)(_POST(method))


GET = described(
    "get_own_import",
    "How far an import is, and what came of it",
    "Ask again after a second or two while its state is `queued` or `running`.",
    answers={200: ImportSerializer},
    codes=READING,
    parameters=[NUMBER],
    examples=[example("Saved", DONE | {"errors": []}), example("Refused", REFUSED)],
)
CANCEL = described(
    "cancel_own_import",
    "Cancel an import",
    "One that waits ends at once; one that runs ends at its next step, with nothing saved.",
    answers={200: ImportSummarySerializer},
    codes=(*READING, 409),
    parameters=[NUMBER],
    examples=[
        example("Cancelled", SUMMARY | {"state": "cancelled", "finished_at": "2026-11-30T12:00:01Z"}),
        ENDED,
    ],
)
UNDO = described(
    "undo_own_import",
    "Undo an import",
    "Every draft that it has touched says again what it said before; what somebody has worked on since stays.",
    answers={200: UndoneSerializer},
    codes=(*WRITING,),
    parameters=[NUMBER],
    examples=[example("Undone", {"restored": 98, "kept": []}), ENDED],
)
