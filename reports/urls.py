"""The public pages."""

from django.urls import URLPattern, URLResolver, path

from reports.views import (
    cards,
    compare,
    disciplines,
    effort,
    feed,
    files,
    institutions,
    live,
    nation,
    parts,
    programmes,
    releases,
    searching,
    work,
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("", nation.home, name="home"),
    path("institutions/", institutions.listing, name="institution-list"),
    path("institutions/<slug:code>/", institutions.detail, name="institution"),
    path("regions/<slug:code>/", parts.region, name="region"),
    path("fields/<slug:code>/", parts.field, name="field"),
    path("work/", work.exposure, name="work"),
    path("effort/", effort.effort, name="effort"),
    path("disciplines/", disciplines.listing, name="discipline-list"),
    path("disciplines/table.csv", disciplines.table, name="discipline-table"),
    path("disciplines/<slug:key>/", disciplines.detail, name="discipline"),
    path("compare/", compare.compare, name="compare"),
    path("search/", searching.search, name="search"),
    path("releases/", releases.listing, name="release-list"),
    path("releases/feed/", feed.feed, name="release-feed"),
    path("releases/<int:number>/", nation.detail, name="release"),
    path("releases/<int:number>/card.png", cards.card, name="card"),
    path("releases/<int:number>/programmes/", programmes.behind, name="release-programmes"),
    path("releases/<int:number>/changes/", programmes.changes, name="release-changes"),
    path("releases/<int:number>/coverage-<slug:dimension>.csv", files.table, name="release-table"),
    path("releases/<int:number>/files/<str:name>", files.file, name="release-file"),
    path("workspace/<slug:code>/coverage/", live.institution, name="live-coverage"),
    path("methodology/", releases.methodology, name="methodology"),
    path("downloads/", releases.downloads, name="downloads"),
]
