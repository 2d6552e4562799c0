"""Secrets at rest: AES-256-GCM, bound to the row they belong to.

A sealed value is: version byte, 4 bytes of key id, 12 bytes of nonce, ciphertext with tag. The
context (for example "integrations:<id>") is authenticated, so a value copied to another row does
not open.
"""

import base64
import binascii
import hashlib
import hmac
import json
import os
from collections.abc import Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from domain.errors import BadInput

_VERSION = b"\x01"


class Vault:
    """Seals with the current key; opens with the current one or those being rotated out."""

    def __init__(self, key: str, old_keys: tuple[str, ...] = ()) -> None:
        """Keys are 32 bytes in base64. Raises BadInput for anything else."""
        raw = [_key_bytes(text) for text in (key, *old_keys)]
        self._raw = tuple(raw)
        self._current = _key_id(raw[0])
        self._keys = {_key_id(one): AESGCM(one) for one in raw}

    def seal(self, values: Mapping[str, str], context: str) -> bytes:
        nonce = os.urandom(12)
        body = json.dumps(dict(values)).encode()
        cipher = self._keys[self._current].encrypt(nonce, body, context.encode())
        return _VERSION + self._current + nonce + cipher

    @property
    def current(self) -> bytes:
        """The id of the key that seals."""
        return self._current

    def derived(self, purpose: str) -> tuple[bytes, ...]:
        """Keys of 32 bytes for another purpose: of the current key first, then of those rotated out."""
        return tuple(hmac.new(one, purpose.encode(), hashlib.sha256).digest() for one in self._raw)

    def rewrap(self, sealed: bytes, context: str) -> bytes | None:
        """The same values sealed with the current key; None where they are already. Raises as `open`."""
        if key_id_of(sealed) == self._current:
            return None
        return self.seal(self.open(sealed, context), context)

    def open(self, sealed: bytes | None, context: str) -> dict[str, str]:
        """The values; an empty dict for None. Raises BadInput when no key of ours fits."""
        if sealed is None:
            return {}
        key = self._keys.get(key_id_of(sealed))
        if key is None:
            raise BadInput("secret_key", "unknown_key")
        try:
            body = key.decrypt(sealed[5:17], sealed[17:], context.encode())
        except InvalidTag as error:
            raise BadInput("secret_key", "does_not_open") from error
        values: dict[str, str] = json.loads(body)
        return values


def key_id_of(sealed: bytes) -> bytes:
    """The id of the key that sealed a value."""
    return sealed[1:5]


def _key_bytes(text: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise BadInput("secret_key", "not_base64") from error
    if len(key) != 32:
        raise BadInput("secret_key", "not_32_bytes")
    return key


def _key_id(key: bytes) -> bytes:
    return hashlib.sha256(key).digest()[:4]
