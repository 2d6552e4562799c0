"""The settings: environment variables, then `.env`, then the defaults below.

docs/settings.md explains each to operators; a test holds it, `.env.example` and this class together. Every
process reads them before anything else: docs/decisions/0011-weight-of-processes.md says why pydantic, which
reads what comes over the API, does not read these.
"""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal
from urllib.parse import unquote, urlsplit

from bot import setting_checks as checks
from bot import setting_readers as readers
from bot.setting_readers import Reader
from crm_adapters import NAMES, PROVIDERS
from domain.errors import BadInput
from locales import LANGUAGES, N_, _, use_language

NEEDED_TO_RUN = ("BOT_TOKEN", "SECRET_KEY")


class SettingsError(Exception):
    """Settings that cannot work. The text is one sentence a variable, in the language of whoever runs us, and
    quotes no value."""


def _setting(
    default: Any,
    must_be: str,
    read: Reader = readers.text,
    *,
    hidden: bool = False,
    known: Iterable[str] = (),
) -> Any:
    """A field that `read` reads; `must_be`, marked by N_, completes "NAME must be ...", with the `known`
    values in it. A hidden one is secret or may hold a password."""
    told = {"read": read, "must_be": must_be, "known": ", ".join(known)}
    return field(default=default, repr=not hidden, metadata=told)


_DATABASE = readers.address("sqlite+aiosqlite", "postgresql+asyncpg")
_A_DATABASE = N_("a URL that starts with sqlite+aiosqlite:/// or postgresql+asyncpg://")
_A_PORT = N_("a port from 0 to 65535")
_ONE_OF = N_("one of {known}")
_PORT = readers.number(0, 65535)


