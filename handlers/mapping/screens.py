"""What the mapping looks like in the chat: the card with its rules, a rule, tables of words, fields."""

from collections.abc import Sequence

from domain.crm import RemoteField
from handlers.buttons import MappingButton, MenuButton
from handlers.mapping.words import (
    CHOOSABLE,
    ours,
    source_name,
    theirs,
    word_mark,
    word_name,
    words_of,
)
from handlers.menu import to_menu
from handlers.screens import Button, Screen, esc, grid
from locales import _, ngettext
from services.mapping.tree import mark_of
from services.mapping.view import FieldPage, MappingView, RuleView

PAGE = 8
Row = list[Button]


def turns(do: str, page: int, pages: int, mark: str = "") -> Row:
    """◀️ and ▶️, as far as there is anywhere to turn to."""
    return [
        Button(sign, MappingButton(do=do, mark=mark, extra=str(to)))
        for to, sign in ((page - 1, "◀️"), (page + 1, "▶️"))
        if 0 <= to < pages
    ]


def to_mapping() -> Row:
    return [Button(_("⬅️ All fields"), MenuButton(place="mapping"))]


def nothing_connected() -> Screen:
    text = _("🗺 <b>Fields</b>\n\nNo CRM is connected yet: connect one, and its fields stand here.")
    return Screen(text, [[Button(_("🔌 CRM"), MenuButton(place="crm"))], to_menu()])


