"""Finds the browser that walks the chat page."""

import os
import shutil

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MISSING = "no Chromium on this machine: the browser walk was left out"


def find_chromium() -> str:
    """The path of an installed Chromium (or what CHROMIUM names); an empty string without one."""
    named = os.environ.get("CHROMIUM", "")
    found = (shutil.which(name) for name in ((named,) if named else NAMES))
    return next(filter(None, found), "")


def required() -> bool:
    """Whether a run without the browser walk is a failure, as it is in CI."""
    return os.environ.get("CI", "").lower() in ("1", "true")
