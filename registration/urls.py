from django.urls import path

from registration import my_data, papers, personal, subscriptions, views

app_name = "registration"
urlpatterns = [
    path("register/", views.register, name="register"),
    path("register/sent/", views.registered, name="registered"),
    path("follow/", views.follow, name="follow"),
    path("follow/sent/", views.following, name="following"),
    path("link/", views.link, name="link"),
    path("link/sent/", views.linked, name="linked"),
    path("seats.json", views.seats, name="seats"),
    path("confirm/<str:token>/", views.confirm, name="confirm"),
    path("transfer/<str:token>/", views.transfer, name="transfer"),
    path("my/<str:token>/ticket/", papers.ticket, name="ticket"),
    path("my/<str:token>/ticket.pdf", papers.ticket_pdf, name="ticket_pdf"),
    path("my/<str:token>/certificate.pdf", papers.own_certificate, name="own_certificate"),
    path("certificates/<str:code>/", papers.certificate, name="certificate"),
    path("my/<str:token>/mails/", subscriptions.my_mails, name="my_mails"),
    path("mails/<str:token>/", subscriptions.mails, name="mails"),
    path("mails/<str:token>/tell-me/", subscriptions.tell_me, name="tell_me"),
    path("unsubscribe/<str:token>/", views.unsubscribe, name="unsubscribe"),
    path("calendar/<str:token>/program.ics", personal.calendar, name="calendar"),
    path("my/<str:token>/", personal.manage, name="manage"),
    path("my/<str:token>/data.json", my_data.export, name="my_data"),
    path("my/<str:token>/erase/", my_data.erase, name="erase"),
    path("erased/", my_data.erased, name="erased"),
    path("my/<str:token>/edit/", personal.edit, name="edit"),
    path("my/<str:token>/labs/", personal.lab_seats, name="lab_seats"),
    path("my/<str:token>/stars/", personal.stars, name="stars"),
    path("my/<str:token>/pass-on/", personal.pass_on, name="pass_on"),
    path("my/<str:token>/cancel/", personal.cancel, name="cancel"),
    path("my/<str:token>/resend/", personal.resend, name="resend"),
    path("my/<str:token>/new-link/", personal.new_link, name="new_link"),
    path("my/<str:token>/new-calendar/", personal.new_calendar, name="new_calendar"),
    path("my/<str:token>/answers/<int:number>/", personal.my_file, name="my_file"),
    path("my/<str:token>/materials/<uuid:uuid>/", personal.my_material, name="my_material"),
]
