"""Conversations that follow."""

from aiogram import Router


def routes() -> Router:
    return Router()
