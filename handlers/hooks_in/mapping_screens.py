"""Which path of another system's JSON is which field of ours: choosing, and the preview."""

from collections.abc import Mapping

from domain.errors import BadInput
from domain.hooks_in import json_settings
from domain.json_paths import mark
from domain.leads import LeadDraft
from handlers.hooks_in.screens import act
from handlers.hooks_in.words import REASONS, field_word, title
from handlers.screens import Button, Screen, esc
from locales import _
from services.hooks_in.inlets import Inlet
from services.hooks_in.other import FIELDS

PATHS_SHOWN = 12
ROOM = 30


def map_screen(inlet: Inlet, sample: Mapping[str, str]) -> Screen:
    """Every field of ours with the path that it is read from."""
    mapping = json_settings(inlet.settings).mapping
    lines = [_("🧭 <b>{name}</b>: which of their fields is which of ours?").format(name=esc(title(inlet)))]
    for field, path in mapping.items():
        shown = sample.get(path)
        value = f" = {esc(shown[:ROOM])}" if shown else ""
        lines.append(f"• {esc(field_word(field))} ← <code>{esc(path[:60])}</code>{value}")
    if not sample:
        lines.append(_("There is no sample yet: let the other system send one, or paste it."))
    labels = [("✅ " if field in mapping else "▫️ ") + field_word(field) for field in FIELDS]
    buttons = [act(label, "path", inlet, f"{place}.0") for place, label in enumerate(labels)]
    rows = [buttons[at : at + 3] for at in range(0, len(buttons), 3)]
    ends = [act(_("👁 Preview"), "preview", inlet), act(_("⬅️ Back"), "show", inlet)]
    return Screen("\n".join(lines), [*rows, ends])


def path_screen(inlet: Inlet, place: int, page: int, sample: Mapping[str, str]) -> Screen:
    """The paths of the sample to choose from for the field at a place of FIELDS."""
    field = FIELDS[place]
    paths = list(sample)
    shown = paths[page * PATHS_SHOWN : (page + 1) * PATHS_SHOWN]
    text = _("🧭 What is <b>{field}</b>? Choose from the sample:").format(field=esc(field_word(field)))
    rows = [
        [act(f"{path[-ROOM:]} = {sample[path][:ROOM]}", "choose", inlet, f"{place}.{mark(path)}")]
        for path in shown
    ]
    turn = [act("⬅️", "path", inlet, f"{place}.{page - 1}")] if page else []
    if (page + 1) * PATHS_SHOWN < len(paths):
        turn.append(act("➡️", "path", inlet, f"{place}.{page + 1}"))
    none = [act(_("🚫 Nothing"), "choose", inlet, f"{place}."), act(_("⬅️ Back"), "map", inlet)]
    return Screen(text, [*rows, turn, none])


def preview_screen(inlet: Inlet, draft: LeadDraft) -> Screen:
    """The lead that the sample would become."""
    fields = {
        "name": draft.name,
        "company": draft.company,
        "phone": ", ".join(draft.phones),
        "email": ", ".join(draft.emails),
        "inn": draft.inn,
        "note": draft.note[:300],
        "referral_code": draft.referral_code,
        **{f"utm_{name}": value for name, value in draft.utm.items()},
        **draft.custom,
    }
    lines = [_("👁 <b>The sample would become this lead:</b>")]
    lines += [f"• {esc(field_word(name))}: {esc(value[:300])}" for name, value in fields.items() if value]
    return Screen("\n".join(lines), _ways(inlet))


def refused_screen(inlet: Inlet, error: BadInput) -> Screen:
    """Why the sample would be refused."""
    wrong = error.params.get("fields")
    fields = wrong if isinstance(wrong, dict) else {error.field: error.reason}
    lines = [_("🚫 <b>The sample would be refused:</b>")]
    lines += [
        f"• {esc(field_word(name))} {_(REASONS.get(reason, REASONS['invalid']))}"
        for name, reason in fields.items()
    ]
    lines.append(_("Choose other paths, or paste a sample with these fields."))
    return Screen("\n".join(lines), _ways(inlet, live=False))


def _ways(inlet: Inlet, *, live: bool = True) -> list[list[Button]]:
    settings = json_settings(inlet.settings)
    go = [[act(_("▶️ Go live"), "live", inlet, "1")]] if live and not settings.live else []
    return [*go, [act(_("🧭 Fields"), "map", inlet), act(_("⬅️ Back"), "show", inlet)]]
