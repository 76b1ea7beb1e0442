// SPDX-FileCopyrightText: Slipway contributors
// SPDX-License-Identifier: GPL-3.0-or-later

package main

import (
	"net/http"
	"sync/atomic"
	"time"
)

// Health is what the probes see.
type Health struct {
	config   Config
	start    time.Time
	now      func() time.Time
	draining atomic.Bool
}

func newHealth(config Config, now func() time.Time) *Health {
	return &Health{config: config, start: now(), now: now}
}

// component is one line of /health/all.
type component struct {
	Name   string `json:"name"`
	OK     bool   `json:"ok"`
	Reason string `json:"reason,omitempty"`
}

func (h *Health) answers(mode Mode) bool {
	if mode == modeFlaky {
		return int64(h.now().Sub(h.start)/max(h.config.FlakyPeriod, 1))%2 == 0
	}
	return mode == modeOn
}

func (h *Health) live() component {
	if !h.answers(h.config.Health) {
		return component{"process", false, "worker does not answer"}
	}
	return component{Name: "process", OK: true}
}

func (h *Health) model() component {
	if h.now().Sub(h.start) < h.config.StartDelay {
		return component{"model", false, "model is being loaded"}
	}
	if !h.answers(h.config.Ready) {
		return component{"model", false, "model cache is not warm"}
	}
	return component{Name: "model", OK: true}
}

func (h *Health) traffic() component {
	if h.draining.Load() {
		return component{"traffic", false, "shutting down"}
	}
	return component{Name: "traffic", OK: true}
}

// serve answers 200 when each of the components is well, 503 with the reasons when one is not.
func (h *Health) serve(components ...func() component) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		status, code, seen := "ok", http.StatusOK, []component{}
		for _, look := range components {
			c := look()
			if !c.OK {
				status, code = "unavailable", http.StatusServiceUnavailable
			}
			seen = append(seen, c)
		}
		writeJSON(w, code, map[string]any{
			"status": status, "release": h.config.Release, "version": h.config.Version,
			"environment": h.config.Environment, "components": seen,
		})
	}
}
