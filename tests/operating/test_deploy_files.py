"""The files of deploy/ and docker-compose.yml, as the programs that read them see them."""

import json
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import httpx
import pytest
import yaml

from bot.watching.metrics import EVENTS, LABELS
from storage.queues import QUEUES
from tests.operating import compose
from tests.product import free_port
from tests.waiting import until

DEPLOY = compose.ROOT / "deploy"
SECRETS = dict.fromkeys(
    re.findall(r"(?m)^# (\w+_PASSWORD)=", (compose.ROOT / ".env.example").read_text()), "check"
)
LEFT_OUT = "is not on this machine: what it would check was left out"


def tool(name: str) -> str:
    """The path of a program; the test is left out without it."""
    return shutil.which(name) or pytest.skip(f"{name} {LEFT_OUT}")


def checked(*command: str, cwd: Path = compose.ROOT, **environment: str) -> str:
    done = subprocess.run(
        command,
        cwd=cwd,
        env={"PATH": "/usr/bin:/bin", "HOME": "/tmp", **environment},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_compose_takes_its_file(tmp_path: Path) -> None:
    program = tool("docker-compose")
    shutil.copy(compose.ROOT / "docker-compose.yml", tmp_path)
    (tmp_path / ".env").write_text("".join(f"{name}={value}\n" for name, value in SECRETS.items()))
    profiles = ("--profile", "espocrm", "--profile", "monitoring")
    told = yaml.safe_load(checked(program, *profiles, "config", cwd=tmp_path))
    assert set(told["services"]) == set(compose.read(SECRETS))
    assert told["services"]["espocrm"]["image"] == "espocrm/espocrm:9.2"
    (tmp_path / ".env").write_text("")
    with pytest.raises(AssertionError, match=r"set it in \.env"):
        checked(program, "config", cwd=tmp_path)


def test_what_compose_starts_is_healthy_before_others_need_it() -> None:
    services = compose.read(SECRETS)
    for name, service in services.items():
        for needed, how in (service.get("depends_on") or {}).items():
            wanted = "service_completed_successfully" if needed == "migrate" else "service_healthy"
            assert how["condition"] == wanted, (name, needed)
            assert wanted != "service_healthy" or "test" in services[needed]["healthcheck"]
    for service in services.values():
        for volume in service.get("volumes", ()):
            source = volume.split(":")[0]
            assert not source.startswith("./deploy") or (compose.ROOT / source).exists()


def test_only_those_who_migrate_know_the_owner() -> None:
    services = compose.read({**SECRETS, "POSTGRES_PASSWORD": "owners"})
    knowing = {name for name, one in services.items() if "owners" in json.dumps(one)}
    assert knowing == {"migrate", "postgres"}


def test_caddy_takes_its_file() -> None:
    program = tool("caddy")
    told = json.loads(checked(program, "adapt", "--config", str(DEPLOY / "Caddyfile"), DOMAIN="example.com"))
    assert "crm.example.com" in json.dumps(told)
    checked(program, "validate", "--config", str(DEPLOY / "Caddyfile"), DOMAIN="example.com")
    assert checked(program, "fmt", str(DEPLOY / "Caddyfile")) == (DEPLOY / "Caddyfile").read_text()


async def test_caddy_never_answers_502_for_us(tmp_path: Path) -> None:
    program, port, gone = tool("caddy"), free_port(), free_port()
    text = (DEPLOY / "Caddyfile").read_text()
    text = text.replace("crm.{$DOMAIN:localhost} {", f"http://crm.localhost:{port} {{")
    text = text.replace("{$DOMAIN:localhost} {", f"http://localhost:{port} {{")
    text = text.replace("lb_try_duration 3s", "lb_try_duration 200ms")
    (tmp_path / "Caddyfile").write_text("{\n\tadmin off\n}\n" + text)
    names = {
        "WEB_HOST": "127.0.0.1",
        "WEB_PORT": str(gone),
        "ESPOCRM_HOST": "127.0.0.1",
        "ESPOCRM_PORT": str(gone),
    }
    command = (program, "run", "--config", str(tmp_path / "Caddyfile"))
    caddy = subprocess.Popen(  # noqa: ASYNC220
        command, env={**names, "HOME": str(tmp_path)}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as http:
            answer = await until_answered(http, "/webhooks/espocrm/key", "localhost")
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
            assert (await http.get("/metrics", headers={"Host": f"localhost:{port}"})).status_code == 404
            crm = await http.get("/", headers={"Host": f"crm.localhost:{port}"})
            assert crm.status_code == 503
    finally:
        caddy.terminate()
        caddy.wait(10)


async def until_answered(http: httpx.AsyncClient, path: str, host: str) -> httpx.Response:
    async def answered() -> list[httpx.Response]:
        try:
            return [await http.post(path, headers={"Host": f"{host}:{http.base_url.port}"})]
        except httpx.ConnectError:
            return []

    [answer] = await until(answered, seconds=15, pause=0.05)
    return answer


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "config", "prometheus.yml"),
        ("check", "rules", "rules.yml"),
        ("test", "rules", "rules_test.yml"),
    ],
    ids=" ".join,
)
def test_prometheus_takes_its_files(arguments: Sequence[str]) -> None:
    checked(tool("promtool"), *arguments, cwd=DEPLOY / "prometheus")


def test_boards_and_alerts_ask_only_for_figures_that_there_are() -> None:
    known = {f"voronka_{work}_seconds_{part}" for work in LABELS for part in ("bucket", "count", "sum")}
    known |= {f"voronka_{event}_total" for event in EVENTS}
    known |= {"voronka_queue_depth", "voronka_queue_oldest_seconds", "voronka_pool_connections"}
    board = json.loads((DEPLOY / "grafana/boards/voronka.json").read_text())
    asked = [target["expr"] for panel in board["panels"] for target in panel["targets"]]
    rules = yaml.safe_load((DEPLOY / "prometheus/rules.yml").read_text())
    asked += [rule["expr"] for group in rules["groups"] for rule in group["rules"]]
    assert {name for one in asked for name in re.findall(r"\bvoronka_\w+", one)} <= known
    assert set(re.findall(r'queue!?="(\w+)"', " ".join(asked))) <= set(QUEUES)
