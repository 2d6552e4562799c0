"""Whether a request is signed as AWS Signature Version 4 wants it, worked out from what came over the wire.

docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, unquote

SKEW = timedelta(minutes=15)
UNSIGNED = "UNSIGNED-PAYLOAD"
_AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<key>[^/]+)/(?P<day>\d{8})/(?P<region>[^/]+)/(?P<service>[^/]+)"
    r"/aws4_request, ?SignedHeaders=(?P<names>[a-z0-9;-]+), ?Signature=(?P<signature>[0-9a-f]{64})"
)


class Unsigned(Exception):
    """It is not let in; the text is S3's own code."""


@dataclass(frozen=True, slots=True)
class Signed:
    """A request as it came: the path and the query as they stood in the request line, header names in lower
    case."""

    method: str
    raw_path: str
    raw_query: str
    headers: Mapping[str, str]
    body: bytes


def check(request: Signed, keys: Mapping[str, str], region: str, now: datetime) -> None:
    """Raises Unsigned."""
    shown = _AUTHORIZATION.fullmatch(request.headers.get("authorization", ""))
    if shown is None:
        raise Unsigned("AccessDenied")
    secret = keys.get(shown["key"])
    if secret is None:
        raise Unsigned("InvalidAccessKeyId")
    if (shown["region"], shown["service"]) != (region, "s3"):
        raise Unsigned("AuthorizationHeaderMalformed")
    stamp = request.headers.get("x-amz-date", "")
    _check_moment(stamp, shown["day"], now)
    names = shown["names"].split(";")
    amz = {name for name in request.headers if name.startswith("x-amz-")}
    if names != sorted(names) or not {"host", *amz} <= set(names):
        raise Unsigned("AccessDenied")
    wanted = _signature(request, names, stamp, shown, secret)
    if not hmac.compare_digest(wanted, shown["signature"]):
        raise Unsigned("SignatureDoesNotMatch")
    told = request.headers.get("x-amz-content-sha256", "")
    if told != UNSIGNED and told != hashlib.sha256(request.body).hexdigest():
        raise Unsigned("XAmzContentSHA256Mismatch")


def _check_moment(stamp: str, day: str, now: datetime) -> None:
    try:
        moment = datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        raise Unsigned("AccessDenied") from None
    if abs(moment - now) > SKEW:
        raise Unsigned("RequestTimeTooSkewed")
    if not stamp.startswith(day):
        raise Unsigned("SignatureDoesNotMatch")


def _signature(request: Signed, names: list[str], stamp: str, shown: re.Match[str], secret: str) -> str:
    headers = "".join(f"{name}:{' '.join(request.headers.get(name, '').split())}\n" for name in names)
    canonical = (
        f"{request.method}\n{quote(unquote(request.raw_path), safe='/-_.~')}\n{_query(request.raw_query)}\n"
        f"{headers}\n{';'.join(names)}\n{request.headers.get('x-amz-content-sha256', '')}"
    )
    scope = f"{shown['day']}/{shown['region']}/{shown['service']}/aws4_request"
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    text = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{digest}"
    of_day = _mac(f"AWS4{secret}".encode(), shown["day"])
    of_service = _mac(_mac(of_day, shown["region"]), shown["service"])
    return _mac(_mac(of_service, "aws4_request"), text).hex()


def _query(raw: str) -> str:
    pairs = [one.split("=", 1) if "=" in one else [one, ""] for one in raw.split("&") if one]
    again = [(quote(unquote(name), safe="-_.~"), quote(unquote(value), safe="-_.~")) for name, value in pairs]
    return "&".join(f"{name}={value}" for name, value in sorted(again))


def _mac(key: bytes, text: str) -> bytes:
    return hmac.digest(key, text.encode(), "sha256")
