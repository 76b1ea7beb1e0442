# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`make demo`: a good release promoted and a bad one taken back, under load, and what users felt of it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import urlopen

from lab import app, demo_table, images, kube, lifecycle, load, oci
from lab.config import PROMETHEUS, REGISTRY, Config, LabError

STABLE = f"{kube.collection('apps/v1', 'Deployment', app.NAMESPACE)}/continual-transformer-main"
GOOD = "good-2"
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
LONGEST = "10m"  # the load ends by itself, whatever happens to us
FACTS = 20.0  # seconds to wait for the first answer to the load, and until it was counted
USERS = f'http_requests_total{{namespace="{app.NAMESPACE}",version="main"}}'


@dataclass(frozen=True, slots=True)
class Settings:
    """What DEMO_* and KUBECONFIG ask for."""

    source: str = "prometheus"
    route: str = "virtualservice"
    release: str = "failing"
    rate: int = 200
    kubeconfig: str = ""
    registry: str = REGISTRY
    url: str = ""

    @classmethod
    def of(cls, environment: Mapping[str, str], lab: Path) -> Settings:
        """Read and check. `lab`: the lab's own kubeconfig, which is no foreign cluster."""
        settings = cls(
            source=_choice(environment, "DEMO_SOURCE", "prometheus", ("pods", "prometheus")),
            route=_choice(environment, "DEMO_ROUTE", "virtualservice", tuple(load.ENTRANCES)),
            release=_choice(
                environment, "DEMO_RELEASE", "failing", tuple(name for name in images.RELEASES if "good" not in name)
            ),
            rate=_number(environment, "DEMO_RATE", 200),
            kubeconfig=_foreign(environment.get("KUBECONFIG", ""), lab),
            registry=environment.get("DEMO_REGISTRY") or REGISTRY,
            url=environment.get("DEMO_URL", ""),
        )
        if settings.kubeconfig and not settings.url:
            raise LabError(
                "KUBECONFIG names a cluster, but not where its users come in. Set DEMO_URL to the address of its "
                "gateway (http://127.0.0.1:8080), and DEMO_REGISTRY to a registry that it pulls from "
                f"(now {settings.registry}); its Istio Gateway must be istio-system/gateway, as the demo's routes say."
            )
        return settings

    @property
    def entrance(self) -> load.Entrance:
        usual = load.ENTRANCES[self.route]
        return load.Entrance(self.url.rstrip("/") or usual.url, usual.host)


def _choice(environment: Mapping[str, str], name: str, default: str, known: Sequence[str]) -> str:
    value = environment.get(name) or default
    if value not in known:
        raise LabError(f"{name} is {value!r}; it can be {', '.join(sorted(known))}.")
    return value


def _number(environment: Mapping[str, str], name: str, default: int) -> int:
    value = environment.get(name) or str(default)
    if not value.isdigit() or not 1 <= int(value) <= 1000:
        raise LabError(f"{name} is {value!r}; it is the number of requests a second, 1 to 1000.")
    return int(value)


def _foreign(kubeconfig: str, lab: Path) -> str:
    return "" if not kubeconfig or Path(kubeconfig).resolve() == lab.resolve() else kubeconfig


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one rollout ended. `answered` counts the users' requests that the new release answered."""

    release: str
    verdict: str  # promoted, rolled_back, or broken: neither of the two is true in the cluster
    why: str
    duration_s: float
    summary: load.Summary

    @property
    def answered(self) -> int:
        return self.summary.by_release.get(self.release, 0)

    def as_dict(self) -> dict[str, Any]:
        return {
            "release": self.release,
            "verdict": self.verdict,
            "why": self.why,
            "duration_s": round(self.duration_s, 1),
            "requests": self.summary.requests,
            "failed": self.summary.failed,
            "breach_to_healthy_s": round(self.summary.failing_s, 3),
            "answered_by_release": self.answered,
        }


def main() -> int:
    config = Config.here()
    try:
        settings = Settings.of(os.environ, config.kubeconfig)
        return run(config, settings)
    except (LabError, app.AppError, kube.ApiError, oci.RegistryError) as error:
        print(f"demo: {error}", file=sys.stderr)
        return 1


