"""Who may import whom. Reads the source, so that nothing has to run to be found out."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
APPS = ("portal", "sessions_app", "registration")
BASE = """access apps audit bell bounces caching celery delivery environment formats languages links listing logins logs
mail mailings message middleware models organizing pace parsing postgresql problems rates refusals rendering rows
second_factor sheets storage tasks templatetags text wire zones"""
GLUE = """accounts admin announcing api archive crawlers demo desk door echo front importing invariants mail_reports
management ops people postroom proofing releasing settings shelf supervisor trial unreached urls views wsgi"""
DRAFT_MODELS = {"Appearance", "Block", "Room", "Session", "Speaker", "Track"}
ORGANIZERS = {  # the code that edits drafts and releases them; what is public may import neither it nor draft models
    "portal.admin",
    "portal.announcing",
    "portal.demo",
    "portal.desk",
    "portal.door",
    "portal.people",
    "portal.importing",
    "portal.management",
    "portal.postroom",
    "portal.unreached",
    "portal.proofing",
    "portal.releasing",
    "registration.admin",
    "registration.announcements",
    "registration.audiences",
    "registration.digests",
    "registration.duties",
    "registration.inquiries",
    "registration.missing",
    "registration.notices",
    "registration.proofs",
    "registration.purging",
    "registration.tasks",
    "registration.terms",
    "registration.timer",
    "sessions_app.admin",
    "sessions_app.drafts",
    "sessions_app.forms",
    "sessions_app.importers",
    "sessions_app.publishing",
    "sessions_app.redaction",
}


def modules() -> dict[str, ast.Module]:
    """All product code by its dotted name. A package goes by the name of its directory."""
    paths = [path for app in APPS for path in sorted((ROOT / app).rglob("*.py")) if "migrations" not in path.parts]
    return {dotted(path): ast.parse(path.read_text(), str(path)) for path in paths}


def dotted(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


SOURCE = modules()


def imports(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """(module, name) of each import statement; the name is empty where a module itself is imported."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield from ((str(node.module), alias.name) for alias in node.names)


def targets(name: str) -> set[str]:
    """Our modules that this one imports."""
    found = set()
    for module, imported in imports(SOURCE[name]):
        inner = f"{module}.{imported}"
        found.add(inner if inner in SOURCE else module)
    return {target for target in found if target in SOURCE}


def layer(name: str) -> int:
    """0 portal's base, 1 sessions_app, 2 registration, 3 portal's glue."""
    app, _, rest = name.partition(".")
    if app != "portal":
        return APPS.index(app)
    return 0 if rest.split(".")[0] in BASE.split() else 3


def is_organizers(name: str) -> bool:
    return ".".join(name.split(".")[:2]) in ORGANIZERS


def is_models(name: str) -> bool:
    return name == "sessions_app.models" or name.startswith("sessions_app.models.")


def drafts_in(tree: ast.AST) -> set[str]:
    """What a module imports of the draft: its models, and the organizers' modules."""
    names = {(module, imported) for module, imported in imports(tree)}
    models = {imported for module, imported in names if is_models(module) and imported in DRAFT_MODELS}
    return models | {f"{module}.{name}" for module, name in names if is_organizers(f"{module}.{name}")}


def test_each_imports_only_what_stands_below() -> None:
    above = {(name, target) for name in SOURCE for target in targets(name) if layer(target) > layer(name)}

    assert above == set()


def test_each_imports_at_its_top() -> None:
    deferred = [
        (name, node.name)
        for name, tree in SOURCE.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and list(imports(node))
    ]

    assert deferred == []


def test_public_code_knows_no_draft() -> None:
    public = [name for name in SOURCE if not (is_organizers(name) or is_models(name))]

    found = {name: drafts for name in public if (drafts := drafts_in(SOURCE[name]))}

    assert found == {}


def test_no_modules_import_each_other_in_a_circle() -> None:
    graph = {name: targets(name) - {name} for name in SOURCE}

    while leaves := {name for name, below in graph.items() if not below}:
        graph = {name: below - leaves for name, below in graph.items() if name not in leaves}

    assert graph == {}


def test_each_module_of_portal_is_either_base_or_glue() -> None:
    found = {name.split(".")[1] for name in SOURCE if name.startswith("portal.")}

    assert found == {*BASE.split(), *GLUE.split()}
    assert set(BASE.split()) & set(GLUE.split()) == set()


def test_the_organizers_modules_exist() -> None:
    assert {name for name in ORGANIZERS if name not in SOURCE} == set()


def test_it_would_see_wrong_imports() -> None:
    roundabout = ast.parse("from sessions_app.models.program import Session")
    late = ast.parse("def late():\n    from registration.models import Registration\n")
    leaking = ast.parse("from sessions_app.models import Release, Session\nfrom sessions_app import drafts\n")

    assert list(imports(late)) == [("registration.models", "Registration")]
    assert drafts_in(leaking) == {"Session", "sessions_app.drafts"}
    assert drafts_in(roundabout) == {"Session"}
    assert [layer(f"{name}.models") for name in APPS] == [0, 1, 2]
    assert layer("portal.urls") == 3
