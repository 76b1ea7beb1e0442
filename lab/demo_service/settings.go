// SPDX-FileCopyrightText: Slipway contributors
// SPDX-License-Identifier: GPL-3.0-or-later

package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// Config is everything the service can be told. Durations and rates are zero when the fault is off.
type Config struct {
	Environment string
	Host        string
	Port        int
	MetricsPort int
	LogLevel    string
	LogFormat   string

	Version string
	Release string

	DatabaseURL string
	RedisURL    string

	FailureRate   float64
	Delay         time.Duration
	DelayJitter   time.Duration
	Leak          Leak
	StartDelay    time.Duration
	CrashAfter    time.Duration
	Ready         Mode
	Health        Mode
	FlakyPeriod   time.Duration
	ShutdownDelay time.Duration
}

// Leak is what each request (or each second) leaves behind.
type Leak struct {
	Bytes     int
	Delay     time.Duration
	PerSecond bool
}

// Mode is how a probe answers: on, off, or alternating each Config.FlakyPeriod, beginning with on.
type Mode string

const (
	modeOn    Mode = "true"
	modeOff   Mode = "false"
	modeFlaky Mode = "flaky"
)

// A setting is one line of the configuration's documentation and its parser.
type setting struct {
	env, key, fallback, help string
	parse                    func(*Config, string) error
}

// settings is the one list of what can be configured. The environment wins over the file, the file over the fallback.
var settings = []setting{
	{"ENVIRONMENT", "environment", "development", "name of the environment, shown in /health/all", text(func(c *Config) *string { return &c.Environment })},
	{"API_HOST", "api.host", "0.0.0.0", "address to listen on", text(func(c *Config) *string { return &c.Host })},
	{"API_PORT", "api.port", "8000", "port of the API and the health paths", number(func(c *Config) *int { return &c.Port })},
	{"METRICS_PORT", "monitoring.metrics_port", "9090", "port of /metrics", number(func(c *Config) *int { return &c.MetricsPort })},
	{"LOG_LEVEL", "logging.level", "INFO", "DEBUG (a line per request), INFO, WARN or ERROR", text(func(c *Config) *string { return &c.LogLevel })},
	{"LOG_FORMAT", "logging.format", "json", "json or text", text(func(c *Config) *string { return &c.LogFormat })},
	{"VERSION", "version", "main", "label of the running side: main, canary or green", text(func(c *Config) *string { return &c.Version })},
	{"RELEASE", "release", "dev", "name of the release, baked into the image", text(func(c *Config) *string { return &c.Release })},
	{"DATABASE_URL", "database.url", "", "PostgreSQL that /health/all asks; empty or another scheme: none", text(func(c *Config) *string { return &c.DatabaseURL })},
	{"REDIS_URL", "redis.url", "", "Redis that /health/all asks; empty: none", text(func(c *Config) *string { return &c.RedisURL })},
	{"FAILURE_RATE", "faults.failure_rate", "0", "share of user requests answered 500, 0 to 1", parseFailureRate},
	{"DELAY", "faults.delay", "0s", "time added to each user request", span(func(c *Config) *time.Duration { return &c.Delay })},
	{"DELAY_JITTER", "faults.delay_jitter", "0s", "up to this much more, uniform", span(func(c *Config) *time.Duration { return &c.DelayJitter })},
	{"LEAK", "faults.leak", "off", "kept and added for ever, such as 64KiB,1ms/request or 1MiB,5ms/s", parseLeak},
	{"START_DELAY", "faults.start_delay", "0s", "time from start to ready", span(func(c *Config) *time.Duration { return &c.StartDelay })},
	{"CRASH_AFTER", "faults.crash_after", "0s", "exit with code 3 this long after the start; 0s is never", span(func(c *Config) *time.Duration { return &c.CrashAfter })},
	{"READY", "faults.ready", "true", "/health/ready: true, false or flaky", mode(func(c *Config) *Mode { return &c.Ready })},
	{"HEALTH", "faults.health", "true", "/health: true, false or flaky", mode(func(c *Config) *Mode { return &c.Health })},
	{"FLAKY_PERIOD", "faults.flaky_period", "5s", "how long a flaky probe stays as it is", span(func(c *Config) *time.Duration { return &c.FlakyPeriod })},
	{"SHUTDOWN_DELAY", "shutdown_delay", "2s", "goes on serving this long after SIGTERM, not ready, closing connections", span(func(c *Config) *time.Duration { return &c.ShutdownDelay })},
}

