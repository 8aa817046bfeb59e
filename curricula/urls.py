"""The pages of the workspace. In every address stands for which institution it acts."""

from django.urls import URLPattern, URLResolver, path

from curricula.views import (
    applying,
    batches,
    carrying,
    checking,
    comparing,
    disciplines,
    drafts,
    enrolment,
    history,
    imports,
    keeping,
    keys,
    people,
    previews,
    receipts,
    signing,
    submissions,
    webhooks,
    workspace,
)

IMPORTS = "workspace/<slug:code>/imports/"
DISCIPLINES = "workspace/<slug:code>/<int:period>/disciplines/"
KEYS = "workspace/<slug:code>/keys/"
PEOPLE = "workspace/<slug:code>/people/"
PROGRAMME = "workspace/<slug:code>/<int:period>/programmes/<slug:programme>/"
SUBMISSION = "workspace/<slug:code>/<int:period>/submissions/<int:number>/"
WEBHOOKS = "workspace/<slug:code>/webhooks/"
WEBHOOK = f"{WEBHOOKS}<int:number>/"
DELIVERY = f"{WEBHOOK}messages/<int:delivery>/"

urlpatterns: list[URLPattern | URLResolver] = [
    path("workspace/", workspace.choose, name="workspace"),
    path("workspace/<slug:code>/", workspace.tasks, name="workspace-institution"),
    path(f"{PROGRAMME}edit/", drafts.edit, name="draft-edit"),
    path(f"{PROGRAMME}edit/keep/", keeping.keep, name="draft-keep"),
    path(f"{PROGRAMME}edit/compare/", comparing.compare, name="draft-compare"),
    path(f"{PROGRAMME}discard/", drafts.discard, name="draft-discard"),
    path(f"{PROGRAMME}history/", history.programme, name="programme-history"),
    path("workspace/<slug:code>/<int:period>/checks/", checking.checks, name="checks"),
    path("workspace/<slug:code>/<int:period>/carry/", carrying.carry, name="carry"),
    path("workspace/<slug:code>/<int:period>/enrolment/", enrolment.enrolment, name="enrolment"),
    path(DISCIPLINES, disciplines.listing, name="workspace-disciplines"),
    path(f"{DISCIPLINES}new/", disciplines.new, name="discipline-new"),
    path(f"{DISCIPLINES}<int:number>/", disciplines.edit, name="discipline-edit"),
    path(f"{DISCIPLINES}<int:number>/apply/", applying.apply, name="discipline-apply"),
    path("evidence/<int:number>/", disciplines.evidence, name="evidence-file"),
    path("workspace/<slug:code>/<int:period>/batches/<int:number>/undo/", batches.undo, name="batch-undo"),
    path("workspace/<slug:code>/<int:period>/sign/", signing.sign, name="sign"),
    path(SUBMISSION, submissions.submission, name="submission"),
    path(f"{SUBMISSION}receipt.pdf", submissions.receipt, name="receipt"),
    path("receipts/", receipts.check, name="receipt-check"),
    path(PEOPLE, people.people, name="people"),
    path(f"{PEOPLE}<int:member>/", people.roles, name="member-roles"),
    path(f"{PEOPLE}<int:member>/remove/", people.remove, name="member-remove"),
    path(f"{PEOPLE}invitations/<int:invitation>/send/", people.renew, name="invitation-renew"),
    path(f"{PEOPLE}invitations/<int:invitation>/revoke/", people.revoke, name="invitation-revoke"),
    path(KEYS, keys.listing, name="keys"),
    path(f"{KEYS}<int:key>/revoke/", keys.revoke, name="key-revoke"),
    path(WEBHOOKS, webhooks.index, name="webhooks"),
    path(f"{WEBHOOKS}new/", webhooks.new, name="webhook-new"),
    path(WEBHOOK, webhooks.detail, name="webhook"),
    path(f"{WEBHOOK}edit/", webhooks.edit, name="webhook-edit"),
    path(f"{WEBHOOK}secret/", webhooks.secret, name="webhook-secret"),
    path(f"{WEBHOOK}remove/", webhooks.remove, name="webhook-remove"),
    path(f"{WEBHOOK}pause/", webhooks.pause, name="webhook-pause"),
    path(f"{WEBHOOK}resume/", webhooks.resume, name="webhook-resume"),
    path(f"{WEBHOOK}test/", webhooks.ping, name="webhook-ping"),
    path(DELIVERY, webhooks.delivery, name="webhook-delivery"),
    path(f"{DELIVERY}send/", webhooks.again, name="webhook-again"),
    path(IMPORTS, imports.index, name="import-list"),
    path(f"{IMPORTS}new/", imports.new, name="import-new"),
    path(f"{IMPORTS}template/", imports.template, name="import-template"),
    path(f"{IMPORTS}<int:number>/", imports.detail, name="import-detail"),
    path(f"{IMPORTS}<int:number>/confirm/", previews.confirm, name="import-confirm"),
    path(f"{IMPORTS}<int:number>/programmes/<slug:programme>/", previews.programme, name="import-programme"),
    path(f"{IMPORTS}<int:number>/cancel/", imports.cancel, name="import-cancel"),
    path(f"{IMPORTS}<int:number>/file/", imports.original, name="import-original"),
    path(f"{IMPORTS}<int:number>/marked/", imports.marked, name="import-marked"),
]
