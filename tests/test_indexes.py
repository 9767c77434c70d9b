"""An index is kept up at each write, and a planner without statistics takes the shorter of two."""

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.db.models import Index, Model, UniqueConstraint

MODELS = [
    model for name in ("portal", "sessions_app", "registration") for model in apps.get_app_config(name).get_models()
]


def beginnings(model: type[Model]) -> Iterator[str]:
    """The first columns of its indexes over all rows that have several."""
    for one in [*model._meta.indexes, *model._meta.constraints]:
        if isinstance(one, Index | UniqueConstraint) and not one.condition and len(one.fields) > 1:
            yield one.fields[0].removeprefix("-")


@pytest.mark.parametrize("model", MODELS)
def test_none_is_only_the_beginning_of_another(model: type[Model]) -> None:
    alone = {field.name for field in model._meta.local_fields if field.db_index and not field.unique}
    assert not alone & set(beginnings(model)), "say db_index=False"
