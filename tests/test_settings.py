"""Settings: what is read, what is refused and in which words, and that operators are told of each."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from bot.settings import FIELDS, Settings, SettingsError, load_settings, operators_language
from locales import use_language

ROOT = Path(__file__).parent.parent
KEY = "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA="
NAMES = [name.upper() for name in FIELDS]


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [*NAMES, "ENV_FILE"]:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


def refusal(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> str:
    monkeypatch.setenv("DEFAULT_LANGUAGE", "en")
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as caught:
        load_settings(needed=())
    return str(caught.value)


def test_defaults_are_those_of_the_contract() -> None:
    settings = load_settings(needed=())
    assert settings.bot_api_url == "https://api.telegram.org"
    assert settings.database_url == settings.migrations_url == "sqlite+aiosqlite:///data/voronka.db"
    assert (settings.http_host, settings.http_port, settings.redis_url) == ("127.0.0.1", 8080, "")
    assert (settings.default_language, settings.default_region) == ("ru", "RU")
    assert settings.timezone == "Europe/Moscow"
    minutes = [2, 4, 8, 30, 120, 300, 600, 600, 1440]
    assert settings.retry_delays == tuple(timedelta(minutes=count) for count in minutes)


def test_the_environment_wins_over_the_file_and_empty_means_default(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text("HTTP_PORT=1\nHTTP_HOST=0.0.0.0\nPOSTGRES_PASSWORD=other\n")
    monkeypatch.setenv("HTTP_PORT", "2")
    monkeypatch.setenv("DEFAULT_LANGUAGE", "")
    settings = load_settings(needed=())
    assert (settings.http_port, settings.http_host, settings.default_language) == (2, "0.0.0.0", "ru")


@pytest.mark.parametrize(
    ("provider", "url", "key", "variable"),
    [
        ("espocrm", "", "k", "CRM_URL"),
        ("espocrm", "https://crm.example.com", "", "CRM_API_KEY"),
        ("bitrix24", "https://acme.bitrix24.ru/rest/1/a1b2c3d4e5/", "", "CRM_URL"),
        ("bitrix24", "https://acme.bitrix24.ru", "no hook", "CRM_API_KEY"),
        ("amocrm", "https://acme.amocrm.ru", "two words", "CRM_API_KEY"),
    ],
)
def test_a_crm_that_cannot_be_right_stops_the_start(
    monkeypatch: pytest.MonkeyPatch, provider: str, url: str, key: str, variable: str
) -> None:
    monkeypatch.setenv("CRM_URL", url)
    monkeypatch.setenv("CRM_API_KEY", key)
    assert refusal(monkeypatch, "CRM_PROVIDER", provider).startswith(f"{variable} must be")


def test_a_bitrix24_needs_its_hook_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRM_PROVIDER", "bitrix24")
    monkeypatch.setenv("CRM_API_KEY", "https://acme.bitrix24.ru/rest/1/a1b2c3d4e5/")
    assert load_settings(needed=()).crm_url == ""


def test_another_file_or_none_can_be_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("HTTP_PORT=1\n")
    (tmp_path / "other").write_text("HTTP_PORT=3\n")
    monkeypatch.setenv("ENV_FILE", "other")
    assert load_settings(needed=()).http_port == 3
    monkeypatch.setenv("ENV_FILE", "")
    assert load_settings(needed=()).http_port == 8080


def test_lists_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ADMIN_IDS", "7, 8")
    monkeypatch.setenv("EGRESS_ALLOW", "espocrm:80,127.0.0.1:8090")
    monkeypatch.setenv("RETRY_DELAYS", "1s, 2m,3h,1d")
    monkeypatch.setenv("SECRET_KEY_OLD", f"{KEY},{KEY}")
    settings = load_settings(needed=())
    assert settings.admin_ids == (7, 8)
    assert settings.egress_allow == ("espocrm:80", "127.0.0.1:8090")
    assert [delay.total_seconds() for delay in settings.retry_delays] == [1, 120, 10800, 86400]
    assert settings.secret_key_old == (KEY, KEY)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BOT_TOKEN", "token"),
        ("BOT_API_URL", "api.telegram.org"),
        ("BOT_MODE", "push"),
        ("TELEGRAM_SECRET", "with space"),
        ("PUBLIC_URL", "https://"),
        ("DATABASE_URL", "mysql://a:passw0rd@b/c"),
        ("MIGRATIONS_DATABASE_URL", "postgresql://a:passw0rd@b/c"),
        ("REDIS_URL", "http://localhost"),
        ("REDIS_URL", "redis://localhost:port"),
        ("EGRESS_ALLOW", "espocrm"),
        ("CORS_ORIGINS", "app.example.com"),
        ("CORS_ORIGINS", "https://app.example.com/page"),
        ("HTTP_PORT", "65536"),
        ("SECRET_KEY", "passw0rd"),
        ("SECRET_KEY_OLD", f"{KEY},passw0rd"),
        ("ADMIN_IDS", "7,@ivan"),
        ("DEFAULT_REGION", "RUS"),
        ("TIMEZONE", "Moscow"),
        ("TIMEZONE", "../../etc/passwd"),
        ("CRM_PROVIDER", "unheard_of"),
        ("CRM_URL", "ftp://crm"),
        ("CRM_TIMEOUT", "0"),
        ("CRM_MODE", "dry"),
        ("RETRY_DELAYS", "2m,soon"),
        ("RETRY_DELAYS", ","),
        ("OPERATION_LEASE", "soon"),
        ("OPERATION_LEASE", "10s"),
        ("OPERATION_LEASE", "60s,2m"),
        ("LOG_LEVEL", "LOUD"),
        ("LOG_FORMAT", "xml"),
        ("METRICS", "perhaps"),
    ],
)
def test_a_wrong_value_is_one_sentence_that_names_the_variable(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    text = refusal(monkeypatch, name, value)
    assert re.fullmatch(rf"{name} must be [^\n]+\.", text)
    assert "passw0rd" not in text
    assert "None" not in text


def test_what_is_wrong_is_told_in_the_default_language_and_in_russian_where_that_cannot_be_read(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text("HTTP_PORT=no\n")
    english = "HTTP_PORT must be a port from 0 to 65535."
    russian = "HTTP_PORT: значение не подходит. Нужно: порт от 0 до 65535."
    unknown = "DEFAULT_LANGUAGE: значение не подходит. Нужно: одно из значений: ru, en."
    for language, told in {"": [russian], "de": [russian, unknown], "en": [english]}.items():
        assert refusal(monkeypatch, "DEFAULT_LANGUAGE", language).splitlines() == told
    (tmp_path / ".env").write_text("HTTP_PORT=no\nDEFAULT_LANGUAGE=en\n")
    monkeypatch.delenv("DEFAULT_LANGUAGE")
    with use_language("ru"), pytest.raises(SettingsError, match=f"^{english}$"):
        load_settings()


def test_a_file_that_is_no_text_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes("ORGANIZATION_NAME=Ромашка\n".encode("cp1251"))
    for language, told in {"en": ".env is no text in UTF-8", "ru": ".env: это не текст в UTF-8"}.items():
        monkeypatch.setenv("DEFAULT_LANGUAGE", language)
        with pytest.raises(SettingsError, match=told):
            load_settings()
        assert operators_language() == language


def test_every_wrong_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PORT", "x")
    text = refusal(monkeypatch, "LOG_LEVEL", "x")
    assert [line.split()[0] for line in text.splitlines()] == ["HTTP_PORT", "LOG_LEVEL"]


def test_running_needs_a_token_and_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingsError, match=r"\ABOT_TOKEN[^\n]+\nSECRET_KEY[^\n]+\Z"):
        load_settings()
    monkeypatch.setenv("BOT_TOKEN", "1:abc")
    monkeypatch.setenv("SECRET_KEY", KEY)
    assert load_settings().secret_key == KEY


def test_a_webhook_needs_an_address_and_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    text = refusal(monkeypatch, "BOT_MODE", "webhook")
    assert [line.split()[0] for line in text.splitlines()] == ["PUBLIC_URL", "TELEGRAM_SECRET"]


def test_secrets_are_not_in_the_printed_settings() -> None:
    secrets = {name: f"passw0rd-{name}" for name in ("webhook_secret", "crm_api_key", "crm_secret")}
    urls = {"database_url": "postgresql+asyncpg://u:passw0rd@h/d", "redis_url": "redis://:passw0rd@h"}
    settings = load_settings(needed=(), bot_token="1:passw0rd", secret_key=KEY, **secrets, **urls)
    assert "passw0rd" not in repr(settings) + str(settings)
    assert KEY not in repr(settings)


def test_the_logs_are_told_every_secret() -> None:
    settings = load_settings(
        needed=(),
        bot_token="1:abc",
        secret_key=KEY,
        secret_key_old=f"{KEY},{KEY}",
        database_url="postgresql+asyncpg://u:pass%40word@h/d",
        redis_url="redis://:other@h",
    )
    assert set(settings.secrets) == {"1:abc", KEY, "pass@word", "other"}


@pytest.mark.parametrize("file", [".env.example", "docs/settings.md"])
@pytest.mark.parametrize("name", [*NAMES, "ENV_FILE"])
def test_every_setting_is_documented(name: str, file: str) -> None:
    assert re.search(rf"(?m)^(\| `|#? ?){name}\b", (ROOT / file).read_text())


def test_nothing_is_documented_that_does_not_exist() -> None:
    example = set(re.findall(r"(?m)^#? ?([A-Z_]+)=", (ROOT / ".env.example").read_text()))
    manual = set(re.findall(r"(?m)^\| `([A-Z_]+)`", (ROOT / "docs/settings.md").read_text()))
    used = (ROOT / "docker-compose.yml").read_text()
    compose = set(re.findall(r"\$\{([A-Z_]+)", used)) - set(NAMES)
    assert compose <= example
    assert example - compose == manual - compose == {*NAMES, "ENV_FILE"}


def test_the_example_file_is_valid(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENV_FILE", str(ROOT / ".env.example"))
    assert load_settings(needed=()) == Settings()
