"""Stack traces of several languages to frames."""

import time

import pytest

from taskscope.wire.xray.stacks import parse_stack

PYTHON = """Traceback (most recent call last):
  File "/srv/bank.py", line 7, in debit
    raise KeyError("account")
KeyError: 'account'

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/srv/app.py", line 30, in handle
    pay()
  File "/srv/cart.py", line 12, in pay
    raise ValueError("no account")
ValueError: no account
"""


def test_pythons_innermost_call_comes_first_and_its_cause_follows() -> None:
    """Python prints the first cause first and the innermost call last; X-Ray has both the other way round."""
    error, cause = parse_stack(PYTHON)

    assert error.frames == [
        {"path": "/srv/cart.py", "line": 12, "label": "pay"},
        {"path": "/srv/app.py", "line": 30, "label": "handle"},
    ]
    assert cause.head == "KeyError: 'account'"
    assert cause.frames == [{"path": "/srv/bank.py", "line": 7, "label": "debit"}]


@pytest.mark.parametrize(
    ("text", "frame"),
    [
        ("E: m\n\tat shop.Cart.pay(Cart.java:12)", ("Cart.java", 12, "shop.Cart.pay")),
        ("E: m\n\tat shop.Cart.pay(Native Method)", ("Native Method", 0, "shop.Cart.pay")),
        ("Error: m\n    at pay (/srv/cart.js:12:5)", ("/srv/cart.js", 12, "pay")),
        ("Error: m\n    at /srv/cart.js:12:5", ("/srv/cart.js", 12, "")),
        ("Error: m\n    at async Cart.pay (file:///srv/cart.mjs:12:5)", ("file:///srv/cart.mjs", 12, "async Cart.pay")),
        (
            "E: m\r\n   at Shop.Cart.Pay(Int32 id) in /src/Cart.cs:line 12\r\n",
            ("/src/Cart.cs", 12, "Shop.Cart.Pay(Int32 id)"),
        ),
        ("E: m\n   at Shop.Cart.Pay(Int32 id)", ("", 0, "Shop.Cart.Pay(Int32 id)")),
        ("E: m\n\tat pay(cart.py: 12)", ("cart.py", 12, "pay")),
        ("goroutine 1 [running]:\nmain.pay(0x1)\n\t/src/cart.go:12 +0x1d", ("/src/cart.go", 12, "main.pay")),
    ],
    ids=[
        "Java",
        "Java native",
        "Node",
        "Node without a function",
        "Node module",
        ".NET",
        ".NET without a source",
        "X-Ray",
        "Go",
    ],
)
def test_frame_is_read_in_the_form_of_its_language(text: str, frame: tuple[str, int, str]) -> None:
    """The text tells its form."""
    [part] = parse_stack(text)

    assert [tuple(each.values()) for each in part.frames] == [frame]


def test_text_that_is_no_trace_has_no_frames() -> None:
    """Prose stays out of the frames."""
    [part] = parse_stack("it broke\nbadly")

    assert part.frames == []


@pytest.mark.parametrize(
    "text",
    [
        " at " + "x in " * 20_000,
        " at " + "(" * 80_000,
        "\tat a" + " " * 80_000,
        'File "' * 20_000,
        "Caused by: " * 9000,
    ],
)
def test_hostile_text_costs_bounded_time(text: str) -> None:
    """No search backtracks over a long line."""
    begun = time.process_time()

    parse_stack(text)
    parse_stack("\n".join(text[at : at + 900] for at in range(0, len(text), 900)))

    assert time.process_time() - begun < 1
