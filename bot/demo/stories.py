"""Who comes into the demo's day and what becomes of them: a table, told in msgids.

A step is (minutes before now, verb, words...); bot/demo/day.py knows the verbs. What is planned has its
moment as minutes from now: negative ones are overdue when the day ends, 0 is due then.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from locales import N_

DAY = 1440
"""Minutes of a day."""

Step = tuple[int, str, *tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Story:
    """A lead and what is done about it. `by` is who brings it: a member, or "site" for the website's form.

    `custom` are values of the credit preset's fields by key; those that are words are msgids.
    """

    name: str
    phone: str
    came: int
    by: str
    company: str = ""
    email: str = ""
    amount: int = 0
    note: str = ""
    source: str = "telegram"
    custom: Mapping[str, str] = field(default_factory=dict)
    more: Mapping[str, str] = field(default_factory=dict)
    steps: tuple[Step, ...] = ()


MORTGAGE = {"loan_type": N_("Mortgage")}
REFINANCING = {"loan_type": N_("Refinancing")}
CASH = {"loan_type": N_("Cash loan")}
CAR = {"loan_type": N_("Car loan")}
BUSINESS = {"loan_type": N_("Business loan")}
MAIN, NORTH = N_("Moscow"), N_("St Petersburg")

EARLIER: tuple[Story, ...] = (
    Story(
        N_("Elena Voronina"), "+7 903 517-40-01", 6 * DAY, "agency", email="voronina@example.com",
        amount=7_400_000, note=N_("A flat in a new building, the down payment is ready"),
        custom={**MORTGAGE, "loan_term": "240", "down_payment": "1500000", "income_proof": N_("Bank's form")},
        more={"segment": N_("Private"), "region": MAIN, "tags": N_("vip, new building")},
        steps=(
            (6 * DAY - 20, "take", "manager"),
            (6 * DAY - 25, "call", "reached", N_("Wants an answer within a week")),
            (6 * DAY - 26, "move", "call"),
            (5 * DAY, "plan", "meeting", str(-4 * DAY), N_("Show the offers of three banks")),
            (4 * DAY - 60, "done", "held", N_("Chose the 20-year offer")),
            (4 * DAY - 62, "move", "meeting"),
            (3 * DAY, "move", "negotiation"),
            (2 * DAY, "note", N_("The bank has approved 7.4 million at 17.9 %")),
            (180, "call", "reached", N_("Signs today")),
            (95, "customer"),
        ),
    ),
    Story(
        N_("Pavel Zotov"), "+7 903 517-40-02", 6 * DAY - 90, "agency", company=N_("Zotov and Sons"),
        email="office@zotov.example.com", amount=12_000_000, note=N_("Equipment for a bakery"),
        custom={**BUSINESS, "loan_term": "60"},
        more={"segment": N_("Business"), "region": NORTH, "tags": N_("vip")},
        steps=(
            (6 * DAY - 120, "take", "manager"),
            (5 * DAY, "call", "reached", N_("Will send the accounts of the last two years")),
            (5 * DAY - 5, "contact", N_("Galina Zotova"), N_("Chief accountant"), "+7 903 517-41-02"),
            (5 * DAY - 8, "move", "call"),
            (3 * DAY, "plan", "meeting", "100", N_("Accounts, their office")),
            (2 * DAY, "note", N_("The accounts are in order, two banks are interested")),
            (2 * DAY - 10, "move", "meeting"),
        ),
    ),
    Story(
        N_("Dmitry Gusev"), "+7 903 517-40-03", 5 * DAY, "site", amount=900_000,
        note=N_("Wants to close two credit cards"), source="website", custom=REFINANCING,
        more={"segment": N_("Private"), "region": MAIN},
        steps=(
            (5 * DAY - 15, "take", "manager"),
            (5 * DAY - 40, "call", "no_answer"),
            (4 * DAY, "call", "no_answer"),
            (3 * DAY, "call", "no_answer"),
            (2 * DAY, "refuse", "#no_contact"),
        ),
    ),
    Story(
        N_("Natalia Belova"), "+7 903 517-40-04", 4 * DAY, "agency", amount=3_200_000, custom=MORTGAGE,
        note=N_("A house outside the city"), more={"segment": N_("Private"), "region": MAIN},
        steps=(
            (4 * DAY - 30, "take", "manager"),
            (4 * DAY - 45, "call", "call_back", N_("Busy, asks to be called in the evening")),
            (3 * DAY, "call", "reached", N_("Compares us with her own bank")),
            (3 * DAY - 3, "move", "call"),
            (2 * DAY, "plan", "call", str(-DAY - 60), N_("Has her own bank answered?")),
        ),
    ),
    Story(
        N_("Sergey Kim"), "+7 903 517-40-05", 4 * DAY - 200, "site", company=N_("Kim Logistics"),
        email="kim@logistics.example.com", amount=18_500_000, note=N_("Four trucks on credit"),
        source="website", custom={**BUSINESS, "loan_term": "48"},
        more={"segment": N_("Business"), "region": NORTH, "tags": N_("vip")},
        steps=(
            (4 * DAY - 215, "take", "manager"),
            (3 * DAY, "call", "reached", N_("Needs the trucks by the end of the month")),
            (3 * DAY - 5, "move", "call"),
            (2 * DAY, "plan", "meeting", str(-DAY), N_("Terms of two leasing companies")),
            (DAY - 50, "done", "held", N_("Leasing is dearer, stays with the loan")),
            (DAY - 55, "move", "negotiation"),
            (DAY - 60, "plan", "task", "45", N_("Payment schedule")),
        ),
    ),
    Story(
        N_("Irina Sokolova"), "+7 903 517-40-06", 3 * DAY, "agency", amount=600_000, custom=CASH,
        more={"segment": N_("Private"), "region": NORTH},
        steps=(
            (3 * DAY - 30, "take", "colleague"),
            (3 * DAY - 50, "call", "reached", N_("Has found a cheaper offer")),
            (DAY, "refuse", "#price"),
        ),
    ),
    Story(
        N_("Artem Orlov"), "+7 903 517-40-07", 3 * DAY - 100, "manager", amount=1_750_000, custom=CAR,
        note=N_("Met at the car dealer's"), more={"segment": N_("Private"), "region": MAIN},
        steps=(
            (3 * DAY - 101, "take", "manager"),
            (2 * DAY, "call", "reached", N_("Looks at two cars at the weekend")),
            (2 * DAY - 2, "move", "call"),
            (2 * DAY - 4, "plan", "task", str(-DAY - 240), N_("Ask the dealer for both price lists")),
        ),
    ),
    Story(
        N_("Maria Lapina"), "+7 903 517-40-08", 2 * DAY, "agency", company=N_("Flower Yard"),
        amount=2_300_000, note=N_("Rent and stock for the season"), custom=BUSINESS,
        more={"segment": N_("Business"), "region": MAIN},
        steps=(
            (2 * DAY - 40, "take", "colleague"),
            (2 * DAY - 60, "call", "reached"),
            (2 * DAY - 62, "move", "call"),
            (DAY, "plan", "call", "130", N_("Which bank keeps her accounts?")),
        ),
    ),
    Story(
        N_("Viktor Chernov"), "+7 903 517-40-09", 2 * DAY - 300, "site", amount=5_100_000, custom=MORTGAGE,
        source="website", more={"segment": N_("Private"), "region": NORTH},
        steps=(
            (2 * DAY - 330, "take", "manager"),
            (DAY, "call", "reached", N_("Will think it over")),
            (DAY - 4, "plan", "call", str(-190), N_("Has he made up his mind?")),
        ),
    ),
    Story(
        N_("Olga Frolova"), "+7 903 517-40-10", DAY, "agency", amount=4_000_000, custom=MORTGAGE,
        note=N_("A flat for her daughter"), more={"segment": N_("Private"), "region": MAIN},
        steps=(
            (DAY - 25, "take", "manager"),
            (DAY - 40, "call", "reached", N_("The daughter chooses the flat next week")),
            (DAY - 42, "move", "call"),
            (DAY - 44, "plan", "meeting", str(DAY + 30), N_("Meet both of them")),
        ),
    ),
)  # fmt: skip

TODAY: tuple[Story, ...] = (
    Story(
        N_("Roman Efimov"), "+7 903 517-40-11", 470, "agency", amount=2_900_000, custom=MORTGAGE,
        note=N_("Sells one flat and buys another"), more={"segment": N_("Private"), "region": MAIN},
        steps=(
            (455, "take", "manager"),
            (450, "call", "reached", N_("The buyer of his flat is found")),
            (449, "move", "call"),
            (448, "plan", "meeting", "210", N_("Papers of the flat")),
            (300, "write", "manager", N_("Thank you, he is an easy client. We meet today.")),
            (290, "write", "agency", N_("Great! His wife decides, invite her too.")),
            (288, "contact", N_("Alla Efimova"), N_("Wife"), "+7 903 517-41-11"),
        ),
    ),
    Story(
        N_("Denis Karpov"), "+7 903 517-40-12", 440, "site", email="karpov@example.com", amount=1_200_000,
        source="website", custom=CAR, more={"segment": N_("Private"), "region": NORTH},
        steps=(
            (430, "take", "manager"),
            (425, "call", "no_answer"),
            (424, "plan", "call", str(-60), N_("Second try")),
            (55, "done", "reached", N_("Buys in spring, asks for the rate")),
            (54, "move", "call"),
            (53, "plan", "email", "20", N_("The rate of three banks")),
        ),
    ),
    Story(
        N_("Tatiana Ryabova"), "+7 903 517-40-13", 400, "agency", amount=850_000, custom=CASH,
        note=N_("For a treatment, in a hurry"), more={"segment": N_("Private"), "region": MAIN,
                                                    "tags": N_("urgent")},
        steps=(
            (396, "take", "manager"),
            (392, "call", "reached", N_("Has a good credit history, no proof of income")),
            (390, "move", "call"),
            (330, "plan", "task", str(-120), N_("Application to two banks")),
            (118, "done", "done", N_("Both applications are in")),
            (117, "move", "meeting"),
            (116, "plan", "call", "0", N_("What do the banks say?")),
        ),
    ),
    Story(
        N_("Gleb Antonov"), "+7 903 517-40-14", 360, "agency", company=N_("Antonov Clinic"),
        email="gleb@antonov.example.com", amount=25_000_000, note=N_("An MRI scanner"),
        custom={**BUSINESS, "loan_term": "84"},
        more={"segment": N_("Business"), "region": MAIN, "tags": N_("vip")},
        steps=(
            (352, "take", "manager"),
            (345, "call", "reached", N_("The board decides on Thursday")),
            (344, "move", "call"),
            (340, "plan", "task", str(DAY + 120), N_("Calculation for their board")),
            (120, "note", N_("Their accountant asks for a grace period of half a year")),
        ),
    ),
    Story(
        N_("Yulia Mironova"), "+7 903 517-40-15", 320, "site", amount=0, source="website", custom=REFINANCING,
        note=N_("Please write to me, I cannot talk at work"),
        more={"segment": N_("Private"), "region": NORTH},
        steps=(
            (310, "take", "manager"),
            (305, "note", N_("Writes only; e-mail follows")),
        ),
    ),
    Story(
        N_("Kirill Tarasov"), "+7 903 517-40-16", 280, "agency", amount=6_600_000, custom=MORTGAGE,
        more={"segment": N_("Private"), "region": NORTH},
        steps=(
            (276, "take", "colleague"),
            (270, "call", "call_back", N_("In a meeting until the evening")),
            (268, "plan", "call", "160", N_("As agreed")),
        ),
    ),
    Story(
        N_("Anton Vlasov"), "+7 903 517-40-17", 240, "manager", amount=300_000, custom=CASH,
        note=N_("Overdue payments, three refusals this month"),
        more={"segment": N_("Private"), "region": MAIN},
        steps=(
            (238, "take", "manager"),
            (233, "call", "reached", N_("Said honestly that no bank will give it now")),
            (230, "refuse", "#not_ours"),
        ),
    ),
    Story(
        N_("Dmitry Gusev"), "+7 903 517-40-03", 200, "agency", amount=950_000, custom=REFINANCING,
        note=N_("Lost his phone last week, is back now"),
        more={"segment": N_("Private"), "region": MAIN},
        steps=(
            (185, "take", "manager"),
            (176, "call", "reached", N_("Wants to go on; he has been here before")),
        ),
    ),
    Story(
        N_("Larisa Filatova"), "+7 903 517-40-18", 150, "agency", amount=3_700_000, custom=MORTGAGE,
        more={"segment": N_("Private"), "region": MAIN},
        steps=(
            (146, "take", "manager"),
            (140, "call", "wrong_number"),
            (138, "write", "manager", N_("The number belongs to somebody else. Is there another one?")),
        ),
    ),
    Story(
        N_("Egor Savin"), "+7 903 517-40-19", 110, "site", amount=1_450_000, source="website", custom=CAR,
        more={"segment": N_("Private"), "region": NORTH},
        steps=(
            (104, "take", "manager"),
            (100, "hand", N_("He is in your city, Max")),
        ),
    ),
    Story(
        N_("Polina Zueva"), "+7 903 517-40-20", 75, "agency", company=N_("Zueva Studio"), amount=2_100_000,
        custom=BUSINESS, note=N_("Opens a second salon"), more={"segment": N_("Business"), "region": MAIN},
        steps=(
            (70, "take", "manager"),
            (64, "call", "no_answer"),
            (63, "plan", "call", "30", N_("Second try")),
        ),
    ),
    Story(
        N_("Maxim Grachev"), "+7 903 517-40-21", 45, "site", amount=700_000, source="website", custom=CASH,
        more={"region": NORTH},
    ),
    Story(
        N_("Vera Danilova"), "+7 903 517-40-22", 25, "agency", amount=5_800_000, custom=MORTGAGE,
        note=N_("Two incomes, both can be proved"), more={"segment": N_("Private"), "region": MAIN},
    ),
    Story(
        N_("Ilya Komarov"), "+7 903 517-40-23", 10, "agency", amount=1_900_000, custom=REFINANCING,
        more={"region": MAIN},
    ),
)  # fmt: skip

STORIES = EARLIER + TODAY
