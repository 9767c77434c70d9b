"""The languages an event writes in, by their codes."""

from django.conf.locale import LANG_INFO
from django.core.exceptions import ValidationError

LONGEST = 10  # of a code


def codes(text: str) -> list[str]:
    """In their order, each once, parted by commas or spaces."""
    return list(dict.fromkeys(text.replace(",", " ").casefold().split()))


def own_name(code: str) -> str:
    """What its speakers call it: Deutsch."""
    name = str(LANG_INFO[code]["name_local"])
    return name[:1].upper() + name[1:]


def validate_languages(text: str) -> None:
    for code in codes(text):
        if "name_local" not in LANG_INFO.get(code, {}):
            raise ValidationError(f"“{code}” isn't the code of a language. Use codes such as en, de or pt-br.")
