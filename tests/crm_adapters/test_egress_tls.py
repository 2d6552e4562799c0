"""The connection goes to a checked address, but the certificate must be that of the host's name."""

import asyncio
import ssl
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from crm_adapters.http import Call, CrmHttp
from domain.errors import CrmUnavailable, CrmUncertain
from tests.reuse import anew

NAME = "crm.example.com"


def certificate(directory: Path, host: str) -> Path:
    """A self-signed certificate and its key in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = directory / f"{host}.pem"
    pem, plain = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    path.write_bytes(made.public_bytes(pem) + key.private_bytes(pem, plain, serialization.NoEncryption()))
    return path


async def here(host: str, port: int) -> Sequence[str]:
    return ["127.0.0.1"]


async def called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, host: str, trusted: bool = True
) -> tuple[object, list[str | None]]:
    """Call https://NAME where a server with a certificate for `host` listens; (answer, names asked for)."""
    anew(monkeypatch)
    pem = certificate(tmp_path, host)
    monkeypatch.setenv("SSL_CERT_FILE", str(pem) if trusted else "/dev/null")
    asked: list[str | None] = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    context.sni_callback = lambda _socket, name, _context: asked.append(name)

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0, ssl=context)
    port = server.sockets[0].getsockname()[1]
    async with (
        server,
        CrmHttp(now=lambda: datetime.now(UTC), time_limit=5, allow=[f"{NAME}:{port}"], resolve=here) as http,
    ):
        return await http.call(Call("POST", f"https://{NAME}:{port}/", body={})), asked


async def test_the_name_of_the_host_is_asked_for_and_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await called(tmp_path, monkeypatch, NAME) == ({}, [NAME])


@pytest.mark.parametrize(("host", "trusted"), [("other.example.com", True), (NAME, False)])
async def test_a_certificate_of_another_host_or_of_nobody_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, host: str, trusted: bool
) -> None:
    with pytest.raises(CrmUnavailable) as caught:
        await called(tmp_path, monkeypatch, host, trusted)
    assert not isinstance(caught.value, CrmUncertain)
