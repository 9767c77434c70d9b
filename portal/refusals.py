"""What a mail server's refusal is about, as far as its words tell: an address, or perhaps us."""

import re

DEAD = {"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10"}  # enhanced codes that are about the address alone
OURS = re.compile(r"5\.7\.\d+|5\.1\.[78]")  # about policy, or about a sender's address
NAMED = re.compile(
    r"\bsender (?:address )?(?:is )?(?:rejected|refused|denied|not |unknown|verif)|\brelay", re.IGNORECASE
)
ADDRESS = re.compile(r"\S*@\S*")


def is_about_the_address(said: str) -> bool:
    """Whether the server says that there is no such mailbox, rather than that it dislikes the mail or us."""
    return code_of(said) in DEAD and not names_us(said)


def may_be_about_us(said: str) -> bool:
    """Whether others may be refused as well, as the server wants no mails of our sender's or passes none on. It may be
    the will of this one reader's server too: only what becomes of others tells."""
    return said.startswith("5") and (bool(OURS.fullmatch(code_of(said))) or names_us(said))


def code_of(said: str) -> str:
    """The enhanced code; empty or no code where the server gives none."""
    return [*said.split(), "", ""][1]


def names_us(said: str) -> bool:
    return bool(NAMED.search(ADDRESS.sub("", said)))
