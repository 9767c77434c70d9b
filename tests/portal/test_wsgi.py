import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LARGE = {"PIL", "fontTools", "fpdf", "openpyxl", "uharfbuzz"}
START = """
import json, sys
import portal.wsgi
from django.urls import get_resolver
get_resolver().url_patterns
print(json.dumps(list(sys.modules)))
"""


def test_a_server_process_starts_without_the_libraries_of_rare_files() -> None:
    environment = os.environ | {"TRIAL": "1", "DJANGO_SETTINGS_MODULE": "portal.settings"}

    said = subprocess.run([sys.executable, "-c", START], cwd=ROOT, env=environment, capture_output=True, check=True)

    loaded = set(json.loads(said.stdout.splitlines()[-1]))
    assert loaded & {"portal.urls", "registration.papers"} == {"portal.urls", "registration.papers"}
    assert loaded & LARGE == set()
