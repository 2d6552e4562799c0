"""The entity types of the Crm module: leads, contacts, deals, and what is done with them."""

from sandbox.espocrm.platform import OTHERS
from sandbox.espocrm.schema import (
    EMAIL,
    INDUSTRIES,
    PARENTS,
    PHONE,
    SOURCES,
    Entity,
    address,
    enum,
    kind,
    link,
    links,
    named,
    person,
    stamps,
)

LEAD = Entity(
    "Lead",
    {
        **person(["emailAddress", "phoneNumber", "accountName"]),
        "status": enum(
            "New",
            "Assigned",
            "In Process",
            "Converted",
            "Recycled",
            "Dead",
            default="New",
            style={"In Process": "primary", "Converted": "success", "Recycled": "info", "Dead": "info"},
            audited=True,
            notActualOptions=["Converted", "Recycled", "Dead"],
        ),
        "source": enum(*SOURCES, "Campaign", "Other"),
        "industry": enum(*INDUSTRIES, "Retail", "Technology", "Transportation", isSorted=True),
        "opportunityAmount": kind("currency", min=0, audited=True),
        "website": kind("url", strip=True),
        **address("address"),
        "emailAddress": dict(EMAIL),
        "phoneNumber": dict(PHONE),
        "doNotCall": kind("bool"),
        "description": kind("text"),
        "convertedAt": kind("datetime", readOnly=True),
        "accountName": named(255),
        **stamps(),
        "campaign": link("Campaign"),
        "createdAccount": link("Account"),
        "createdContact": link("Contact"),
        "createdOpportunity": link("Opportunity"),
        "streamUpdatedAt": kind("datetime", readOnly=True),
    },
    stream=True,
    duplicate_fields=("name", "emailAddress"),
    children={"calls": ("Call", "leads"), "meetings": ("Meeting", "leads"), "tasks": ("Task", "parent"),
              "emails": ("Email", "parent")},
)  # fmt: skip

CONTACT = Entity(
    "Contact",
    {
        **person(["emailAddress", "phoneNumber"]),
        "emailAddress": dict(EMAIL),
        "phoneNumber": dict(PHONE),
        "doNotCall": kind("bool"),
        "description": kind("text"),
        **address("address"),
        "account": link("Account"),
        **stamps(),
        "campaign": link("Campaign"),
        "streamUpdatedAt": kind("datetime", readOnly=True),
    },
    stream=True,
    duplicate_fields=("name", "emailAddress"),
    children={"calls": ("Call", "contacts"), "meetings": ("Meeting", "contacts"), "tasks": ("Task", "parent"),
              "opportunities": ("Opportunity", "contacts"), "emails": ("Email", "parent")},
)  # fmt: skip

ACCOUNT = Entity(
    "Account",
    {
        "name": named(249, required=True),
        "website": kind("url", strip=True),
        "emailAddress": dict(EMAIL),
        "phoneNumber": dict(PHONE),
        "type": enum("", "Customer", "Investor", "Partner", "Reseller"),
        "industry": enum(*INDUSTRIES, "Retail", "Technology", "Transportation", isSorted=True),
        **address("billingAddress"),
        "description": kind("text"),
        **stamps(),
        "campaign": link("Campaign"),
        "streamUpdatedAt": kind("datetime", readOnly=True),
    },
    stream=True,
    duplicate_fields=("name", "emailAddress"),
    children={"contacts": ("Contact", "account"), "opportunities": ("Opportunity", "account"),
              "calls": ("Call", "parent"), "meetings": ("Meeting", "parent"), "tasks": ("Task", "parent")},
)  # fmt: skip

OPPORTUNITY = Entity(
    "Opportunity",
    {
        "name": named(255, required=True),
        "amount": kind("currency", min=0, required=True, audited=True),
        "account": link("Account"),
        "stage": enum(
            "Prospecting",
            "Qualification",
            "Proposal",
            "Negotiation",
            "Closed Won",
            "Closed Lost",
            default="Prospecting",
            style={"Closed Won": "success", "Closed Lost": "danger"},
            probabilityMap={"Prospecting": 10, "Qualification": 20, "Proposal": 50, "Negotiation": 80,
                            "Closed Won": 100, "Closed Lost": 0},
            audited=True,
        ),
        "probability": kind("int", min=0, max=100),
        "leadSource": enum(*SOURCES, "Campaign", "Other"),
        "closeDate": kind("date", required=True),
        "description": kind("text"),
        "contacts": links("Contact"),
        **stamps(),
        "campaign": link("Campaign"),
        "streamUpdatedAt": kind("datetime", readOnly=True),
    },
    stream=True,
    children={"calls": ("Call", "parent"), "meetings": ("Meeting", "parent"), "tasks": ("Task", "parent")},
)  # fmt: skip


def _event(name: str, statuses: tuple[str, ...]) -> Entity:
    is_call = name == "Call"
    moment = "datetime" if is_call else "datetimeOptional"
    status = {"status": "None"}
    return Entity(
        name,
        {
            "name": named(255, required=True),
            "status": enum(*statuses, default=statuses[0], audited=True),
            "dateStart": kind(moment, required=True, audited=True),
            "dateEnd": kind(moment, required=is_call),
            **({} if is_call else {"isAllDay": kind("bool")}),
            "duration": kind("duration", readOnly=True),
            "reminders": kind("jsonArray", readOnly=True),
            **(
                {"direction": enum("Outbound", "Inbound", default="Outbound", required=True)}
                if is_call
                else {}
            ),
            "description": kind("text"),
            "parent": kind("linkParent", entityList=PARENTS),
            "account": link("Account", readOnly=True),
            "users": links("User", columns=status),
            "contacts": links("Contact", columns=status),
            "leads": links("Lead", columns=status),
            **stamps(required=True),
        },
        order_by="dateStart",
    )


CALL = _event("Call", ("Planned", "Held", "Not Held"))
MEETING = _event("Meeting", ("Planned", "Held", "Not Held"))

TASK = Entity(
    "Task",
    {
        "name": named(255, required=True),
        "status": enum("Not Started", "Started", "Completed", "Canceled", "Deferred", default="Not Started"),
        "priority": enum("Low", "Normal", "High", "Urgent", default="Normal"),
        "dateStart": kind("datetimeOptional"),
        "dateEnd": kind("datetimeOptional", audited=True),
        "dateCompleted": kind("datetime", readOnly=True),
        "isOverdue": kind("bool", readOnly=True),
        "reminders": kind("jsonArray", readOnly=True),
        "description": kind("text"),
        "parent": kind("linkParent", entityList=PARENTS),
        "account": link("Account", readOnly=True),
        "contact": link("Contact", readOnly=True),
        **stamps(required=True),
        "attachments": links("Attachment"),
        "streamUpdatedAt": kind("datetime", readOnly=True),
    },
    stream=True,
    versioned=True,
)

ALL = [LEAD, CONTACT, ACCOUNT, OPPORTUNITY, CALL, MEETING, TASK, *OTHERS]
