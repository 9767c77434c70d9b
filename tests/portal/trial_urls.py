"""The addresses of a trial set-up: the product's own and the pages of its mails."""

from django.urls import include, path

from portal import trial
from portal.urls import urlpatterns as usual

urlpatterns = [path("trial/", include((trial.pages, None))), *usual]
