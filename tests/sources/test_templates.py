"""Templates of connectors: what they fill in, and what is out of their reach: Python, time, memory."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_adapters.custom.expressions import expression
from crm_adapters.custom.filters import LONGEST_TEXT
from crm_adapters.xml_answers import read_xml

XML = read_xml(b"<o n='7'><s>10</s><c><p k='m'>+7</p></c></o>")
RECORD = {
    "a": {"b": 5, "items": "own"}, "c": "xy z", "e-mail": "x@y", "sum": "1 000,50", "cents": 100050,
    "paid": True, "none": None, "at": "2026-03-04T12",
    "lines": [{"t": "Tea", "p": 0.1, "n": 1}, {"t": "Cake", "p": 0.2, "n": 2}],
}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("№ {{ a.b }}/{{c|upper}}", "№ 5/XY Z"),
        ("{{ c | upper | split | first }}!", "XY!"),
        ("{{ nothing }}{{ nothing.at.all }}{{ none }}", ""),
        ("{{ c | digits }}", ""),
        ("plain {{a.b}}", "plain 5"),
        ("{{ a.items }} {{ record['e-mail'] }} {{ a['b'] }}", "own x@y 5"),
        ("{{ lines[0].t }} {{ lines.1.t }} {{ lines[-1].t }}", "Tea Cake Cake"),
        ("{{ lines | map('t') | join(', ') }}", "Tea, Cake"),
        ("{{ lines | sum('p') }}", "0.3"),
        ("{{ lines[0].p + lines[1].p }}", "0.3"),
        ("{{ lines[1].p * lines[1].n - 1 }}", "-0.6"),
        ("{{ cents / 100 }}", "1000.5"),
        ("{{ -(cents // 1000) % 7 }}", "-2"),
        ("{{ sum | float * 2 }}", "2001"),
        ("{{ 10 / 3 }} {{ (10 / 3) | round(2) }}", "3.333333 3.33"),
        ("{% if paid and a.b > 4 %}yes{% else %}no{% endif %}", "yes"),
        ("{{ 'back' if a.b in (5, 6) else 'sale' }}", "back"),
        ("{{ x | default('-') }}{{ none | default('+') }}", "-+"),
        ("{{ at[:10] }} {{ at | date }}", "2026-03-04 2026-03-04"),
        ("{{ c ~ '-' ~ a.b }}", "xy z-5"),
        ("{{ c | replace('x', '') | trim }}{# a remark #}", "y z"),
        ("=RUB", "RUB"),
    ],
)
def test_templates(text: str, found: str) -> None:
    assert expression(text, xml=False).find(RECORD) == [found]


def test_a_template_over_xml() -> None:
    assert expression("{{ n }}-{{ c.p.text }}", xml=True).find(XML) == ["7-+7"]


REFUSED = [
    # out by attributes, as it is told everywhere
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ self.__init__.__globals__.__builtins__.__import__('os').popen('id').read() }}",
    "{{ lipsum.__globals__['os'].popen('id').read() }}",
    "{{ cycler.__init__.__globals__.os.system('id') }}",
    "{{ joiner() }}{{ namespace(a=1) }}",
    "{{ request|attr('application')|attr('__globals__') }}",
    "{{ a | attr('items') }}",
    "{{ a.items() }}",
    "{{ '{0.__class__}'.format(a) }}",
    "{{ '%s' | format(a) }}",
    "{{ ('a' | upper)() }}",
    "{{ [] | map(attribute='__class__', *a) }}",
    "{{ a | map(**a) | list }}",
    "{{ a | xmlattr }}",
    "{{ a | tojson | safe }}",
    "{{ a is callable }}",
    "{{ a is filter('upper') }}",
    # statements
    "{% for x in range(10**9) %}{% endfor %}",
    "{% for x in lines recursive %}{{ loop(lines) }}{% endfor %}",
    "{% set x = a %}{{ x }}",
    "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "{% call a() %}{% endcall %}",
    "{% include '/etc/passwd' %}",
    "{% import 'os' as os %}",
    "{% extends 'x' %}",
    "{% block x %}{% endblock %}",
    "{% with x = 1 %}{{ x }}{% endwith %}",
    "{% filter upper %}x{% endfilter %}",
    "{% autoescape true %}{% endautoescape %}",
    # time and memory
    "{{ range(10**9) }}",
    "{{ 9 ** 9 ** 9 }}",
    "{{ {'a': 1} }}",
    "{{ " + "(" * 200 + "1" + ")" * 200 + " + a }}",
    "{{ " + "-" * 400 + "1 }}",
    "{{ a" + "|upper" * 60 + " }}",
    "{{ a" + "+a" * 200 + " }}",
    "{{a}}" * 200,
    # what is none
    "{{ {{ a }} }}",
    "{{ a",
    "a }}",
    "{{}}",
    "{{ a | nothing }}",
]


@pytest.mark.parametrize("text", REFUSED)
def test_a_template_that_is_refused(text: str) -> None:
    started = time.perf_counter()
    with pytest.raises(ValueError):
        expression(text, xml=False)
    assert time.perf_counter() - started < 0.5


EMPTY = [
    "{{ ''.__class__ }}",
    "{{ a.__class__.__mro__ }}",
    "{{ a['__class__'] }}",
    "{{ self._TemplateReference__context }}",
    "{{ self }}",
    "{{ record }}{{ a }}{{ lines }}",
    "{{ config }}{{ request['application'] }}",
    "{{ [a, record] | map('__class__') | join }}",
    "{{ lines | sum('__class__') if false }}",
]


@pytest.mark.parametrize("text", EMPTY)
def test_nothing_of_python_is_in_reach(text: str) -> None:
    assert expression(text, xml=False).find(RECORD) == [""]


UNMADE = [
    "{{ 'a' * 1000000000 }}",
    "{{ '%1000000000d' % 1 }}",
    "{{ lines * 1000000000 }}",
    "{{ 1000000000000000000 * 1000000000000000000 }}",
    "{{ 1 / 0 }}",
    "{{ 1 % 0 }}",
    "{{ a < c }}",
    "{{ nothing + 1 }}",
    "{{ record[1:2] }}",
    "{{ paid + 1 }}",
    "{{ c | float }}",
]


@pytest.mark.parametrize("text", UNMADE)
def test_a_template_that_cannot_be_filled_leads_nowhere(text: str) -> None:
    assert expression(text, xml=False).one(RECORD) is None


@pytest.mark.parametrize(
    "text",
    [
        "{{ t ~ t ~ t ~ t ~ record ~ record }}",
        "{{ t + t + t + t }}",
        "{{ t | replace('', t) | replace('', t) | replace('', t) }}",
        "{{ many | join(t) }}",
        "{{ [t, t, t] | join(t) ~ (many | join) }}",
        "{{ t }}" * 20,
        "{{ t | split('') | length if false }}{{ t | round(99999999) if false }}{{ 1 | round(99999999) }}",
    ],
)
def test_what_a_template_makes_is_bounded(text: str) -> None:
    record = {"t": "x" * 3_000_000, "many": ["x"] * 1_000_000}
    found = expression(text, xml=False)
    started = time.perf_counter()
    assert len(str(found.one(record))) <= LONGEST_TEXT
    assert time.perf_counter() - started < 0.5


@given(st.text(alphabet="{}%#|.()[]'\"_~+-*/ abx01,:=<>", min_size=1, max_size=60), st.booleans())
def test_any_template_is_refused_or_makes_a_text(inside: str, statement: bool) -> None:
    text = f"{{% {inside} %}}" if statement else f"{{{{ {inside} }}}}"
    try:
        found = expression(text, xml=False)
    except ValueError:
        return
    assert all(isinstance(one, str) and len(one) <= LONGEST_TEXT for one in found.find(RECORD))
