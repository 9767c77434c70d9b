import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import override_settings

from portal.sheets import bundled
from portal.templatetags.words import step

OTHERS = ["admin", "rest_framework", "drf_spectacular_sidecar"]
STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": "portal.sheets.BundlingStorage"}}
FINDER = "django.contrib.staticfiles.finders.FileSystemFinder"
CSS = Path(settings.BASE_DIR) / "portal/static/portal/css"


def test_each_import_becomes_its_rules_in_their_layer(tmp_path: Path) -> None:
    (tmp_path / "a.css").write_text("a { color: red; }\n")
    sheet = tmp_path / "sheet.css"
    sheet.write_text('@layer base, print;\n@import "a.css" layer(base);\n@import "a.css" layer(print) print;\n')

    assert bundled(sheet) == (
        "@layer base, print;\n"
        "@layer base {\na { color: red; }\n}\n"
        "@media print {\n@layer print {\na { color: red; }\n}\n}\n"
    )


def test_no_import_is_left_and_no_sheet_forgotten() -> None:
    sheet = (CSS / "lectern.css").read_text()
    files = {str(path.relative_to(CSS)) for path in CSS.rglob("*.css")} - {"lectern.css", "admin.css"}

    assert set(re.findall(r'@import "([^"]+)"', sheet)) == files
    assert "@import" not in bundled(CSS / "lectern.css")


def test_no_rule_loads_anything() -> None:
    assert [path.name for path in CSS.rglob("*.css") if "url(" in path.read_text()] == []


def test_no_rule_asks_how_a_phone_is_held() -> None:
    assert [path.name for path in CSS.rglob("*.css") if "orientation" in path.read_text()] == []


@pytest.mark.parametrize("minutes", [1, 45, 121, 129, 1440])
def test_each_length_that_is_drawn_has_a_class(minutes: int) -> None:
    assert f".d{step(minutes)}{{" in (CSS / "steps.css").read_text()


def test_collected_pages_have_one_stylesheet_named_by_its_content(tmp_path: Path) -> None:
    with override_settings(STATIC_ROOT=tmp_path, STORAGES=STORAGES):
        for _ in range(2):
            call_command("collectstatic", interactive=False, verbosity=0, ignore_patterns=OTHERS)

    sheets = list((tmp_path / "portal/css").glob("lectern.*.css"))
    assert len(sheets) == 1
    assert sheets[0].read_text() == bundled(CSS / "lectern.css")
    [desk] = (tmp_path / "portal/js").glob("door.????????????.js")
    names = re.findall(r'from "\./([^"]+)"', desk.read_text())
    assert [name for name in names if re.fullmatch(r"door/\w+\.\w{12}\.js", name)] == names != []


def test_what_pages_ask_for_is_compressed_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "from").mkdir()
    (tmp_path / "from/own.js").write_text("let one = 1;\n" * 100 + "//# sourceMappingURL=own.js.map\n")
    (tmp_path / "from/own.js.map").write_text("{}" * 100)
    finder = {"STATICFILES_FINDERS": [FINDER], "STATICFILES_DIRS": [tmp_path / "from"]}

    with override_settings(STATIC_ROOT=tmp_path / "to", STORAGES=STORAGES, **finder):
        call_command("collectstatic", interactive=False, verbosity=0)

    names = sorted(re.sub(r"\.\w{12}\.", ".#.", path.name) for path in (tmp_path / "to").glob("own*"))
    assert names == ["own.#.js", "own.#.js.br", "own.#.js.gz", "own.js", "own.js.#.map", "own.js.map"]
