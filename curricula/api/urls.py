"""What stands under /api/v1/own/."""

from django.urls import URLPattern, path

from curricula.api import (
    curricula,
    decisions,
    disciplines,
    evidence,
    handing_over,
    imports,
    index,
    programmes,
)

urlpatterns: list[URLPattern] = [
    path("", index.Own.as_view(), name="api-own"),
    path("programmes/", programmes.OwnProgrammes.as_view(), name="api-own-programmes"),
    path("programmes/<slug:code>/", programmes.OwnProgramme.as_view(), name="api-own-programme"),
    path("disciplines/", disciplines.OwnDisciplines.as_view(), name="api-own-disciplines"),
    # A code may have a slash in it.
    path("disciplines/<path:code>/evidence/", evidence.OwnEvidence.as_view(), name="api-own-evidence"),
    path("disciplines/<path:code>/", disciplines.OwnDiscipline.as_view(), name="api-own-discipline"),
    path("periods/<slug:period>/handover/", handing_over.OwnHandover.as_view(), name="api-own-handover"),
    path("versions/", decisions.OwnVersions.as_view(), name="api-own-versions"),
    path("submissions/", decisions.OwnSubmissions.as_view(), name="api-own-submissions"),
    path(
        "curricula/<slug:period>/<slug:programme>/",
        curricula.Curriculum.as_view(),
        name="api-own-curriculum",
    ),
    path("imports/", imports.Imports.as_view(), name="api-own-imports"),
    path("imports/<int:number>/", imports.OneImport.as_view(), name="api-own-import"),
    path("imports/<int:number>/undo/", imports.Undo.as_view(), name="api-own-import-undo"),
]
