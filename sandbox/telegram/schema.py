"""A call's parameters, checked against aiogram's own method models.

Telegram itself ignores parameters it does not know; the stand-in refuses them, because in a test a
misspelled parameter is a mistake.
"""

from __future__ import annotations

import inspect
import json
from functools import cache
from typing import Any, get_args

import aiogram.methods
from aiogram.methods.base import TelegramMethod
from aiogram.types import (
    ForceReply,
    InlineKeyboardMarkup,
    InputFile,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
)
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from .errors import ApiError, Json, bad_request

Model = type[TelegramMethod[Any]]

# The model of a reply markup is told by its distinguishing field.
MARKUPS: dict[str, type[BaseModel]] = {
    "inline_keyboard": InlineKeyboardMarkup,
    "keyboard": ReplyKeyboardMarkup,
    "remove_keyboard": ReplyKeyboardRemove,
    "force_reply": ForceReply,
}
MARKUP_NAMES = ", ".join(MARKUPS)
# What Telegram says of a required parameter that is absent, where it is not the general sentence.
ABSENT = {
    "chat_id": "chat_id is empty",
    "text": "message text is empty",
    "message_id": "message identifier is not specified",
    "message_ids": "message identifiers are not specified",
    "document": "there is no document in the request",
    "photo": "there is no photo in the request",
    "voice": "there is no voice in the request",
    "sticker": "there is no sticker in the request",
    "file_id": "file_id not specified",
    "action": "wrong parameter action in request",
    "callback_query_id": "query is too old and response timeout expired or query ID is invalid",
}


@cache
def models() -> dict[str, Model]:
    """Every method aiogram knows, by its name in lower case (Telegram does not mind the case)."""
    found: dict[str, Model] = {}
    for _, model in inspect.getmembers(aiogram.methods, inspect.isclass):
        if issubclass(model, TelegramMethod) and model is not TelegramMethod:
            found[model.__api_method__.lower()] = model
    return found


@cache
def _is_nested(annotation: Any) -> bool:
    """Does the type hold a list or an object, which a form carries as JSON?"""
    if inspect.isclass(annotation) and issubclass(annotation, BaseModel):
        return not issubclass(annotation, InputFile)
    if getattr(annotation, "__origin__", None) is list:
        return True
    return any(_is_nested(part) for part in get_args(annotation) if not isinstance(part, str))


def _type_of(field: FieldInfo) -> Any:
    return field.annotation


def _decoded(model: Model, raw: Json) -> Json:
    values: Json = {}
    for name, value in raw.items():
        field = model.model_fields.get(name)
        if field is not None and isinstance(value, str) and _is_nested(_type_of(field)):
            try:
                value = json.loads(value)
            except ValueError as error:
                raise bad_request(f"can't parse {name.replace('_', ' ')} JSON object") from error
        values[name] = value
    return values


def _unknown(value: object, path: str) -> str | None:
    """The path of the first field that aiogram's models do not have."""
    if isinstance(value, BaseModel):
        if value.model_extra:
            return f"{path}.{next(iter(value.model_extra))}"
        return next(
            (u for n in value.model_fields_set if (u := _unknown(getattr(value, n), f"{path}.{n}"))), None
        )
    if isinstance(value, list):
        return next((u for i, item in enumerate(value) if (u := _unknown(item, f"{path}[{i}]"))), None)
    return None


def _complaint(error: ValidationError) -> ApiError:
    first = error.errors(include_url=False)[0]
    path = ".".join(str(part) for part in first["loc"])
    if first["type"] == "missing" and len(first["loc"]) == 1:
        return bad_request(ABSENT.get(path, f'parameter "{path}" is required'))
    return bad_request(f'parameter "{path}": {first["msg"]}')


def _with_button_objects(markup: Json) -> Json:
    """A reply keyboard's button may be a bare String; aiogram knows only the object."""
    rows = markup["keyboard"]
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad_request('field "keyboard" must be an Array of Arrays')
    objects = [[{"text": key} if isinstance(key, str) else key for key in row] for row in rows]
    return {**markup, "keyboard": objects}


def _markup(value: object) -> BaseModel:
    if not isinstance(value, dict):
        raise bad_request("object expected as reply markup")
    for name, model in MARKUPS.items():
        if name in value:
            return model.model_validate(_with_button_objects(value) if name == "keyboard" else value)
    raise bad_request(f"reply markup has none of the fields {MARKUP_NAMES}")


def _plain(value: object) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", exclude_unset=True, exclude_none=True)
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value


def checked(model: Model, raw: Json) -> Json:
    """The parameters as plain JSON values of the right types, only those given.

    Raises ApiError 400 for unknown, missing or wrongly typed parameters, nested ones included.
    """
    values = _decoded(model, {name: value for name, value in raw.items() if value is not None})
    unknown = [name for name in values if name not in model.model_fields]
    if unknown:
        raise bad_request(f'unknown parameter "{unknown[0]}" of {model.__api_method__}')
    markup = values.pop("reply_markup", None)
    try:
        found = model.model_validate(values)
        keyboard = None if markup is None else _markup(markup)
    except ValidationError as error:
        raise _complaint(error) from error
    params: Json = {name: getattr(found, name) for name in values}
    if keyboard is not None:
        params["reply_markup"] = keyboard
    for name, value in params.items():
        if path := _unknown(value, name):
            raise bad_request(f'unknown field "{path}" in {model.__api_method__}')
    return {name: _plain(value) for name, value in params.items()}
