"""An organizer makes the seats fewer, and then more, while many register."""

from concurrent.futures import ThreadPoolExecutor

from bench.figures import Figures
from bench.ground import TUTORIAL
from bench.organizer import Organizer
from bench.seats import AT_ONCE, OUTCOME, PEOPLE, SEATS, Outcome, Watch, opened, register, said, watched
from tests.services import wait_until

FEWER, MORE = 450, 520
STEPS = ((SEATS // 10, FEWER), (FEWER, MORE))  # when so many seats are taken, there shall be so many
TICKET = f"""
from portal.models import Event
print(Event.objects.get(slug="{TUTORIAL}").ticket_types.first().pk)
"""


def main() -> bool:
    """Whether all figures are reached."""
    figures = Figures()
    with opened() as found, watched(found) as watch, ThreadPoolExecutor(AT_ONCE) as crowd:
        organizer, path = Organizer(found), f"/admin/registration/tickettype/{said(found, TICKET)}/change/"
        form = organizer.form(path, "tickettype_form")
        coming = crowd.map(lambda number: register(found.product, number)[0], range(PEOPLE))
        for taken, capacity in STEPS:
            wait_for(taken, watch)
            form.fields["capacity"] = str(capacity)
            organizer.send(path, form)
        statuses = set(coming)
        outcome = Outcome(**said(found, OUTCOME))
    counts = {state: len(outcome.who_is(state)) for state in ("confirmed", "waitlisted")}
    name = f"{SEATS}, then {FEWER}, then {MORE} seats for {PEOPLE} people: each has one of them, or a place in line"
    right = counts == {"confirmed": MORE, "waitlisted": PEOPLE - MORE} and statuses == {201} and not outcome.problems
    figures.show(right, name, f"{counts}, {statuses}, {outcome.problems}")
    promoted = outcome.told("promoted")
    name = f"whoever was told of a seat has it; {len(promoted)} waited for it"
    right = sorted(outcome.told("confirmed") + promoted) == sorted(outcome.who_is("confirmed"))
    figures.show(right and len(outcome.mails) == PEOPLE + len(promoted), name, "")
    watch.show(figures)
    return figures.are_reached


def wait_for(taken: int, watch: Watch) -> None:
    if not wait_until(lambda: watch.taken >= taken):
        raise RuntimeError(f"{watch.taken} seats are taken, still not {taken}")
