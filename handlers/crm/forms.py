"""The forms that ask for a CRM's settings: to connect it, and to mend one of them. One a provider."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from domain.errors import BadInput
from domain.members import Member
from handlers.crm.ways import ask_text, choose_text, way_label
from handlers.forms.forms import Asking, Finish, Form, Question
from handlers.screens import esc
from locales import _
from services.connections.integrations import manifests
from services.connections.settings import read_address, ways_of

WAY = "way"
URL, API_KEY, REDIRECT = "url", "api_key", "redirect_uri"
OWN_WORD, SHORTEST_WORD = "webhook_secret", 16
HOLDS_A_KEY = "/rest/"
"""What an address has that must not stay in the chat."""

SKIPPED = frozenset({("renovatio", URL)})
"""Addresses that are the vendor's own unless somebody says otherwise."""

FREE = frozenset({"login", "password", "documents"})
"""Settings that may be in any script, and have spaces inside."""

LEADS = {one.name: one.title for one in manifests()}
"""What leads may go to, by name."""

KINDS = {one.name: one for one in (*manifests(), *manifests("transactions"))}
TITLES = {name: one.title for name, one in KINDS.items()}
SECRETS = {name: {setting.name for setting in one.settings if setting.secret} for name, one in KINDS.items()}


def asked_for(provider: str, way: str) -> Sequence[str]:
    """The settings of a way, in order; of the first way where none is chosen yet."""
    ways = ways_of(KINDS[provider])
    return next((one.settings for one in ways if one.name == way), ways[0].settings)


def is_login(provider: str, way: str) -> bool:
    return any(one.login for one in ways_of(KINDS[provider]) if one.name == way)


def chosen_way(provider: str, answers: Mapping[str, str]) -> str:
    return answers.get(WAY) or ways_of(KINDS[provider])[0].name


def settings_in(provider: str, answers: Mapping[str, str]) -> dict[str, str]:
    """Of a dialog's answers those that are settings of the chosen way, or were brought by its login."""
    way = chosen_way(provider, answers)
    others = {name for one in ways_of(KINDS[provider]) for name in one.settings}
    unasked = others - set(asked_for(provider, way))
    return {name: value for name, value in answers.items() if name != WAY and name not in unasked}


def connect_forms(finish: Finish, twin: Finish) -> dict[str, Form]:
    """By provider: the way first where there are several, then its settings. `twin` looks at an address as
    soon as it is given."""
    return {
        name: Form(
            name=f"crm-{name}",
            questions=settings_asked(name),
            finish=finish,
            cancelled=lambda: _("Stopped: nothing about the CRM has changed. You can go on any time: /crm"),
            after={URL: twin},
            numbered=True,
        )
        for name in LEADS
    }


def settings_asked(name: str, *, logins: bool = True) -> tuple[Question, ...]:
    """The questions that connect a provider; without `logins` those ways alone that need no browser."""
    ways = [way for way in ways_of(KINDS[name]) if logins or not way.login]
    ordered = dict.fromkeys(setting for way in ways for setting in way.settings)
    return (*_way_question(name, [way.name for way in ways]), *(_question(name, one) for one in ordered))


def change_forms(
    finish: Finish, mark: str = "crmx", providers: Iterable[str] = tuple(KINDS)
) -> dict[str, Form]:
    """By provider: the one setting that the context names as `setting`."""
    return {
        name: Form(
            name=f"{mark}-{name}",
            questions=tuple(_question(name, one.name, mending=True) for one in kind.settings),
            finish=finish,
            cancelled=lambda: _("Stopped: the connection goes on as before."),
        )
        for name, kind in ((name, KINDS[name]) for name in providers)
    }


def _way_question(provider: str, known: Sequence[str]) -> list[Question]:
    if len(known) < 2:
        return []

    def read(typed: str, _member: Member) -> str:
        if typed not in known:
            raise BadInput(WAY, "invalid")
        return typed

    return [
        Question(
            WAY,
            lambda _asking: choose_text(provider, esc(TITLES[provider])),
            read=read,
            choices=lambda _asking: [(way_label(provider, name), name) for name in known],
            typed=False,
            width=1,
        )
    ]


def _question(provider: str, name: str, *, mending: bool = False) -> Question:
    setting = next(one for one in KINDS[provider].settings if one.name == name)

    def text(asking: Asking) -> str:
        redirect = asking.context.get("redirect", "")
        title = esc(TITLES[provider])
        return ask_text(provider, name, title, secret=setting.secret, redirect=redirect)

    def is_asked(asking: Asking) -> bool:
        if mending:
            return bool(asking.context.get("setting") == name)
        if name == REDIRECT and asking.context.get("redirect"):
            return False
        return name in asked_for(provider, chosen_way(provider, asking.answers))

    return Question(
        name,
        text,
        read=_reader(provider, name),
        optional=_may_lack(provider, name, mending),
        secret=setting.secret,
        sensitive=lambda typed: HOLDS_A_KEY in typed,
        given=_shown_address if name == URL else None,
        when=is_asked,
    )


def _shown_address(asking: Asking) -> str:
    return f"➡️ <b>{esc(asking.answers.get(URL, ''))}</b>"


def _may_lack(provider: str, name: str, mending: bool) -> bool:
    """Of a way every setting is needed but those that no way needs; what was added may be taken away."""
    kind = KINDS[provider]
    if mending:
        return name in kind.extras or name == "site"
    required = next(one.required for one in kind.settings if one.name == name)
    return not required and (not kind.ways or name == "site" or (kind.name, name) in SKIPPED)


def _reader(provider: str, name: str) -> Callable[[str, Member], str]:
    def read(typed: str, _member: Member) -> str:
        value = typed.strip()
        if name == URL:
            return read_address(provider, value)
        if not value:
            raise BadInput(name, "required")
        plain = name in FREE or (value.isascii() and " " not in value)
        if not plain or not value.isprintable():
            raise BadInput(name, "invalid")
        if name == OWN_WORD and len(value) < SHORTEST_WORD:
            raise BadInput(name, "too_short")
        return value

    return read