def run(config: Config, settings: Settings) -> int:
    """Both rollouts, the table, the file. 0 when each ended as it should."""
    if not settings.kubeconfig:
        lifecycle.up(config)
    kubeconfig = Path(settings.kubeconfig or config.kubeconfig)
    built = lifecycle.build(config, only=("demo_service", "load"))
    references = images.ensure(built["demo_service"], settings.registry, config.images)
    api = kube.RestApi(kubeconfig)
    say("bringing the demo app back to its start: release good on three pods")
    app.reset(api, references)
    say(f"{settings.rate} requests/s to {settings.entrance.url} ({settings.route}), judged by {settings.source}")
    say("the gates here last seconds; with your own app they last as long as you say")
    expected = {GOOD: "promoted", settings.release: "rolled_back"}
    outcomes = []
    for release in expected:
        outcomes.append(roll(config, settings, kubeconfig, built["load"], references, release, api))
    print("\n" + demo_table.render([outcome.as_dict() for outcome in outcomes], settings.source, settings.route))
    report = config.root / "build" / "demo.json"
    report.write_text(json.dumps([outcome.as_dict() for outcome in outcomes], indent=2) + "\n")
    say(f"written to {report.relative_to(config.root)}")
    wrong = [o for o in outcomes if o.verdict != expected[o.release]]
    for outcome in wrong:
        say(f"{outcome.release} should have been {expected[outcome.release]}, but is {outcome.verdict}")
    return 1 if wrong else 0


def roll(
    config: Config,
    settings: Settings,
    kubeconfig: Path,
    loader: Path,
    references: Mapping[str, str],
    release: str,
    api: kube.Api,
) -> Outcome:
    """One rollout under load, judged by what the cluster is like afterwards."""
    print(f"\n===== {release}", flush=True)
    before = stable_image(api)
    results = config.root / "build" / "demo" / f"{release}.jsonl"
    with traffic(settings, loader, results):
        began = time.monotonic()
        code, said = playbook(config, settings, kubeconfig, release)
        took = time.monotonic() - began
        time.sleep(1.0)  # users go on for a moment: what they get now is the outcome
    after = stable_image(api)
    verdict = "promoted" if code == 0 and after == references[release] else "rolled_back"
    if verdict == "rolled_back" and (code == 0 or after != before):
        verdict = "broken"
    return Outcome(release, verdict, why(said), took, load.summarise(load.read(results)))


def stable_image(api: kube.Api) -> str:
    return str(api.call("GET", STABLE)["spec"]["template"]["spec"]["containers"][0]["image"])


@contextmanager
def traffic(settings: Settings, loader: Path, results: Path) -> Iterator[None]:
    """Users, from the first answer that is seen until the block ends."""
    results.parent.mkdir(parents=True, exist_ok=True)
    results.unlink(missing_ok=True)
    users = load.start(load.Load(settings.entrance, settings.rate, LONGEST), loader, str(results))
    try:
        app.Waiting(FACTS).until(
            lambda: "" if results.exists() and results.stat().st_size else f"no answer from {settings.entrance.url}"
        )
        if settings.source == "prometheus" and not settings.kubeconfig:
            app.Waiting(FACTS).until(uncounted)
        yield
    finally:
        users.send_signal(signal.SIGTERM)
        users.wait(timeout=30)


def uncounted(server: str = PROMETHEUS) -> str:
    """Why the users cannot be judged yet: a metrics server that has just started has read no pod."""
    try:
        with urlopen(f"{server}/api/v1/query?{urlencode({'query': USERS})}", timeout=5) as answer:
            found = json.load(answer)["data"]["result"]
    except OSError as error:
        return f"{server} does not answer ({error})"
    return "" if found else f"{server} has not read what the users' requests have counted"


def playbook(config: Config, settings: Settings, kubeconfig: Path, release: str) -> tuple[int, list[str]]:
    """Run the canary as a user would, show what it prints, and keep the last lines."""
    image = f"{settings.registry}/{images.REPOSITORY}:{release}"
    command = [
        *("ansible-playbook", "playbooks/canary.yml", "-i", "inventories/lab"),
        *("-e", f"slipway_image={image}", "-e", f"demo_source={settings.source}", "-e", f"demo_route={settings.route}"),
    ]
    print("$ " + " ".join(command), flush=True)
    last: deque[str] = deque(maxlen=60)
    beside = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", "")))
    environment = {**os.environ, "PATH": beside, "K8S_AUTH_KUBECONFIG": str(kubeconfig), "KUBECONFIG": str(kubeconfig)}
    environment.setdefault("ANSIBLE_CALLBACK_RESULT_FORMAT", "yaml")
    if sys.stdout.isatty():
        environment.setdefault("ANSIBLE_FORCE_COLOR", "1")
    with subprocess.Popen(
        command, cwd=config.root, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as running:
        for line in running.stdout or ():
            print(line, end="", flush=True)
            last.append(line.rstrip())
    return running.returncode, list(last)


def why(said: Sequence[str]) -> str:
    """The reason that the rollout itself gave in its last lines, which may have been wrapped."""
    text = " ".join(COLOUR.sub("", line).strip(" ,'\"-") for line in said)
    return text.rpartition("Why:")[2].partition("Next:")[0].strip(" ,'\"") if "Why:" in text else ""


def say(text: str) -> None:
    print(f"demo: {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
