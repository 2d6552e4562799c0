"""The mapping in words: our fields, their places in the CRM, what is wrong with a file or a rule."""

import hashlib
from collections.abc import Mapping

from domain.errors import BadInput
from domain.leads import Stage
from handlers.cards import stage_name
from locales import N_, _
from services.mapping.view import Changes, MappingView, RuleView

SOURCES: Mapping[str, str] = {
    "name": N_("Name"),
    "company": N_("Company"),
    "phones": N_("Phones"),
    "emails": N_("E-mails"),
    "inn": N_("INN"),
    "amount": N_("Amount"),
    "note": N_("Note"),
    "source": N_("Source"),
    "stage": N_("Stage"),
    "assignee_external_id": N_("Responsible person"),
    "referral_code": N_("Referral code"),
    "segment": N_("Segment"),
    "product": N_("Product"),
    "region": N_("Region"),
    "number": N_("Number of the lead"),
    "our_id": N_("Our id"),
    "utm.source": "utm_source",
    "utm.medium": "utm_medium",
    "utm.campaign": "utm_campaign",
    "utm.content": "utm_content",
    "utm.term": "utm_term",
    "custom.user_type": N_("Who is asking"),
    "custom.language": N_("Language"),
    "custom.field_of_study": N_("Field of study"),
    "custom.universities": N_("Universities of interest"),
    "custom.scholarship": N_("Scholarship"),
}
"""Our fields that a rule may take, in the order of the screen."""

CHOOSABLE = tuple(name for name in SOURCES if name != "assignee_external_id")

WORDS: Mapping[str, str] = {
    "telegram": N_("the chat"),
    "form": N_("the form in the chat"),
    "text": N_("a line in the chat"),
    "forward": N_("a forwarded message"),
    "contact": N_("a contact card"),
    "referral": N_("a referral link"),
    "website": N_("the website"),
    "call": N_("a call"),
    "email": N_("an e-mail"),
    "campaign": N_("a campaign"),
    "yes": N_("yes"),
    "no": N_("no"),
}
KNOWN_WORDS: Mapping[str, tuple[str, ...]] = {"source": tuple(WORDS)[:-2], "yes_no": ("yes", "no")}
"""Words of ours that a table may hold, beside those it has."""

RECORDS: Mapping[str, str] = {
    "lead": N_("lead"),
    "deal": N_("deal"),
    "contact": N_("contact"),
    "company": N_("company"),
    "customer": N_("customer"),
}

REASONS: Mapping[str, str] = {
    "syntax": N_("Line {line} cannot be read: {value}"),
    "file_too_big": N_("The file is too big: at most {limit} KB."),
    "file_empty": N_("The file is empty."),
    "not_text": N_("This is no text file. Send a mapping as .toml or .yaml, as you got it from me."),
    "too_many_entries": N_("The file has more than {limit} entries."),
    "unknown_record": N_("{at}: there is no such table. Known: {known}"),
    "unknown_key": N_("{at}: a rule has no such word. Known: {known}"),
    "unknown_attribute": N_("{at}: the CRM has no such part of a record."),
    "unknown_field": N_("{at}: we have no field “{value}”. Known: {known}"),
    "unknown_shape": N_("{at}: there is no way “{value}” to write a value. Known: {known}"),
    "unknown_spelling": N_("{at}: phones cannot be spelt “{value}”. Known: {known}"),
    "unknown_enum": N_("{at}: there is no table of words “{value}”. Known: {known}"),
    "wrong_type": N_("{at}: this must be of another type. See how the other rules look."),
    "bad_name": N_("{at}: this name is empty, too long or unreadable."),
    "bad_format": N_("{at}: in a format only {{value}} may stand in braces."),
    "no_value": N_("{at}: a rule needs “from” or “constant”, and not both."),
    "too_many": N_("{at}: {value} parts are too many, at most {known}."),
    "cycle": N_("{at}: it is made of itself: {path}"),
    "too_deep": N_("{at}: too long a chain: {path}"),
    "read_only": N_("{at}: this field is read-only in the CRM."),
}
LINE = N_("Line {line}.")


def source_name(source: str) -> str:
    """One of our fields; plain text."""
    if source in SOURCES:
        return _(SOURCES[source])
    if source.startswith("="):
        return source.removeprefix("=")
    return source.removeprefix("custom.")


def ours(rule: RuleView) -> str:
    """What a rule writes; plain text."""
    if rule.rule.constant is not None:
        return _("always “{value}”").format(value=rule.rule.constant)
    return " + ".join(source_name(source) for source in rule.rule.sources)


def theirs(rule: RuleView) -> str:
    """Where a rule writes; the record is named where it is not the lead itself; plain text."""
    if rule.record in ("lead", "deal"):
        return rule.attribute
    return f"{rule.attribute} ({_(RECORDS.get(rule.record, rule.record))})"


def word_name(enum: str, word: str, stages: tuple[Stage, ...]) -> str:
    """One of our words in a table of words; plain text."""
    if enum.endswith("stage"):
        found = next((one for one in stages if word in (one.key, str(one.id))), None)
        return stage_name(found) if found else word
    return _(WORDS[word]) if word in WORDS else word


def words_of(view: MappingView, enum: str) -> list[str]:
    """Every word of ours that the table has or could have: all stages, all sources."""
    table = view.enums.get(enum, {})
    known: tuple[str, ...] = KNOWN_WORDS.get(enum, ())
    if enum.endswith("stage"):
        known = tuple(one.key or str(one.id) for one in view.stages)
    return list(dict.fromkeys([*known, *table]))


def word_mark(word: str) -> str:
    """A short name of a word or an option, for buttons."""
    return hashlib.sha256(word.encode()).hexdigest()[:10]


def slip(error: BadInput) -> str:
    """What is wrong with a file or a rule and where; plain text."""
    text = REASONS.get(error.reason)
    if text is None:
        return _("I could not read this. Please check it and send it again.")
    said = _(text).format_map(_Known(error.params))
    line = error.params.get("line")
    if line and error.reason != "syntax":
        said = _(LINE).format(line=line) + " " + said
    return said


def changes_in_words(changes: Changes) -> str:
    """What an import or an undo changed; plain text."""
    if not changes:
        return _("Nothing differs: everything stays as it was.")
    parts = [
        (_("New: {places}"), changes.added),
        (_("Changed: {places}"), changes.changed),
        (_("Taken out: {places}"), changes.removed),
    ]
    return "\n".join(text.format(places=_some(places)) for text, places in parts if places)


def _some(places: tuple[str, ...], most: int = 8) -> str:
    more = f" … +{len(places) - most}" if len(places) > most else ""
    return ", ".join(places[:most]) + more


class _Known(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return "—"
