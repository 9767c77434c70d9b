"""Real servers for the tests: PostgreSQL, Redis, SMTP, the product's own processes. Fails loudly where it can't start one."""


def database_url(kind: str) -> str:
    if kind == "sqlite":
        return "sqlite:////tmp/lectern-tests.sqlite3"
    raise RuntimeError(f"No database of the kind {kind!r}.")
