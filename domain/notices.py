"""Kinds of pushes, and which of them edit the message that shows their slot.

- lead.new       a card for everybody who may take it (slot lead:<id>)
- lead.card      a pushed or an opened card brought up to date in place, silently (slots lead:, open:<id>)
- lead.stage     the sender learns of a stage change
- lead.message   a line in the thread between sender and assignee
- lead.attached  something came in for a lead that exists (comment, repeated form)
- lead.asked     a sender asks the responsible manager about a duplicate
- receipt        the sender's self-editing receipt (slot receipt:<id>)
- member.wish    admins are asked to approve a person (slot member:<id>)
- member.decided the person learns of the decision
- crm.failed     admins learn of an operation that needs them (slot operation:<id>)
- crm.login      a member learns what came of signing in to a CRM in the browser
- hook.old_secret  admins learn that a hook's secret has grown old
- crm.outage, crm.recovered  the CRM has not worked for several calls in a row, for admins; it works again
- lead.followed, crm.conflict, crm.deleted, crm.merged: see services/two_ways/notices.py
- plan.due       a reminder of a planned activity, to who is responsible for it
- plan.given     an activity was handed to the member
- team.lead, team.card  a lead in a group (slot team:<id>), with those that came right after it
- team.changed   admins learn that a group was lost or has become another
- member.changed, member.rights, member.gone  about one's own place and rights; to admins, of people who go
- announcement, announcement.card  from an admin to roles; and to that admin, how far it has got
- digest         the day in figures, to members and teams who asked for it
- crm.switch     the moving bar of a move between CRMs (slot switch:<id>)
- bulk.progress, bulk.assigned  the bar of a change of many leads (slot bulk:<id>); whoever got many learns so
- lead.given     somebody got a lead by the rules or from a colleague (slot lead:<id>)
- lead.passed    and whoever had it learns that it is not theirs any more
- lead.shared    somebody got many leads by the rules; params: see domain/lead_query.told_by
- lead.late      nobody has answered a lead in time (slot lead:<id>)
- lead.freed     those who manage learn what became of the leads of somebody who is gone or away
- hook.disabled  admins learn that a webhook of ours was switched off: nothing got through
- entry.burst    admins learn that somebody guesses at a door (slot burst:<id>)
- entry.factor_reset  an owner, or whoever runs the server, has turned off the member's second factor
- entry.factor_picture  the picture with the key of a second factor goes away (slot factor:<moment>)
- audit.broken   owners learn that the record of actions does not hold (services/audit/chain.py)
- transactions.*, loyalty.not_told: see services/transactions/ and services/loyalty/telling.py
- update.parked  admins learn that what somebody did broke on our side
- summary        what waited for the end of quiet hours, or came in a burst
"""

EDITS_IN_PLACE = frozenset({"entry.factor_picture", "lead.card", "team.card"})
"""Only bring a message up to date, or take it away; where there is none, nothing is sent."""

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

EDITING = EDITS_IN_PLACE | RECEIPTS
"""All that look for a message to edit; what is of another kind always is a new message."""
