"""Webhooks that we send: subscriptions, their secrets, and the log of deliveries."""

from uuid import UUID

from web.api.endpoint import CREATED, Call, Endpoint
from web.api.models.base import Page, page_of
from web.api.models.webhooks import (
    DeliveriesAsked,
    SentAnew,
    WebhookChange,
    WebhookDeliveryDetail,
    WebhookDeliveryOut,
    WebhookDetail,
    WebhookIn,
    WebhookList,
    WebhookMade,
    delivery_detail,
    delivery_out,
    webhook_detail,
    webhook_made,
    webhook_out,
)

TAG = "webhooks"
FIELDS = {"hook_name": "name", "hook_url": "url", "hook_events": "events", "hooks": "body"}


async def browse(call: Call) -> WebhookList:
    found = [webhook_out(one) for one in await call.services.hooks_out.browse(call.member)]
    return WebhookList(items=found, total=len(found))


async def _detail(call: Call, hook_id: UUID) -> WebhookDetail:
    hook, url = await call.services.hooks_out.get(call.member, hook_id)
    return webhook_detail(hook, url, await call.services.hook_log.counts(call.member, hook_id))


async def get(call: Call) -> WebhookDetail:
    return await _detail(call, call.id)


async def create(call: Call) -> WebhookMade:
    given = call.given(WebhookIn)
    made, secret = await call.services.hooks_out.make(call.member, given.name, given.url, given.events)
    hook, url = await call.services.hooks_out.get(call.member, made.id)
    return webhook_made(hook, url, {}, secret)


async def change(call: Call) -> WebhookDetail:
    given = call.given(WebhookChange)
    await call.services.hooks_out.change(
        call.member, call.id, name=given.name, address=given.url, events=given.events
    )
    return await get(call)


async def delete(call: Call) -> None:
    await call.services.hooks_out.remove(call.member, call.id)


async def rotate(call: Call) -> WebhookMade:
    _, secret = await call.services.hooks_out.rotate(call.member, call.id)
    hook, url = await call.services.hooks_out.get(call.member, call.id)
    return webhook_made(hook, url, await call.services.hook_log.counts(call.member, call.id), secret)


async def pause(call: Call) -> WebhookDetail:
    await call.services.hooks_out.pause(call.member, call.id)
    return await get(call)


async def resume(call: Call) -> WebhookDetail:
    await call.services.hooks_out.resume(call.member, call.id)
    return await get(call)


async def test(call: Call) -> WebhookDeliveryDetail:
    owed = await call.services.hook_log.owe_test(call.member, call.id, "api")
    return delivery_detail(await call.services.hook_log.send_test(call.member, owed.id))


async def deliveries(call: Call) -> Page[WebhookDeliveryOut]:
    asked = call.asked(DeliveriesAsked)
    found, total = await call.services.hook_log.page(call.member, call.id, asked.page - 1, asked.limit)
    return Page[WebhookDeliveryOut](**page_of([delivery_out(one) for one in found], total, asked))


async def replay_failed(call: Call) -> SentAnew:
    return SentAnew(count=await call.services.hook_log.replay_failed(call.member, call.id))


async def delivery(call: Call) -> WebhookDeliveryDetail:
    return delivery_detail(await call.services.hook_log.get(call.member, call.id))


async def replay(call: Call) -> WebhookDeliveryDetail:
    return delivery_detail(await call.services.hook_log.replay(call.member, call.id))


ALL, ONE, DELIVERY = "/api/webhooks", "/api/webhooks/{id}", "/api/webhook-deliveries/{id}"
READ, WRITE = "webhooks:read", "webhooks:write"

ENDPOINTS = (
    Endpoint("list_webhooks", "GET", ALL, READ, browse, TAG, "Webhooks, the newest first",
             answer=WebhookList),
    Endpoint("create_webhook", "POST", ALL, WRITE, create, TAG, "A new webhook; its secret is told once",
             answer=WebhookMade, body=WebhookIn, status=CREATED, fields=FIELDS, place=ONE, once="secret"),
    Endpoint("get_webhook", "GET", ONE, READ, get, TAG, "One webhook with its address", answer=WebhookDetail),
    Endpoint("patch_webhook", "PATCH", ONE, WRITE, change, TAG,
             "Another name, address or other events; what is owed goes to the new address",
             answer=WebhookDetail, body=WebhookChange, fields=FIELDS),
    Endpoint("delete_webhook", "DELETE", ONE, WRITE, delete, TAG, "Remove a webhook with its log",
             status=204),
    Endpoint("rotate_webhook_secret", "POST", f"{ONE}/secret", WRITE, rotate, TAG,
             "A new secret, told once; the one before signs along for a day", answer=WebhookMade,
             once="secret"),
    Endpoint("pause_webhook", "POST", f"{ONE}/pause", WRITE, pause, TAG,
             "Send nothing; what happens meanwhile waits", answer=WebhookDetail),
    Endpoint("resume_webhook", "POST", f"{ONE}/resume", WRITE, resume, TAG,
             "Send again, also where we had switched it off", answer=WebhookDetail),
    Endpoint("test_webhook", "POST", f"{ONE}/test", WRITE, test, TAG,
             "Send a test message now, and tell what came of it", answer=WebhookDeliveryDetail,
             outside=True),
    Endpoint("list_webhook_deliveries", "GET", f"{ONE}/deliveries", READ, deliveries, TAG,
             "The log of 30 days, the newest first", answer=Page[WebhookDeliveryOut], query=DeliveriesAsked),
    Endpoint("replay_webhook", "POST", f"{ONE}/replay", WRITE, replay_failed, TAG,
             "Send all that failed once more", answer=SentAnew),
    Endpoint("get_webhook_delivery", "GET", DELIVERY, READ, delivery, TAG, "One delivery with its body",
             answer=WebhookDeliveryDetail),
    Endpoint("replay_webhook_delivery", "POST", f"{DELIVERY}/replay", WRITE, replay, TAG,
             "Send one that has ended once more", answer=WebhookDeliveryDetail),
)  # fmt: skip
