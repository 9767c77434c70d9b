from django.urls import URLPattern, path, register_converter

from sessions_app import downloads, feeds, schedule, views
from sessions_app.clock import DayConverter

register_converter(DayConverter, "day")

app_name = "sessions_app"
urlpatterns: list[URLPattern] = [
    path("schedule/", schedule.schedule, name="schedule"),
    path("schedule/all/", schedule.schedule_all, name="schedule_all"),
    path("schedule/now/", schedule.now, name="now"),
    path("schedule/mine/", schedule.mine, name="mine"),
    path("schedule/<day:day>/", schedule.schedule_day, name="schedule_day"),
    path("sessions/<slug:slug>/", views.session, name="session"),
    path("speakers/", views.speakers, name="speakers"),
    path("speakers/<slug:slug>/", views.speaker, name="speaker"),
    path("tracks/<slug:slug>/", views.track, name="track"),
    path("rooms/<slug:slug>/", views.room, name="room"),
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
