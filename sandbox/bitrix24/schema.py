"""Fields, stages and lists of a portal as it comes, and the two ways their names are written."""

import re
from dataclasses import dataclass
from typing import Any

LEAD, DEAL, CONTACT, COMPANY = 1, 2, 3, 4
TYPE_NAMES = {LEAD: "lead", DEAL: "deal", CONTACT: "contact", COMPANY: "company"}
TYPE_IDS = {name: number for number, name in TYPE_NAMES.items()}
VALUE_TYPES = {
    "PHONE": ("WORK", "MOBILE", "FAX", "HOME", "PAGER", "MAILING", "OTHER"),
    "EMAIL": ("WORK", "HOME", "MAILING", "OTHER"),
    "IM": ("TELEGRAM", "VK", "SKYPE", "VIBER", "BITRIX24", "OPENLINE", "IMOL", "ICQ", "MSN", "JABBER",
           "OTHER"),
    "WEB": ("WORK", "HOME", "FACEBOOK", "VK", "OTHER"),
    "LINK": ("USER", "OTHER"),
}  # fmt: skip
CURRENCIES = ("RUB", "USD", "EUR", "BYN", "KZT")


@dataclass(frozen=True, slots=True)
class Field:
    """One field. `upper` is its name in the older methods; `status` the list that its values come from,
    `options` those of an enumeration: (id, text)."""

    name: str
    type: str
    title: str
    upper: str
    read_only: bool = False
    required: bool = False
    multiple: bool = False
    status: str = ""
    options: tuple[tuple[str, str], ...] = ()
    number: int = 0

    @property
    def custom(self) -> bool:
        return self.upper.startswith("UF_")

    def shown(self) -> dict[str, Any]:
        """As crm.item.fields shows it."""
        known: dict[str, Any] = {
            "type": self.type,
            "isRequired": self.required,
            "isReadOnly": self.read_only,
            "isImmutable": False,
            "isMultiple": self.multiple,
            "isDynamic": self.custom,
            "title": self.title,
            "upperName": self.upper,
        }
        return known | ({"statusType": self.status} if self.status else {})


def camel(upper: str) -> str:
    """TITLE -> title, UTM_SOURCE -> utmSource, UF_CRM_17 -> ufCrm_17, UF_CRM_2_17 -> ufCrm2_17."""
    found = re.fullmatch(r"UF_CRM_(\d+_)?(\d+)", upper)
    if found:
        return f"ufCrm{found[1] or '_'}{found[2]}"
    first, *rest = upper.lower().split("_")
    return first + "".join(word.capitalize() for word in rest)


_UPPER = {"createdTime": "DATE_CREATE", "updatedTime": "DATE_MODIFY", "createdBy": "CREATED_BY_ID",
          "updatedBy": "MODIFY_BY_ID", "begindate": "BEGINDATE", "closedate": "CLOSEDATE"}  # fmt: skip


def _fields(text: str, stage: str = "STAGE_ID") -> dict[str, Field]:
    """`name:type:title` words; a leading `*` is read-only, a trailing `+` takes several values."""
    made = {}
    for word in text.split():
        name, kind, title = word.split(":")
        read_only, name, several = name.startswith("*"), name.lstrip("*"), kind.endswith("+")
        kind, _, status = kind.rstrip("+").partition("=")
        plain = re.sub(r"([A-Z])", r"_\1", name).upper()
        upper = stage if name == "stageId" else _UPPER.get(name, plain)
        title = title.replace("_", " ")
        made[name] = Field(name, kind, title, upper, read_only, multiple=several, status=status)
    return made


