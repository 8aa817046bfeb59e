"""What the OpenAPI document says of the whole API, and how its pages are served."""

SPECTACULAR_SETTINGS = {
    "TITLE": "Qamtu",
    "DESCRIPTION": "Coverage of a country's curricula by artificial intelligence, as released: read without keys, "
    "from any origin. Every figure is of a release, which never changes; a correction is a newer release. "
    "Under `own/` an institution's own programs read and write, with a key, what it hands in. "
    "Parameters that an address does not know are refused. Answers carry an `ETag`; please send it back. Where "
    "data are generated for demonstration, the member or column `demonstration` and the header `Qamtu-Data` say so.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "LICENSE": {"name": "CC BY 4.0", "url": "https://creativecommons.org/licenses/by/4.0/"},
    "TAGS": [
        {"name": "lists", "description": "Tables, a page at a time, filtered and ordered."},
        {"name": "exports", "description": "Whole tables, streamed."},
        {"name": "details", "description": "One thing, with what belongs to it."},
        {"name": "own", "description": "What one institution hands in; with a key of its own."},
        {
            "name": "webhooks",
            "description": "What an institution's own system is told; docs/webhooks.md says how.",
        },
    ],
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    "SERVE_INCLUDE_SCHEMA": False,
    "WEBHOOKS": [
        "institutions.api.describing_webhooks.PING",
        "curricula.api.describing_webhooks.RETURNED",
        "curricula.api.describing_webhooks.APPROVED",
        "reports.api.describing_webhooks.PUBLISHED",
    ],
    "POSTPROCESSING_HOOKS": ["institutions.api.describing_webhooks.with_headers"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}
