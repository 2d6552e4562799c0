"""Customers: who leads become."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer as the product holds it. Phones are E.164, primary first; times are UTC. `lead_number` is 0
    where it came from no lead."""

    id: UUID
    organization_id: UUID
    number: int
    name: str
    company: str
    inn: str
    phones: tuple[str, ...]
    emails: tuple[str, ...]
    note: str
    assignee_id: UUID | None
    assignee_name: str
    lead_id: UUID | None
    lead_number: int
    created_at: datetime
    updated_at: datetime
    custom: dict[str, str] = field(default_factory=dict)

    @property
    def title(self) -> str:
        return self.name or self.company


@dataclass(frozen=True, slots=True)
class CustomerPage:
    """Pages count from 0."""

    customers: tuple[Customer, ...]
    total: int
    page: int
    pages: int
