"""Every button leads somewhere, and everything that can be meant has a conversation."""

from __future__ import annotations

import ast

import pytest

from bot.conversation import taking
from bot.conversation.turn import ACTS, COMMANDS, INTENTS
from bot.understanding import reading
from tests.wiring.repository import calls, sources

pytestmark = pytest.mark.long  # reads all the code

#: `b` is how a flow shortens `turn.button` in a long list.
_MAKERS = ("Button", "button", "b")


def acts_on_buttons() -> dict[str, str]:
    """The act of each button in the code, with where it is."""
    found = {}
    for path, tree in sources("bot", "handlers"):
        for call in calls(tree, *_MAKERS):
            named = next((k.value for k in call.keywords if k.arg == "act"), None)
            given = call.args[1] if len(call.args) > 1 else named
            if isinstance(given, ast.Constant) and isinstance(given.value, str) and given.value:
                found[given.value] = f"{path}:{call.lineno}"
    return found


def test_every_button_has_an_act_that_is_registered():
    on_buttons = acts_on_buttons()
    assert len(on_buttons) > 40  # else the search above is blind
    assert {act: at for act, at in on_buttons.items() if act not in ACTS} == {}


def test_every_registered_act_is_named_somewhere():
    """An act that no code names can't be reached: it is left over."""
    named = set()
    for _path, tree in sources("bot", "handlers"):
        registering = _registrations(tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and node not in registering:
                named.add(node.value)
    assert sorted(set(ACTS) - named) == []


def test_every_intent_has_a_conversation_and_no_conversation_an_unknown_intent():
    assert sorted(set(reading.INTENTS) - {"unclear"} - set(INTENTS)) == []
    assert sorted(set(INTENTS) - set(reading.INTENTS)) == []


def test_the_command_menu_names_only_commands_that_exist():
    menu = next(
        node
        for path, tree in sources("bot")
        if path.name == "main_telegram.py"
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.name == "_menus"
    )
    words = {
        k.value
        for d in ast.walk(menu)
        if isinstance(d, ast.Dict)
        for k in d.keys
        if isinstance(k, ast.Constant)
    }
    assert words
    assert sorted(words - set(COMMANDS)) == []
    assert taking.COMMANDS is COMMANDS


def _registrations(tree: ast.Module) -> set[ast.AST]:
    """What stands in `@act("name")`: that alone proves nothing."""
    return {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
        for decorator in node.decorator_list
        for inner in ast.walk(decorator)
    }
