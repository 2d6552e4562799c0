"""Purchases and where they come from."""

from domain.purchases import Wanted
from web.api.endpoint import CREATED, Call, Endpoint
from web.api.models.base import Page, page_of
from web.api.models.transaction_tables import TableBrought, TableOut, table_out
from web.api.models.transactions import (
    Repair,
    RunList,
    SourceList,
    SourceOut,
    StatisticsOut,
    TransactionOut,
    TransactionsAsked,
    UnreadableAsked,
    UnreadableOut,
    run_out,
    source_out,
    statistics_out,
    transaction_out,
    unreadable_out,
)

TAG = "purchases"


async def sources(call: Call) -> SourceList:
    found = [source_out(one) for one in await call.services.transaction_sources.every(call.member)]
    return SourceList(items=found, total=len(found))


async def source(call: Call) -> SourceOut:
    return source_out(await call.services.transaction_sources.get(call.member, call.id))


async def sync(call: Call) -> SourceOut:
    return source_out(await call.services.transaction_sources.sync_now(call.member, call.id))


async def statistics(call: Call) -> StatisticsOut:
    return statistics_out(await call.services.transaction_sources.statistics(call.member, call.id))


async def runs(call: Call) -> RunList:
    found = [run_out(one) for one in await call.services.transaction_log.lines(call.member, call.id)]
    return RunList(items=found, total=len(found))


async def unreadable(call: Call) -> Page[UnreadableOut]:
    asked = call.asked(UnreadableAsked)
    found = await call.services.transaction_log.unreadable(
        call.member, asked.source_id, asked.page - 1, asked.limit
    )
    items = [unreadable_out(one) for one in found.items]
    return Page[UnreadableOut](**page_of(items, found.total, asked))


async def repair(call: Call) -> None:
    given = {name: value for name, value in call.given(Repair).model_dump().items() if value}
    await call.services.transaction_log.repair(call.member, call.id, given)


async def drop(call: Call) -> None:
    await call.services.transaction_log.drop(call.member, call.id)


async def browse(call: Call) -> Page[TransactionOut]:
    asked = call.asked(TransactionsAsked)
    wanted = Wanted(asked.source_id, asked.customer_id, "", asked.since, asked.until)
    found = await call.services.transactions.browse(call.member, wanted, asked.page - 1, asked.limit)
    items = [transaction_out(one) for one in found.items]
    return Page[TransactionOut](**page_of(items, found.total, asked))


async def bring(call: Call) -> TableOut:
    asked, sent = call.asked(TableBrought), call.file
    assert sent is not None
    columns = [one.strip() for one in asked.columns.split(",")] if asked.columns else []
    name = asked.name or sent.name or "table"
    tables, content = call.services.purchase_tables, sent.body.read()
    return table_out(await tables.bring(call.member, name, content, columns, asked.system))


async def table(call: Call) -> TableOut:
    return table_out(await call.services.purchase_tables.get(call.member, call.id))


TABLES = "/api/transaction-tables"
SOURCES, BAD = "/api/transaction-sources", "/api/unreadable-transactions"
SOURCE = f"{SOURCES}/{{id}}"

ENDPOINTS = (
    Endpoint(
        "list_transactions", "GET", "/api/transactions", "customers:read", browse, TAG,
        "Purchases, newest first", answer=Page[TransactionOut], query=TransactionsAsked,
    ),
    Endpoint(
        "add_transaction_table", "POST", TABLES, "crm:write", bring, TAG,
        "A table of purchases, CSV or XLSX of at most 10 MB: the body as it is, or a form with it",
        answer=TableOut, query=TableBrought, status=CREATED, takes_file=True, place=f"{TABLES}/{{id}}",
    ),
    Endpoint(
        "get_transaction_table", "GET", f"{TABLES}/{{id}}", "crm:read", table, TAG,
        "How far a table is, and what has come of it", answer=TableOut,
    ),
    Endpoint(
        "list_transaction_sources", "GET", SOURCES, "crm:read", sources, TAG,
        "Systems that purchases come from", answer=SourceList,
    ),
    Endpoint(
        "get_transaction_source", "GET", SOURCE, "crm:read", source, TAG,
        "One of them, with how far it has been read", answer=SourceOut,
    ),
    Endpoint(
        "sync_transaction_source", "POST", f"{SOURCE}/sync", "crm:write", sync, TAG,
        "Read it as soon as there is somebody to do so", answer=SourceOut,
    ),
    Endpoint(
        "get_transaction_statistics", "GET", f"{SOURCE}/statistics", "crm:read", statistics, TAG,
        "How reading it has gone in the last 30 days", answer=StatisticsOut,
    ),
    Endpoint(
        "list_transaction_runs", "GET", f"{SOURCE}/log", "crm:read", runs, TAG,
        "The last 100 runs, newest first", answer=RunList,
    ),
    Endpoint(
        "list_unreadable_transactions", "GET", BAD, "crm:read", unreadable, TAG,
        "Records that could not be read", answer=Page[UnreadableOut], query=UnreadableAsked,
    ),
    Endpoint(
        "repair_transaction", "POST", f"{BAD}/{{id}}/repair", "crm:write", repair, TAG,
        "Give by hand what could not be read", body=Repair, status=204,
    ),
    Endpoint(
        "drop_unreadable_transaction", "POST", f"{BAD}/{{id}}/drop", "crm:write", drop, TAG,
        "Leave a record out", status=204,
    ),
)  # fmt: skip
