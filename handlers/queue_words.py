"""What waits in each queue, in words."""

from collections.abc import Mapping

from locales import N_

QUEUES: Mapping[str, str] = {
    "updates": N_("messages from people"),
    "operations": N_("to the CRM"),
    "inbox": N_("from the CRM and forms"),
    "notices": N_("messages to people"),
    "hooks": N_("webhooks of ours"),
}
