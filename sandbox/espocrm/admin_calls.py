"""What an administrator calls: settings, fields, entity types and keys."""

from sandbox.espocrm import admin, metadata
from sandbox.espocrm.answers import Answer, refusal
from sandbox.espocrm.calls import Call


def settings(call: Call) -> Answer:
    return Answer(metadata.settings(call.state))


def change_settings(call: Call) -> Answer:
    admin.require_admin(call.actor)
    return Answer(admin.change_settings(call.state, call.body))


def patch_settings(call: Call) -> Answer:
    if not call.state.is_10:
        raise refusal(404, "Action PATCH 'patch' does not exist in controller 'Settings'.")
    return change_settings(call)


def field_create(call: Call) -> Answer:
    admin.require_admin(call.actor)
    return Answer(admin.create_field(call.state, call.entity, call.body))


def field_read(call: Call) -> Answer:
    admin.require_admin(call.actor)
    return Answer(admin.read_field(call.state, call.entity, call.args[1]))


def field_change(call: Call) -> Answer:
    admin.require_admin(call.actor)
    return Answer(admin.change_field(call.state, call.entity, call.args[1], call.body))


def field_delete(call: Call) -> Answer:
    admin.require_admin(call.actor)
    return Answer(admin.delete_field(call.state, call.entity, call.args[1]))


def entity_create(call: Call) -> Answer:
    admin.require_admin(call.actor)
    return Answer(admin.create_entity(call.state, call.body))


def entity_update(call: Call) -> Answer:
    admin.require_admin(call.actor)
    return Answer(admin.update_entity(call.state, call.body))


def entity_reset(call: Call) -> Answer:
    admin.require_admin(call.actor)
    return Answer(admin.reset_entity(call.state, str(call.body.get("scope"))))


def new_key(call: Call) -> Answer:
    admin.require_admin(call.actor)
    return Answer(admin.new_key(call.state, str(call.body.get("id"))))
