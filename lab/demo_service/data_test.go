// SPDX-FileCopyrightText: Slipway contributors
// SPDX-License-Identifier: GPL-3.0-or-later

package main

import (
	"net/http"
	"strings"
	"testing"
)

func TestWithoutServersHealthIsAsItWas(t *testing.T) {
	for _, address := range []string{"", "sqlite:///dev.db"} {
		s, _ := service(t, map[string]string{"DATABASE_URL": address})
		if w := get(s, "/health/all"); w.Code != http.StatusOK || strings.Contains(w.Body.String(), "database") {
			t.Errorf("%q: %d %s", address, w.Code, w.Body)
		}
	}
}

func TestServersThatDoNotAnswerAreNamedAndSpareReadiness(t *testing.T) {
	// Port 1 of this machine: refused at once.
	s, _ := service(t, map[string]string{
		"DATABASE_URL": "postgresql://app:hidden@127.0.0.1:1/shop?sslmode=disable", "REDIS_URL": "redis://:hidden@127.0.0.1:1/0",
	})
	w := get(s, "/health/all")
	if w.Code != http.StatusServiceUnavailable {
		t.Errorf("/health/all: %d", w.Code)
	}
	for _, want := range []string{`"name":"database","ok":false`, `"name":"cache","ok":false`} {
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("missing %s in %s", want, w.Body)
		}
	}
	if strings.Contains(w.Body.String(), "hidden") {
		t.Error("a password is shown")
	}
	if code := get(s, "/health/ready").Code; code != http.StatusOK {
		t.Errorf("/health/ready: %d", code)
	}
}

func TestBadAddressesAreRefusedWithoutBeingShown(t *testing.T) {
	for name, address := range map[string]string{
		"DATABASE_URL": "postgresql://app:hidden@db:port/shop", "REDIS_URL": "redis://:hidden@cache:port/0",
	} {
		config, err := loadConfig("", environment(map[string]string{name: address}))
		if err != nil {
			t.Fatal(err)
		}
		if _, err = openData(config); err == nil || !strings.Contains(err.Error(), name) || strings.Contains(err.Error(), "hidden") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
