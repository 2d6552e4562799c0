"""A status that changes in the CRM, where several pipelines know it."""

from domain.leads import LeadDraft
from tests.chat.test_operations import in_the_crm, member_of, owner_of
from tests.product import Running


async def test_status_from_the_crm_stays_within_the_leads_own_pipeline(product: Running) -> None:
    owner = await owner_of(product)
    member, services = await member_of(product), product.product.services
    credit = await services.pipelines_setup.add(member, "credit")
    draft = LeadDraft(name="Ivan", phones=("+79991234567",), pipeline_id=credit.id)
    lead = await services.leads.create(member, draft)
    await in_the_crm(owner, product, lambda leads: len(leads) == 1)
    await owner.sees("In the CRM")
    product.espocrm.change("Lead", product.espocrm.leads()[0]["id"], status="Converted")
    await product.espocrm.deliver_now()
    await owner.sees("Loan issued", 30)
    moved = await services.leads.get(member, lead.id)
    assert (moved.stage.key, moved.stage.pipeline_id) == ("issued", credit.id)


async def test_renamed_and_own_stages_go_to_the_crm_by_their_kind(product: Running) -> None:
    owner = await owner_of(product)
    member, services = await member_of(product), product.product.services
    [sales] = await services.pipelines_setup.all(member)
    _pipeline, renamed = await services.stages_setup.rename(member, sales.stages[4].id, "Signed")
    lead = await services.leads.create(member, LeadDraft(name="Ivan", phones=("+79991234567",)))
    await in_the_crm(owner, product, lambda leads: len(leads) == 1)
    await services.pipeline.move(member, lead.id, renamed.id)
    await in_the_crm(owner, product, lambda leads: leads[0]["status"] == "Converted")
