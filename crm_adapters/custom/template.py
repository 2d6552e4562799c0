"""A text with values in it: Jinja2 in its sandbox, cut down to what fills in one value.

{{ customer.name }} {{ total - discount }} {{ shop | upper }} {% if paid %}yes{% else %}no{% endif %}

The names are those of the record; `record` is all of it. docs/decisions/0008-templates-of-connectors.md says
what a template may not do and why. In short, the sandbox alone bounds neither time nor memory, and has been
got out of by way of attributes. So only nodes of ALLOWED are compiled: no loop, call, assignment or power.
Nothing has attributes: a dot looks into the record, never into Python. Sums are decimal and bounded, filters
are those of FILTERS, and every text that comes out of the record or of a filter is cut.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any

from jinja2 import ChainableUndefined, TemplateError, nodes
from jinja2.exceptions import SecurityError
from jinja2.runtime import Context, Undefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.visitor import NodeTransformer

from crm_adapters.custom.filters import FILTERS, cut, number_of, shown

MOST_NODES, DEEPEST = 200, 24
TESTS = ("defined", "undefined", "none", "number", "string", "in")
ALLOWED: frozenset[type[nodes.Node]] = frozenset(
    {
        nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.Getattr,
        nodes.Getitem, nodes.Slice, nodes.Filter, nodes.Test, nodes.Keyword, nodes.Tuple, nodes.List,
        nodes.If, nodes.CondExpr, nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.Concat,
        nodes.Add, nodes.Sub, nodes.Mul, nodes.Div, nodes.FloorDiv, nodes.Mod, nodes.Neg, nodes.Pos,
    }
)  # fmt: skip
_SUMS: Mapping[str, Callable[[Decimal, Decimal], Decimal]] = {
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
    "/": lambda left, right: left / right,
    "//": lambda left, right: left // right,
    "%": lambda left, right: left % right,
}

Fill = Callable[[Any], str | None]
"""(a record) -> the text, None where it cannot be made of this one."""


class _Sandbox(ImmutableSandboxedEnvironment):
    """Knows data and numbers, and no object's attributes."""

    intercepted_binops = frozenset(_SUMS)
    intercepted_unops = frozenset({"+", "-"})

    def getattr(self, obj: Any, attribute: str) -> Any:
        return self.getitem(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """A member of an object of the record, or a place in a list of it."""
        if isinstance(obj, Mapping) and isinstance(argument, str) and argument in obj:
            return cut(obj[argument])
        if isinstance(obj, list | tuple) and isinstance(argument, int) and -len(obj) <= argument < len(obj):
            return cut(obj[argument])
        return obj if isinstance(obj, Undefined) else self.undefined(name=str(argument)[:60])

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Decimal, so that 0.1 + 0.2 is 0.3; two texts may be put together."""
        if operator == "+" and isinstance(left, str) and isinstance(right, str):
            return cut(left + right)
        return _whole(number_of(_SUMS[operator](number_of(left), number_of(right))))

    def call_unop(self, context: Context, operator: str, arg: Any) -> Any:
        return _whole(-number_of(arg) if operator == "-" else number_of(arg))


def _whole(number: Decimal) -> int | Decimal:
    """A whole number is one that a place in a list can be asked by."""
    return int(number) if number == number.to_integral_value() else number


class _Joined(NodeTransformer):
    """`a ~ b` becomes `[a, b] | join`: the operator would write out whatever it is given, however long."""

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:
        self.generic_visit(node)
        parts = nodes.List(node.nodes, lineno=node.lineno)
        joined = nodes.Filter(parts, "join", [], [], None, None, lineno=node.lineno)
        return joined.set_environment(node.environment) if node.environment is not None else joined


@lru_cache(maxsize=1)
def _sandbox() -> _Sandbox:
    made = _Sandbox(undefined=ChainableUndefined, finalize=shown, cache_size=0, keep_trailing_newline=True)
    made.globals.clear()
    made.filters = dict(FILTERS)
    made.tests = {name: made.tests[name] for name in TESTS}
    return made


def compiled(text: str) -> Fill:
    """Raises ValueError for what is no template, or more than one may be."""
    sandbox = _sandbox()
    try:
        tree = sandbox.parse(text)
        _check(tree)
        template = sandbox.from_string(_Joined().visit(tree))
    except (TemplateError, RecursionError) as error:
        raise ValueError("no template") from error

    def fill(record: Any) -> str | None:
        own = {name: cut(value) for name, value in record.items()} if isinstance(record, Mapping) else {}
        try:
            return str(cut(template.render({"record": cut(record), **own})))
        except (TemplateError, TypeError, ValueError, ArithmeticError, LookupError):
            return None

    return fill


def _check(tree: nodes.Template) -> None:
    """Raises SecurityError for the first node that a template may not have."""
    waiting: list[tuple[nodes.Node, int]] = [(tree, 0)]
    seen = 0
    while waiting:
        node, depth = waiting.pop()
        seen += 1
        if type(node) not in ALLOWED or seen > MOST_NODES or depth > DEEPEST:
            raise SecurityError(f"{type(node).__name__} is not for a template")
        if isinstance(node, nodes.Filter | nodes.Test):
            known = FILTERS if isinstance(node, nodes.Filter) else TESTS
            if node.name not in known or node.dyn_args is not None or node.dyn_kwargs is not None:
                raise SecurityError(f"{node.name} is not known")
        waiting += [(child, depth + 1) for child in node.iter_child_nodes()]
