"""FILES_URL read: a folder, or `s3://bucket/prefix?endpoint=...&region=...`."""

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

USUAL_REGION = "us-east-1"
_BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,62}")
_PREFIX = re.compile(r"[A-Za-z0-9._/-]*")
_REGION = re.compile(r"[A-Za-z0-9-]{1,64}")
_ENDPOINT = re.compile(r"https?://[^\s/?#@]+")


@dataclass(frozen=True, slots=True)
class S3Address:
    """A place in a bucket. `prefix` has no slash at either end; `endpoint` is scheme, host and port."""

    bucket: str
    prefix: str
    endpoint: str
    region: str


def read_address(url: str) -> S3Address | Path:
    """Raises ValueError. What may be said in the query is `endpoint` (without it AWS) and `region`."""
    if "://" not in url:
        return Path(url)
    parts = urlsplit(url)
    asked = dict(parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query)))
    region = asked.pop("region", USUAL_REGION)
    endpoint = asked.pop("endpoint", f"https://s3.{region}.amazonaws.com").rstrip("/")
    prefix = parts.path.strip("/")
    good = (
        parts.scheme == "s3" and _BUCKET.fullmatch(parts.netloc) and _PREFIX.fullmatch(prefix)
        and not {"", ".", ".."} & set(prefix.split("/") if prefix else ())
        and _REGION.fullmatch(region) and _ENDPOINT.fullmatch(endpoint) and urlsplit(endpoint).port != 0
    )  # fmt: skip
    if not good or asked or parts.fragment:
        raise ValueError
    return S3Address(parts.netloc, prefix, endpoint, region)
