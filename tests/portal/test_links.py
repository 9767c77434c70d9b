from datetime import timedelta

import pytest
import time_machine

from portal import links


def test_a_signed_value_comes_back() -> None:
    assert links.unsign("confirm", links.sign("confirm", "7:abc")) == "7:abc"


def test_a_token_of_another_purpose_is_refused() -> None:
    with pytest.raises(links.LinkError, match="isn't complete"):
        links.unsign("cancel", links.sign("confirm", "7"))


def test_every_altered_character_is_seen() -> None:
    token = links.sign("confirm", "7")

    for position, character in enumerate(token):
        altered = token[:position] + ("A" if character != "A" else "B") + token[position + 1 :]
        with pytest.raises(links.LinkError):
            links.unsign("confirm", altered)


def test_an_old_token_is_refused() -> None:
    with time_machine.travel("2026-01-01 12:00Z"):
        token = links.sign("confirm", "7")

    with time_machine.travel("2026-01-02 12:01Z"), pytest.raises(links.LinkError, match="expired"):
        links.unsign("confirm", token, timedelta(hours=24))


def test_tokens_outlive_a_new_key_while_the_old_one_is_kept(settings: object) -> None:
    token = links.sign("confirm", "7")

    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]  # type: ignore[attr-defined]
    settings.SECRET_KEY = "a new key"  # type: ignore[attr-defined]

    assert links.unsign("confirm", token) == "7"


def test_absolute_addresses_are_the_configured_sites() -> None:
    assert links.absolute("/a/") == "https://portal.example/a/"
