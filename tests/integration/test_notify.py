# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Messages of a rollout as they arrive at real servers, and what happens when they do not arrive."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.plays import Played, Task, play
from tests.integration.post_office import Chat, Mailbox, chatting, post_office

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS:UserWarning")
SECRET = "T0/B0/s3cr3t"
TOKEN = "xoxb-t0k3n"
PASSWORD = "p4ssw0rd"
REASON = 'errors: 12 of 240 <5 %> & "worse" than stable {{ not_a_variable }}'


@pytest.fixture(scope="module")
def chat() -> Iterator[Chat]:
    with chatting() as chat:
        yield chat


@pytest.fixture(scope="module")
def mailbox() -> Iterator[Mailbox]:
    with post_office(PASSWORD) as box:
        yield box


def event(name: str, **more: Any) -> Task:
    """As a strategy calls it."""
    said = {"notify_release": "shop:2.4.1", "notify_strategy": "canary", **more}
    return {
        "name": f"Tell people of {name}",
        "ansible.builtin.include_role": {"name": "slipway.rollout.notify", "rolespec_validate": False},
        "vars": {"notify_event": name, **said},
        "when": "slipway_notify is defined",
    }


def tell(folder: Path, events: list[Task], targets: Any, *options: str, **more: Any) -> Played:
    variables = {
        "slipway_app": "shop",
        "slipway_environment": "production",
        "slipway_notify": targets,
        "reason": {"__ansible_unsafe": REASON},
        **more,
    }
    return play(folder, events, *options, variables=variables, environment={"GITHUB_RUN_ID": "", "CI_JOB_URL": ""})


def every(chat: Chat, mailbox: Mailbox) -> list[dict[str, Any]]:
    login = {"username": "slipway", "password": PASSWORD}
    return [
        {"kind": "slack", "webhook": f"{chat.url}/services/{SECRET}"},
        {"kind": "slack", "name": "app", "token": TOKEN, "channel": "#rollouts", "api": f"{chat.url}/api"},
        {"kind": "teams", "webhook": f"{chat.url}/teams/{SECRET}"},
        {"kind": "mattermost", "webhook": f"{chat.url}/hooks/{SECRET}", "channel": "rollouts"},
        {"kind": "webhook", "url": f"{chat.url}/hook", "headers": {"X-Key": SECRET}, "events": ["start", "rollback"]},
        {"kind": "mail", "host": "127.0.0.1", "port": mailbox.port, "from": "slipway@example.com",
         "to": ["a@example.com", "b@example.com"], "secure": "never", "events": ["rollback"], **login},
    ]  # fmt: skip


def test_every_kind_gets_every_event_it_wants(tmp_path: Path, chat: Chat, mailbox: Mailbox) -> None:
    chat.answers["/api/chat.postMessage"] = (200, '{"ok": true}')
    events = [
        event("start"),
        event("stage", notify_stage="25 %"),
        event("verdict", notify_outcome="released"),
        event("rollback", notify_stage="25 %", notify_reason="{{ reason }}"),
        event("pause", notify_stage="25 %"),
    ]
    # A busy machine may take longer than people would wait.
    patient = {"slipway_notify_timeout": 60, "slipway_notify_link": "https://ci.example.com/7?a=1&b=2"}
    played = tell(tmp_path, events, every(chat, mailbox), "-vv", **patient)
    assert played.code == 0, played.said
    assert "was not told" not in played.said
    assert not [secret for secret in (SECRET, TOKEN, PASSWORD) if secret in played.said]

    slack = chat.at(f"/services/{SECRET}")
    assert [post["text"] for post in slack] == [
        "▶️ shop:2.4.1 in production: canary begins",
        "⏳ shop:2.4.1 in production: 25 %",
        "✅ shop:2.4.1 in production: released",
        "⏪ shop:2.4.1 in production: rolled back",
        "⏸️ shop:2.4.1 in production: paused at 25 %, somebody has to decide",
    ]
    blocks = slack[3]["blocks"]
    escaped = 'errors: 12 of 240 &lt;5 %&gt; &amp; "worse" than stable {{ not_a_variable }}'
    assert blocks[1]["text"] == {"type": "mrkdwn", "text": escaped}
    assert {"type": "mrkdwn", "text": "*Stage*\n25 %"} in blocks[2]["fields"]
    assert blocks[3]["elements"][0]["text"] == "<https://ci.example.com/7?a=1&b=2|The run>"

    by_app = [post for post in chat.posts if post.path == "/api/chat.postMessage"]
    assert len(by_app) == 5
    assert {post.headers["Authorization"] for post in by_app} == {f"Bearer {TOKEN}"}
    assert {post.body["channel"] for post in by_app} == {"#rollouts"}

    card = chat.at(f"/teams/{SECRET}")[3]["attachments"][0]
    assert card["contentType"] == "application/vnd.microsoft.card.adaptive"
    title, reason, facts = card["content"]["body"]
    assert (title["color"], reason["text"]) == ("Attention", REASON)
    assert {"title": "Release", "value": "shop:2.4.1"} in facts["facts"]
    assert card["content"]["actions"][0]["url"] == "https://ci.example.com/7?a=1&b=2"

    hook = chat.at(f"/hooks/{SECRET}")
    assert (hook[3]["channel"], hook[3]["attachments"][0]["color"]) == ("rollouts", "#c62828")
    assert (hook[2]["attachments"][0]["color"], hook[3]["attachments"][0]["text"]) == ("#2e7d32", REASON)

    plain = [post for post in chat.posts if post.path == "/hook"]
    assert [post.body["event"] for post in plain] == ["start", "rollback"]
    assert plain[1].headers["X-Key"] == SECRET
    assert {key: plain[1].body[key] for key in ("app", "environment", "strategy", "release", "stage", "reason")} == {
        "app": "shop",
        "environment": "production",
        "strategy": "canary",
        "release": "shop:2.4.1",
        "stage": "25 %",
        "reason": REASON,
    }

    [mail] = mailbox.mails
    assert (mail["Subject"], mail["From"]) == ("⏪ shop:2.4.1 in production: rolled back", "slipway@example.com")
    assert [sorted(names) for names in mailbox.recipients] == [["a@example.com", "b@example.com"]]
    body = mail.get_body(("plain",))
    assert body is not None
    text = body.get_content()
    assert REASON in text
    assert "Release      shop:2.4.1\n" in text
    assert "https://ci.example.com/7?a=1&b=2" in text


