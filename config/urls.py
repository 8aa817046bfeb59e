"""All addresses: pages under their language, the API and the machines' own addresses without one."""

from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.contrib.auth import views as auth
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView, TemplateView

from config import failures, headers, health, violations
from institutions.views.signing_in import SignIn
from reports.views import sitemap

handler400 = "config.failures.not_understood"
handler500 = "config.failures.failed"

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
    path(headers.VIOLATIONS[1:], violations.take, name="violations"),
    path(
        "robots.txt",
        TemplateView.as_view(
            template_name="robots.txt",
            content_type="text/plain; charset=utf-8",
            extra_context={"site": settings.SITE_URL},
        ),
    ),
    path("sitemap.xml", sitemap.index, name="sitemap"),
    path("sitemap-<slug:section>.xml", sitemap.section, name="sitemap-section"),
    path("api/", include("config.api")),
    path("i18n/", include("django.conf.urls.i18n")),
]

urlpatterns += i18n_patterns(
    path("sign-in/", SignIn.as_view(), name="sign-in"),
    path("sign-out/", auth.LogoutView.as_view(), name="sign-out"),
    # One way in, and one way to another password: the admin uses the same pages, their rules and words.
    path("admin/login/", RedirectView.as_view(pattern_name="sign-in", query_string=True)),
    path("admin/password_change/", RedirectView.as_view(pattern_name="password-change")),
    # No form of ours completes names, so nobody asks which there are.
    path("admin/autocomplete/", failures.nowhere),
    path("admin/", admin.site.urls),
    path("", include("institutions.urls")),
    path("", include("curricula.urls")),
    path("", include("reports.urls")),
)
