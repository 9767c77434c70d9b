"""All addresses. What belongs to one event stands below its slug."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from portal import accounts, crawlers, mail_reports, ops, views

event: list[URLPattern | URLResolver] = [
    path("", views.event, name="event"),
    path("sitemap.xml", crawlers.event_sitemap, name="event-sitemap"),
    path("", include("sessions_app.urls")),
    path("", include("registration.urls")),
]

urlpatterns = [
    path("", views.home, name="home"),
    path("admin/second-factor/", accounts.second_factor, name="second-factor"),
    path("admin/", admin.site.urls),
    path("api/v1/", include("portal.api")),
    path("healthz", ops.healthz, name="healthz"),
    path("readyz", ops.readyz, name="readyz"),
    path("metrics", ops.metrics, name="metrics"),
    path("robots.txt", crawlers.robots, name="robots"),
    path("sitemap.xml", crawlers.sitemap, name="sitemap"),
    path("favicon.ico", crawlers.favicon, name="favicon"),
    path("webhooks/mail/<slug:provider>/", mail_reports.mail_report, name="mail-report"),
    path("trial/", include("portal.trial")),
    path("<slug:event>/", include(event)),
]

handler400 = "portal.views.bad_request"
handler403 = "portal.views.forbidden"
handler404 = "portal.views.not_found"
handler500 = "portal.views.server_error"
