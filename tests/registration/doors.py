"""Steps of tests of the door."""

from hashlib import sha256
from typing import Any

from django.test import Client

from portal.models import Event
from registration import tickets
from registration.models import Device, Registration

KEY = "the key of desk B"


def make_device(event: Event, name: str = "Desk B", key: str = KEY) -> Device:
    return Device.objects.create(event=event, name=name, key_hash=sha256(key.encode()).hexdigest())


def address(event: Event, rest: str = "") -> str:
    return f"/api/v1/events/{event.slug}/check-ins/{rest}"


def scan(event: Event, code: Any, *, key: str = KEY, nonce: str = "", **more: Any) -> Any:
    """What the API answers a device that scans this code, or the ticket of this registration."""
    code = tickets.code_of(code) if isinstance(code, Registration) else code
    headers = {"Authorization": f"Bearer {key}"} | ({"Idempotency-Key": nonce} if nonce else {})
    return Client().post(address(event), {"code": code} | more, content_type="application/json", headers=headers)
