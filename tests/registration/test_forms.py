import pytest
from django.core.exceptions import ValidationError

from portal.models import Event
from portal.text import address_key
from registration.addresses import clean_address
from registration.forms import FollowForm, RegisterForm
from registration.reception import Reception
from tests.factories import make_event, make_ticket_type
from tests.registration import naughty

pytestmark = pytest.mark.django_db
SHAPE = "This isn't a mail address. It has to look like name@example.org."
KIND = "We can't write to addresses of this kind. Give another address of yours."


def form_of(values: dict[str, str], event: Event | None = None) -> RegisterForm:
    return RegisterForm(Reception(event or make_event()), {"name": "Ada", "email": "ada@example.org"} | values)


def errors(**values: str) -> dict[str, list[str]]:
    return form_of(values).errors


@pytest.mark.sqlite
@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("ada@example.org", "ada@example.org"),
        ("  ada@example.org\t", "ada@example.org"),
        ("Ada.Lovelace+tutorial@Example.ORG", "Ada.Lovelace+tutorial@example.org"),
        ("o'brien@example.org", "o'brien@example.org"),
        ("!#$%&'*+-/=?^_`{|}~@example.org", "!#$%&'*+-/=?^_`{|}~@example.org"),
        ("a@b.co", "a@b.co"),
        ("ada@sub.dept.university.ac.uk", "ada@sub.dept.university.ac.uk"),
        ("ada@BÜCHER.example", "ada@bücher.example"),
        ("ada@xn--bcher-kva.example", "ada@bücher.example"),
        ("ada@bu\u0308cher.example", "ada@bücher.example"),
        ("ada@例え.テスト", "ada@例え.テスト"),
        ("ada@xn--strae-oqa.example", "ada@xn--strae-oqa.example"),
        ("ada@ｅｘａｍｐｌｅ.org", "ada@example.org"),
        (f"{'a' * 64}@example.org", f"{'a' * 64}@example.org"),
    ],
)
def test_addresses_are_taken_and_kept_in_one_spelling(given: str, kept: str) -> None:
    assert clean_address(given) == kept
    assert clean_address(kept) == kept


@pytest.mark.sqlite
@pytest.mark.parametrize(
    ("given", "why"),
    [
        ("ada", "The part from @ on is missing, as in name@example.org."),
        ("ada@", "The part after @ is missing, as in name@example.org."),
        ("@example.org", "The part before @ is missing, as in name@example.org."),
        ("@", "The part before @ is missing, as in name@example.org."),
        ("jürgen@example.org", "Letters such as ü can't be used before the @. Give another address of yours."),
        ('"ada lovelace"@example.org', KIND),
        ("ada@[127.0.0.1]", KIND),
        ("ada@[IPv6:::1]", KIND),
        (f"{'a' * 65}@example.org", KIND),
        (f"a@{'b' * 60}.{'c' * 60}.{'d' * 60}.{'e' * 60}.{'f' * 60}.org", KIND),
        ("ada@localhost", SHAPE),
        ("ada@example", SHAPE),
        ("ada@127.0.0.1", SHAPE),
        (".ada@example.org", SHAPE),
        ("ada..lovelace@example.org", SHAPE),
        ("ada@-example.org", SHAPE),
        ("ada@exa_mple.org", SHAPE),
        ("ada lovelace@example.org", SHAPE),
        ("ada@example.org, mallory@example.org", SHAPE),
        ("ada@example.org;mallory@example.org", SHAPE),
        ("Ada <ada@example.org>", SHAPE),
        ("mailto:ada@example.org", SHAPE),
        ("ada@example.org\r\nBcc: mallory@example.org", SHAPE),
        ("ada%0aBcc:mallory@example.org", SHAPE),
        ("ada@mallory@example.org", SHAPE),
        ("ada@exa..mple.org", "The part after @ can't be the name of a mail server."),
        (f"ada@{'ü' * 64}.org", "The part after @ can't be the name of a mail server."),
        ("ada@straße.example", "Write the part after @ in its international form, which begins with xn--."),
        ("ada@exa\u200dmple.org", "Write the part after @ in its international form, which begins with xn--."),
    ],
)
def test_other_addresses_are_refused_with_what_to_mend(given: str, why: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        clean_address(given)

    assert refusal.value.messages == [why]


@pytest.mark.sqlite
def test_both_spellings_of_a_domain_are_one_address() -> None:
    keys = {address_key(clean_address(one)) for one in ("Ada@BÜCHER.example", "ada@xn--bcher-kva.example")}

    assert keys == {"ada@bücher.example"}


@pytest.mark.sqlite
@pytest.mark.parametrize(
    "name",
    [
        "Ng",
        "O'Brien-Smith",
        "山田太郎",
        "José Núñez",
        "محمد",
        "Null",
        "X Æ A-12",
        "Björk Guðmundsdóttir",
        "de la Ó",
        "@Ada",
    ],
)
def test_names_of_all_kinds_are_taken_as_they_are(name: str) -> None:
    form = form_of({"name": name})

    assert form.is_valid()
    assert [form.cleaned_data[field] for field in ("name", "email", "affiliation")] == [name, "ada@example.org", ""]


@pytest.mark.sqlite
@pytest.mark.parametrize("name", ["", "   ", "\u200b\u2060", "\u202e", "\t\r\n", "\u00ad"])
def test_a_name_in_which_nothing_is_to_be_seen_is_missing(name: str) -> None:
    assert errors(name=name) == {"name": ["Write your name."]}


def test_what_is_too_long_is_refused_at_its_field() -> None:
    found = errors(name="a" * 201, email=f"{'a' * 250}@example.org", affiliation="b" * 201)

    assert found == {
        "name": ["Ensure this value has at most 200 characters (it has 201)."],
        "email": ["Ensure this value has at most 254 characters (it has 262)."],
        "affiliation": ["Ensure this value has at most 200 characters (it has 201)."],
    }


def test_a_nul_in_an_address_is_refused_and_in_a_name_left_out() -> None:
    form = form_of({"name": "A\0da", "email": "a\0da@example.org"})

    assert form.errors == {"email": ["Null characters are not allowed."]}
    assert form.cleaned_data["name"] == "Ada"


def test_the_ticket_is_asked_for_only_where_there_are_several() -> None:
    event = make_event()
    on_site = make_ticket_type(event, name="On site")

    alone = form_of({}, event)
    make_ticket_type(event, name="Remote")
    missing, chosen = form_of({}, event), form_of({"ticket_type": str(on_site.pk)}, event)

    assert (alone.is_valid(), alone.details["ticket_type"]) == (True, on_site)
    assert missing.errors == {"ticket_type": ["Choose a ticket."]}
    assert (chosen.is_valid(), chosen.details["ticket_type"]) == (True, on_site)


@pytest.mark.parametrize("choice", ["0", "-1", "x", "9" * 400, "1 or 1=1", "\0"])
def test_a_ticket_that_is_not_among_them_is_refused(choice: str) -> None:
    event = make_event()
    make_ticket_type(event, name="On site"), make_ticket_type(event, name="Remote")

    form = form_of({"ticket_type": choice}, event)

    assert list(form.errors) == ["ticket_type"]


def test_a_list_of_naughty_strings_is_taken_or_refused_at_its_field() -> None:
    strings = naughty.others()
    reception = Reception(make_event())

    for text in strings:
        register = RegisterForm(reception, {"name": text, "email": text, "affiliation": text})
        follow = FollowForm({"email": f"{text}@example.org"})
        assert set(register.errors) <= {"name", "email", "affiliation"}, text
        assert register.errors["email"], text
        assert follow.is_valid() or list(follow.errors) == ["email"], text
