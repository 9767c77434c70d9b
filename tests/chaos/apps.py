"""Switches a guard off as soon as a process has its models."""

from importlib import import_module

from django.apps import AppConfig


class SwitchedConfig(AppConfig):
    name = "tests.chaos"

    def ready(self) -> None:
        import_module("tests.chaos.switches")
