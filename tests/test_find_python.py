"""bin/find-python on machines where names mislead."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.services import ROOT

FIND = ROOT / "bin" / "find-python"


def find(path: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Runs the script where nothing but `path` and the plain tools can be found."""
    alone = {"PATH": f"{path}:/nowhere", "HOME": str(path), "PYENV_ROOT": str(path / "pyenv")}
    return subprocess.run(["/bin/sh", FIND], env=alone | variables, capture_output=True, text=True, check=False)


def put(path: Path, script: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def works(path: Path) -> Path:
    """A name for the Python that runs the tests."""
    return put(path, f'exec "{sys.executable}" "$@"')


def test_it_passes_over_a_shim_that_fails_and_a_python_that_is_too_old(tmp_path: Path) -> None:
    put(tmp_path / "python3.13", "echo 'pyenv: python3.13: command not found' >&2; exit 127")
    put(tmp_path / "python3", "exit 1")  # what the probe of an older one ends with
    works(tmp_path / "python")

    found = find(tmp_path)

    assert (found.returncode, Path(found.stdout.strip()).exists()) == (0, True)


def test_a_python_that_is_named_goes_first(tmp_path: Path) -> None:
    works(tmp_path / "python3")
    named = put(tmp_path / "mine", 'case "$*" in *sys.executable*) echo "named";; esac')

    found = find(tmp_path, PYTHON=str(named))

    assert found.stdout == "named\n"


def test_it_finds_one_of_pyenv_that_is_not_on_the_path(tmp_path: Path) -> None:
    put(tmp_path / "pyenv" / "versions" / "3.12.9" / "bin" / "python", 'case "$*" in *executable*) echo pyenv;; esac')

    found = find(tmp_path)

    assert found.stdout == "pyenv\n"


@pytest.mark.skipif(
    any(os.path.exists(f"{prefix}/bin/python3.{n}") for prefix in ("/usr", "/usr/local") for n in range(12, 20)),  # noqa: PTH110
    reason="this machine's own Python is one it accepts",
)
def test_it_says_what_is_needed_where_there_is_none(tmp_path: Path) -> None:
    found = find(tmp_path)

    assert found.returncode == 1
    assert found.stdout == ""
    assert "needs Python 3.12 or newer" in found.stderr
