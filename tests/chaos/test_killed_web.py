"""The web server's worker killed like by the kernel's memory guard."""

import os
import signal
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import pytest

from tests.services import Process, Production, wait_until

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]


def children(process: Process) -> list[int]:
    pid = process.child.pid
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def status(port: int) -> int:
    """0 where nobody answers."""
    link = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        link.request("GET", "/healthz", headers={"Host": "localhost"})
        return link.getresponse().status
    except (OSError, HTTPException):
        return 0
    finally:
        link.close()


def test_a_killed_web_worker_is_replaced(production: Production) -> None:
    web = production.start_web()
    assert wait_until(lambda: status(production.port) == 200)
    killed = children(web)

    for worker in killed:
        os.kill(worker, signal.SIGKILL)

    assert wait_until(lambda: status(production.port) == 200 and not set(children(web)) & set(killed)), web.output
