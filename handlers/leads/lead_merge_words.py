"""What the CRM is told when a lead became part of another one."""

from locales import _, use_language


def merged_note(number: int, language: str) -> str:
    """The note on the record of the lead that goes, in the organization's language."""
    with use_language(language):
        return _("Merged into lead #{number} in Voronka. This record is not worked on any more.").format(
            number=number
        )
