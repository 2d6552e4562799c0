"""The settings: environment variables, then `.env`, then the defaults below.

docs/settings.md explains each to operators; a test holds it, `.env.example` and this class together.
"""

import os
import re
from collections.abc import Iterable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import unquote, urlsplit

import phonenumbers
from pydantic import AfterValidator, BeforeValidator, Field, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot import setting_checks
from crm_adapters import NAMES, PROVIDERS
from domain.errors import BadInput
from locales import LANGUAGES

UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_WAIT = re.compile(r"(\d{1,6})([smhd])")
NEEDED_TO_RUN = ("BOT_TOKEN", "SECRET_KEY")


class SettingsError(Exception):
    """Settings that cannot work. The text is one sentence a variable, and quotes no value."""


def _items(value: object) -> object:
    return [item for item in re.split(r"[,\s]+", value) if item] if isinstance(value, str) else value


def _waits(value: object) -> object:
    items = _items(value)
    if not isinstance(items, list):
        return items
    found = [_WAIT.fullmatch(item) for item in items]
    if not all(found):
        raise ValueError
    return [timedelta(**{UNITS[match[2]]: int(match[1])}) for match in found if match]


def _wait(value: object) -> object:
    found = _waits(value) if isinstance(value, str) else [value]
    if not isinstance(found, list) or len(found) != 1:
        raise ValueError
    return found[0]


def _matching(pattern: str) -> AfterValidator:
    compiled = re.compile(pattern, re.ASCII)

    def check(value: str) -> str:
        if value and not compiled.fullmatch(value):
            raise ValueError
        return value

    return AfterValidator(check)


def _one_of(known: Iterable[str]) -> AfterValidator:
    allowed = frozenset(known)

    def check(value: str) -> str:
        if value not in allowed:
            raise ValueError
        return value

    return AfterValidator(check)


def _address(*schemes: str) -> AfterValidator:
    def check(value: str) -> str:
        if value:
            parts = urlsplit(value)
            if parts.scheme not in schemes or not (parts.netloc or parts.path) or _bad_port(parts):
                raise ValueError
        return value

    return AfterValidator(check)


def _bad_port(parts: Any) -> bool:
    # reading the port raises ValueError when it is no number
    return bool(parts.port == 0)


def _web_address() -> AfterValidator:
    def check(value: str) -> str:
        if value and not (re.fullmatch(r"https?://[^\s/?#]+[^\s?#]*", value) and urlsplit(value).hostname):
            raise ValueError
        return value.rstrip("/")

    return AfterValidator(check)


Web = Annotated[str, _web_address()]
Database = Annotated[str, _address("sqlite+aiosqlite", "postgresql+asyncpg")]
Texts = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_items)]


