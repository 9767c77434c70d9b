from django.urls import path

from registration import papers, views

app_name = "registration"
urlpatterns = [
    path("register/", views.register, name="register"),
    path("register/sent/", views.registered, name="registered"),
    path("follow/", views.follow, name="follow"),
    path("follow/sent/", views.following, name="following"),
    path("seats.json", views.seats, name="seats"),
    path("confirm/<str:token>/", views.confirm, name="confirm"),
    path("my/<str:token>/", views.manage, name="manage"),
    path("my/<str:token>/cancel/", views.cancel, name="cancel"),
    path("my/<str:token>/materials/<uuid:uuid>/", views.my_material, name="my_material"),
    path("my/<str:token>/ticket/", papers.ticket, name="ticket"),
    path("my/<str:token>/ticket.pdf", papers.ticket_pdf, name="ticket_pdf"),
    path("my/<str:token>/certificate.pdf", papers.own_certificate, name="own_certificate"),
    path("certificates/<str:code>/", papers.certificate, name="certificate"),
    path("unsubscribe/<str:token>/", views.unsubscribe, name="unsubscribe"),
]
