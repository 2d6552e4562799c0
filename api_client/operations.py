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

    async def get_file(self, id: str) -> models.FileOut:
        """What is known of a file."""
        answer = await self.call("GET", f"/api/files/{id}")
        return cast(models.FileOut, answer.json())

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
