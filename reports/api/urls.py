"""What stands under /api/v1/."""

from django.urls import URLPattern, path

from reports.api import crossings, exposure, movements, views

urlpatterns: list[URLPattern] = [
    path("", views.Index.as_view(), name="api-root"),
    path("releases/", views.Releases.as_view(), name="api-releases"),
    path("releases/<int:number>/", views.ReleaseDetail.as_view(), name="api-release"),
    path("coverage/", views.CoverageList.as_view(), name="api-coverage"),
    path("crossings/", crossings.Crossings.as_view(), name="api-crossings"),
    path("indicators/", views.Indicators.as_view(), name="api-indicators"),
    path("programmes/", views.Programmes.as_view(), name="api-programmes"),
    path("movements/", movements.Movements.as_view(), name="api-movements"),
    path("exposure/", exposure.Exposures.as_view(), name="api-exposure"),
    path("institutions/", views.Institutions.as_view(), name="api-institutions"),
    path("institutions/<slug:code>/", views.InstitutionDetail.as_view(), name="api-institution"),
    path("regions/", views.Regions.as_view(), name="api-regions"),
    path("fields/", views.Fields.as_view(), name="api-fields"),
    path("requirements/", views.Requirements.as_view(), name="api-requirements"),
    path("reference-values/", views.ReferenceValues.as_view(), name="api-reference-values"),
]