// loadConfig reads the file (which may be missing) and the environment.
func loadConfig(path string, getenv func(string) (string, bool)) (Config, error) {
	values, err := readFile(path, getenv)
	if err != nil {
		return Config{}, err
	}
	var config Config
	known := map[string]bool{}
	for _, s := range settings {
		known[s.key] = true
		value, from := s.fallback, "fallback of "+s.env
		if v, ok := values[s.key]; ok {
			value, from = v, path+" "+s.key
		}
		if v, ok := getenv(s.env); ok {
			value, from = v, s.env
		}
		if err := s.parse(&config, value); err != nil {
			return Config{}, fmt.Errorf("%s: %q: %w", from, value, err)
		}
	}
	for key := range values {
		if strings.HasPrefix(key, "faults.") && !known[key] {
			return Config{}, fmt.Errorf("%s: %s: no such fault; run with -help for the list", path, key)
		}
	}
	return config, nil
}

// readFile flattens the YAML file to dotted keys. Keys that the service has no use for are accepted: applications
// share one file among many readers.
func readFile(path string, getenv func(string) (string, bool)) (map[string]string, error) {
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var tree map[string]any
	if err := yaml.Unmarshal(raw, &tree); err != nil {
		return nil, fmt.Errorf("%s: not a YAML mapping: %w", path, err)
	}
	flat := map[string]string{}
	flatten("", tree, flat, func(name string) string { value, _ := getenv(name); return value })
	return flat, nil
}

func flatten(prefix string, tree map[string]any, into map[string]string, lookup func(string) string) {
	for key, value := range tree {
		if branch, ok := value.(map[string]any); ok {
			flatten(prefix+key+".", branch, into, lookup)
			continue
		}
		into[prefix+key] = os.Expand(fmt.Sprint(value), lookup)
	}
}

// usage documents every setting.
func usage() string {
	var b strings.Builder
	b.WriteString("Settings: environment variable, key in the configuration file, default.\n\n")
	for _, s := range settings {
		fmt.Fprintf(&b, "  %-15s %-24s %-12s %s\n", s.env, s.key, s.fallback, s.help)
	}
	return b.String()
}

func text(field func(*Config) *string) func(*Config, string) error {
	return func(c *Config, value string) error { *field(c) = value; return nil }
}

func number(field func(*Config) *int) func(*Config, string) error {
	return func(c *Config, value string) error {
		n, err := strconv.Atoi(value)
		if err != nil || n < 0 || n > 65535 {
			return errors.New("want a port from 0 to 65535")
		}
		*field(c) = n
		return nil
	}
}

func span(field func(*Config) *time.Duration) func(*Config, string) error {
	return func(c *Config, value string) error {
		d, err := time.ParseDuration(value)
		if err != nil || d < 0 {
			return errors.New("want a duration such as 250ms or 1.5s")
		}
		*field(c) = d
		return nil
	}
}

func mode(field func(*Config) *Mode) func(*Config, string) error {
	return func(c *Config, value string) error {
		switch m := Mode(strings.ToLower(value)); m {
		case modeOn, modeOff, modeFlaky:
			*field(c) = m
			return nil
		}
		return errors.New("want true, false or flaky")
	}
}

func parseFailureRate(c *Config, value string) error {
	rate, err := strconv.ParseFloat(value, 64)
	if err != nil || !(rate >= 0 && rate <= 1) {
		return errors.New("want a number from 0 to 1")
	}
	c.FailureRate = rate
	return nil
}

func parseLeak(c *Config, value string) error {
	wrong := errors.New("want off or bytes,delay/request or bytes,delay/s, such as 64KiB,1ms/request")
	if value == "off" {
		return nil
	}
	amounts, per, _ := strings.Cut(value, "/")
	size, delay, ok := strings.Cut(amounts, ",")
	if !ok || (per != "s" && per != "request") {
		return wrong
	}
	unit := 1
	for suffix, factor := range map[string]int{"KiB": 1 << 10, "MiB": 1 << 20} {
		if rest, found := strings.CutSuffix(size, suffix); found {
			size, unit = rest, factor
			break
		}
	}
	n, err := strconv.Atoi(size)
	if err != nil || n < 0 {
		return wrong
	}
	d, err := time.ParseDuration(delay)
	if err != nil || d < 0 {
		return wrong
	}
	c.Leak = Leak{Bytes: n * unit, Delay: d, PerSecond: per == "s"}
	return nil
}
