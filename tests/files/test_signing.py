"""Signatures, against the examples that AWS publishes for S3."""

from datetime import UTC, datetime

import pytest

from storage.files.signing import EMPTY, Credentials, escaped, signed

EXAMPLE = Credentials("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
NOW = datetime(2013, 5, 24, tzinfo=UTC)
HOST = "https://examplebucket.s3.amazonaws.com"

PUBLISHED = {
    "an object": (
        "GET", f"{HOST}/test.txt", EMPTY, {"Range": "bytes=0-9"},
        "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
    ),
    "an upload": (
        "PUT", f"{HOST}/{escaped('test$file.text')}",
        "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072",
        {"Date": "Fri, 24 May 2013 00:00:00 GMT", "x-amz-storage-class": "REDUCED_REDUNDANCY"},
        "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
    ),
    "a name without a value": (
        "GET", f"{HOST}/?lifecycle", EMPTY, {},
        "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
    ),
    "a list": (
        "GET", f"{HOST}/?prefix=J&max-keys=2", EMPTY, {},
        "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
    ),
}  # fmt: skip


@pytest.mark.parametrize("example", PUBLISHED)
def test_signatures_are_those_that_aws_publishes(example: str) -> None:
    method, url, payload, headers, signature = PUBLISHED[example]
    told = signed(EXAMPLE, method, url, payload, NOW, headers)
    assert told["authorization"].rpartition("Signature=")[2] == signature
