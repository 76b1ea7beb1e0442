// SPDX-FileCopyrightText: Slipway contributors
// SPDX-License-Identifier: GPL-3.0-or-later

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func environment(pairs map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) { value, ok := pairs[name]; return value, ok }
}

func write(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

const production = `
environment: production
api: {host: 127.0.0.1, port: 8001, workers: 4, reload: false}
database: {url: "${DATABASE_URL}", pool_size: 20}
logging: {level: WARN, format: text}
monitoring: {enabled: true, metrics_port: 9191, health_check_interval: 30}
security: {auth_required: true, cors_origins: ["*"]}
model: {cache_size: 1GB, batch_size: 32, device: cuda}
faults: {failure_rate: 0.1, delay: 20ms}
`

func TestEnvironmentWinsOverFileOverFallback(t *testing.T) {
	config, err := loadConfig(write(t, production), environment(map[string]string{"FAILURE_RATE": "0.5"}))
	if err != nil {
		t.Fatal(err)
	}
	if config.FailureRate != 0.5 || config.Delay != 20*time.Millisecond || config.Ready != modeOn {
		t.Errorf("got %+v", config)
	}
	if config.Port != 8001 || config.MetricsPort != 9191 || config.LogFormat != "text" {
		t.Errorf("keys of the file: got %+v", config)
	}
}

func TestFileMayBeMissing(t *testing.T) {
	config, err := loadConfig(filepath.Join(t.TempDir(), "none.yaml"), environment(nil))
	if err != nil || config.Port != 8000 || config.Version != "main" {
		t.Errorf("got %+v, %v", config, err)
	}
}

func TestFileExpandsTheEnvironment(t *testing.T) {
	path := write(t, `environment: "${STAGE}"`)
	config, err := loadConfig(path, environment(map[string]string{"STAGE": "staging"}))
	if err != nil || config.Environment != "staging" {
		t.Errorf("got %+v, %v", config, err)
	}
}

func TestMistakesNameSettingAndValue(t *testing.T) {
	for name, value := range map[string]string{
		"FAILURE_RATE": "NaN", "DELAY": "-1s", "READY": "maybe", "API_PORT": "70000", "LEAK": "64KiB", "HEALTH": "",
	} {
		_, err := loadConfig("", environment(map[string]string{name: value}))
		if err == nil || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), "want") {
			t.Errorf("%s=%s: got %v", name, value, err)
		}
	}
	_, err := loadConfig(write(t, "faults: {failure_rat: 0.1}"), environment(nil))
	if err == nil || !strings.Contains(err.Error(), "faults.failure_rat") {
		t.Errorf("unknown fault: got %v", err)
	}
}

func TestLeakUnits(t *testing.T) {
	config, err := loadConfig("", environment(map[string]string{"LEAK": "64KiB,1ms/request"}))
	if want := (Leak{Bytes: 65536, Delay: time.Millisecond}); err != nil || config.Leak != want {
		t.Errorf("got %+v, %v", config.Leak, err)
	}
}

func TestUsageNamesEverySetting(t *testing.T) {
	for _, s := range settings {
		if !strings.Contains(usage(), s.env) {
			t.Errorf("%s is missing", s.env)
		}
	}
}
