from django.urls import URLPattern, path

from sessions_app import downloads, feeds, views

app_name = "sessions_app"
urlpatterns: list[URLPattern] = [
    path("schedule/", views.schedule, name="schedule"),
    path("sessions/<slug:slug>/", views.session, name="session"),
    path("speakers/", views.speakers, name="speakers"),
    path("releases/", views.releases, name="releases"),
    path("releases/compare/", views.compare, name="compare"),
    path("releases/<int:number>/", views.release, name="release"),
    path("releases/<int:before>..<int:after>/", views.comparison, name="comparison"),
    path("materials/", views.materials, name="materials"),
    path("materials/<uuid:uuid>/", downloads.material, name="material"),
    path("sessions/<slug:slug>.ics", feeds.session, name="session_ics"),
    path("merged.ics", feeds.merged, name="merged_ics"),
    path("schedule.ics", feeds.program, {"name": "ical"}, name="schedule_ics"),
    path("schedule.json", feeds.program, {"name": "c3voc"}, name="schedule_json"),
    path("schedule.xml", feeds.program, {"name": "frab"}, name="schedule_xml"),
    path("schedule.csv", feeds.program, {"name": "csv"}, name="schedule_csv"),
    path("sessionize.json", feeds.program, {"name": "sessionize"}, name="sessionize"),
    path("releases.atom", feeds.releases_atom, name="releases_atom"),
]
