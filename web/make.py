"""Make.com's door: the secret in a header names the organization."""

from aiohttp import web

from domain.errors import WebhookRefused
from locales import N_
from web.bodies import JSON_TYPES, decode, printable, read
from web.errors import NOT_AN_OBJECT, UNSUPPORTED, Answer, Refusal
from web.services import SERVICES

SECRET = "X-Webhook-Secret"  # noqa: S105  (a header's name)
LONGEST = 200
WRONG_SECRET = Answer(
    401, "webhook_secret_wrong", N_("This X-Webhook-Secret is missing, is not ours or has been replaced.")
)


def shown_secret(request: web.Request) -> str:
    return printable(request.headers.get(SECRET, "").strip())[:LONGEST]


async def take(request: web.Request) -> web.Response:
    """POST /api/leads/webhook: 201 with what was made, 409 with the id of the lead that has the e-mail."""
    make = request.app[SERVICES].services.make_leads
    try:
        hook = await make.admit(shown_secret(request))
    except WebhookRefused:
        raise Refusal(WRONG_SECRET) from None
    if request.content_type not in JSON_TYPES:
        raise Refusal(UNSUPPORTED)
    body = await read(request)
    if not isinstance(decode(body), dict):
        raise Refusal(NOT_AN_OBJECT)
    made = await make.take(hook, body)
    return web.json_response(
        {
            "success": True,
            "lead_id": str(made.lead_id),
            "number": made.number,
            "stage_id": str(made.stage_id),
            "contact_id": str(made.contact_id) if made.contact_id else None,
            "activity_id": str(made.activity_id) if made.activity_id else None,
        },
        status=201,
    )


async def health(request: web.Request) -> web.Response:
    """GET /api/leads/webhook/health: 503 while nothing can be taken. Whoever shows a secret learns whether
    it is good, 401 where it is not."""
    services = request.app[SERVICES].services
    readiness = await services.health.ready()
    if not readiness.ready:
        return web.json_response({"status": "not_ready"}, status=503)
    if not shown_secret(request):
        return web.json_response({"status": "ok"})
    try:
        await services.make_leads.admit(shown_secret(request))
    except WebhookRefused:
        raise Refusal(WRONG_SECRET) from None
    return web.json_response({"status": "ok", "secret": "accepted"})


def add_routes(router: web.UrlDispatcher) -> None:
    router.add_post("/api/leads/webhook", take)
    router.add_get("/api/leads/webhook/health", health)
