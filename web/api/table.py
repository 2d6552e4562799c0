"""Every endpoint there is, in the order in which they are documented."""

from aiohttp import web

from web.api.areas import (
    activities,
    contacts,
    crm,
    custom_fields,
    customers,
    entry,
    files,
    leads,
    loyalty,
    many_leads,
    members,
    pipelines,
    privacy,
    stages,
    transactions,
    webhooks,
)
from web.api.endpoint import Endpoint
from web.api.entering import serve_open
from web.api.serving import serve

AREAS = (
    leads, many_leads, contacts, stages, activities, customers, pipelines, custom_fields, members, files, crm,
    entry, webhooks, privacy, transactions, loyalty,
)  # fmt: skip
ENDPOINTS: tuple[Endpoint, ...] = tuple(one for area in AREAS for one in area.ENDPOINTS)
UUID_PATTERN = "[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"


def route(endpoint: Endpoint) -> str:
    """The path as aiohttp matches it: what is no UUID is an address we do not have."""
    path = endpoint.path
    for name in endpoint.places:
        path = path.replace(f"{{{name}}}", f"{{{name}:{UUID_PATTERN}}}")
    return path


def add_routes(router: web.UrlDispatcher) -> None:
    """Every endpoint at its path."""
    for endpoint in ENDPOINTS:
        handler = serve_open(endpoint) if endpoint.open else serve(endpoint)
        if endpoint.writes:
            router.add_route(endpoint.method, route(endpoint), handler)
        else:
            router.add_get(route(endpoint), handler)