@dataclass(frozen=True)
class Settings:
    """Everything an operator can set."""

    bot_token: str = _setting(
        "", N_("a bot's token as BotFather gives it, such as 123456:AAExample"),
        readers.matching(r"\d+:[\w-]+"), hidden=True,
    )  # fmt: skip
    bot_api_url: str = _setting(
        "https://api.telegram.org", N_("the http(s) address of a Bot API server"), readers.web_address
    )
    bot_mode: str = _setting("polling", N_("polling or webhook"), readers.one_of(("polling", "webhook")))
    telegram_secret: str = _setting(
        "", N_("1 to 256 Latin letters, digits, _ and -"), readers.matching(r"[\w-]{1,256}"), hidden=True
    )
    telegram_test: bool = _setting(False, N_("1 or 0"), readers.flag)
    telegram_rate: int = _setting(
        25, N_("a number of messages a second, at most 1000"), readers.number(1, 1000)
    )
    public_url: str = _setting(
        "", N_("the http(s) address under which the world reaches this server"), readers.web_address
    )

    database_url: str = _setting("sqlite+aiosqlite:///data/voronka.db", _A_DATABASE, _DATABASE, hidden=True)
    migrations_database_url: str = _setting("", _A_DATABASE, _DATABASE, hidden=True)
    redis_url: str = _setting(
        "", N_("a URL that starts with redis://, rediss:// or unix://"),
        readers.address("redis", "rediss", "unix"), hidden=True,
    )  # fmt: skip
    files_url: str = _setting(
        "data/files",
        N_("a folder, or s3://bucket/prefix?endpoint=https://...&region=..., with no secret in it"),
        readers.checked(checks.files),
    )
    files_key: str = _setting("", N_("the access key of the bucket in FILES_URL"), hidden=True)
    files_secret: str = _setting("", N_("the secret of FILES_KEY"), hidden=True)

    egress_allow: tuple[str, ...] = _setting(
        (), N_("host:port pairs separated by commas, such as espocrm:80"), readers.checked_items(checks.allow)
    )
    http_host: str = _setting("127.0.0.1", N_("the address to listen on"))
    http_port: int = _setting(8080, _A_PORT, _PORT)
    trusted_proxies: tuple[str, ...] = _setting(
        ("127.0.0.1", "::1"), N_("addresses or networks separated by commas, such as 10.0.0.0/8"),
        readers.checked_items(checks.networks),
    )  # fmt: skip
    cors_origins: tuple[str, ...] = _setting(
        (), N_("addresses of sites separated by commas, such as https://app.example.com"),
        readers.checked_items(checks.origins),
    )  # fmt: skip
    api_rate: int = _setting(600, N_("a number of requests a minute"), readers.number(1, 1_000_000))

    secret_key: str = _setting(
        "",
        N_("32 random bytes in base64 (openssl rand -base64 32)"),
        readers.checked(checks.key),
        hidden=True,
    )
    secret_key_old: tuple[str, ...] = _setting(
        (), N_("earlier values of SECRET_KEY, separated by commas"), readers.checked_items(checks.old_keys),
        hidden=True,
    )  # fmt: skip
    webhook_secret: str = _setting("", N_("a text"), hidden=True)

    admin_ids: tuple[int, ...] = _setting((), N_("Telegram ids separated by commas"), readers.items(int))
    organization_name: str = _setting("", N_("a name of at most 200 characters"), readers.short(200))
    default_language: str = _setting("ru", _ONE_OF, readers.one_of(LANGUAGES), known=LANGUAGES)
    default_region: str = _setting(
        "RU", N_("a country's two letters, such as RU"), readers.one_of(checks.regions)
    )
    timezone: str = _setting(
        "Europe/Moscow", N_("a time zone's name, such as Europe/Moscow"), readers.checked(checks.zone)
    )

    crm_provider: str = _setting("none", _ONE_OF, readers.one_of(("none", *NAMES)), known=("none", *NAMES))
    crm_url: str = _setting(
        "", N_("the http(s) address of the CRM, without a key in it"), readers.web_address
    )
    crm_api_key: str = _setting("", N_("the CRM's key, of the shape that this CRM gives"), hidden=True)
    crm_secret: str = _setting("", N_("the secret that this CRM knows beside its key"), hidden=True)
    crm_timeout: float = _setting(10.0, N_("a number of seconds, at most 300"), readers.seconds(300))
    crm_mode: str = _setting("live", N_("live or dry_run"), readers.one_of(("live", "dry_run")))
    retry_delays: tuple[timedelta, ...] = _setting(
        readers.waits("2m,4m,8m,30m,2h,5h,10h,10h,24h"),
        N_("waits separated by commas, each a whole number and s, m, h or d, such as 2m,4m,8m"),
        readers.waits,
    )
    operation_lease: timedelta = _setting(  # noqa: RUF009  (the field is frozen)
        readers.wait("60s"),
        N_("a whole number and s, m, h or d, longer than CRM_TIMEOUT, such as 60s"), readers.long_wait,
    )  # fmt: skip

    smtp_url: str = _setting(
        "", N_("a URL that starts with smtp:// or smtps://"), readers.address("smtp", "smtps"), hidden=True
    )
    smtp_from: str = _setting(
        "", N_("an e-mail address, needed where SMTP_URL names no user that is one"),
        readers.matching(r"[^@\s<>]+@[\w.-]+"),
    )  # fmt: skip

    log_level: str = _setting(
        "INFO", N_("DEBUG, INFO, WARNING or ERROR"), readers.one_of(("DEBUG", "INFO", "WARNING", "ERROR"))
    )
    log_format: Literal["console", "json"] = _setting(
        "console", N_("console or json"), readers.one_of(("console", "json"))
    )
    sentry_dsn: str = _setting(
        "", N_("the http(s) address that Sentry gives a project"), readers.web_address, hidden=True
    )
    metrics: bool = _setting(False, N_("1 or 0"), readers.flag)
    metrics_port: int = _setting(0, _A_PORT, _PORT)

    @property
    def migrations_url(self) -> str:
        """The database for migrations: an owner's role where there is one."""
        return self.migrations_database_url or self.database_url

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every secret text, for the logs to hide: keys, tokens, and the passwords inside addresses."""
        hidden = [one.name for one in fields(self) if not one.repr]
        values = [getattr(self, name) for name in hidden]
        texts = [text for value in values for text in ((value,) if isinstance(value, str) else value)]
        passwords = [unquote(urlsplit(text).password or "") for text in texts if "://" in text]
        return tuple(filter(None, passwords + [text for text in texts if "://" not in text]))


_WRONG, _NOT_SET = N_("{name} must be {what}."), N_("{name} must be {what}; it is not set.")
FIELDS = {one.name: one for one in fields(Settings)}


def load_settings(needed: Iterable[str] = NEEDED_TO_RUN, **given: Any) -> Settings:
    """Read the settings; `given` fields win over the environment and the file.

    The file is `.env` in the working directory, or what ENV_FILE names (empty: none). `needed` are
    variables that must not be empty; the demo needs none, as it makes its own. Raises SettingsError.
    """
    with use_language(_language_of(_known(os.environ))):
        told = {**_told(), **given}
    with use_language(_language_of(told)):
        settings = _read(told)
        _check(settings, needed)
    return settings


def operators_language() -> str:
    """The language for whoever runs us: what DEFAULT_LANGUAGE names, its default where that is none of ours.
    Other settings may be wrong."""
    try:
        return _language_of(_told())
    except SettingsError:
        return _language_of(_known(os.environ))


def _language_of(told: Mapping[str, Any]) -> str:
    found = told.get("default_language")
    return str(found if found in LANGUAGES else FIELDS["default_language"].default)


def _read(told: Mapping[str, Any]) -> Settings:
    values, wrong = {}, []
    for name, value in told.items():
        try:
            values[name] = FIELDS[name].metadata["read"](value)
        except (ValueError, TypeError):
            wrong.append(name)
    if wrong:
        raise SettingsError("\n".join(_must_be(name) for name in FIELDS if name in wrong))
    return Settings(**values)


def _told() -> dict[str, str]:
    """What the environment and the file say. Raises SettingsError."""
    file = os.environ.get("ENV_FILE", ".env")
    return {**_of_file(Path(file)), **_known(os.environ)} if file else _known(os.environ)


def _of_file(file: Path) -> dict[str, str]:
    if not file.is_file():
        return {}
    from dotenv import dotenv_values

    try:
        return _known(dotenv_values(file, encoding="utf-8"))
    except UnicodeDecodeError:
        raise SettingsError(_("{file} is no text in UTF-8: save it as such.").format(file=file)) from None
    except OSError as error:
        said = _("{file} cannot be read ({reason}): give it to the user that the product runs as.")
        raise SettingsError(said.format(file=file, reason=type(error).__name__)) from None


def _known(variables: Mapping[str, str | None]) -> dict[str, str]:
    """What is a setting of ours and is not empty."""
    lower = {name.lower(): value for name, value in variables.items()}
    return {name: value for name, value in lower.items() if name in FIELDS and value}


def _check(settings: Settings, needed: Iterable[str]) -> None:
    """What settings must be together. Raises SettingsError."""
    if settings.operation_lease.total_seconds() <= settings.crm_timeout:
        raise SettingsError(_must_be("OPERATION_LEASE"))
    wrong = _wrong_crm(settings) or _wrong_smtp(settings)
    if wrong:
        raise SettingsError(_must_be(wrong))
    missing = [name for name in (*needed, *_needed_by(settings)) if not getattr(settings, name.lower())]
    if missing:
        raise SettingsError("\n".join(_must_be(name, _NOT_SET) for name in missing))


def _wrong_crm(settings: Settings) -> str:
    """The variable of the first CRM that cannot be right; empty without one."""
    kind = PROVIDERS.get(settings.crm_provider)
    if kind is None:
        return ""
    given = {"url": settings.crm_url, "api_key": settings.crm_api_key}
    given[kind.manifest.seeded_secret] = settings.crm_secret
    known = {one.name: given[one.name] for one in kind.manifest.settings if given.get(one.name)}
    try:
        kind.check_settings(kind.completed(known))
    except BadInput as error:
        return {"url": "CRM_URL", "api_key": "CRM_API_KEY"}.get(error.field, "CRM_SECRET")
    return ""


def _wrong_smtp(settings: Settings) -> str:
    """The variable without which letters cannot be sent; empty where none is missing."""
    user = unquote(urlsplit(settings.smtp_url).username or "")
    return "SMTP_FROM" if settings.smtp_url and "@" not in (settings.smtp_from or user) else ""


def _must_be(name: str, sentence: str = _WRONG) -> str:
    told = FIELDS[name.lower()].metadata
    must_be: str = told["must_be"]
    what = _(must_be).format(known=told["known"])
    return _(sentence).format(name=name.upper(), what=what)


def _needed_by(settings: Settings) -> tuple[str, ...]:
    by_mode: Mapping[str, tuple[str, ...]] = {"webhook": ("PUBLIC_URL", "TELEGRAM_SECRET"), "polling": ()}
    in_bucket = ("FILES_KEY", "FILES_SECRET") if "://" in settings.files_url else ()
    return (*by_mode[settings.bot_mode], *in_bucket)
