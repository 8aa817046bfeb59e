"""What stands under /api/v1/."""

from django.urls import URLPattern, path

from reports.api import crossings, exports, exposure, metadata, movements, views

urlpatterns: list[URLPattern] = [
    path("", views.Index.as_view(), name="api-root"),
    path("releases/", views.Releases.as_view(), name="api-releases"),
    path("releases/<int:number>/", views.ReleaseDetail.as_view(), name="api-release"),
    path("coverage/", views.CoverageList.as_view(), name="api-coverage"),
    path("crossings/", crossings.Crossings.as_view(), name="api-crossings"),
    path("indicators/", views.Indicators.as_view(), name="api-indicators"),
    path("programmes/", views.Programmes.as_view(), name="api-programmes"),
    path("disciplines/", views.Disciplines.as_view(), name="api-disciplines"),
    path("movements/", movements.Movements.as_view(), name="api-movements"),
    path("exposure/", exposure.Exposures.as_view(), name="api-exposure"),
    path("metadata/", metadata.Metadata.as_view(), name="api-metadata"),
    path("export/coverage/", exports.Coverage.as_view(), name="api-export-coverage"),
    path("export/indicators/", exports.Indicators.as_view(), name="api-export-indicators"),
    path("export/programmes/", exports.Programmes.as_view(), name="api-export-programmes"),
    path("export/disciplines/", exports.Disciplines.as_view(), name="api-export-disciplines"),
    path("institutions/", views.Institutions.as_view(), name="api-institutions"),
    path("institutions/<slug:code>/", views.InstitutionDetail.as_view(), name="api-institution"),
    path("regions/", views.Regions.as_view(), name="api-regions"),
    path("fields/", views.Fields.as_view(), name="api-fields"),
    path("requirements/", views.Requirements.as_view(), name="api-requirements"),
    path("reference-values/", views.ReferenceValues.as_view(), name="api-reference-values"),
]
