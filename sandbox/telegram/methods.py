"""The table of methods, and the one way to call them."""

from __future__ import annotations

from . import methods_bot, methods_chat, methods_edit, methods_media, methods_send
from .api import Api, Call, Method
from .errors import ApiError, Json, bad_request
from .files import Upload
from .schema import checked, models

METHODS: dict[str, Method] = {
    name.lower(): method
    for module in (methods_bot, methods_send, methods_media, methods_edit, methods_chat)
    for name, method in module.METHODS.items()
}


def prepared(api: Api, name: str, params: Json, uploads: dict[str, Upload]) -> tuple[Method, Call]:
    """The method and its checked call. Raises ApiError 404 or 400."""
    model = models().get(name.lower())
    if model is None:
        raise ApiError(404, "Not Found: method not found")
    method = METHODS.get(name.lower())
    if method is None:
        raise bad_request(f"method {model.__api_method__} exists in Telegram but not in this stand-in")
    # A file uploaded under the parameter's own name counts as that parameter.
    own = {field: f"attach://{field}" for field in uploads if field in model.model_fields}
    return method, Call(api, checked(model, own | params), uploads)
