"""One stylesheet for visitors, one file a component for us: where static files are collected, imports are put in."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.contrib.staticfiles import finders
from whitenoise.storage import CompressedManifestStaticFilesStorage  # type: ignore[import-untyped]

SHEET = "portal/css/lectern.css"
IMPORT = re.compile(r'@import "(?P<name>[^"]+)" layer\((?P<layer>\w+)\)(?: (?P<media>\w+))?;')


class BundlingStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """WhiteNoise's storage of compressed files named by their content, with lectern.css in one piece; modules import
    each other by these names too."""

    support_js_module_import_aggregation = True

    def post_process(self, paths: dict[str, Any], dry_run: bool = False, **options: Any) -> Iterator[Any]:
        if SHEET in paths and not dry_run:
            Path(self.path(SHEET)).write_text(bundled(Path(str(finders.find(SHEET)))))
            paths = paths | {SHEET: (self, SHEET)}
        yield from super().post_process(paths, dry_run=dry_run, **options)

    def compress_files(self, paths: set[str]) -> Iterator[tuple[str, str]]:
        """Those that pages ask for: by the name that has their content's digest, and no map for a debugger."""
        named = paths & {*self.hashed_files.values()}
        yield from super().compress_files({path for path in named if not path.endswith(".map")})


def bundled(sheet: Path) -> str:
    """The sheet with what it imports, each part in its layer."""

    def content(found: re.Match[str]) -> str:
        rules = f"@layer {found['layer']} {{\n{(sheet.parent / found['name']).read_text()}}}"
        return f"@media {found['media']} {{\n{rules}\n}}" if found["media"] else rules

    return IMPORT.sub(content, sheet.read_text())
