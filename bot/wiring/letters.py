"""Letters that go out, wired."""

from bot.wiring.ground import Foundation
from services.messages.mailer import Mailer, SmtpServer
from services.messages.notices import Notices


def build_mailer(on: Foundation, notices: Notices) -> Mailer:
    """Letters go out where SMTP_URL is set."""
    settings = on.settings
    server = SmtpServer.of(settings.smtp_url, settings.smtp_from) if settings.smtp_url else None
    return Mailer(on.db, on.clock, on.signals, notices, server, settings.retry_delays)
