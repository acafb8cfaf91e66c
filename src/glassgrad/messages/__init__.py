"""The texts of the pages, with one file for each language: ``en.json``, ``de.json``, ….

A message has a key, such as ``"quiz.check"``, and named places, as in ``"{n} nodes"``. A message that depends on a
number has two forms, ``"count.node.one"`` and ``"count.node.other"``, and its value ``n`` chooses between them.

The player's page makes its sentences itself, in the reader's language (``player/js/messages.js``). So a `Message` is
English text in Python, but remembers its key and its values. A document holds the key and the values, and the texts of
that key in all languages.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

__all__ = ["ENGLISH", "LANGUAGES", "Message", "checked", "in_all_languages", "messages", "packed", "say"]

FOLDER = Path(__file__).parent
ENGLISH = "en"
LANGUAGES = (ENGLISH, *sorted(path.stem for path in FOLDER.glob("*.json") if path.stem != ENGLISH))


def checked(lang: Any) -> str | None:
    """Return the language ``lang``, or None, which stands for the reader's language.

    Raises:
        TypeError: ``lang`` is not a string.
        ValueError: there are no messages in that language.

    Example:
        >>> checked("de"), checked(None)
        ('de', None)
    """
    if lang is None:
        return None
    wrong = f"lang must be {', '.join(map(repr, LANGUAGES[:-1]))} or {LANGUAGES[-1]!r}, got {lang!r:.60}"
    if not isinstance(lang, str):
        raise TypeError(wrong)
    if lang not in LANGUAGES:
        raise ValueError(wrong)
    return lang


@lru_cache
def messages(lang: str) -> Mapping[str, str]:
    """Return all messages of a language, by key."""
    found: dict[str, str] = json.loads((FOLDER / f"{lang}.json").read_text(encoding="utf-8"))
    return found


def say(lang: str, key: str, **values: Any) -> str:
    """Return a message in a language.

    Args:
        lang: the language.
        key: the key of the message.
        values: the values for its places: texts, numbers, other messages, or lists of these. The value ``n`` chooses
            the form for one or for several.

    Example:
        >>> say("de", "count.node", n=2, count="2")
        '2 Knoten'
    """
    known = messages(lang)
    text = known.get(key) or known[f"{key}.{_form(lang, values['n'])}"]
    return re.sub(r"\{(\w+)\}", lambda match: _said(lang, values[match[1]]), text)


def _form(lang: str, n: float) -> str:
    return "one" if n == 1 or (lang == "fr" and n == 0) else "other"


def _said(lang: str, value: Any) -> str:
    if isinstance(value, Message):
        return value.in_language(lang)
    if isinstance(value, (list, tuple)):
        return "; ".join(_said(lang, one) for one in value)
    return str(value)


class Message(str):
    """A message in English that remembers its ``key`` and ``values``, so that it can be translated later.

    Example:
        >>> message = Message("judge.off", given="1", right="2")
        >>> message, message.in_language("de")
        ('1, not 2', '1, nicht 2')
    """

    key: str
    values: dict[str, Any]

    def __new__(cls, key: str, **values: Any) -> Message:
        made = super().__new__(cls, say(ENGLISH, key, **values))
        made.key, made.values = key, values
        return made

    def in_language(self, lang: str) -> str:
        """Return the message in a language."""
        return say(lang, self.key, **self.values)

    def __reduce__(self) -> tuple[Any, ...]:
        return _made, (self.key, self.values)


def _made(key: str, values: dict[str, Any]) -> Message:
    return Message(key, **values)


def packed(x: Any, used: set[str]) -> Any:
    """Return ``x`` with each message as ``{"key": …, "values": …}``, for JSON. Their keys are added to ``used``."""
    if isinstance(x, Message):
        used.add(x.key)
        return {"key": x.key, "values": packed(x.values, used)}
    if isinstance(x, dict):
        return {key: packed(value, used) for key, value in x.items()}
    return [packed(one, used) for one in x] if isinstance(x, (list, tuple)) else x


def in_all_languages(keys: Iterable[str]) -> dict[str, list[str]]:
    """Return the messages of these keys, in all their forms. Each is a list with a text for each of `LANGUAGES`."""
    known = messages(ENGLISH)
    forms = [form for key in sorted(keys) for form in (key, f"{key}.one", f"{key}.other") if form in known]
    return {form: [messages(lang)[form] for lang in LANGUAGES] for form in forms}
