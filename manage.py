#!/usr/bin/env python
"""Django's command line. `run` works on the trial set-up in var/, and all else without SECRET_KEY and ALLOWED_HOSTS."""

import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    if sys.argv[1:2] == ["run"] or not os.environ.keys() & {"SECRET_KEY", "ALLOWED_HOSTS"}:
        os.environ.setdefault("TRIAL", "1")
    execute_from_command_line(sys.argv)
