"""The store that settings name."""

from storage.files.address import S3Address, read_address
from storage.files.store import FileStore


def open_store(url: str, key: str = "", secret: str = "") -> FileStore:
    """A store for FILES_URL; `key` and `secret` are those of a bucket. Nothing is asked yet. What a folder
    needs is imported for a folder, what a bucket needs for a bucket."""
    address = read_address(url)
    if isinstance(address, S3Address):
        from storage.files.s3 import S3Store

        return S3Store(address, key, secret)
    from storage.files.folder import FolderStore

    return FolderStore(address)
