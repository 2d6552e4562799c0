"""AWS Signature Version 4 for S3, in headers. Pure: what goes in decides what comes out.

docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import quote, urlsplit

ALGORITHM = "AWS4-HMAC-SHA256"
EMPTY = hashlib.sha256(b"").hexdigest()
"""The sum of a body that is none."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a bucket's owner gives; good in one region."""

    key: str
    secret: str = field(repr=False)
    region: str = "us-east-1"


def signed(
    credentials: Credentials, method: str, url: str, payload_sha256: str, now: datetime,
    headers: Mapping[str, str] | None = None,
) -> dict[str, str]:  # fmt: skip
    """`headers` with those that a request must have to be let in. The URL's path is escaped already, its
    query is names and values; `now` is aware."""
    parts = urlsplit(url)
    stamp = now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    sent = {
        **{name.lower(): value for name, value in (headers or {}).items()},
        "host": parts.netloc,
        "x-amz-content-sha256": payload_sha256,
        "x-amz-date": stamp,
    }
    names = ";".join(sorted(sent))
    request = "\n".join(
        [
            method,
            parts.path or "/",
            _query(parts.query),
            *(f"{name}:{' '.join(sent[name].split())}" for name in sorted(sent)),
            "",
            names,
            payload_sha256,
        ]
    )
    scope = f"{stamp[:8]}/{credentials.region}/s3/aws4_request"
    to_sign = f"{ALGORITHM}\n{stamp}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
    signature = hmac.new(_key(credentials, stamp[:8]), to_sign.encode(), hashlib.sha256).hexdigest()
    sent["authorization"] = (
        f"{ALGORITHM} Credential={credentials.key}/{scope}, SignedHeaders={names}, Signature={signature}"
    )
    return sent


def escaped(path: str) -> str:
    """A path as S3 signs it: escaped once, slashes left."""
    return quote(path, safe="/-_.~")


def _query(raw: str) -> str:
    pairs = [part.partition("=") for part in raw.split("&") if part]
    return "&".join(sorted(f"{name}={value}" for name, _is, value in pairs))


def _key(credentials: Credentials, day: str) -> bytes:
    key = f"AWS4{credentials.secret}".encode()
    for part in (day, credentials.region, "s3", "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key
