# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from ansible_collections.slipway.rollout.plugins.module_utils.adopt.scraped import Known, ask_prometheus, series_of
from ansible_collections.slipway.rollout.plugins.module_utils.gate.selector import Selector
from ansible_collections.slipway.rollout.plugins.module_utils.gate.sources.source import SourceError

from tests.unit.traffic.fake_api import FakeClock


def ask(series: Sequence[Mapping[str, str]], stable: Mapping[str, str] | None = None) -> Known:
    def answer(selector: Selector) -> list[Mapping[str, str]]:
        return [labels for labels in series if selector.matches("m", labels)]

    return ask_prometheus(answer, "Prometheus at p", ["m"], "shop", stable or {"app.kubernetes.io/name": "shop"})


def test_it_knows_the_pods_by_their_labels() -> None:
    known = ask([{"namespace": "shop", "app_kubernetes_io_name": "shop", "pod": "shop-1"}])
    assert (known.usable, known.notes) == (True, ("Prometheus at p has m of these pods",))


@pytest.mark.parametrize(
    ("series", "said"),
    [
        ([], "Prometheus at p has m nowhere. Does it scrape the pods of shop?"),
        ([{"namespace": "b"}, {"namespace": "a"}], "has m only in a, b. Does it"),
        ([{"pod": "x"}], "has m without namespaces"),
        ([{"namespace": "shop", "pod": "x"}], "has m of shop, but not with app_kubernetes_io_name=shop, so that"),
    ],
)
def test_why_it_cannot_be_used(series: list[dict[str, str]], said: str) -> None:
    known = ask(series)
    assert known.usable is False
    assert said in known.questions[0]


def test_labels_that_are_never_together() -> None:
    known = ask([{"namespace": "shop", "a": "1"}, {"namespace": "shop", "b": "2"}], {"a": "1", "b": "2"})
    assert "not with a=1 and b=2" in known.questions[0]


def test_no_answer_and_nothing_to_ask() -> None:
    def fail(selector: Selector) -> list[Mapping[str, str]]:
        raise SourceError("unreachable", "No way to it.")

    assert ask_prometheus(fail, "p", ["m"], "shop", {}).questions == ("Is this the right Prometheus? No way to it.",)
    assert "not asked for anything" in ask_prometheus(fail, "p", [], "shop", {}).questions[0]


class Client:
    name, address = "Prometheus", "http://p"

    def __init__(self, answer: Any) -> None:
        self.answer = answer
        self.asked: list[Any] = []

    def ask(self, path: str, parameters: Any) -> Any:
        self.asked.append((path, dict(parameters)))
        return self.answer


def test_series_by_the_api() -> None:
    client: Any = Client({"status": "success", "data": [{"a": "b"}, 7]})
    assert series_of(client, FakeClock())(Selector("m")) == [{"a": "b"}]
    ((path, parameters),) = client.asked
    assert (path, parameters["match[]"]) == ("/api/v1/series", "m")
    assert float(parameters["end"]) - float(parameters["start"]) == 300
    for answer in ({"data": "x"}, []):
        with pytest.raises(SourceError, match="does not answer as Prometheus does"):
            series_of(Client(answer), FakeClock())(Selector("m"))  # type: ignore[arg-type]
