"""An exact count with one update per request, also when DynamoDB's answer is lost and the SDK retries the update.

Each process has a slot in the item: an attribute with the total after the process's last update. The update requires
that the slot still holds the number that the process was told. If it holds another one, this update was done before and
its answer was lost; the number in the slot is that answer.

A slot takes 28 bytes and is used for ten minutes. So an item stays below 1 KB, which is one write unit, unless more
than twenty processes serve the same developer at once.
"""

import secrets
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from pynamodb.attributes import NumberAttribute
from pynamodb.constants import ALL_NEW, UPDATED_NEW
from pynamodb.exceptions import UpdateError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.operand import Path
from pynamodb.expressions.update import Action

from tables import Table

USED_MINUTES = 10
KEPT_MINUTES = 15  # longer than a slot's use and the SDK's retries, even if the clocks of two processes differ
MOST_OLD = 16  # unused slots in an item before an extra update removes them
MOST_REMOVED = 100  # at a time: DynamoDB limits how long an expression is
MOST_HELD = 1000  # items for which a process remembers its slot

_PREFIX = "slot_"


class _Slot(NamedTuple):
    name: str
    told: int


class _Held(threading.local):
    """The slots of this thread, by the keys of their items. Threads must not share a slot."""

    def __init__(self) -> None:
        self.slots: dict[tuple[str, str], _Slot] = {}


_held = _Held()


def add(table: type[Table], total: NumberAttribute, key: tuple[str, str], more: Sequence[Action]) -> int:
    """Adds 1 to `total` in the item, applies the actions `more`, and returns the new total."""

    def update(name: str, condition: Condition, return_values: str) -> dict[str, Any]:
        actions = [total.add(1), Path(name).set((total | 0) + 1), *more]
        return table.update_or_get(*key, actions, condition, return_values)

    # Forgotten until there is an answer: after a failed update, the content of the slot is unknown.
    held = _held.slots.pop(key, None)
    if held and _age(held.name) < USED_MINUTES:
        item = update(held.name, Path(held.name) == held.told, UPDATED_NEW)
        if held.name in item:  # else the item was deleted since, and nothing was added
            return _hold(key, held.name, item)
    name = f"{_PREFIX}{_minute():x}_{secrets.token_hex(6)}"
    item = update(name, Path(name).does_not_exist(), ALL_NEW)
    _tidy(table, key, item)
    return _hold(key, name, item)


def _hold(key: tuple[str, str], name: str, item: dict[str, Any]) -> int:
    """Remembers the slot, and gives what it holds."""
    if len(_held.slots) >= MOST_HELD:
        _held.slots.clear()
    told = int(item[name]["N"])
    _held.slots[key] = _Slot(name, told)
    return told


def _tidy(table: type[Table], key: tuple[str, str], item: dict[str, Any]) -> None:
    """Removes slots that no process uses any more, if there are many of them."""
    old = [name for name in item if name.startswith(_PREFIX) and _age(name) >= KEPT_MINUTES]
    if len(old) >= MOST_OLD:
        # The request is counted, so a failure here must not fail it. The next process tidies up.
        with suppress(UpdateError):
            table(*key).update([Path(name).remove() for name in old[:MOST_REMOVED]])


def _age(name: str) -> int:
    """Minutes since the slot was taken."""
    return _minute() - int(name.removeprefix(_PREFIX).partition("_")[0], 16)


def _minute() -> int:
    return int(time.time() // 60)
