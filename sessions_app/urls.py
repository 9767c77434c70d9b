from django.urls import URLPattern, path

from sessions_app import downloads, feeds, views

app_name = "sessions_app"
urlpatterns: list[URLPattern] = [
    path("schedule/", views.schedule, name="schedule"),
    path("sessions/<slug:slug>/", views.session, name="session"),
    path("speakers/", views.speakers, name="speakers"),
    path("releases/", views.releases, name="releases"),
    path("releases/<int:number>/", views.release, name="release"),
    path("materials/", views.materials, name="materials"),
    path("materials/<uuid:uuid>/", downloads.material, name="material"),
    path("schedule.ics", feeds.schedule_ics, name="schedule_ics"),
    path("schedule.json", feeds.schedule_json, name="schedule_json"),
]
