from django.urls import URLPattern, path

from sessions_app import downloads, views

app_name = "sessions_app"
urlpatterns: list[URLPattern] = [
    path("schedule/", views.schedule, name="schedule"),
    path("sessions/<slug:slug>/", views.session, name="session"),
    path("speakers/", views.speakers, name="speakers"),
    path("releases/", views.releases, name="releases"),
    path("releases/<int:number>/", views.release, name="release"),
    path("materials/", views.materials, name="materials"),
    path("materials/<uuid:uuid>/", downloads.material, name="material"),
]
