"""The key of a second factor as a picture that an authenticator app reads."""

from io import BytesIO

SCALE = 6
"""Pixels of a dot."""


def qr(link: str) -> bytes:
    """The link as a QR code, PNG."""
    # once in a member's life: no reason to hold it in every process
    import segno

    made = BytesIO()
    segno.make(link, error="m", micro=False).save(made, kind="png", scale=SCALE)
    return made.getvalue()
