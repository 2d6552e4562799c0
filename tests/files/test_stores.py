"""What both stores promise, and what a bucket's owner gets told when it cannot be reached."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from domain.errors import FilesAway, NotFound
from domain.file_body import FileBody
from sandbox.s3.server import S3Sandbox
from sandbox.s3.signatures import Signed, Unsigned, check
from storage.files.address import S3Address, read_address
from storage.files.folder import FolderStore
from storage.files.signing import EMPTY, Credentials, signed
from storage.files.store import FileStore, fetched
from tests.files.conftest import in_bucket
from tests.files.test_signing import EXAMPLE, NOW, PUBLISHED

KEY = "0c0ffee/ab/scan-1.pdf"


async def test_a_file_comes_back_as_it_was_and_goes_for_good(store: FileStore) -> None:
    content = os.urandom(1_000_003)
    with FileBody.of(content) as body:
        await store.put(KEY, body)
        kept = body.sha256
    assert await store.exists(KEY)
    with await fetched(store, KEY, kept) as back:
        assert back.read() == content
    with FileBody.of(b"") as nothing:
        await store.put(KEY, nothing)
        assert [chunk async for chunk in store.get(KEY)] == []
    with pytest.raises(FilesAway, match="damaged"):
        await fetched(store, KEY, kept)
    await store.delete(KEY)
    await store.delete(KEY)
    assert not await store.exists(KEY)
    with pytest.raises(NotFound):
        await fetched(store, KEY, "")


async def test_a_folder_that_cannot_be_written_keeps_nothing(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file, no folder")
    store = FolderStore(tmp_path / "taken")
    with FileBody.of(b"x") as body, pytest.raises(FilesAway):
        await store.put(KEY, body)
    assert os.listdir(tmp_path) == ["taken"]


@pytest.mark.parametrize(
    ("kind", "params"),
    [("down", {"mode": "closed"}), ("down", {"mode": "500"}), ("down", {"mode": "503"}), ("slow_down", {}),
     ("error_after_commit", {}), ("drop_after_commit", {})],
)  # fmt: skip
async def test_what_passes_is_tried_again(s3: S3Sandbox, kind: str, params: dict[str, Any]) -> None:
    store = in_bucket(s3)
    s3.fail(kind, 2, **params)
    with FileBody.of(b"content") as body:
        await store.put(KEY, body)
    assert s3.objects()[f"kept/here/{KEY}"].content == b"content"
    s3.fail(kind, 3, **params)
    with FileBody.of(b"other") as body, pytest.raises(FilesAway):
        await store.put(KEY, body)
    await store.aclose()


async def test_a_bucket_says_why_it_refuses(s3: S3Sandbox) -> None:
    wrong_secret, wrong_key = in_bucket(s3, secret="other"), in_bucket(s3, key="OTHER")
    no_bucket = in_bucket(s3, s3.files_url(bucket="elsewhere"))
    wrong_region = in_bucket(s3, f"s3://voronka?endpoint={s3.url}&region=elsewhere")
    refused = {
        "SignatureDoesNotMatch": wrong_secret, "InvalidAccessKeyId": wrong_key, "NoSuchBucket": no_bucket,
        "AuthorizationHeaderMalformed": wrong_region,
    }  # fmt: skip
    with FileBody.of(b"content") as body:
        for code, store in refused.items():
            with pytest.raises(FilesAway, match=code) as raised:
                await store.put(KEY, body)
            assert s3.secret not in str(raised.value)
            await store.aclose()
        s3.clock.advance(3600)
        late = in_bucket(s3)
        with pytest.raises(FilesAway, match="RequestTimeTooSkewed"):
            await late.put(KEY, body)
        await late.aclose()
    assert not s3.objects()
    assert len(s3.requests("PUT")) == 5, "what will not pass is not tried again"


async def test_half_a_file_is_none(s3: S3Sandbox) -> None:
    store = in_bucket(s3)
    with FileBody.of(os.urandom(300_000)) as body:
        await store.put(KEY, body)
        s3.fail("cut_body", 1)
        with pytest.raises(FilesAway):
            await fetched(store, KEY, body.sha256)
    await store.aclose()


@pytest.mark.parametrize("example", PUBLISHED)
def test_the_stand_in_knows_the_published_signatures(example: str) -> None:
    method, url, payload, headers, _signature = PUBLISHED[example]
    told = signed(EXAMPLE, method, url, payload, NOW, headers)
    parts = httpx.URL(url)
    body = b"Welcome to Amazon S3." if method == "PUT" else b""
    path = parts.raw_path.partition(b"?")[0].decode()
    came = Signed(method, path, parts.query.decode(), told, body)
    check(came, {EXAMPLE.key: EXAMPLE.secret}, "us-east-1", NOW + timedelta(minutes=14))
    for wrong in (
        Signed(method, path + "x", parts.query.decode(), told, body),
        Signed(method, path, parts.query.decode() + "&x=1", told, body),
        Signed(method, path, parts.query.decode(), told, body + b"x"),
        Signed(method, path, parts.query.decode(), {**told, "x-amz-acl": "public-read"}, body),
    ):
        with pytest.raises(Unsigned):
            check(wrong, {EXAMPLE.key: EXAMPLE.secret}, "us-east-1", NOW)


async def test_the_stand_in_lets_nobody_in_unsigned(s3: S3Sandbox) -> None:
    async with httpx.AsyncClient() as http:
        answer = await http.put(f"{s3.url}/voronka/x", content=b"x")
        assert (answer.status_code, "AccessDenied" in answer.text) == (403, True)
        url = f"{s3.url}/voronka/x"
        told = signed(Credentials(s3.key, s3.secret, "ru-central1"), "GET", url, EMPTY, datetime.now(UTC))
        assert (await http.get(url, headers=told)).status_code == 404


@pytest.mark.parametrize(
    ("url", "read"),
    [
        ("data/files", Path("data/files")),
        ("s3://b.ucket", S3Address("b.ucket", "", "https://s3.us-east-1.amazonaws.com", "us-east-1")),
        ("s3://bucket/a/b/?region=eu-1", S3Address("bucket", "a/b", "https://s3.eu-1.amazonaws.com", "eu-1")),
        ("s3://bucket?endpoint=http://minio:9000/",
         S3Address("bucket", "", "http://minio:9000", "us-east-1")),
    ],
)  # fmt: skip
def test_addresses(url: str, read: Path | S3Address) -> None:
    assert read_address(url) == read


@pytest.mark.parametrize(
    "url",
    ["s3://", "s3://a", "http://bucket", "s3://key:secret@bucket", "s3://bucket?endpoint=minio:9000",
     "s3://bucket?key=x", "s3://bucket/../x", "s3://bucket/a//b", "s3://bucket?endpoint=http://u:p@host",
     "s3://bucket?endpoint=http://host:99999", "s3://bucket?region=", "s3://bucket#x", "s3://bucket?x"],
)  # fmt: skip
def test_addresses_that_cannot_be(url: str) -> None:
    with pytest.raises(ValueError):
        read_address(url)
