"""Kinds of pushes that edit the message which shows their slot."""

EDITS_IN_PLACE = frozenset({"lead.card", "team.card"})
"""Only bring a message up to date; where there is none, nothing is sent."""

RECEIPTS = frozenset(
    {
        "announcement.card",
        "bulk.progress",
        "crm.conflict",
        "crm.deleted",
        "crm.failed",
        "crm.switch",
        "export.progress",
        "import.progress",
        "entry.burst",
        "member.rights",
        "member.wish",
        "receipt",
        "transactions.progress",
    }
)
"""Edit the slot's message if there is one, otherwise send it."""
