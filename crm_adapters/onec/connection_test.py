"""What must be right at a base before purchases are read: the user, the list of objects, their attributes."""

from collections.abc import Iterator, Mapping
from urllib.parse import unquote, urlsplit

from crm_adapters.onec.api import OneCApi
from crm_adapters.onec.metadata import MOST, SECONDS, attributes_of
from crm_adapters.onec.odata import ODataPurchases
from crm_adapters.onec.presets import Document, Presets
from crm_adapters.onec.service import listed
from crm_adapters.onec.settings import ODATA
from domain.crm import ConnectionReport, Problem
from domain.errors import CrmAccessLost, CrmUnavailable

NEEDED = ("Ref_Key", "Date", "Posted", "DeletionMark")


async def of_odata(api: OneCApi, purchases: ODataPurchases, presets: Presets) -> ConnectionReport:
    """Ask for the list of objects and what they consist of. Raises CrmError when that much cannot be learnt.

    Problem codes: no_objects_published, no_purchases_published, missing_field, no_phones_published,
    metadata_unreadable.
    """
    name, published = _name(api), await purchases.published()
    if not published:
        return ConnectionReport(name, "OData 3.0", (Problem("no_objects_published", fatal=True),))
    try:
        documents = await purchases.documents()
    except CrmAccessLost:
        wanted = ", ".join(presets.documents)
        problem = Problem("no_purchases_published", fatal=True, params={"documents": wanted})
        return ConnectionReport(name, "OData 3.0", (problem,))
    problems = [*await _attributes(api, documents)]
    catalogs = {presets.customers.get(one) for document in documents for one in document.customer}
    if not catalogs & set(published):
        needed = ", ".join(sorted(filter(None, catalogs)))
        problems.append(Problem("no_phones_published", params={"documents": needed}))
    return ConnectionReport(name, "OData 3.0", tuple(problems))


async def _attributes(api: OneCApi, documents: tuple[Document, ...]) -> list[Problem]:
    wanted = {document.name for document in documents}
    try:
        known = await api.get(
            f"{ODATA}/$metadata", (), lambda answer: attributes_of(answer, wanted), SECONDS, MOST
        )
    except CrmUnavailable:
        return [Problem("metadata_unreadable")]
    return [problem for document in documents for problem in _lacking(document, known)]


def _lacking(document: Document, known: Mapping[str, set[str]]) -> Iterator[Problem]:
    """What a purchase cannot be read without; the buyer may be lacking, and then only that is told."""
    attributes = known.get(document.name)
    if attributes is None:
        return
    for name in NEEDED:
        if name not in attributes:
            yield Problem("missing_field", fatal=True, params={"field": f"{document.name}.{name}"})
    for names, fatal in ((document.amount, True), ((*document.customer, *document.card), False)):
        if names and not attributes & set(names):
            yield Problem("missing_field", fatal, {"field": f"{document.name}.{'/'.join(names)}"})


async def of_service(api: OneCApi, path: str, since: str) -> ConnectionReport:
    """Ask the service for what has changed since a moment ago. Raises CrmError."""
    listed(await api.get(path, (("since", since), ("limit", "1"))))
    return ConnectionReport(_name(api), "HTTP", ())


def _name(api: OneCApi) -> str:
    parts = urlsplit(api.root)
    return f"{parts.netloc}{unquote(parts.path)}"