_EVERY = (
    "*id:integer:ID title:string:Title *createdTime:datetime:Created *updatedTime:datetime:Modified "
    "*createdBy:user:Created_by *updatedBy:user:Modified_by assignedById:user:Responsible_person "
    "opened:boolean:Available_to_everyone comments:text:Comment sourceId:crm_status=SOURCE:Source "
    "sourceDescription:text:Source_information originatorId:string:External_source "
    "originId:string:Item_ID_in_data_source companyId:crm_company:Company contactId:crm_contact:Contact "
    "utmSource:string:UTM_Source utmMedium:string:UTM_Medium utmCampaign:string:UTM_Campaign "
    "utmContent:string:UTM_Content utmTerm:string:UTM_Term "
)
_PERSON = (
    "name:string:First_name secondName:string:Second_name lastName:string:Last_name "
    "birthdate:date:Date_of_birth post:string:Position "
)
_MONEY = (
    "opportunity:double:Amount currencyId:crm_currency:Currency isManualOpportunity:boolean:Manual_amount "
    "contactIds:crm_contact+:Contacts *movedBy:user:Moved_by *movedTime:datetime:Moved "
    "*stageSemanticId:string:Stage_meaning "
)
BUILT_IN = {
    LEAD: _fields(_EVERY + _PERSON + _MONEY + "companyTitle:string:Company_name "
                  "stageId:crm_status=STATUS:Stage statusDescription:text:Stage_information "
                  "webformId:integer:Form observers:user+:Observers",
                  "STATUS_ID"),
    DEAL: _fields(_EVERY + _MONEY + "categoryId:crm_category:Pipeline stageId:crm_status=DEAL_STAGE:Stage "
                  "typeId:crm_status=DEAL_TYPE:Type probability:integer:Probability "
                  "begindate:date:Start closedate:date:End leadId:crm_lead:Lead "
                  "additionalInfo:text:More closed:boolean:Closed"),
    CONTACT: _fields(_EVERY + _PERSON + "typeId:crm_status=CONTACT_TYPE:Type leadId:crm_lead:Lead"),
    COMPANY: _fields(_EVERY + "typeId:crm_status=COMPANY_TYPE:Type"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Status:
    """An entry of a list: a stage, a source ...; `semantics` is empty, S (won) or F (lost)."""

    entity: str
    id: str
    name: str
    sort: int
    semantics: str = ""
    number: int = 0

    def shown(self, category: str) -> dict[str, Any]:
        """As crm.status.list shows it."""
        meaning = {"S": "success", "F": "failure"}.get(self.semantics, "process")
        if self.semantics == "F" and self.id.endswith("APOLOGY"):
            meaning = "apology"
        shown: dict[str, Any] = {
            "ID": str(self.number), "ENTITY_ID": self.entity, "STATUS_ID": self.id, "NAME": self.name,
            "NAME_INIT": self.name, "SORT": str(self.sort), "SYSTEM": "Y", "COLOR": "#39A8EF",
            "SEMANTICS": self.semantics or None, "CATEGORY_ID": category,
        }  # fmt: skip
        return shown | (
            {"EXTRA": {"SEMANTICS": meaning, "COLOR": "#39A8EF"}} if _is_stage(self.entity) else {}
        )


def _is_stage(entity: str) -> bool:
    return entity == "STATUS" or entity.startswith("DEAL_STAGE")


def _statuses(entity: str, text: str) -> list[Status]:
    words = [word.split(":") for word in text.split(" | ")]
    return [
        Status(entity, word[0].replace("~", ":"), word[1], 10 * (index + 1), word[2] if len(word) > 2 else "")
        for index, word in enumerate(words)
    ]


_WON_OR_LOST = "{0}WON:Сделка успешна:S | {0}LOSE:Сделка провалена:F | {0}APOLOGY:Анализ причины провала:F"
STATUSES = [
    *_statuses("STATUS", "NEW:Не обработан | IN_PROCESS:В работе | PROCESSED:Обработан | "
                         "CONVERTED:Качественный лид:S | JUNK:Некачественный лид:F"),
    *_statuses("DEAL_STAGE", "NEW:Новая | PREPARATION:Подготовка документов | "
                             "PREPAYMENT_INVOICE:Счёт на предоплату | EXECUTING:В работе | "
                             "FINAL_INVOICE:Финальный счёт | " + _WON_OR_LOST.format("")),
    *_statuses("DEAL_STAGE_9", "C9~NEW:Новая | C9~PREPARATION:Подготовка | "
               + _WON_OR_LOST.format("C9~")),
    *_statuses("SOURCE", "CALL:Звонок | EMAIL:Электронная почта | WEB:Веб-сайт | ADVERTISING:Реклама | "
                         "PARTNER:Существующий клиент | RECOMMENDATION:По рекомендации | "
                         "TRADE_SHOW:Выставка | WEBFORM:CRM-форма | CALLBACK:Обратный звонок | "
                         "RC_GENERATOR:Генератор продаж | "
                         "STORE:Интернет-магазин | OTHER:Другое"),
    *_statuses("DEAL_TYPE", "SALE:Продажа | SERVICES:Услуги"),
    *_statuses("CONTACT_TYPE", "CLIENT:Клиенты | PARTNER:Партнёры | OTHER:Другое"),
    *_statuses("COMPANY_TYPE", "CUSTOMER:Клиент | PARTNER:Партнёр | OTHER:Другое"),
]  # fmt: skip
