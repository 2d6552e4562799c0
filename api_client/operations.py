"""A method an operation. Written by web/api/client.py."""

from typing import cast

from api_client import models
from api_client.transport import Transport


class Operations(Transport):
    """Every operation of the API. `if_match` is the ETag that the record must still have."""

    async def list_leads(
        self,
        *,
        page: int | None = None,
        limit: int | None = None,
        search: str | None = None,
        stage_id: str | None = None,
        pipeline_id: str | None = None,
        assigned_to: str | None = None,
        unassigned: bool | None = None,
        sender_id: str | None = None,
        mine: bool | None = None,
        segment: str | None = None,
        product: str | None = None,
        region: str | None = None,
        source: str | None = None,
        tag: list[str] | None = None,
        created_from: str | None = None,
        created_to: str | None = None,
        amount_from: float | str | None = None,
        amount_to: float | str | None = None,
        no_next_step: bool | None = None,
        sort: str | None = None,
    ) -> models.Page_LeadOut:
        """Leads, by pages."""
        answer = await self.call(
            "GET",
            "/api/leads",
            query={
                "page": page,
                "limit": limit,
                "search": search,
                "stage_id": stage_id,
                "pipeline_id": pipeline_id,
                "assigned_to": assigned_to,
                "unassigned": unassigned,
                "sender_id": sender_id,
                "mine": mine,
                "segment": segment,
                "product": product,
                "region": region,
                "source": source,
                "tag": tag,
                "created_from": created_from,
                "created_to": created_to,
                "amount_from": amount_from,
                "amount_to": amount_to,
                "no_next_step": no_next_step,
                "sort": sort,
            },
        )
        return cast(models.Page_LeadOut, answer.json())

    async def create_lead(
        self, body: models.LeadIn | None = None, *, idempotency_key: str = ""
    ) -> models.LeadDetail:
        """A new lead."""
        answer = await self.call(
            "POST", "/api/leads", body=body if body is not None else {}, idempotency_key=idempotency_key
        )
        return cast(models.LeadDetail, answer.json())

    async def get_lead(self, id: str) -> models.LeadDetail:
        """One lead with its people."""
        answer = await self.call("GET", f"/api/leads/{id}")
        return cast(models.LeadDetail, answer.json())

    async def update_lead(
        self, id: str, body: models.LeadChange | None = None, *, if_match: str = "", idempotency_key: str = ""
    ) -> models.LeadDetail:
        """Change fields of a lead."""
        answer = await self.call(
            "PUT",
            f"/api/leads/{id}",
            body=body if body is not None else {},
            if_match=if_match,
            idempotency_key=idempotency_key,
        )
        return cast(models.LeadDetail, answer.json())

    async def patch_lead(
        self, id: str, body: models.LeadChange | None = None, *, if_match: str = "", idempotency_key: str = ""
    ) -> models.LeadDetail:
        """Change fields of a lead."""
        answer = await self.call(
            "PATCH",
            f"/api/leads/{id}",
            body=body if body is not None else {},
            if_match=if_match,
            idempotency_key=idempotency_key,
        )
        return cast(models.LeadDetail, answer.json())

    async def delete_lead(self, id: str, *, if_match: str = "", idempotency_key: str = "") -> None:
        """Delete a lead; it can be restored for 30 days."""
        await self.call("DELETE", f"/api/leads/{id}", if_match=if_match, idempotency_key=idempotency_key)
        return None

    async def restore_lead(self, id: str, *, idempotency_key: str = "") -> models.LeadOut:
        """Bring a deleted lead back."""
        answer = await self.call("POST", f"/api/leads/{id}/restore", idempotency_key=idempotency_key)
        return cast(models.LeadOut, answer.json())

    async def assign_lead(
        self, id: str, body: models.Assign, *, if_match: str = "", idempotency_key: str = ""
    ) -> models.LeadOut:
        """Make somebody responsible, or nobody."""
        answer = await self.call(
            "PUT", f"/api/leads/{id}/assign", body=body, if_match=if_match, idempotency_key=idempotency_key
        )
        return cast(models.LeadOut, answer.json())

    async def take_lead(self, id: str, *, if_match: str = "", idempotency_key: str = "") -> models.LeadOut:
        """Become responsible for a free lead."""
        answer = await self.call(
            "POST", f"/api/leads/{id}/take", if_match=if_match, idempotency_key=idempotency_key
        )
        return cast(models.LeadOut, answer.json())

    async def move_lead(
        self, id: str, body: models.MoveTo, *, if_match: str = "", idempotency_key: str = ""
    ) -> models.LeadOut:
        """Put a lead on a stage."""
        answer = await self.call(
            "PUT", f"/api/leads/{id}/stage", body=body, if_match=if_match, idempotency_key=idempotency_key
        )
        return cast(models.LeadOut, answer.json())

    async def qualify_lead(
        self, id: str, *, if_match: str = "", idempotency_key: str = ""
    ) -> models.Qualified:
        """Make a lead a customer, once."""
        answer = await self.call(
            "POST", f"/api/leads/{id}/qualify", if_match=if_match, idempotency_key=idempotency_key
        )
        return cast(models.Qualified, answer.json())

    async def create_leads(self, body: models.BatchIn, *, idempotency_key: str = "") -> models.BatchOut:
        """Many new leads, each stored or refused by itself."""
        answer = await self.call("POST", "/api/leads/batch", body=body, idempotency_key=idempotency_key)
        return cast(models.BatchOut, answer.json())

    async def change_leads(self, body: models.BulkIn, *, idempotency_key: str = "") -> models.BulkOut:
        """Change many leads; more than fifty are worked off in the background."""
        answer = await self.call("POST", "/api/leads/bulk", body=body, idempotency_key=idempotency_key)
        return cast(models.BulkOut, answer.json())

    async def get_bulk(self, id: str) -> models.BulkOut:
        """How far a change of many has come."""
        answer = await self.call("GET", f"/api/leads/bulk/{id}")
        return cast(models.BulkOut, answer.json())

    async def undo_bulk(self, id: str, *, idempotency_key: str = "") -> models.BulkOut:
        """Take a change of many back."""
        answer = await self.call("POST", f"/api/leads/bulk/{id}/undo", idempotency_key=idempotency_key)
        return cast(models.BulkOut, answer.json())

    async def cancel_bulk(self, id: str, *, idempotency_key: str = "") -> models.BulkOut:
        """Stop a change of many; what is done stays."""
        answer = await self.call("POST", f"/api/leads/bulk/{id}/cancel", idempotency_key=idempotency_key)
        return cast(models.BulkOut, answer.json())

    async def export_leads(
        self,
        *,
        search: str | None = None,
        stage_id: str | None = None,
        pipeline_id: str | None = None,
        assigned_to: str | None = None,
        unassigned: bool | None = None,
        sender_id: str | None = None,
        mine: bool | None = None,
        segment: str | None = None,
        product: str | None = None,
        region: str | None = None,
        source: str | None = None,
        tag: list[str] | None = None,
        created_from: str | None = None,
        created_to: str | None = None,
        amount_from: float | str | None = None,
        amount_to: float | str | None = None,
        no_next_step: bool | None = None,
        format: str | None = None,
    ) -> bytes:
        """Leads as a file."""
        answer = await self.call(
            "GET",
            "/api/leads/export",
            query={
                "search": search,
                "stage_id": stage_id,
                "pipeline_id": pipeline_id,
                "assigned_to": assigned_to,
                "unassigned": unassigned,
                "sender_id": sender_id,
                "mine": mine,
                "segment": segment,
                "product": product,
                "region": region,
                "source": source,
                "tag": tag,
                "created_from": created_from,
                "created_to": created_to,
                "amount_from": amount_from,
                "amount_to": amount_to,
                "no_next_step": no_next_step,
                "format": format,
            },
        )
        return answer.content

    async def list_contacts(self, lead_id: str) -> models.ContactList:
        """Contacts of a lead, the primary one first."""
        answer = await self.call("GET", f"/api/lead-contacts/lead/{lead_id}")
        return cast(models.ContactList, answer.json())

    async def create_contact(
        self, lead_id: str, body: models.ContactIn | None = None, *, idempotency_key: str = ""
    ) -> models.ContactOut:
        """A new contact of a lead."""
        answer = await self.call(
            "POST",
            f"/api/lead-contacts/lead/{lead_id}",
            body=body if body is not None else {},
            idempotency_key=idempotency_key,
        )
        return cast(models.ContactOut, answer.json())

    async def get_contact(self, id: str) -> models.ContactOut:
        """One contact."""
        answer = await self.call("GET", f"/api/lead-contacts/{id}")
        return cast(models.ContactOut, answer.json())

    async def update_contact(
        self,
        id: str,
        body: models.ContactChange | None = None,
        *,
        if_match: str = "",
        idempotency_key: str = "",
    ) -> models.ContactOut:
        """Change fields of a contact."""
        answer = await self.call(
            "PUT",
            f"/api/lead-contacts/{id}",
            body=body if body is not None else {},
            if_match=if_match,
            idempotency_key=idempotency_key,
        )
        return cast(models.ContactOut, answer.json())

    async def patch_contact(
        self,
        id: str,
        body: models.ContactChange | None = None,
        *,
        if_match: str = "",
        idempotency_key: str = "",
    ) -> models.ContactOut:
        """Change fields of a contact."""
        answer = await self.call(
            "PATCH",
            f"/api/lead-contacts/{id}",
            body=body if body is not None else {},
            if_match=if_match,
            idempotency_key=idempotency_key,
        )
        return cast(models.ContactOut, answer.json())

    async def delete_contact(self, id: str, *, if_match: str = "", idempotency_key: str = "") -> None:
        """Take a contact off its lead."""
        await self.call(
            "DELETE", f"/api/lead-contacts/{id}", if_match=if_match, idempotency_key=idempotency_key
        )
        return None

    async def set_primary_contact(
        self, id: str, *, if_match: str = "", idempotency_key: str = ""
    ) -> models.ContactOut:
        """Make a contact the primary one."""
        answer = await self.call(
            "PATCH",
            f"/api/lead-contacts/{id}/set-primary",
            if_match=if_match,
            idempotency_key=idempotency_key,
        )
        return cast(models.ContactOut, answer.json())

    async def list_stages(self, *, pipeline_id: str | None = None) -> models.StageList:
        """Stages in their order."""
        answer = await self.call("GET", "/api/lead-stages", query={"pipeline_id": pipeline_id})
        return cast(models.StageList, answer.json())

    async def create_stage(self, body: models.StageIn, *, idempotency_key: str = "") -> models.StageOut:
        """A new stage."""
        answer = await self.call("POST", "/api/lead-stages", body=body, idempotency_key=idempotency_key)
        return cast(models.StageOut, answer.json())

    async def get_stage(self, id: str) -> models.StageOut:
        """One stage."""
        answer = await self.call("GET", f"/api/lead-stages/{id}")
        return cast(models.StageOut, answer.json())

    async def update_stage(
        self,
        id: str,
        body: models.StageChange | None = None,
        *,
        if_match: str = "",
        idempotency_key: str = "",
    ) -> models.StageOut:
        """Change a stage."""
        answer = await self.call(
            "PUT",
            f"/api/lead-stages/{id}",
            body=body if body is not None else {},
            if_match=if_match,
            idempotency_key=idempotency_key,
        )
        return cast(models.StageOut, answer.json())

    async def patch_stage(
        self,
        id: str,
        body: models.StageChange | None = None,
        *,
        if_match: str = "",
        idempotency_key: str = "",
    ) -> models.StageOut:
        """Change a stage."""
        answer = await self.call(
            "PATCH",
            f"/api/lead-stages/{id}",
            body=body if body is not None else {},
            if_match=if_match,
            idempotency_key=idempotency_key,
        )
        return cast(models.StageOut, answer.json())

    async def delete_stage(self, id: str, *, if_match: str = "", idempotency_key: str = "") -> None:
        """Take a stage out of use; refused while leads stand there."""
        await self.call(
            "DELETE", f"/api/lead-stages/{id}", if_match=if_match, idempotency_key=idempotency_key
        )
        return None

    async def list_activities(
        self,
        *,
        page: int | None = None,
        limit: int | None = None,
        lead_id: str | None = None,
        customer_id: str | None = None,
        type: str | None = None,
        completed: bool | None = None,
        assigned_to: str | None = None,
        created_by: str | None = None,
        date_from: str | None = None,
        date_to: str | None = None,
        sort: str | None = None,
    ) -> models.Page_ActivityOut:
        """Activities, by pages."""
        answer = await self.call(
            "GET",
            "/api/activities",
            query={
                "page": page,
                "limit": limit,
                "lead_id": lead_id,
                "customer_id": customer_id,
                "type": type,
                "completed": completed,
                "assigned_to": assigned_to,
                "created_by": created_by,
                "date_from": date_from,
                "date_to": date_to,
                "sort": sort,
            },
        )
        return cast(models.Page_ActivityOut, answer.json())

    async def create_activity(
        self, body: models.ActivityIn, *, idempotency_key: str = ""
    ) -> models.ActivityOut:
        """Plan an activity, or write down a call or a note."""
        answer = await self.call("POST", "/api/activities", body=body, idempotency_key=idempotency_key)
        return cast(models.ActivityOut, answer.json())

    async def list_my_upcoming(
        self, *, page: int | None = None, limit: int | None = None
    ) -> models.Page_ActivityOut:
        """What lies ahead of the member within seven days, the soonest first."""
        answer = await self.call("GET", "/api/activities/upcoming/my", query={"page": page, "limit": limit})
        return cast(models.Page_ActivityOut, answer.json())

    async def list_my_overdue(
        self, *, page: int | None = None, limit: int | None = None
    ) -> models.Page_ActivityOut:
        """What the member has let pass, the oldest first."""
        answer = await self.call("GET", "/api/activities/overdue/my", query={"page": page, "limit": limit})
        return cast(models.Page_ActivityOut, answer.json())

    async def get_activity(self, id: str) -> models.ActivityOut:
        """One activity."""
        answer = await self.call("GET", f"/api/activities/{id}")
        return cast(models.ActivityOut, answer.json())

    async def update_activity(
        self,
        id: str,
        body: models.ActivityChange | None = None,
        *,
        if_match: str = "",
        idempotency_key: str = "",
    ) -> models.ActivityOut:
        """Change a planned activity."""
        answer = await self.call(
            "PUT",
            f"/api/activities/{id}",
            body=body if body is not None else {},
            if_match=if_match,
            idempotency_key=idempotency_key,
        )
        return cast(models.ActivityOut, answer.json())

    async def patch_activity(
        self,
        id: str,
        body: models.ActivityChange | None = None,
        *,
        if_match: str = "",
        idempotency_key: str = "",
    ) -> models.ActivityOut:
        """Change a planned activity."""
        answer = await self.call(
            "PATCH",
            f"/api/activities/{id}",
            body=body if body is not None else {},
            if_match=if_match,
            idempotency_key=idempotency_key,
        )
        return cast(models.ActivityOut, answer.json())

    async def delete_activity(self, id: str, *, if_match: str = "", idempotency_key: str = "") -> None:
        """Call a planned activity off; reopen brings it back."""
        await self.call("DELETE", f"/api/activities/{id}", if_match=if_match, idempotency_key=idempotency_key)
        return None

    async def complete_activity(
        self, id: str, body: models.Completed | None = None, *, if_match: str = "", idempotency_key: str = ""
    ) -> models.ActivityOut:
        """Mark an activity completed."""
        answer = await self.call(
            "PATCH",
            f"/api/activities/{id}/complete",
            body=body if body is not None else {},
            if_match=if_match,
            idempotency_key=idempotency_key,
        )
        return cast(models.ActivityOut, answer.json())

    async def reopen_activity(
        self, id: str, *, if_match: str = "", idempotency_key: str = ""
    ) -> models.ActivityOut:
        """Open an activity that had ended."""
        answer = await self.call(
            "PATCH", f"/api/activities/{id}/reopen", if_match=if_match, idempotency_key=idempotency_key
        )
        return cast(models.ActivityOut, answer.json())

    async def list_customers(
        self, *, page: int | None = None, limit: int | None = None, search: str | None = None
    ) -> models.Page_CustomerOut:
        """Customers, by pages."""
        answer = await self.call(
            "GET", "/api/customers", query={"page": page, "limit": limit, "search": search}
        )
        return cast(models.Page_CustomerOut, answer.json())

    async def get_customer(self, id: str) -> models.CustomerOut:
        """One customer."""
        answer = await self.call("GET", f"/api/customers/{id}")
        return cast(models.CustomerOut, answer.json())

    async def list_customer_contacts(self, id: str) -> models.CustomerContacts:
        """Contacts of a customer, the primary one first."""
        answer = await self.call("GET", f"/api/customers/{id}/contacts")
        return cast(models.CustomerContacts, answer.json())

    async def patch_customer(
        self,
        id: str,
        body: models.CustomerChange | None = None,
        *,
        if_match: str = "",
        idempotency_key: str = "",
    ) -> models.CustomerOut:
        """Change fields of a customer."""
        answer = await self.call(
            "PATCH",
            f"/api/customers/{id}",
            body=body if body is not None else {},
            if_match=if_match,
            idempotency_key=idempotency_key,
        )
        return cast(models.CustomerOut, answer.json())

    async def list_pipelines(self) -> models.PipelineList:
        """Pipelines in use with their stages, the default one first."""
        answer = await self.call("GET", "/api/pipelines")
        return cast(models.PipelineList, answer.json())

    async def create_pipeline(
        self, body: models.PipelineIn | None = None, *, idempotency_key: str = ""
    ) -> models.PipelineOut:
        """A new pipeline."""
        answer = await self.call(
            "POST", "/api/pipelines", body=body if body is not None else {}, idempotency_key=idempotency_key
        )
        return cast(models.PipelineOut, answer.json())

    async def get_pipeline(self, id: str) -> models.PipelineOut:
        """One pipeline."""
        answer = await self.call("GET", f"/api/pipelines/{id}")
        return cast(models.PipelineOut, answer.json())

    async def patch_pipeline(
        self,
        id: str,
        body: models.PipelineChange | None = None,
        *,
        if_match: str = "",
        idempotency_key: str = "",
    ) -> models.PipelineOut:
        """Change a pipeline."""
        answer = await self.call(
            "PATCH",
            f"/api/pipelines/{id}",
            body=body if body is not None else {},
            if_match=if_match,
            idempotency_key=idempotency_key,
        )
        return cast(models.PipelineOut, answer.json())

    async def delete_pipeline(self, id: str, *, if_match: str = "", idempotency_key: str = "") -> None:
        """Take a pipeline out of use; refused while open leads stand there."""
        await self.call("DELETE", f"/api/pipelines/{id}", if_match=if_match, idempotency_key=idempotency_key)
        return None

    async def get_board(self, id: str) -> models.BoardOut:
        """How many leads stand on each stage, and what they are worth."""
        answer = await self.call("GET", f"/api/pipelines/{id}/board")
        return cast(models.BoardOut, answer.json())

    async def list_custom_fields(self) -> models.FieldList:
        """Fields that the member sees."""
        answer = await self.call("GET", "/api/custom-fields")
        return cast(models.FieldList, answer.json())

    async def create_custom_field(
        self, body: models.FieldIn, *, idempotency_key: str = ""
    ) -> models.FieldOut:
        """A new field."""
        answer = await self.call("POST", "/api/custom-fields", body=body, idempotency_key=idempotency_key)
        return cast(models.FieldOut, answer.json())

    async def get_custom_field(self, id: str) -> models.FieldOut:
        """One field."""
        answer = await self.call("GET", f"/api/custom-fields/{id}")
        return cast(models.FieldOut, answer.json())

    async def patch_custom_field(
        self, id: str, body: models.FieldChange | None = None, *, idempotency_key: str = ""
    ) -> models.FieldOut:
        """Change a field."""
        answer = await self.call(
            "PATCH",
            f"/api/custom-fields/{id}",
            body=body if body is not None else {},
            idempotency_key=idempotency_key,
        )
        return cast(models.FieldOut, answer.json())

    async def delete_custom_field(self, id: str, *, idempotency_key: str = "") -> None:
        """Put a field away; leads keep their values."""
        await self.call("DELETE", f"/api/custom-fields/{id}", idempotency_key=idempotency_key)
        return None

    async def who_am_i(self) -> models.WhoAmI:
        """For whom the key acts."""
        answer = await self.call("GET", "/api/me")
        return cast(models.WhoAmI, answer.json())

    async def list_members(
        self,
        *,
        page: int | None = None,
        limit: int | None = None,
        search: str | None = None,
        role: str | None = None,
    ) -> models.Page_MemberOut:
        """Members, by pages."""
        answer = await self.call(
            "GET", "/api/members", query={"page": page, "limit": limit, "search": search, "role": role}
        )
        return cast(models.Page_MemberOut, answer.json())

    async def get_member(self, id: str) -> models.MemberOut:
        """One member."""
        answer = await self.call("GET", f"/api/members/{id}")
        return cast(models.MemberOut, answer.json())

    async def patch_member(
        self, id: str, body: models.MemberChange | None = None, *, idempotency_key: str = ""
    ) -> models.MemberOut:
        """Give a role, or pause somebody."""
        answer = await self.call(
            "PATCH",
            f"/api/members/{id}",
            body=body if body is not None else {},
            idempotency_key=idempotency_key,
        )
        return cast(models.MemberOut, answer.json())

    async def list_files(
        self, lead_id: str, *, page: int | None = None, limit: int | None = None
    ) -> models.Page_FileOut:
        """Files of a lead, the newest first."""
        answer = await self.call("GET", f"/api/files/lead/{lead_id}", query={"page": page, "limit": limit})
        return cast(models.Page_FileOut, answer.json())

    async def add_file(
        self,
        lead_id: str,
        content: bytes,
        *,
        name: str | None = None,
        field: str | None = None,
        idempotency_key: str = "",
    ) -> models.FileOut:
        """A file for a lead, at most 20 MB: the body as it is, or a form with it."""
        answer = await self.call(
            "POST",
            f"/api/files/lead/{lead_id}",
            query={"name": name, "field": field},
            content=content,
            idempotency_key=idempotency_key,
        )
        return cast(models.FileOut, answer.json())

    async def get_file(self, id: str) -> models.FileOut:
        """What is known of a file."""
        answer = await self.call("GET", f"/api/files/{id}")
        return cast(models.FileOut, answer.json())

    async def get_file_content(self, id: str) -> bytes:
        """The file itself."""
        answer = await self.call("GET", f"/api/files/{id}/content")
        return answer.content

    async def delete_file(self, id: str, *, idempotency_key: str = "") -> None:
        """Take a file off its lead."""
        await self.call("DELETE", f"/api/files/{id}", idempotency_key=idempotency_key)
        return None

    async def list_integrations(self) -> models.IntegrationList:
        """Connections with CRMs, the active one first."""
        answer = await self.call("GET", "/api/integrations")
        return cast(models.IntegrationList, answer.json())

    async def get_integration(self, id: str) -> models.IntegrationOut:
        """One connection."""
        answer = await self.call("GET", f"/api/integrations/{id}")
        return cast(models.IntegrationOut, answer.json())

    async def test_integration(self, id: str) -> models.TestOut:
        """Test a connection; what was blocked goes on where it works."""
        answer = await self.call("POST", f"/api/integrations/{id}/test")
        return cast(models.TestOut, answer.json())

    async def list_operations(
        self,
        *,
        page: int | None = None,
        limit: int | None = None,
        state: str | None = None,
        lead: int | None = None,
    ) -> models.Page_LogEntryOut:
        """What goes to CRMs and what comes from them, the newest first."""
        answer = await self.call(
            "GET", "/api/operations", query={"page": page, "limit": limit, "state": state, "lead": lead}
        )
        return cast(models.Page_LogEntryOut, answer.json())

    async def replay_failures(self, *, idempotency_key: str = "") -> models.Replayed:
        """Do everything once more that needs a person at the active CRM."""
        answer = await self.call("POST", "/api/operations/replay", idempotency_key=idempotency_key)
        return cast(models.Replayed, answer.json())

    async def get_operation(self, id: str) -> models.OperationOut:
        """One write."""
        answer = await self.call("GET", f"/api/operations/{id}")
        return cast(models.OperationOut, answer.json())

    async def retry_operation(self, id: str, *, idempotency_key: str = "") -> models.OperationOut:
        """Try a write that waits at once."""
        answer = await self.call("POST", f"/api/operations/{id}/retry", idempotency_key=idempotency_key)
        return cast(models.OperationOut, answer.json())

    async def replay_operation(self, id: str, *, idempotency_key: str = "") -> models.OperationOut:
        """Do a write that ended once more, as a new one."""
        answer = await self.call("POST", f"/api/operations/{id}/replay", idempotency_key=idempotency_key)
        return cast(models.OperationOut, answer.json())

    async def drop_operation(self, id: str, *, idempotency_key: str = "") -> models.OperationOut:
        """Give a write up."""
        answer = await self.call("POST", f"/api/operations/{id}/drop", idempotency_key=idempotency_key)
        return cast(models.OperationOut, answer.json())

    async def get_delivery(self, id: str) -> models.DeliveryOut:
        """One stored delivery."""
        answer = await self.call("GET", f"/api/deliveries/{id}")
        return cast(models.DeliveryOut, answer.json())

    async def replay_delivery(self, id: str, *, idempotency_key: str = "") -> models.DeliveryOut:
        """Work a stored delivery off once more."""
        answer = await self.call("POST", f"/api/deliveries/{id}/replay", idempotency_key=idempotency_key)
        return cast(models.DeliveryOut, answer.json())

    async def open_session(self, body: models.SessionAsked | None = None) -> models.SessionGiven:
        """A session for a member whom Telegram vouches for."""
        answer = await self.call("POST", "/api/session/telegram", body=body if body is not None else {})
        return cast(models.SessionGiven, answer.json())

    async def refresh_session(self, body: models.RefreshAsked) -> models.SessionGiven:
        """The next pair of tokens of a session."""
        answer = await self.call("POST", "/api/session/refresh", body=body)
        return cast(models.SessionGiven, answer.json())

    async def end_session(self, *, idempotency_key: str = "") -> None:
        """End one's own session."""
        await self.call("DELETE", "/api/session", idempotency_key=idempotency_key)
        return None

    async def list_webhooks(self) -> models.WebhookList:
        """Webhooks, the newest first."""
        answer = await self.call("GET", "/api/webhooks")
        return cast(models.WebhookList, answer.json())

    async def create_webhook(
        self, body: models.WebhookIn, *, idempotency_key: str = ""
    ) -> models.WebhookMade:
        """A new webhook; its secret is told once."""
        answer = await self.call("POST", "/api/webhooks", body=body, idempotency_key=idempotency_key)
        return cast(models.WebhookMade, answer.json())

    async def get_webhook(self, id: str) -> models.WebhookDetail:
        """One webhook with its address."""
        answer = await self.call("GET", f"/api/webhooks/{id}")
        return cast(models.WebhookDetail, answer.json())

    async def patch_webhook(
        self, id: str, body: models.WebhookChange | None = None, *, idempotency_key: str = ""
    ) -> models.WebhookDetail:
        """Another name, address or other events; what is owed goes to the new address."""
        answer = await self.call(
            "PATCH",
            f"/api/webhooks/{id}",
            body=body if body is not None else {},
            idempotency_key=idempotency_key,
        )
        return cast(models.WebhookDetail, answer.json())

    async def delete_webhook(self, id: str, *, idempotency_key: str = "") -> None:
        """Remove a webhook with its log."""
        await self.call("DELETE", f"/api/webhooks/{id}", idempotency_key=idempotency_key)
        return None

    async def rotate_webhook_secret(self, id: str, *, idempotency_key: str = "") -> models.WebhookMade:
        """A new secret, told once; the one before signs along for a day."""
        answer = await self.call("POST", f"/api/webhooks/{id}/secret", idempotency_key=idempotency_key)
        return cast(models.WebhookMade, answer.json())

    async def pause_webhook(self, id: str, *, idempotency_key: str = "") -> models.WebhookDetail:
        """Send nothing; what happens meanwhile waits."""
        answer = await self.call("POST", f"/api/webhooks/{id}/pause", idempotency_key=idempotency_key)
        return cast(models.WebhookDetail, answer.json())

    async def resume_webhook(self, id: str, *, idempotency_key: str = "") -> models.WebhookDetail:
        """Send again, also where we had switched it off."""
        answer = await self.call("POST", f"/api/webhooks/{id}/resume", idempotency_key=idempotency_key)
        return cast(models.WebhookDetail, answer.json())

    async def test_webhook(self, id: str) -> models.WebhookDeliveryDetail:
        """Send a test message now, and tell what came of it."""
        answer = await self.call("POST", f"/api/webhooks/{id}/test")
        return cast(models.WebhookDeliveryDetail, answer.json())

    async def list_webhook_deliveries(
        self, id: str, *, page: int | None = None, limit: int | None = None
    ) -> models.Page_WebhookDeliveryOut:
        """The log of 30 days, the newest first."""
        answer = await self.call(
            "GET", f"/api/webhooks/{id}/deliveries", query={"page": page, "limit": limit}
        )
        return cast(models.Page_WebhookDeliveryOut, answer.json())

    async def replay_webhook(self, id: str, *, idempotency_key: str = "") -> models.SentAnew:
        """Send all that failed once more."""
        answer = await self.call("POST", f"/api/webhooks/{id}/replay", idempotency_key=idempotency_key)
        return cast(models.SentAnew, answer.json())

    async def get_webhook_delivery(self, id: str) -> models.WebhookDeliveryDetail:
        """One delivery with its body."""
        answer = await self.call("GET", f"/api/webhook-deliveries/{id}")
        return cast(models.WebhookDeliveryDetail, answer.json())

    async def replay_webhook_delivery(
        self, id: str, *, idempotency_key: str = ""
    ) -> models.WebhookDeliveryDetail:
        """Send one that has ended once more."""
        answer = await self.call(
            "POST", f"/api/webhook-deliveries/{id}/replay", idempotency_key=idempotency_key
        )
        return cast(models.WebhookDeliveryDetail, answer.json())

    async def list_audit(
        self,
        *,
        page: int | None = None,
        limit: int | None = None,
        kind: str | None = None,
        member_id: str | None = None,
        entity_id: str | None = None,
        lead: int | None = None,
        since: str | None = None,
        until: str | None = None,
    ) -> models.Page_AuditEntry:
        """Who did what, the newest first."""
        answer = await self.call(
            "GET",
            "/api/audit",
            query={
                "page": page,
                "limit": limit,
                "kind": kind,
                "member_id": member_id,
                "entity_id": entity_id,
                "lead": lead,
                "since": since,
                "until": until,
            },
        )
        return cast(models.Page_AuditEntry, answer.json())

    async def look_at_person(
        self, body: models.PersonAsked, *, idempotency_key: str = ""
    ) -> models.PersonHeld:
        """How much is held on somebody."""
        answer = await self.call("POST", "/api/privacy/look", body=body, idempotency_key=idempotency_key)
        return cast(models.PersonHeld, answer.json())

    async def export_person(
        self, body: models.PersonAsked, *, idempotency_key: str = ""
    ) -> models.PersonFile:
        """Everything that is held on somebody."""
        answer = await self.call("POST", "/api/privacy/export", body=body, idempotency_key=idempotency_key)
        return cast(models.PersonFile, answer.json())

    async def erase_person(self, body: models.PersonErased) -> models.PersonGone:
        """Erase somebody's data for good; look first."""
        answer = await self.call("POST", "/api/privacy/erase", body=body)
        return cast(models.PersonGone, answer.json())

    async def list_transactions(
        self,
        *,
        page: int | None = None,
        limit: int | None = None,
        source_id: str | None = None,
        customer_id: str | None = None,
        since: str | None = None,
        until: str | None = None,
    ) -> models.Page_TransactionOut:
        """Purchases, newest first."""
        answer = await self.call(
            "GET",
            "/api/transactions",
            query={
                "page": page,
                "limit": limit,
                "source_id": source_id,
                "customer_id": customer_id,
                "since": since,
                "until": until,
            },
        )
        return cast(models.Page_TransactionOut, answer.json())

    async def add_transaction_table(
        self,
        content: bytes,
        *,
        name: str | None = None,
        columns: str | None = None,
        system: str | None = None,
        idempotency_key: str = "",
    ) -> models.TableOut:
        """A table of purchases, CSV or XLSX of at most 10 MB: the body as it is, or a form with it."""
        answer = await self.call(
            "POST",
            "/api/transaction-tables",
            query={"name": name, "columns": columns, "system": system},
            content=content,
            idempotency_key=idempotency_key,
        )
        return cast(models.TableOut, answer.json())

    async def get_transaction_table(self, id: str) -> models.TableOut:
        """How far a table is, and what has come of it."""
        answer = await self.call("GET", f"/api/transaction-tables/{id}")
        return cast(models.TableOut, answer.json())

    async def list_transaction_sources(self) -> models.SourceList:
        """Systems that purchases come from."""
        answer = await self.call("GET", "/api/transaction-sources")
        return cast(models.SourceList, answer.json())

    async def get_transaction_source(self, id: str) -> models.SourceOut:
        """One of them, with how far it has been read."""
        answer = await self.call("GET", f"/api/transaction-sources/{id}")
        return cast(models.SourceOut, answer.json())

    async def sync_transaction_source(self, id: str, *, idempotency_key: str = "") -> models.SourceOut:
        """Read it as soon as there is somebody to do so."""
        answer = await self.call(
            "POST", f"/api/transaction-sources/{id}/sync", idempotency_key=idempotency_key
        )
        return cast(models.SourceOut, answer.json())

    async def get_transaction_statistics(self, id: str) -> models.StatisticsOut:
        """How reading it has gone in the last 30 days."""
        answer = await self.call("GET", f"/api/transaction-sources/{id}/statistics")
        return cast(models.StatisticsOut, answer.json())

    async def list_transaction_runs(self, id: str) -> models.RunList:
        """The last 100 runs, newest first."""
        answer = await self.call("GET", f"/api/transaction-sources/{id}/log")
        return cast(models.RunList, answer.json())

    async def list_unreadable_transactions(
        self, *, page: int | None = None, limit: int | None = None, source_id: str | None = None
    ) -> models.Page_UnreadableOut:
        """Records that could not be read."""
        answer = await self.call(
            "GET",
            "/api/unreadable-transactions",
            query={"page": page, "limit": limit, "source_id": source_id},
        )
        return cast(models.Page_UnreadableOut, answer.json())

    async def repair_transaction(self, id: str, body: models.Repair, *, idempotency_key: str = "") -> None:
        """Give by hand what could not be read."""
        await self.call(
            "POST", f"/api/unreadable-transactions/{id}/repair", body=body, idempotency_key=idempotency_key
        )
        return None

    async def drop_unreadable_transaction(self, id: str, *, idempotency_key: str = "") -> None:
        """Leave a record out."""
        await self.call("POST", f"/api/unreadable-transactions/{id}/drop", idempotency_key=idempotency_key)
        return None

    async def get_bonuses(
        self, *, page: int | None = None, limit: int | None = None, phone: str | None = None
    ) -> models.BonusOut:
        """What a phone's owner has, and why."""
        answer = await self.call("GET", "/api/bonuses", query={"page": page, "limit": limit, "phone": phone})
        return cast(models.BonusOut, answer.json())

    async def get_customer_bonuses(
        self, id: str, *, page: int | None = None, limit: int | None = None
    ) -> models.BonusOut:
        """What a customer has over all phones, and why."""
        answer = await self.call("GET", f"/api/customers/{id}/bonuses", query={"page": page, "limit": limit})
        return cast(models.BonusOut, answer.json())

    async def list_customer_transactions(
        self, id: str, *, page: int | None = None, limit: int | None = None
    ) -> models.Page_TransactionOut:
        """A customer's purchases, newest first."""
        answer = await self.call(
            "GET", f"/api/customers/{id}/transactions", query={"page": page, "limit": limit}
        )
        return cast(models.Page_TransactionOut, answer.json())

    async def reserve_bonuses(
        self, body: models.RedemptionIn, *, idempotency_key: str = ""
    ) -> models.RedemptionOut:
        """Set bonuses aside for a purchase."""
        answer = await self.call("POST", "/api/redemptions", body=body, idempotency_key=idempotency_key)
        return cast(models.RedemptionOut, answer.json())

    async def get_redemption(self, id: str) -> models.RedemptionOut:
        """One of these."""
        answer = await self.call("GET", f"/api/redemptions/{id}")
        return cast(models.RedemptionOut, answer.json())

    async def confirm_redemption(self, id: str, *, idempotency_key: str = "") -> models.RedemptionOut:
        """The purchase was made."""
        answer = await self.call("POST", f"/api/redemptions/{id}/confirm", idempotency_key=idempotency_key)
        return cast(models.RedemptionOut, answer.json())

    async def release_redemption(self, id: str, *, idempotency_key: str = "") -> models.RedemptionOut:
        """Nothing came of the purchase."""
        answer = await self.call("POST", f"/api/redemptions/{id}/release", idempotency_key=idempotency_key)
        return cast(models.RedemptionOut, answer.json())

    async def list_loyalty_rules(self) -> models.RuleList:
        """What purchases earn and earned, oldest first."""
        answer = await self.call("GET", "/api/loyalty-rules")
        return cast(models.RuleList, answer.json())

    async def create_loyalty_rule(self, body: models.RuleIn, *, idempotency_key: str = "") -> models.RuleOut:
        """What purchases earn from now on, or from a later moment."""
        answer = await self.call("POST", "/api/loyalty-rules", body=body, idempotency_key=idempotency_key)
        return cast(models.RuleOut, answer.json())

    async def get_loyalty_rule(self, id: str) -> models.RuleOut:
        """One rule."""
        answer = await self.call("GET", f"/api/loyalty-rules/{id}")
        return cast(models.RuleOut, answer.json())

    async def end_loyalty_rule(self, id: str, *, idempotency_key: str = "") -> models.RuleOut:
        """Let a rule end now."""
        answer = await self.call("POST", f"/api/loyalty-rules/{id}/end", idempotency_key=idempotency_key)
        return cast(models.RuleOut, answer.json())
