"""The people of the organization, and whom the key acts for."""

from domain.members import Role
from web.api.endpoint import Call, Endpoint
from web.api.models.around import MemberChange, MemberOut, MembersAsked, WhoAmI, member_out
from web.api.models.base import Page, page_of

TAG = "members"


async def me(call: Call) -> WhoAmI:
    key = call.caller.key
    return WhoAmI(
        organization_id=call.member.organization_id,
        organization_name=call.member.organization_name,
        key_id=key.id,
        key_name=key.name,
        scopes=list(key.scopes),
        expires_at=key.expires_at,
        member=member_out(call.member),
    )


async def browse(call: Call) -> Page[MemberOut]:
    asked = call.asked(MembersAsked)
    role = Role(asked.role) if asked.role else None
    found = await call.services.people.browse(call.member, role, asked.search, asked.page - 1, asked.limit)
    # a list in the chat shows its last page for one behind it
    shown = found.members if asked.offset < max(found.total, 1) else ()
    return Page[MemberOut](**page_of([member_out(one) for one in shown], found.total, asked))


async def get(call: Call) -> MemberOut:
    return member_out(await call.services.members.get(call.member, call.id))


async def change(call: Call) -> MemberOut:
    given, standing = call.given(MemberChange), call.services.standing
    if given.role is not None:
        await standing.set_role(call.member, call.id, Role(given.role))
    if given.suspended is True:
        await standing.suspend(call.member, call.id)
    elif given.suspended is False:
        await standing.restore(call.member, call.id)
    return await get(call)


ONE = "/api/members/{id}"

ENDPOINTS = (
    Endpoint("who_am_i", "GET", "/api/me", "", me, TAG, "For whom the key acts", answer=WhoAmI),
    Endpoint(
        "list_members", "GET", "/api/members", "members:read", browse, TAG, "Members, by pages",
        answer=Page[MemberOut], query=MembersAsked,
    ),
    Endpoint("get_member", "GET", ONE, "members:read", get, TAG, "One member", answer=MemberOut),
    Endpoint(
        "patch_member", "PATCH", ONE, "members:write", change, TAG, "Give a role, or pause somebody",
        answer=MemberOut, body=MemberChange,
    ),
)  # fmt: skip
