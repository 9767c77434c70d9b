"""Word lists, as the page's readers need them."""


def words(text: str) -> frozenset[str]:
    return frozenset(text.split())
