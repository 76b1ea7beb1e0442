# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The ledger: one ConfigMap per app, which a person can read; the open rollout and the last ten that have ended."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..cluster import CONFIG_MAP, Cluster, ClusterError, Conflict, Obj
from .entry import Entry
from .names import Names

KEPT = 10
LARGEST = 200_000  # bytes of one page; a ConfigMap holds a megabyte
_TRIES = 20


@dataclass(frozen=True, slots=True)
class Book:
    """The pages of one environment. `history` begins with the latest."""

    open: Entry | None = None
    history: tuple[Entry, ...] = ()

    def closing(self, entry: Entry) -> Book:
        return Book(None, (entry, *self.history)[:KEPT])

    @property
    def last_released(self) -> Entry | None:
        return next((entry for entry in self.history if entry.outcome == "released"), None)


@dataclass(frozen=True, slots=True)
class Written:
    """`before` and `after`: the pages as text, for a diff."""

    book: Book
    before: Mapping[str, str]
    after: Mapping[str, str]

    @property
    def changed(self) -> bool:
        return self.before != self.after


@dataclass(frozen=True, slots=True)
class Ledger:
    """Reads and writes by compare-and-swap, since other environments have pages in the same ConfigMap."""

    cluster: Cluster
    names: Names

    def read(self) -> Book:
        """Raises ClusterError."""
        obj = self._find()
        return self._parse((obj or {}).get("data") or {})

    def write(self, change: Callable[[Book], Book], *, dry_run: bool = False) -> Written:
        """Raises ClusterError."""
        for _attempt in range(_TRIES):
            obj = self._find()
            data: Mapping[str, str] = (obj or {}).get("data") or {}
            book = change(self._parse(data))
            pages = {self.names.key("open"): _text(book.open), self.names.key("history"): _text(book.history)}
            before = {key: data.get(key, "") for key in pages}
            if before == pages:
                return Written(book, before, pages)
            for key, text in pages.items():
                if len(text.encode()) > LARGEST:
                    raise ClusterError(
                        f"The ledger's page {key} would be {len(text)} bytes long; {LARGEST} are allowed."
                    )
            try:
                self._send(obj, {key: text or None for key, text in pages.items()}, dry_run=dry_run)
            except Conflict:
                continue
            return Written(book, before, pages)
        raise ClusterError(f"ConfigMap {self._where()} is written all the time. Find out by whom.")

    def update(self, change: Callable[[Entry], Entry]) -> Written:
        """Change the open entry, if there is one."""
        return self.write(lambda book: replace(book, open=change(book.open)) if book.open is not None else book)

    def _find(self) -> Obj | None:
        return self.cluster.find(CONFIG_MAP, self.names.namespace, self.names.ledger)

    def _send(self, obj: Obj | None, data: Mapping[str, str | None], *, dry_run: bool) -> None:
        if obj is None:
            meta = {"name": self.names.ledger, "labels": {"app.kubernetes.io/managed-by": "slipway"}}
            body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta}
            body["data"] = {key: text for key, text in data.items() if text is not None}
            self.cluster.create(CONFIG_MAP, self.names.namespace, body, dry_run=dry_run)
            return
        patch = {"metadata": {"resourceVersion": obj["metadata"]["resourceVersion"]}, "data": dict(data)}
        self.cluster.patch(CONFIG_MAP, self.names.namespace, self.names.ledger, patch, dry_run=dry_run)

    def _parse(self, data: Mapping[str, str]) -> Book:
        current, past = self._page(data, "open"), self._page(data, "history")
        if not isinstance(current or {}, Mapping) or not isinstance(past or [], list):
            raise self._unreadable("it is not what Slipway has written")
        opened = Entry.parse(current) if current else None
        return Book(opened, tuple(Entry.parse(one) for one in past or () if isinstance(one, Mapping)))

    def _page(self, data: Mapping[str, str], page: str) -> Any:
        import yaml  # a module has to load without it, too

        try:
            return yaml.safe_load(data.get(self.names.key(page)) or "")
        except yaml.YAMLError as error:
            raise self._unreadable(str(error)) from error

    def _unreadable(self, why: str) -> ClusterError:
        return ClusterError(
            f"The ledger, ConfigMap {self._where()}, cannot be read: {why} "
            "Put it right, or delete it when nothing is open."
        )

    def _where(self) -> str:
        return f"{self.names.namespace}/{self.names.ledger}"


def _text(page: Entry | tuple[Entry, ...] | None) -> str:
    import yaml

    if not page:
        return ""
    data = page.as_dict() if isinstance(page, Entry) else [entry.as_dict() for entry in page]
    return yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=110)
