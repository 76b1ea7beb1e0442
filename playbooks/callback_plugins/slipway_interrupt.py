# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Switches on the callback slipway.rollout.interrupt for the playbooks beside this folder."""

from __future__ import annotations

from ansible_collections.slipway.rollout.plugins.callback import interrupt


class CallbackModule(interrupt.CallbackModule):
    """The same, without being enabled anywhere."""

    CALLBACK_NEEDS_ENABLED = False
