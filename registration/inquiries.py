"""An event's questions as its YAML has them, with their choices; never what anybody answered."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from portal.models import Event
from registration import questions
from registration.models import Choice, Question
from sessions_app.importers.live import LiveRows
from sessions_app.importers.members import Members, Read
from sessions_app.importers.outline import Part
from sessions_app.program import is_said

MOST = 1_000_000
MOST_CHOICES = 200
TEXTS = ("key", "label", "help", "kind", "depends_on", "depends_value")
OWN = {"key": "key", "label": "label", "help": "help", "kind": "kind", "required": "is_required"}
OWN |= {"depends_value": "depends_value", "retention_days": "retention_days"}
ANSWERED = "It was answered already, so it stays a question of its kind."


def question_values(members: Members) -> Mapping[str, Read]:
    known: dict[str, Read] = dict.fromkeys(TEXTS, members.text)
    return known | {
        "required": members.flag,
        "retention_days": partial(members.number, most=MOST),
        "tickets": members.texts,
        "choices": lambda part: [choice_in(members, one) for one in members.elements(part, MOST_CHOICES)],
    }


def choice_in(members: Members, part: Part) -> tuple[Part, dict[str, Any]]:
    """A text, or a mapping with its limit."""
    if not part.is_mapping:
        return part, {"text": members.text(part)}
    return part, members.values(part, {"text": members.text, "limit": partial(members.number, most=MOST)})


class Inquiries:
    def __init__(self, event: Event, live: LiveRows) -> None:
        self.event, self.live = event, live
        self.known = list(event.questions.all())
        self.tickets = {one.name: one for one in event.ticket_types.all()}

    @classmethod
    def written(cls, event: Event) -> list[dict[str, Any]]:
        return [written(one) for one in questions.of(event)]

    def load(self, rows: list[tuple[Part, dict[str, Any]]]) -> None:
        last = max((one.position for one in self.known), default=-1)
        loaded = [
            (part, values, self.load_one(part, values, position))
            for position, (part, values) in enumerate(rows, start=last + 1)
        ]
        for part, values, row in loaded:
            if row.pk:
                self.tie(part, values, row)
                self.load_choices(values, row)
        self.check_ties({row.pk: part for part, _, row in loaded if row.pk})

    def check_ties(self, parts: dict[int, Part]) -> None:
        """Of the questions in the file, and of those that depend on them."""
        for row in questions.of(self.event):
            part = parts.get(row.pk) or parts.get(row.depends_on_id or 0)
            if part and row.depends_on and (why := questions.why_never(row.depends_on, row.depends_value)):
                self.live.fail(part["depends_value"], why)

    def load_one(self, part: Part, values: dict[str, Any], position: int) -> Question:
        row = self.named(values) or Question(event=self.event, position=position)
        own = {field: values[name] for name, field in OWN.items() if name in values}
        if row.pk and own.get("kind", row.kind) != row.kind and row.answers.exists():
            self.live.fail(part["kind"], ANSWERED)
        label = own.get("label", row.label)
        self.live.put(row, {"label": label} | own, part, f"question “{label}”")
        return row

    def named(self, values: dict[str, Any]) -> Question | None:
        """By its key, or without one by its words."""
        name = "key" if "key" in values else "label"
        return next((one for one in self.known if getattr(one, name) == values.get(name)), None)

    def tie(self, part: Part, values: dict[str, Any], row: Question) -> None:
        """To the question above it, and to the tickets with which it is asked."""
        above = self.event.questions.filter(key=values.get("depends_on", "")).first()
        if above:
            self.live.put(row, {"depends_on": above}, part, f"question “{row}”")
        elif "depends_on" in values:
            self.live.fail(part["depends_on"], "There is no question with this key.")
        wanted = [self.tickets.get(name) for name in values.get("tickets", ())]
        if None in wanted:
            self.live.fail(part["tickets"], "There is no ticket of this name.")
        elif wanted and set(wanted) != set(row.ticket_types.all()):
            row.ticket_types.set([one for one in wanted if one])
            self.live.changes.append(f"question “{row}”: tickets {', '.join(values['tickets'])}")

    def load_choices(self, values: dict[str, Any], row: Question) -> None:
        known = {one.text: one for one in row.choices.all()}
        for part, said in values.get("choices", ()):
            choice = known.get(said.get("text", "")) or Choice(question=row, position=len(known))
            if said.get("limit", choice.taken) < choice.taken:
                self.live.fail(part["limit"], f"{choice.taken} have chosen it.")
            else:
                self.live.put(choice, {"text": ""} | said, part, f"choice “{said.get('text', '')}” of “{row}”")
                known[choice.text] = choice


def written(row: Question) -> dict[str, Any]:
    values = {name: getattr(row, field) for name, field in OWN.items()} | {
        "depends_on": row.depends_on.key if row.depends_on else "",
        "tickets": [one.name for one in row.ticket_types.all()],
        "choices": [
            {"text": one.text, "limit": one.limit} if one.limit is not None else one.text for one in row.choices.all()
        ],
    }
    return {name: value for name, value in values.items() if is_said(value)}
