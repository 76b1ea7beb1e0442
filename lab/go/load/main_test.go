// SPDX-FileCopyrightText: Slipway contributors
// SPDX-License-Identifier: GPL-3.0-or-later

package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"syscall"
	"testing"
	"time"
)

func results(t *testing.T, raw []byte) []line {
	t.Helper()
	var lines []line
	for _, one := range bytes.Split(bytes.TrimSpace(raw), []byte("\n")) {
		var l line
		if err := json.Unmarshal(one, &l); err != nil {
			t.Fatalf("%q: %v", one, err)
		}
		lines = append(lines, l)
	}
	return lines
}

func TestSlowAnswersDoNotSlowTheRate(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(300 * time.Millisecond)
		w.Header().Set("X-Version", "canary")
		w.Header().Set("X-Release", r.Host)
		w.WriteHeader(http.StatusInternalServerError)
	}))
	defer server.Close()
	var out bytes.Buffer
	o := options{url: server.URL, host: "vs.lab", method: "GET", rate: 200, duration: 500 * time.Millisecond, timeout: 5 * time.Second, keepalive: true}
	if err := attack(o, &out, nil); err != nil {
		t.Fatal(err)
	}
	lines := results(t, out.Bytes())
	first, last := lines[0].T, lines[0].T
	for _, l := range lines {
		first, last = min(first, l.T), max(last, l.T)
		if l.Code != 500 || l.Version != "canary" || l.Release != "vs.lab" || l.Latency < 0.3 {
			t.Fatalf("got %+v", l)
		}
	}
	if len(lines) != 100 || last-first > 0.6 {
		t.Errorf("%d requests within %.2f s; want 100 within 0.5 s", len(lines), last-first)
	}
}

func TestSignalEndsTheRunAndKeepsResults(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	stop := make(chan os.Signal, 1)
	time.AfterFunc(100*time.Millisecond, func() { stop <- syscall.SIGTERM })
	var out bytes.Buffer
	began := time.Now()
	o := options{url: server.URL, method: "GET", rate: 100, duration: time.Minute, timeout: time.Second}
	if err := attack(o, &out, stop); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(began); took > 5*time.Second || len(results(t, out.Bytes())) < 2 {
		t.Errorf("%d results after %v", len(results(t, out.Bytes())), took)
	}
}

func TestTransportErrorsAreResults(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	var out bytes.Buffer
	o := options{url: server.URL, method: "GET", rate: 20, duration: 100 * time.Millisecond, timeout: time.Second}
	if err := attack(o, &out, nil); err != nil {
		t.Fatal(err)
	}
	for _, l := range results(t, out.Bytes()) {
		if l.Code != 0 || l.Error == "" {
			t.Errorf("got %+v", l)
		}
	}
}

func TestUnboundedRunsAreRefused(t *testing.T) {
	for _, arguments := range [][]string{
		{}, {"-url", "http://x", "-duration", "0s"}, {"-url", "http://x", "-duration", "2h"}, {"-url", "http://x", "-rate", "0"},
	} {
		if _, err := parse(arguments); err == nil {
			t.Errorf("%v was accepted", arguments)
		}
	}
}
