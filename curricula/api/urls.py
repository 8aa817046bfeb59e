"""What stands under /api/v1/own/."""

from django.urls import URLPattern, path

from curricula.api import decisions, disciplines, handing_over, index, programmes

urlpatterns: list[URLPattern] = [
    path("", index.Own.as_view(), name="api-own"),
    path("programmes/", programmes.OwnProgrammes.as_view(), name="api-own-programmes"),
    path("programmes/<slug:code>/", programmes.OwnProgramme.as_view(), name="api-own-programme"),
    path("disciplines/", disciplines.OwnDisciplines.as_view(), name="api-own-disciplines"),
    path("disciplines/<path:code>/", disciplines.OwnDiscipline.as_view(), name="api-own-discipline"),
    path("periods/<slug:period>/handover/", handing_over.OwnHandover.as_view(), name="api-own-handover"),
    path("versions/", decisions.OwnVersions.as_view(), name="api-own-versions"),
    path("submissions/", decisions.OwnSubmissions.as_view(), name="api-own-submissions"),
]
