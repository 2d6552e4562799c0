"""Who of ours is who in the CRM: matched by themselves where they can be, otherwise by buttons."""

from uuid import UUID

from aiogram import F, Router
from aiogram.types import CallbackQuery

from domain.errors import CrmError, NotFound
from domain.members import Member
from handlers.buttons import MenuButton, PersonButton
from handlers.chat import Chat
from handlers.errors import in_words
from handlers.menu import to_menu
from handlers.screens import Button, Screen, esc, grid
from locales import _, ngettext
from services.two_ways.people import CrmPeople, People, Person, mark_of

PAGE = 8
NOBODY = UUID(int=0)


async def open_people(_query: CallbackQuery, chat: Chat, member: Member, crm_people: CrmPeople) -> None:
    """Ask the CRM for its people and match who can be matched."""
    chat.show(Screen(_("⏳ I am asking the CRM who works there …")))

    async def ask(later: Chat) -> None:
        try:
            later.show(people_screen(await crm_people.people(member, anew=True), 0))
        except (CrmError, NotFound) as error:
            text = _("👥 The CRM does not tell its people.\n{why}").format(why=esc(in_words(error)))
            later.show(Screen(text, [_to_crm()]))

    chat.then(ask)


async def turn(
    _query: CallbackQuery, callback_data: PersonButton, chat: Chat, member: Member, crm_people: CrmPeople
) -> None:
    """A page of members, or of the CRM's users for one of them."""

    async def ask(later: Chat) -> None:
        people = await crm_people.people(member)
        later.show(_page(people, callback_data))

    chat.then(ask)


async def choose(
    _query: CallbackQuery, callback_data: PersonButton, chat: Chat, member: Member, crm_people: CrmPeople
) -> None:
    """Keep who a member is there."""

    async def keep(later: Chat) -> None:
        people = await crm_people.choose(member, callback_data.member, callback_data.user)
        later.show(people_screen(people, callback_data.page))

    chat.then(keep)


def _page(people: People, wanted: PersonButton) -> Screen:
    found = next((one for one in people.persons if one.member.id == wanted.member), None)
    if wanted.do == "pick" and found is not None:
        return users_screen(people, found, wanted.page)
    return people_screen(people, wanted.page)


def people_screen(people: People, page: int) -> Screen:
    """Members who work on leads, and whom of the CRM they are."""
    matched = sum(one.user is not None for one in people.persons)
    counted = ngettext(
        "{matched} of {count} person is matched.",
        "{matched} of {count} people are matched.",
        len(people.persons),
    )
    text = _(
        "👥 <b>Who is who in {crm}</b>\n{counted}\n\n"
        "Leads of a matched person go to the same person there, and back. Press a name to change it."
    ).format(crm=esc(people.crm), counted=counted.format(matched=matched, count=len(people.persons)))
    shown = people.persons[page * PAGE : (page + 1) * PAGE]
    rows = [[_person_button(one)] for one in shown]
    ways = _turn("list", NOBODY, page, len(people.persons))
    return Screen(text, [*rows, ways, _to_crm()])


def _person_button(person: Person) -> Button:
    there = person.user.name if person.user is not None else "—"
    label = f"{person.member.name[:28]} → {there[:28]}"
    return Button(label, PersonButton(do="pick", member=person.member.id))


def users_screen(people: People, person: Person, page: int) -> Screen:
    """The CRM's users, to say which of them a member is."""
    text = _("👤 <b>{name}</b>\nWho is this in {crm}?").format(
        name=esc(person.member.name), crm=esc(people.crm)
    )
    taken = {one.user.id: one.member.name for one in people.persons if one.user is not None}
    buttons = []
    for user in people.users[page * PAGE : (page + 1) * PAGE]:
        mark = "• " if person.user is not None and person.user.id == user.id else ""
        owner = f" ({taken[user.id][:16]})" if user.id in taken and not mark else ""
        action = PersonButton(do="set", member=person.member.id, user=mark_of(user))
        buttons.append(Button(f"{mark}{user.name[:40]}{owner}", action))
    nobody = Button(_("🚫 Nobody"), PersonButton(do="set", member=person.member.id))
    back = Button(_("⬅️ Back"), PersonButton(do="list", member=NOBODY))
    ways = _turn("pick", person.member.id, page, len(people.users))
    return Screen(text, [*grid(buttons, 1), ways, [nobody, back]])


def _turn(do: str, member_id: UUID, page: int, total: int) -> list[Button]:
    row = []
    if page:
        row.append(Button("⬅️", PersonButton(do=do, member=member_id, page=page - 1)))
    if (page + 1) * PAGE < total:
        row.append(Button("➡️", PersonButton(do=do, member=member_id, page=page + 1)))
    return row


def _to_crm() -> list[Button]:
    return [Button(_("🔌 CRM"), MenuButton(place="crm")), *to_menu()]


def routes() -> Router:
    router = Router(name="crm_people")
    press = router.callback_query.register
    press(open_people, MenuButton.filter(F.place == "crm_people"))
    press(choose, PersonButton.filter(F.do == "set"))
    press(turn, PersonButton.filter())
    return router
