"""Where a request came from."""

from ipaddress import ip_address

from aiohttp import web

from web.services import ApiDoor


def address_of(request: web.Request, door: ApiDoor) -> str:
    """Who called our outermost proxy; whoever called us where it is no proxy of ours."""
    address = request.remote or ""
    told = [one.strip() for one in request.headers.get("X-Forwarded-For", "").split(",") if one.strip()]
    while told and _is_proxy(address, door):
        address = told.pop()
    return address


def _is_proxy(address: str, door: ApiDoor) -> bool:
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    return any(ip in network for network in door.proxies)
