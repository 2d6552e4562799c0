"""The entity types of the platform itself, and the plain ones that are there to be linked to."""

from sandbox.espocrm.schema import (
    EMAIL,
    PARENTS,
    PHONE,
    Entity,
    enum,
    kind,
    link,
    links,
    named,
    stamps,
    varchar,
)

NOTE = Entity(
    "Note",
    {
        "post": kind("text", maxLength=100000),
        "data": kind("jsonObject", readOnly=True),
        "type": varchar(24),
        "number": kind("int", readOnly=True),
        "isInternal": kind("bool"),
        "isPinned": kind("bool", readOnly=True),
        "parent": kind("linkParent", entityList=[*PARENTS, "Task", "Call", "Meeting"]),
        "related": kind("linkParent", readOnly=True),
        "attachments": links("Attachment"),
        "createdAt": kind("datetime", readOnly=True),
        "modifiedAt": kind("datetime", readOnly=True),
        "createdBy": link("User", readOnly=True),
        "modifiedBy": link("User", readOnly=True),
    },
    is_object=False,
    order_by="number",
)

EMAIL_RECORD = Entity(
    "Email",
    {
        "name": varchar(255),
        "subject": varchar(255),
        "from": varchar(255),
        "to": varchar(255),
        "cc": varchar(255),
        "body": kind("text"),
        "isHtml": kind("bool"),
        "status": enum("Draft", "Sending", "Sent", "Archived", "Failed", default="Archived"),
        "dateSent": kind("datetime"),
        "parent": kind("linkParent", entityList=PARENTS),
        **stamps(),
    },
    order_by="dateSent",
)

USER = Entity(
    "User",
    {
        "userName": varchar(50, required=True),
        "name": kind("personName"),
        "type": enum("regular", "admin", "api", "system", "portal", default="regular"),
        "authMethod": enum("ApiKey", "Hmac"),
        "salutationName": enum("", "Mr.", "Ms.", "Mrs.", "Dr."),
        "firstName": named(),
        "lastName": named(),
        "middleName": named(),
        "isActive": kind("bool", default=True),
        "title": named(),
        "emailAddress": dict(EMAIL),
        "phoneNumber": dict(PHONE),
        "teams": links("Team"),
        "defaultTeam": link("Team"),
        "roles": links("Role"),
        "createdAt": kind("datetime", readOnly=True),
        "modifiedAt": kind("datetime", readOnly=True),
        "createdBy": link("User", readOnly=True),
    },
    order_by="userName",
    order="asc",
    is_object=False,
)

PERMISSIONS = ("assignmentPermission", "userPermission", "messagePermission", "portalPermission")

ROLE = Entity(
    "Role",
    {
        "name": varchar(150, required=True),
        **{name: enum("not-set", "all", "team", "no", default="not-set") for name in PERMISSIONS},
        "data": kind("jsonObject"),
        "fieldData": kind("jsonObject"),
        "createdAt": kind("datetime", readOnly=True),
        "modifiedAt": kind("datetime", readOnly=True),
    },
    order_by="name",
    order="asc",
    is_object=False,
)

ATTACHMENT = Entity(
    "Attachment",
    {
        "name": varchar(255, required=True),
        "type": varchar(100),
        "size": kind("int", readOnly=True),
        "role": varchar(36),
        "field": varchar(100),
        "relatedType": varchar(100),
        "storage": varchar(24, readOnly=True),
        "parent": kind("linkParent", entityList=[*PARENTS, "Task", "Note", "Email"]),
        "createdAt": kind("datetime", readOnly=True),
        "modifiedAt": kind("datetime", readOnly=True),
        "createdBy": link("User", readOnly=True),
    },
    is_object=False,
)

WEBHOOK = Entity(
    "Webhook",
    {
        "event": varchar(100, required=True),
        "url": varchar(512, required=True),
        "isActive": kind("bool", default=True),
        "entityType": varchar(100, readOnly=True),
        "type": varchar(24, readOnly=True),
        "field": varchar(100, readOnly=True),
        "secretKey": varchar(100, readOnly=True),
        "skipOwn": kind("bool"),
        "createdAt": kind("datetime", readOnly=True),
        "modifiedAt": kind("datetime", readOnly=True),
        "createdBy": link("User", readOnly=True),
        "modifiedBy": link("User", readOnly=True),
    },
    is_object=False,
)


def plain_entity(name: str, is_object: bool = True) -> Entity:
    return Entity(
        name,
        {"name": named(255, required=True), "description": kind("text"), **stamps()},
        is_object=is_object,
    )


def base_entity(name: str, *, stream: bool) -> Entity:
    """A custom entity of the type Base, as an admin makes it in the Entity Manager."""
    plain = plain_entity(name)
    return Entity(name, plain.fields, stream=stream, is_custom=True)


OTHERS = [
    NOTE,
    EMAIL_RECORD,
    USER,
    ROLE,
    ATTACHMENT,
    WEBHOOK,
    plain_entity("Case"),
    plain_entity("Campaign"),
    plain_entity("Team", is_object=False),
    plain_entity("LeadCapture", is_object=False),
]
