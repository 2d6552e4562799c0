"""The data model of a workspace: its objects and fields, the standard ones, and what the product adds."""

import uuid
from dataclasses import dataclass, field, replace
from typing import Any

STAGES = ("NEW", "SCREENING", "MEETING", "PROPOSAL", "CUSTOMER")
MANY_TO_ONE, ONE_TO_MANY = "MANY_TO_ONE", "ONE_TO_MANY"
CREATABLE = frozenset(
    {
        "TEXT", "NUMBER", "NUMERIC", "BOOLEAN", "DATE", "DATE_TIME", "SELECT", "MULTI_SELECT", "CURRENCY",
        "LINKS", "EMAILS", "PHONES", "ADDRESS", "FULL_NAME", "RATING", "RAW_JSON", "ARRAY", "UUID",
        "RELATION", "RICH_TEXT",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Field:
    """A field of an object. A relation names its `target`; its own column is the name with `Id`."""

    name: str
    type: str
    label: str = ""
    options: tuple[tuple[str, str], ...] = ()
    target: str = ""
    relation: str = ""
    system: bool = False
    custom: bool = False
    unique: bool = False
    nullable: bool = True
    id: str = field(default_factory=lambda: str(uuid.uuid4()))

    @property
    def column(self) -> str:
        """What a record calls it; empty where the other side holds the link."""
        if self.type != "RELATION":
            return self.name
        return f"{self.name}Id" if self.relation == MANY_TO_ONE else ""

    def shown(self) -> dict[str, Any]:
        """As the metadata API tells it."""
        settings = None
        if self.type == "RELATION":
            join = {"joinColumnName": self.column} if self.column else {}
            settings = {"relationType": self.relation, **join}
        return {
            "id": self.id,
            "type": self.type,
            "name": self.name,
            "label": self.label or self.name,
            "description": "",
            "isCustom": self.custom,
            "isActive": True,
            "isSystem": self.system,
            "isNullable": self.nullable,
            "isUnique": self.unique,
            "defaultValue": None,
            "options": [
                {"value": value, "label": label, "color": "blue", "position": position}
                for position, (value, label) in enumerate(self.options)
            ]
            or None,
            "settings": settings,
        }


@dataclass(frozen=True, slots=True)
class Object:
    """An object of the workspace: `singular` stands in events, `plural` in paths."""

    singular: str
    plural: str
    fields: dict[str, Field]
    id: str = field(default_factory=lambda: str(uuid.uuid4()))

    def by_column(self) -> dict[str, Field]:
        """The fields that a record holds, by what it calls them."""
        return {one.column: one for one in self.fields.values() if one.column}

    def shown(self) -> dict[str, Any]:
        """As the metadata API tells it."""
        return {
            "id": self.id,
            "nameSingular": self.singular,
            "namePlural": self.plural,
            "isCustom": False,
            "isActive": True,
            "fields": [one.shown() for one in self.fields.values()],
        }


SYSTEM = (
    Field("id", "UUID", system=True, nullable=False, unique=True),
    Field("createdAt", "DATE_TIME", system=True, nullable=False),
    Field("updatedAt", "DATE_TIME", system=True, nullable=False),
    Field("deletedAt", "DATE_TIME", system=True),
    Field("createdBy", "ACTOR"),
    Field("position", "POSITION", system=True),
)


def _one(name: str, target: str) -> Field:
    return Field(name, "RELATION", target=target, relation=MANY_TO_ONE)


def _many(name: str, target: str) -> Field:
    return Field(name, "RELATION", target=target, relation=ONE_TO_MANY)


def _choice(name: str, *values: str) -> Field:
    options = tuple((value.upper(), value.replace("_", " ").title()) for value in values)
    return Field(name, "SELECT", options=options)


def objects(prefix: str) -> dict[str, Object]:
    """The standard objects by their plural. `prefix` is `target` where the columns of noteTargets and
    taskTargets are targetPersonId and so on, empty where they are personId."""

    def links() -> tuple[Field, ...]:
        names = ("person", "company", "opportunity")
        return tuple(_one(f"{prefix}{name.title()}" if prefix else name, name) for name in names)

    made = (
        _object("person", "people", Field("name", "FULL_NAME"), Field("emails", "EMAILS", unique=True),
                Field("phones", "PHONES"), Field("jobTitle", "TEXT"), Field("city", "TEXT"),
                _one("company", "company"), _many("noteTargets", "noteTarget")),
        _object("company", "companies", Field("name", "TEXT"), Field("domainName", "LINKS", unique=True),
                Field("address", "ADDRESS"), Field("employees", "NUMBER"),
                Field("annualRecurringRevenue", "CURRENCY"), Field("idealCustomerProfile", "BOOLEAN"),
                _many("people", "person")),
        _object("opportunity", "opportunities", Field("name", "TEXT"), Field("amount", "CURRENCY"),
                _choice("stage", *STAGES), Field("closeDate", "DATE_TIME"), _one("company", "company"),
                _one("pointOfContact", "person"), _one("owner", "workspaceMember"),
                _many("noteTargets", "noteTarget"), _many("taskTargets", "taskTarget")),
        _object("note", "notes", Field("title", "TEXT"), Field("bodyV2", "RICH_TEXT"),
                _many("noteTargets", "noteTarget")),
        _object("task", "tasks", Field("title", "TEXT"), Field("bodyV2", "RICH_TEXT"),
                _choice("status", "todo", "in_progress", "done"), Field("dueAt", "DATE_TIME"),
                _one("assignee", "workspaceMember"), _many("taskTargets", "taskTarget")),
        _object("noteTarget", "noteTargets", _one("note", "note"), *links()),
        _object("taskTarget", "taskTargets", _one("task", "task"), *links()),
        _object("workspaceMember", "workspaceMembers", Field("name", "FULL_NAME"),
                Field("userEmail", "TEXT"), Field("locale", "TEXT")),
    )  # fmt: skip
    return {one.plural: one for one in made}


def _object(singular: str, plural: str, *own: Field) -> Object:
    return Object(singular, plural, {one.name: one for one in (*(replace(s) for s in SYSTEM), *own)})


# What an admin adds for the product: see crm_adapters/twenty/README.md.
VORONKA: tuple[tuple[str, str, str], ...] = (
    ("voronkaId", "TEXT", "Voronka: id"),
    ("voronkaNumber", "NUMBER", "Номер лида"),
    ("voronkaNote", "TEXT", "Комментарий"),
    ("voronkaInn", "TEXT", "ИНН"),
    ("voronkaSource", "TEXT", "Источник"),
    ("voronkaReferral", "TEXT", "Реферальный код"),
    *((f"voronkaUtm{part}", "TEXT", f"UTM {part.lower()}")
      for part in ("Source", "Medium", "Campaign", "Content", "Term")),
    ("voronkaUserType", "TEXT", "Кто"),
    ("voronkaLanguage", "TEXT", "Язык"),
    ("voronkaFieldOfStudy", "TEXT", "Направление"),
    ("voronkaUniversities", "TEXT", "Вузы"),
    ("voronkaScholarship", "BOOLEAN", "Стипендия"),
)  # fmt: skip
