"""The rules of the house that a machine can hold. docs/architecture.md says why they exist."""

import ast
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from services.access import RIGHT_OF
from tests.service_classes import service_classes

ROOT = Path(__file__).parent.parent
PRODUCT = ("bot", "handlers", "web", "services", "crm_adapters", "storage", "domain")
PACKAGES = (*PRODUCT, "api_client", "locales", "sandbox")
NOBODYS_NAMES = {
    "utils",
    "util",
    "helpers",
    "helper",
    "common",
    "misc",
    "manager",
    "managers",
    "shared",
    "core",
}

LONGEST_FILE = 300
LONGEST_FUNCTION = 35
LONG_FILES: dict[str, str] = {
    "api_client/models.py": "written by web/api/client.py",
    "api_client/operations.py": "written by web/api/client.py",
}

# Each keeps the task it starts, and ends it: an exception in it is seen, and it does not outlive its owner.
# A task group does the same by itself and needs no line here.
TASK_STARTERS = {
    "bot/__main__.py": "the command itself, awaited, so that a signal can cancel it",
    "bot/app.py": "the loops of the product, stopped and awaited together",
    "bot/telegram/lanes.py": "a task a chat, kept in a set that is awaited at the stop",
    "bot/only_one.py": "the work itself, awaited before its lock is let go",
    "bot/telegram/sender.py": "a task a notice, kept in a set that is awaited at the stop",
    "services/connections/renewal.py": "a renewal that outlives whoever asked; awaited by close()",
    "storage/replicas/pace.py": "renews what is under way, until nothing is or until close()",
    "storage/together.py": "commits what has arrived, until nothing waits; who waits has its outcome",
    "storage/replicas/signals.py": "listens to Redis until close(); and sends wake-ups nobody waits for",
    "sandbox/stand_in.py": "the deliveries of a CRM's stand-in, cancelled with its server",
    "sandbox/telegram/updates.py": "a poller's wait, cancelled when the poll ends",
    "sandbox/telegram/webhook.py": "the stand-in's deliveries, cancelled with its server",
}


def sources(*packages: str) -> list[str]:
    return sorted(str(file.relative_to(ROOT)) for name in packages for file in (ROOT / name).rglob("*.py"))


def tree(source: str) -> ast.Module:
    return ast.parse((ROOT / source).read_text())


def test_imports_go_in_one_direction() -> None:
    program = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([program, "--no-cache"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_every_package_stands_under_the_import_rules() -> None:
    packages = {file.parent.name for file in ROOT.glob("*/__init__.py")} - {"tests", "benchmarks"}
    assert packages == set(PACKAGES)


def test_a_file_has_one_subject_and_a_readable_size() -> None:
    files = {source: (ROOT / source).read_text() for source in sources(*PACKAGES)}
    assert not [source for source in files if Path(source).stem in NOBODYS_NAMES]
    assert not [
        source for source, text in files.items() if text.strip() and not ast.get_docstring(ast.parse(text))
    ]
    sizes = {source: len(text.splitlines()) for source, text in files.items() if source not in LONG_FILES}
    assert not {source: size for source, size in sizes.items() if size > LONGEST_FILE}


def test_functions_fit_on_a_screen() -> None:
    found = [(source, *one) for source in sources(*PACKAGES) for one in lengths(source)]
    assert not [f"{source} {name}: {size}" for source, name, size in found if size > LONGEST_FUNCTION]


def lengths(source: str) -> Iterator[tuple[str, int]]:
    """The functions of a file and how many lines each has, without its docstring."""
    for node in ast.walk(tree(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            if body:
                yield node.name, (body[-1].end_lineno or 0) - body[0].lineno + 1


def lines_with(pattern: str, *packages: str) -> list[str]:
    compiled = re.compile(pattern)
    return [
        f"{source}:{number} {line.strip()}"
        for source in sources(*packages)
        for number, line in enumerate((ROOT / source).read_text().splitlines(), 1)
        if compiled.search(line)
    ]


def test_texts_for_people_live_in_the_catalogues() -> None:
    assert not lines_with("[а-яёА-ЯЁ]", *PRODUCT)


def test_nothing_is_left_for_later() -> None:
    assert not lines_with(r"\b(TODO|FIXME|XXX|NotImplementedError)\b", *PACKAGES)


def test_every_use_case_says_who_may_use_it() -> None:
    open_doors = [
        f"{service.__name__}.{name}"
        for service in service_classes().values()
        for name, method in vars(service).items()
        if callable(method) and not name.startswith("_") and not hasattr(method, RIGHT_OF)
    ]
    assert not open_doors


def starts_a_task(node: ast.AST) -> bool:
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
        return False
    owner = node.func.value
    in_a_group = isinstance(owner, ast.Name) and owner.id == "group"
    return node.func.attr in ("create_task", "ensure_future") and not in_a_group


def test_no_task_is_started_and_forgotten() -> None:
    found = Counter(
        {source: sum(map(starts_a_task, ast.walk(tree(source)))) for source in sources(*PACKAGES)}
    )
    assert {source for source, count in found.items() if count} == set(TASK_STARTERS)


def test_the_result_of_starting_a_task_is_kept() -> None:
    statements = [
        (source, node)
        for source in sources(*PACKAGES)
        for node in ast.walk(tree(source))
        if isinstance(node, ast.Expr)
    ]
    assert not [f"{source}:{node.lineno}" for source, node in statements if starts_a_task(node.value)]


def test_no_refusal_is_worded_twice() -> None:
    from handlers import errors

    worded: dict[object, set[str]] = {}
    for name, table in vars(errors).items():
        if name.isupper() and isinstance(table, dict):
            for key, text in table.items():
                worded.setdefault(key, set()).add(str(text))
    assert not [key for key, texts in worded.items() if len(texts) > 1]
