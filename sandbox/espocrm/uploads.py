"""Files: sent inside JSON as a data URL, read back as bytes."""

import base64
import binascii

from sandbox.espocrm import records
from sandbox.espocrm.acl import Actor
from sandbox.espocrm.answers import Answer, refusal
from sandbox.espocrm.state import Record, State


def store(state: State, actor: Actor, data: Record) -> Record:
    """Keep a file of a `data:TYPE;base64,…` URL; 400 when it is not one."""
    head, _, encoded = str(data.get("file") or "").partition(";base64,")
    if not head.startswith("data:"):
        raise refusal(400, "Not base64 contents.")
    try:
        content = base64.b64decode(encoded, validate=True)
    except binascii.Error:
        raise refusal(400, "Not base64 contents.") from None
    answer = records.create(
        state, actor, "Attachment", {key: value for key, value in data.items() if key != "file"}
    )
    extra = {"size": len(content), "storage": "EspoUploadDir"}
    state.store("Attachment", {**state.table("Attachment")[answer["id"]], **extra})
    state.files[answer["id"]] = content
    return {**answer, **extra, "isBeingUploaded": False}


def content(state: State, actor: Actor, attachment_id: str) -> Answer:
    """The bytes of a file."""
    record = records.get(state, actor, "Attachment", attachment_id)
    kind = str(record.get("type") or "application/octet-stream")
    return Answer(raw=state.files[attachment_id], content_type=kind)
