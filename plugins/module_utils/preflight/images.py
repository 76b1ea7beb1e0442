# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The image: what its registry says, and what it means for the Deployments."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..cluster import Cluster, Obj
from ..registry.credentials import Credentials, Found, from_pull_secrets
from ..registry.image import BadImage, Image
from ..registry.options import RegistryOptions
from ..registry.resolve import Http, Registry, RegistryError, is_local
from .problem import Problem
from .wish import Wish
from .workloads import container_of

HttpFactory = Callable[[RegistryOptions], Http]


@dataclass(frozen=True, slots=True)
class Pinned:
    """The image by digest ("" where that could not be found out), with problems and notes (sentences)."""

    image: str = ""
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()


def pin(cluster: Cluster, wish: Wish, stable: Obj | None, connect: HttpFactory) -> Pinned:
    """Ask the registry. A digest that nobody can confirm from here is taken as it is, with a note."""
    image = wish.image
    if image is None:
        return Pinned()
    found = _credentials(cluster, wish, stable, image)
    plain = wish.registry.plain_http
    plain = is_local(image.registry) if plain is None else plain
    try:
        http = connect(wish.registry)
    except (OSError, ValueError) as error:
        problem = Problem("registry.ca_path", f"{wish.registry.ca_path} cannot be used: {error}", "a file with PEM")
        return Pinned("", (problem,))
    try:
        digest = Registry(http, image, found.credentials, plain).digest()
    except RegistryError as error:
        if image.digest and error.kind in ("unreachable", "refused", "bad_answer"):
            note = f"Whether the image exists could not be seen from here, because {error}."
            return Pinned(image.pinned(image.digest), (), (*found.notes, note))
        problem = Problem("image", str(error), _elsewhere(wish, stable, image), error.remedy)
        return Pinned("", (problem,), found.notes if error.kind == "refused" else ())
    return Pinned(image.pinned(image.digest or digest))


def _credentials(cluster: Cluster, wish: Wish, stable: Obj | None, image: Image) -> Found:
    options = wish.registry
    if options.username or options.password:
        return Found(Credentials(options.username, options.password, "registry.username"))
    if stable is None:
        return Found()
    return from_pull_secrets(cluster, wish.namespace, stable["spec"]["template"]["spec"], image)


def _elsewhere(wish: Wish, stable: Obj | None, image: Image) -> str:
    """What stable runs, where that comes from another repository: the name may be wrong rather than the tag."""
    try:
        running = Image.parse(container_of(wish, stable).get("image", "")).name if stable else image.name
    except BadImage:
        return ""
    return "" if running == image.name else f"an image of {running}, which stable runs"


def same_release(pinned: str, running: str) -> bool:
    """Whether a container's image is the release that is wanted, by digest."""
    try:
        return bool(pinned) and Image.parse(running).digest == Image.parse(pinned).digest != ""
    except BadImage:
        return False


def other_repository(pinned: str, running: str) -> str:
    """A note when the image comes from elsewhere than the one that runs; empty when it does not."""
    try:
        now, then = Image.parse(running).name, Image.parse(pinned).name
    except BadImage:
        return ""
    return "" if now == then else f"Stable runs {now}, and this is {then}. Is it the right image?"