def mapping_screen(view: MappingView, page: int = 0, said: str = "") -> Screen:
    """The card: every rule is a button; those that the organization changed bear a mark."""
    pages = max(1, -(-len(view.rules) // PAGE))
    page = min(max(page, 0), pages - 1)
    count = ngettext("{count} field is sent.", "{count} fields are sent.", len(view.rules))
    lines = [f"🗺 <b>{_('Fields')}: {esc(view.title)}</b>", count.format(count=len(view.rules))]
    own = sum(one.own for one in view.rules)
    if own:
        lines.append(
            ngettext("✏️ {count} of them is your own.", "✏️ {count} of them are your own.", own).format(
                count=own
            )
        )
    if pages > 1:
        lines.append(_("Page {page} of {pages}.").format(page=page + 1, pages=pages))
    text = "\n".join([*([esc(said), ""] if said else []), *lines, "", _("Press a field to change it.")])
    shown = view.rules[page * PAGE : (page + 1) * PAGE]
    return Screen(text, [*([_rule_button(one)] for one in shown), turns("list", page, pages), *_ways(view)])


def _rule_button(rule: RuleView) -> Button:
    own = "✏️ " if rule.own else ""
    return Button(f"{own}{ours(rule)} → {theirs(rule)}"[:64], MappingButton(do="rule", mark=rule.mark))


def _ways(view: MappingView) -> list[Row]:
    undo = [Button(_("↩️ Undo"), MappingButton(do="undo"))] if view.versions else []
    reset = [Button(_("♻️ As shipped"), MappingButton(do="reset"))] if view.changed else []
    return [
        [
            Button(_("➕ Another field"), MappingButton(do="fields")),
            Button(_("🩺 Check"), MappingButton(do="check")),
        ],
        [
            Button(_("💾 File"), MappingButton(do="file")),
            Button(_("⚖️ Compare CRMs"), MappingButton(do="compare")),
        ],
        [*undo, *reset],
        [Button(_("🔌 CRM"), MenuButton(place="crm")), *to_menu()],
    ]


def rule_screen(view: MappingView, rule: RuleView, said: str = "") -> Screen:
    """One rule and what can be done with it."""
    lines = [esc(said), ""] if said else []
    lines.append(f"🗺 <b>{esc(ours(rule))}</b> → <code>{esc(theirs(rule))}</code>")
    detail = rule.rule
    if detail.default is not None:
        lines.append(_("When there is nothing: {value}").format(value=esc(str(detail.default))))
    if detail.format:
        lines.append(_("Written as: {format}").format(format=esc(detail.format)))
    if detail.max:
        lines.append(_("Cut after {count} characters.").format(count=detail.max))
    if detail.optional:
        lines.append(_("Left out where the CRM has no such field."))
    own = _("✏️ Your own rule.") if rule.own else _("As shipped.")
    lines.append(own)
    words = [Button(_("🔤 Words"), MappingButton(do="words", mark=rule.mark))] if rule.enum else []
    back = [Button(_("♻️ As shipped"), MappingButton(do="reset_rule", mark=rule.mark))] if rule.own else []
    return Screen(
        "\n".join(lines),
        [
            [Button(_("🔁 Send something else"), MappingButton(do="sources", mark=rule.mark)), *words],
            [Button(_("🗑 Send nothing"), MappingButton(do="clear", mark=rule.mark)), *back],
            [*to_mapping(), *to_menu()],
        ],
    )


def cleared_screen(record: str, attribute: str) -> Screen:
    text = _("🗑 Nothing of ours goes to {field} any more.").format(field=f"<code>{esc(attribute)}</code>")
    undo = Button(_("↩️ Undo"), MappingButton(do="undo"))
    again = Button(_("🔁 Send something else"), MappingButton(do="sources", mark=mark_of(record, attribute)))
    return Screen(text, [[undo, again], [*to_mapping(), *to_menu()]])


def sources_screen(mark: str, target: str) -> Screen:
    """What of ours shall go into a field."""
    text = _("What shall go to {field}?").format(field=f"<code>{esc(target)}</code>")
    buttons = [Button(source_name(one), MappingButton(do="set", mark=mark, extra=one)) for one in CHOOSABLE]
    own = [Button(_("⌨️ Another field of our forms"), MappingButton(do="own", mark=mark))]
    return Screen(text, [*grid(buttons, 2), own, [*to_mapping(), *to_menu()]])


def fields_screen(found: FieldPage, title: str, search: str) -> Screen:
    """Fields of the CRM, a page; those that get something already say so."""
    head = _("➕ <b>Fields of {title}</b>").format(title=esc(title))
    count = ngettext("{count} field.", "{count} fields.", found.total).format(count=found.total)
    if search:
        count = _("Search: “{search}”.").format(search=esc(search)) + " " + count
    if found.pages > 1:
        count += " " + _("Page {page} of {pages}.").format(page=found.page + 1, pages=found.pages)
    rows = [[_field_button(field, rule)] for field, rule in found.fields]
    find = [Button(_("🔎 Search"), MappingButton(do="find"))]
    every = [Button(_("✖️ All of them"), MappingButton(do="fields"))] if search else []
    text = f"{head}\n{count}\n\n" + _("Which one shall get something from us?")
    return Screen(text, [*rows, turns("more", found.page, found.pages), [*find, *every], [*to_mapping()]])


def _field_button(field: RemoteField, rule: RuleView | None) -> Button:
    label = field.title if field.title == field.name else f"{field.title} · {field.name}"
    if rule is not None:
        return Button(f"✅ {ours(rule)} → {label}"[:64], MappingButton(do="rule", mark=rule.mark))
    return Button(label[:64], MappingButton(do="sources", mark=mark_of(field.record, field.name)))


def words_screen(view: MappingView, rule: RuleView, page: int = 0, said: str = "") -> Screen:
    """A table of words: ours, and what is written for them."""
    table, words = view.enums.get(rule.enum, {}), words_of(view, rule.enum)
    pages = max(1, -(-len(words) // PAGE))
    page = min(max(page, 0), pages - 1)
    lines = [esc(said), ""] if said else []
    lines.append(f"🔤 <b>{esc(ours(rule))}</b> → <code>{esc(theirs(rule))}</code>")
    lines.append(_("Press a word of ours to choose what the CRM gets for it."))
    if rule.rule.default is not None:
        lines.append(_("For all others: {value}").format(value=esc(str(rule.rule.default))))
    rows = [
        [
            Button(
                f"{word_name(rule.enum, word, view.stages)} → {table.get(word, '—')}"[:64],
                MappingButton(do="word", mark=rule.mark, extra=word_mark(word)),
            )
        ]
        for word in words[page * PAGE : (page + 1) * PAGE]
    ]
    more = [Button(_("➕ Another word"), MappingButton(do="new_word", mark=rule.mark))]
    back = [Button(_("⬅️ Back"), MappingButton(do="rule", mark=rule.mark)), *to_menu()]
    return Screen("\n".join(lines), [*rows, turns("words", page, pages, rule.mark), more, back])


def options_screen(
    view: MappingView, rule: RuleView, word: str, options: Sequence[tuple[str, str]], page: int = 0
) -> Screen:
    """What the CRM offers for a word of ours."""
    pages = max(1, -(-len(options) // PAGE))
    page = min(max(page, 0), pages - 1)
    name = word_name(rule.enum, word, view.stages)
    text = _("What does the CRM get for “{word}”?").format(word=esc(name))
    now = view.enums.get(rule.enum, {}).get(word)
    rows = [
        [
            Button(
                f"{'✅ ' if str(now) == value else ''}{title}"[:64],
                MappingButton(do="put", mark=rule.mark, extra=f"{word_mark(word)}.{word_mark(value)}"),
            )
        ]
        for value, title in options[page * PAGE : (page + 1) * PAGE]
    ]
    turn = [
        Button(sign, MappingButton(do="word", mark=rule.mark, extra=f"{word_mark(word)}.{to}"))
        for to, sign in ((page - 1, "◀️"), (page + 1, "▶️"))
        if 0 <= to < pages
    ]
    none = Button(_("🚫 Nothing"), MappingButton(do="put", mark=rule.mark, extra=f"{word_mark(word)}."))
    typed = Button(_("⌨️ Type it"), MappingButton(do="type", mark=rule.mark, extra=word_mark(word)))
    back = [Button(_("⬅️ Back"), MappingButton(do="words", mark=rule.mark))]
    return Screen(text, [*rows, turn, [none, typed], back])