class Settings(BaseSettings):
    """Everything an operator can set. A field's description completes "NAME must be ...".

    Fields with repr=False are secret or may hold a password.
    """

    model_config = SettingsConfigDict(
        env_file_encoding="utf-8", env_ignore_empty=True, extra="ignore", frozen=True
    )

    bot_token: Annotated[str, _matching(r"\d+:[\w-]+")] = Field(
        "", repr=False, description="a bot's token as BotFather gives it, such as 123456:AAE..."
    )
    bot_api_url: Web = Field(
        "https://api.telegram.org", description="the http(s) address of a Bot API server"
    )
    bot_mode: Literal["polling", "webhook"] = Field("polling", description="polling or webhook")
    telegram_secret: Annotated[str, _matching(r"[\w-]{1,256}")] = Field(
        "", repr=False, description="1 to 256 Latin letters, digits, _ and -"
    )
    telegram_test: bool = Field(False, description="1 or 0")
    telegram_rate: int = Field(25, ge=1, le=1000, description="a number of messages a second, at most 1000")
    public_url: Web = Field("", description="the http(s) address under which the world reaches this server")

    database_url: Database = Field(
        "sqlite+aiosqlite:///data/voronka.db",
        repr=False,
        description="a URL that starts with sqlite+aiosqlite:/// or postgresql+asyncpg://",
    )
    migrations_database_url: Database = Field(
        "", repr=False, description="a URL that starts with sqlite+aiosqlite:/// or postgresql+asyncpg://"
    )
    redis_url: Annotated[str, _address("redis", "rediss", "unix")] = Field(
        "", repr=False, description="a URL that starts with redis://, rediss:// or unix://"
    )
    files_url: str = Field("data/files", description="a folder or an s3:// address")

    egress_allow: Annotated[Texts, AfterValidator(setting_checks.allow)] = Field(
        (), description="host:port pairs separated by commas, such as espocrm:80"
    )
    http_host: str = Field("127.0.0.1", description="the address to listen on")
    http_port: int = Field(8080, ge=0, le=65535, description="a port from 0 to 65535")
    trusted_proxies: Annotated[Texts, AfterValidator(setting_checks.networks)] = Field(
        ("127.0.0.1", "::1"), description="addresses or networks separated by commas, such as 10.0.0.0/8"
    )
    cors_origins: Annotated[Texts, AfterValidator(setting_checks.origins)] = Field(
        (), description="addresses of sites separated by commas, such as https://app.example.com"
    )
    api_rate: int = Field(600, ge=1, le=1_000_000, description="a number of requests a minute")

    secret_key: Annotated[str, AfterValidator(setting_checks.key)] = Field(
        "", repr=False, description="32 random bytes in base64 (openssl rand -base64 32)"
    )
    secret_key_old: Annotated[Texts, AfterValidator(setting_checks.old_keys)] = Field(
        (), repr=False, description="earlier values of SECRET_KEY, separated by commas"
    )
    webhook_secret: str = Field("", repr=False, description="a text")

    admin_ids: Annotated[tuple[int, ...], NoDecode, BeforeValidator(_items)] = Field(
        (), description="Telegram ids separated by commas"
    )
    organization_name: str = Field("", max_length=200, description="a name of at most 200 characters")
    default_language: Annotated[str, _one_of(LANGUAGES)] = Field(
        "ru", description="one of " + ", ".join(LANGUAGES)
    )
    default_region: Annotated[str, _one_of(phonenumbers.SUPPORTED_REGIONS)] = Field(
        "RU", description="a country's two letters, such as RU"
    )
    timezone: Annotated[str, AfterValidator(setting_checks.zone)] = Field(
        "Europe/Moscow", description="a time zone's name, such as Europe/Moscow"
    )

    crm_provider: Annotated[str, _one_of(["none", *NAMES])] = Field(
        "none", description="one of " + ", ".join(["none", *NAMES])
    )
    crm_url: Web = Field("", description="the http(s) address of the CRM, without a key in it")
    crm_api_key: str = Field("", repr=False, description="the CRM's key, of the shape that this CRM gives")
    crm_secret: str = Field("", repr=False, description="the secret that this CRM knows beside its key")
    crm_timeout: float = Field(10.0, gt=0, le=300, description="a number of seconds, at most 300")
    crm_mode: Literal["live", "dry_run"] = Field("live", description="live or dry_run")
    retry_delays: Annotated[tuple[timedelta, ...], NoDecode, BeforeValidator(_waits), Field(min_length=1)] = (
        Field(
            tuple(_waits("2m,4m,8m,30m,2h,5h,10h,10h,24h")),  # type: ignore[arg-type]
            description="waits separated by commas, each a whole number and s, m, h or d, such as 2m,4m,8m",
        )
    )

    operation_lease: Annotated[timedelta, BeforeValidator(_wait)] = Field(
        timedelta(seconds=60),
        ge=timedelta(seconds=1),
        description="a whole number and s, m, h or d, longer than CRM_TIMEOUT, such as 60s",
    )

    smtp_url: Annotated[str, _address("smtp", "smtps")] = Field(
        "", repr=False, description="a URL that starts with smtp:// or smtps://"
    )
    smtp_from: Annotated[str, _matching(r"[^@\s<>]+@[\w.-]+")] = Field(
        "", description="an e-mail address, needed where SMTP_URL names no user that is one"
    )

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="DEBUG, INFO, WARNING or ERROR"
    )
    log_format: Literal["console", "json"] = Field("console", description="console or json")
    sentry_dsn: Web = Field("", repr=False, description="the http(s) address that Sentry gives a project")
    metrics: bool = Field(False, description="1 or 0")
    metrics_port: int = Field(0, ge=0, le=65535, description="a port from 0 to 65535")

    @property
    def migrations_url(self) -> str:
        """The database for migrations: an owner's role where there is one."""
        return self.migrations_database_url or self.database_url

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every secret text, for the logs to hide: keys, tokens, and the passwords inside addresses."""
        hidden = [name for name, field in type(self).model_fields.items() if not field.repr]
        values = [getattr(self, name) for name in hidden]
        texts = [text for value in values for text in ((value,) if isinstance(value, str) else value)]
        passwords = [unquote(urlsplit(text).password or "") for text in texts if "://" in text]
        return tuple(filter(None, passwords + [text for text in texts if "://" not in text]))


def load_settings(needed: Iterable[str] = NEEDED_TO_RUN, **given: Any) -> Settings:
    """Read the settings; `given` fields win over the environment and the file.

    The file is `.env` in the working directory, or what ENV_FILE names (empty: none). `needed` are
    variables that must not be empty; the demo needs none, as it makes its own. Raises SettingsError.
    """
    file = os.environ.get("ENV_FILE", ".env")
    try:
        settings = Settings(_env_file=Path(file) if file else None, **given)
    except ValidationError as error:
        names = dict.fromkeys(str(one["loc"][0]) for one in error.errors() if one["loc"])
        raise SettingsError("\n".join(_must_be(name) for name in names)) from None
    if settings.operation_lease.total_seconds() <= settings.crm_timeout:
        raise SettingsError(_must_be("OPERATION_LEASE"))
    wrong = _wrong_crm(settings) or _wrong_smtp(settings)
    if wrong:
        raise SettingsError(_must_be(wrong))
    missing = [name for name in (*needed, *_needed_by(settings)) if not getattr(settings, name.lower())]
    if missing:
        raise SettingsError("\n".join(f"{_must_be(name)[:-1]}; it is not set." for name in missing))
    return settings


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


def _must_be(name: str) -> str:
    return f"{name.upper()} must be {Settings.model_fields[name.lower()].description}."


def _needed_by(settings: Settings) -> tuple[str, ...]:
    by_mode: Mapping[str, tuple[str, ...]] = {"webhook": ("PUBLIC_URL", "TELEGRAM_SECRET"), "polling": ()}
    return by_mode[settings.bot_mode]
