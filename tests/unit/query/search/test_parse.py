from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskscope.errors import UsageError
from taskscope.query.rules.cause import Cause
from taskscope.query.search.ast import (
    All,
    Annotation,
    AnyOf,
    Compare,
    Edge,
    Everything,
    Expression,
    Flag,
    InGroup,
    IsSet,
    Keyword,
    Not,
    Operator,
    Part,
    RootCause,
    Selector,
    Service,
)
from taskscope.query.search.parse import MAX_CHARACTERS, MAX_DEPTH, parse

OK, FAULT, ERROR = Flag(Keyword.OK), Flag(Keyword.FAULT), Flag(Keyword.ERROR)
SLOW = Compare(Keyword.DURATION, Operator.GT, 5.0)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Everything()),
        (" \n\t ", Everything()),
        ("ok", OK),
        ("OK", OK),
        ("!ok", Not(OK)),
        ("! ! !ok", Not(OK)),
        ("!!ok", OK),
        ("ok = true", OK),
        ("ok = FALSE", Not(OK)),
        ("ok != true", Not(OK)),
        ("ok != false", OK),
        ("((ok))", OK),
        ("ok AND fault", All((OK, FAULT))),
        ("ok fault", All((OK, FAULT))),
        ("ok or fault", AnyOf((OK, FAULT))),
        ("ok OR fault AND error", AnyOf((OK, All((FAULT, ERROR))))),
        ("ok OR fault error", AnyOf((OK, All((FAULT, ERROR))))),
        ("(ok OR fault) error", All((AnyOf((OK, FAULT)), ERROR))),
        ("!(ok OR fault)", Not(AnyOf((OK, FAULT)))),
        ("!ok fault", All((Not(OK), FAULT))),
        ("ok !partial duration <3", All((OK, Not(Flag(Keyword.PARTIAL)), Compare(Keyword.DURATION, Operator.LT, 3.0)))),
        ("responseTime > 5", Compare(Keyword.RESPONSE_TIME, Operator.GT, 5.0)),
        ("duration >= 500ms", Compare(Keyword.DURATION, Operator.GE, 0.5)),
        ("duration <= 2m", Compare(Keyword.DURATION, Operator.LE, 120.0)),
        ("duration > -.5e1", Compare(Keyword.DURATION, Operator.GT, -5.0)),
        ("http.status != 200", Compare(Keyword.HTTP_STATUS, Operator.NE, 200.0)),
        ("http.status", IsSet(Keyword.HTTP_STATUS)),
        ('http.url CONTAINS "/orders"', Compare(Keyword.HTTP_URL, Operator.CONTAINS, "/orders")),
        ('http.method beginswith "P"', Compare(Keyword.HTTP_METHOD, Operator.BEGINS_WITH, "P")),
        ('http.useragent ENDSWITH "x"', Compare(Keyword.HTTP_USER_AGENT, Operator.ENDS_WITH, "x")),
        ('user CONTAINS ""', Compare(Keyword.USER, Operator.CONTAINS, "")),
        ("user", IsSet(Keyword.USER)),
        (r'name = "say \"hi\" to C:\\dir\file"', Compare(Keyword.NAME, Operator.EQ, r'say "hi" to C:\dir\file')),
        ('name = "OR ) } //"', Compare(Keyword.NAME, Operator.EQ, "OR ) } //")),
        ("annotation.age > 3", Compare(Annotation("age"), Operator.GT, 3.0)),
        ("ANNOTATION.Age", IsSet(Annotation("Age"))),
        ("annotation.is_new = true", Compare(Annotation("is_new"), Operator.EQ, value=True)),
        ('annotation.http.route = "/"', Compare(Annotation("http.route"), Operator.EQ, "/")),
        ('annotation[http.route] = "/"', Compare(Annotation("http.route"), Operator.EQ, "/")),
        ('annotation["two words"] = "/"', Compare(Annotation("two words"), Operator.EQ, "/")),
        ("annotation[ age ]", IsSet(Annotation("age"))),
        ('group.name = "checkout"', InGroup("checkout")),
        ('group.name != "checkout"', Not(InGroup("checkout"))),
        ('group.arn = "arn:aws:xray:eu-west-1:123456789012:group/checkout/ABC"', InGroup("checkout")),
        ("service()", Service()),
        ("service() { fault }", Service(inside=FAULT)),
        ('service("x")', Service(Selector("x"))),
        ('SERVICE("x") {}', Service(Selector("x"), Everything())),
        ('service("x"){ok !fault}', Service(Selector("x"), All((OK, Not(FAULT))))),
        (
            'service(id(name: "x", type: "AWS::Lambda::Function", account.id: "1"))',
            Service(Selector("x", "AWS::Lambda::Function", "1")),
        ),
        ('service(id(type:"remote"))', Service(Selector(type="remote"))),
        ('edge("a", "b")', Edge(Selector("a"), Selector("b"))),
        (
            'edge(id(name:"a"), "b") { duration > 5 } ok',
            All((Edge(Selector("a"), Selector("b"), SLOW), OK)),
        ),
        ("rootcause.fault.entity { fault }", RootCause(Cause.FAULT, Part.ENTITY, FAULT)),
        ("rootCause.responseTime.service{ok}", RootCause(Cause.RESPONSE_TIME, Part.SERVICE, OK)),
        (
            "rootcause.error.exception { first !last index = 0 }",
            RootCause(
                Cause.ERROR,
                Part.EXCEPTION,
                All((Flag(Keyword.FIRST), Not(Flag(Keyword.LAST)), Compare(Keyword.INDEX, Operator.EQ, 0.0))),
            ),
        ),
        ("service(){coverage > 0.5}", Service(inside=Compare(Keyword.COVERAGE, Operator.GT, 0.5))),
    ],
)  # fmt: skip
def test_each_form_of_the_language_is_read(text: str, expected: Expression) -> None:
    """Every form that X-Ray documents is read, and binds as documented."""
    assert parse(text) == expected


