"""What the buttons of message templates carry."""

from uuid import UUID

from aiogram.filters.callback_data import CallbackData


class TemplatesButton(CallbackData, prefix="tpls"):
    """The organization's templates: do is list or add."""

    do: str


class TemplateButton(CallbackData, prefix="tpl"):
    """One template: do is show, edit (extra is name, subject or text), preview (extra is a page of leads),
    delete (asks) or remove."""

    do: str
    template: UUID
    extra: str = ""