def test_what_fails_is_said_without_secrets_and_fails_nothing(tmp_path: Path, chat: Chat, mailbox: Mailbox) -> None:
    chat.answers[f"/services/{SECRET}"] = (404, "no_team")
    chat.answers["/api/chat.postMessage"] = (200, '{"ok": false, "error": "channel_not_found"}')
    chat.answers[f"/teams/{SECRET}"] = 240.0
    targets = [
        *every(chat, mailbox)[:3],
        {"kind": "mattermost", "webhook": f"http://127.0.0.1:9/hooks/{SECRET}"},
        {"kind": "webhook", "url": f"ftp://nowhere/{SECRET}"},
        {"kind": "webhook", "name": "no address"},
        {"kind": "pigeon"},
        {"kind": "mail", "host": "127.0.0.1", "port": mailbox.port, "from": "slipway@example.com",
         "to": ["ops@example.com"], "secure": "never", "username": "slipway", "password": "wr0ng"},
        "not a target",
        {"kind": "webhook", "name": "the last", "url": f"{chat.url}/last"},
    ]  # fmt: skip
    went_on = {"name": "Go on", "ansible.builtin.debug": {"msg": "the rollout went on"}}
    began = time.monotonic()
    played = tell(tmp_path, [event("start"), went_on], targets, "-vv", slipway_notify_timeout=1)
    assert played.code == 0, played.said
    assert "the rollout went on" in played.said
    assert time.monotonic() - began < 120, "it waited for one who does not answer"
    for said in (
        "slack was not told (shop:2.4.1 in production: canary begins), because it answered HTTP 404",
        "app was not told (shop:2.4.1 in production: canary begins), because it answered channel_not_found",
        "teams was not told",
        "mattermost was not told",
        "Connection refused",
        "because its url does not begin with https://",
        "no address was not told (shop:2.4.1 in production: canary begins), because it has no url",
        "its kind is pigeon; there are slack, teams, mattermost, webhook, mail",
        "mail was not told",
        "its kind is not said",
    ):
        assert said in played.said, f"{said}\n\n{played.said}"
    assert not [secret for secret in (SECRET, TOKEN, "wr0ng") if secret in played.said]
    assert len(chat.at("/last")) == 1


@pytest.mark.parametrize("settings", [7, {"kind": "slack"}, "{{ no_such_secret }}"])
def test_settings_that_cannot_be_used_fail_nothing(tmp_path: Path, settings: Any) -> None:
    told = event("verdict")
    told["vars"]["notify_targets"] = settings
    played = tell(tmp_path, [told], [])
    assert played.code == 0, played.said
    assert "Nobody was told about verdict" in played.said


def test_templates_of_a_user_come_first(tmp_path: Path, chat: Chat) -> None:
    (tmp_path / "mine.j2").write_text('{"say": "{{ notify_release }} {{ notify_event }}"}')
    (tmp_path / "broken.j2").write_text('{"say": {{ no_such_thing }}}')
    targets = [{"kind": "webhook", "url": f"{chat.url}/mine"}, {"kind": "teams", "webhook": f"{chat.url}/broken"}]
    templates = {"webhook": str(tmp_path / "mine.j2"), "teams": str(tmp_path / "broken.j2")}
    played = tell(tmp_path, [event("start")], targets, slipway_notify_templates=templates)
    assert chat.at("/mine") == [{"say": "shop:2.4.1 start"}]
    assert played.code == 0
    assert "teams was not told" in played.said
    assert "no_such_thing" in played.said


def test_nothing_is_sent_in_check_mode_or_without_targets(tmp_path: Path, chat: Chat) -> None:
    before = len(chat.posts)
    played = tell(tmp_path, [event("start")], [{"kind": "webhook", "url": f"{chat.url}/never"}], "--check")
    assert played.code == 0, played.said
    played = play(tmp_path, [event("start")])
    assert "skipping: [localhost]" in played.said
    assert len(chat.posts) == before


def test_the_link_is_the_run_that_did_it(tmp_path: Path, chat: Chat) -> None:
    github = {"GITHUB_RUN_ID": "42", "GITHUB_SERVER_URL": "https://github.com", "GITHUB_REPOSITORY": "shop/shop"}
    targets = {"slipway_notify": [{"kind": "webhook", "url": f"{chat.url}/link"}]}
    assert play(tmp_path, [event("start")], variables=targets, environment=github).code == 0
    assert chat.at("/link")[0]["link"] == "https://github.com/shop/shop/actions/runs/42"