@pytest.mark.parametrize("keyword", [each for each in Keyword if each not in ("first", "last", "index", "coverage")])
def test_each_keyword_is_known_in_any_case(keyword: Keyword) -> None:
    """Keywords are read whatever their case."""
    assert parse(keyword.upper()) == parse(keyword.lower())


@pytest.mark.parametrize(
    ("text", "column", "what"),
    [
        ("ok AND respnsetime > 5", 8, "did you mean responsetime?"),
        ("status = 200", 1, "did you mean http.status?"),
        ("not ok", 1, "did you mean !?"),
        ("foo.bar = 1", 1, "annotation.KEY"),
        ("user = admin", 8, 'texts take double quotes: "admin"'),
        ("user = 'admin'", 8, "double quotes"),
        ('user = "admin', 8, "no closing"),
        ("user = 5", 8, 'in double quotes: "5"'),
        ('user > "a"', 6, "> compares numbers"),
        ('http.status = "200"', 15, "without quotes"),
        ("http.status = 5s", 15, "without a unit"),
        ("duration CONTAINS 5", 10, "CONTAINS compares texts"),
        ("ok = 5", 6, "true or false"),
        ("ok ==true", 5, "a value"),
        ("ok AND", 7, "ends where a keyword"),
        ("(ok", 4, "ends where )"),
        ("ok)", 3, "not ')'"),
        ('service("x"){ok', 16, "ends where }"),
        ("service(x)", 9, 'name in double quotes or id(name: "…")'),
        ('service(id(nam:"x"))', 12, "name, type and account.id"),
        ('service(id(name:"x", NAME:"x"))', 22, "twice"),
        ('edge("a")', 9, ", should stand here"),
        ('service("x"){service("y")}', 14, "braces"),
        ('edge("x", "y"){group.name = "z"}', 16, "braces"),
        ("first", 1, "means nothing of a whole trace"),
        ("coverage > 1", 1, "means nothing of a whole trace"),
        ("service(){index = 1}", 11, "rootcause"),
        ("group.name", 1, "needs a value"),
        ('group.name CONTAINS "a"', 12, "takes = and !="),
        ('group.arn = "checkout"', 13, "no ARN"),
        ("json", 1, "not supported"),
        ('rootcause.json = #[{"Services": []}]', 1, "not supported"),
        ("annotation.a = #[1]", 16, "not supported"),
        ("annotation", 1, "annotation.KEY"),
        ("@", 1, "no meaning"),
        ("duration > 5 6", 14, "keyword"),
    ],
)
def test_an_error_names_the_column_and_says_what_to_do(text: str, column: int, what: str) -> None:
    """What cannot be read is shown with a caret under it."""
    with pytest.raises(UsageError) as caught:
        parse(text)

    assert f"column {column}:" in caught.value.message
    assert what in str(caught.value)
    assert caught.value.message.endswith(f"\n  {text}\n  {' ' * (column - 1)}^")


def test_an_error_on_a_later_line_names_the_line() -> None:
    """Columns count from the start of a line."""
    with pytest.raises(UsageError, match="line 2, column 4: 'blah'"):
        parse("ok\n   blah\nok")


def test_a_long_line_is_shown_around_its_error() -> None:
    """The caret stands under the error, of which some text before is shown."""
    with pytest.raises(UsageError) as caught:
        parse("ok " * 200 + "blah")

    *_, line, caret = caught.value.message.split("\n")
    assert line.index("blah") == caret.index("^")
    assert len(line) < 120


def test_a_text_too_long_or_too_deep_is_refused() -> None:
    """Nobody can make the parser work without bound."""
    deepest = "(" * MAX_DEPTH + "ok" + ")" * MAX_DEPTH
    assert parse(deepest) == OK
    assert parse("!" * (MAX_CHARACTERS - 2) + "ok") == OK
    with pytest.raises(UsageError, match=r"40 parentheses"):
        parse(f"({deepest})")
    with pytest.raises(UsageError, match="characters"):
        parse("ok" * MAX_CHARACTERS)


@given(st.text(alphabet=' !(){}<>=",.:[]#\\"abok15_\n', max_size=40) | st.text(max_size=20))
def test_any_text_is_read_or_refused(text: str) -> None:
    """No text makes the parser fail otherwise than by a UsageError."""
    with suppress(UsageError):
        parse(text)


@given(st.text(max_size=20))
def test_any_text_can_be_compared_with(text: str) -> None:
    """Quotes and backslashes can be written in a literal."""
    literal = text.replace("\\", "\\\\").replace('"', '\\"')

    assert parse(f'user = "{literal}"') == Compare(Keyword.USER, Operator.EQ, text)
