"""Files of a lead on the screen."""

from uuid import UUID

from aiogram.filters.callback_data import CallbackData

from domain.custom_fields import CustomField
from domain.files import FileKind, FilePage, LeadFile
from domain.leads import Lead
from domain.members import Member
from handlers.buttons import LeadButton
from handlers.cards import clip, lead_title, moment
from handlers.leads.lead_screens import Ways, act, default_ways
from handlers.screens import Button, Screen, esc
from locales import N_, _, ngettext

KINDS: dict[FileKind, tuple[str, str]] = {
    FileKind.DOCUMENT: ("📄", N_("Document")),
    FileKind.PHOTO: ("🖼", N_("Photo")),
    FileKind.VOICE: ("🎙", N_("Voice note")),
    FileKind.VIDEO_NOTE: ("🎥", N_("Video note")),
    FileKind.VIDEO: ("🎬", N_("Video")),
    FileKind.AUDIO: ("🎵", N_("Sound")),
    FileKind.ANIMATION: ("🎞", N_("Animation")),
}
NAME_ROOM = 40
UNITS = (("GB", 1_000_000_000), ("MB", 1_000_000), ("KB", 1_000))


class FileButton(CallbackData, prefix="file"):
    """Act on a file: do is show, send, delete or restore."""

    do: str
    file: UUID


def file_name(file: LeadFile) -> str:
    """Its name, or what it is; plain text."""
    return file.name or _(KINDS[file.kind][1])


def told_name(kept: str) -> str:
    """A file as the history keeps it, in words: its name, or "#<kind>"."""
    kind = kept.removeprefix("#")
    return _(KINDS[FileKind(kind)][1]) if kept.startswith("#") and kind in set(FileKind) else kept


def size_text(size: int) -> str:
    for unit, bytes_ in UNITS:
        if size >= bytes_:
            return f"{size / bytes_:.1f}".rstrip("0").rstrip(".") + f" {unit}"
    return f"{size} B"


def length_text(seconds: int) -> str:
    return f"{seconds // 60}:{seconds % 60:02d}"


def file_line(file: LeadFile, member: Member) -> str:
    """Who added it and when, how long or big it is; plain text."""
    parts = [file.added_name[:NAME_ROOM], moment(file.created_at, member)]
    if file.duration:
        parts.append(length_text(file.duration))
    if file.size:
        parts.append(size_text(file.size))
    return ", ".join(part for part in parts if part)


def files_screen(lead: Lead, found: FilePage, ways: Ways, *, deleted: LeadFile | None = None) -> Screen:
    """A page of files, newest first, and the invitation to send more."""
    lines = [f"<b>{lead_title(lead)}</b>", _count(found.total)]
    rows = []
    if deleted is not None:
        lines.insert(0, _("🗑 Deleted: {name}").format(name=esc(file_name(deleted)[:NAME_ROOM])) + "\n")
        rows.append([Button(_("↩️ Bring it back"), FileButton(do="restore", file=deleted.id))])
    lines.append(_("Send a photo, a document, a voice or video note here: it stays with this lead."))
    rows += [[_opening(file)] for file in found.files]
    turn = [act("⬅️", "files", lead, str(found.page - 1))] if found.page else []
    if found.page + 1 < found.pages:
        turn.append(act("➡️", "files", lead, str(found.page + 1)))
    return Screen("\n".join(lines), [*rows, turn, [act(_("✅ Done: to the lead"), "filesdone", lead)], ways])


def _count(total: int) -> str:
    if not total:
        return _("📎 No files yet.")
    return ngettext("📎 {count} file", "📎 {count} files", total).format(count=total)


def _opening(file: LeadFile) -> Button:
    size = length_text(file.duration) if file.duration else size_text(file.size) if file.size else ""
    label = f"{KINDS[file.kind][0]} {file_name(file)[:NAME_ROOM]}" + (f" · {size}" if size else "")
    return Button(label, FileButton(do="show", file=file.id))


def file_screen(
    file: LeadFile | None, lead: Lead, field: CustomField | None, ways: Ways, member: Member | None = None
) -> Screen:
    """One file, or a field that takes one."""
    lines = [f"<b>{lead_title(lead)}</b>"]
    rows: list[list[Button]] = []
    if field is not None:
        lines.append(f"🧩 <b>{clip(field.name, 64)}</b>")
        lines.append(_("Send a photo, a document or a voice note: it becomes the value."))
    if file is not None:
        lines.append(f"{KINDS[file.kind][0]} {clip(file_name(file), 200)}")
        if member is not None:
            lines.append(esc(file_line(file, member)))
        rows.append(
            [
                Button(_("📥 Show it"), FileButton(do="send", file=file.id)),
                Button(_("🗑 Delete"), FileButton(do="delete", file=file.id)),
            ]
        )
    rows.append([act(_("⬅️ To the files"), "files", lead), act(_("✅ Done: to the lead"), "filesdone", lead)])
    return Screen("\n".join(lines), [*rows, ways])


def kept_screen(file: LeadFile, lead: Lead, total: int) -> Screen:
    """What was kept, and where: if it was the wrong lead, one tap takes it off."""
    text = _("📎 Kept with <b>{lead}</b>: {name}").format(
        lead=lead_title(lead), name=clip(file_name(file), 200)
    )
    rows = [
        [Button(_("🗑 Not here"), FileButton(do="delete", file=file.id))],
        [
            Button(_count(total), LeadButton(do="files", lead=lead.id)),
            act(_("✅ Done: to the lead"), "filesdone", lead),
        ],
    ]
    return Screen(text, [*rows, default_ways()])
