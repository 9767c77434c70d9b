from django.urls import path

from registration import views

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
    path("unsubscribe/<str:token>/", views.unsubscribe, name="unsubscribe"),
]
