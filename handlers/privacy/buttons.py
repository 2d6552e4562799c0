"""What buttons of the record and of personal data carry."""

from aiogram.filters.callback_data import CallbackData


class AuditButton(CallbackData, prefix="aud"):
    """The record: do is show, who (choose a member, by pages) or file. `kind` is a kind of actions, `days` a
    period back (0: all of it), `who` a member's id, `lead` a lead's number."""

    do: str
    kind: str = ""
    days: int = 0
    who: str = ""
    lead: int = 0
    page: int = 0


class PersonButton(CallbackData, prefix="pdata"):
    """Personal data: do is show, mine (one's own as a file), ask (for somebody's phone or e-mail), file, sure
    (asks once more) or erase. `confirm` stands for what was looked at; whose it is waits in the dialog."""

    do: str
    confirm: str = ""


class TermButton(CallbackData, prefix="keep"):
    """How long things are kept: do is show or change; `kind` is a kind of things."""

    do: str
    kind: str = ""
