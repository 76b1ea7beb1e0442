// SPDX-FileCopyrightText: Slipway contributors
// SPDX-License-Identifier: GPL-3.0-or-later

package main

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

// service makes one with the given environment and a clock that stands still until it is moved.
func service(t *testing.T, pairs map[string]string) (*Service, *clock) {
	t.Helper()
	config, err := loadConfig("", environment(pairs))
	if err != nil {
		t.Fatal(err)
	}
	c := &clock{at: time.Unix(1000, 0)}
	data, err := openData(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(data.close)
	return newService(config, data, newLogger(config, io.Discard), c.now), c
}

func get(s *Service, path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	s.api().ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	return w
}

func scrape(s *Service) string {
	w := httptest.NewRecorder()
	s.metricsHandler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	return w.Body.String()
}

func TestUserRequestsAreCountedAndHealthIsNot(t *testing.T) {
	s, _ := service(t, map[string]string{"VERSION": "canary", "RELEASE": "good-2"})
	for _, path := range []string{"/v1/transform", "/", "/health", "/health/ready", "/health/all", "/nowhere/1", "/nowhere/2"} {
		w := get(s, path)
		if w.Header().Get("X-Version") != "canary" || w.Header().Get("X-Release") != "good-2" {
			t.Errorf("%s: headers %v", path, w.Header())
		}
	}
	seen := scrape(s)
	for _, want := range []string{
		`http_requests_total{path="/v1/transform",status="200",version="canary"} 1`,
		`http_requests_total{path="/",status="200",version="canary"} 1`,
		`http_requests_total{path="other",status="404",version="canary"} 2`,
		`http_request_duration_seconds_bucket{path="/v1/transform",version="canary",le="0.25"} 1`,
	} {
		if !strings.Contains(seen, want) {
			t.Errorf("missing %s", want)
		}
	}
	if strings.Contains(seen, `path="/health`) {
		t.Error("health paths are counted")
	}
}

func TestFailureRateSparesHealth(t *testing.T) {
	s, _ := service(t, map[string]string{"FAILURE_RATE": "0.333"})
	draws := []float64{0.1, 0.5, 0.34, 0.9, 0.332, 0.7}
	s.faults.random = func() float64 { d := draws[0]; draws = draws[1:]; return d }
	var codes []int
	for len(draws) > 0 {
		codes = append(codes, get(s, "/v1/transform").Code)
	}
	for i, want := range []int{500, 200, 200, 200, 500, 200} {
		if codes[i] != want {
			t.Fatalf("got %v", codes)
		}
	}
	if code := get(s, "/health/all").Code; code != http.StatusOK {
		t.Errorf("/health/all: %d", code)
	}
}

func TestLeakGrowsWithRequestsOrSeconds(t *testing.T) {
	s, _ := service(t, map[string]string{"LEAK": "1KiB,10ms/request"})
	s.faults.delay()
	if d := s.faults.delay(); d != 20*time.Millisecond || s.faults.leaked() != 2048 {
		t.Errorf("per request: %v, %d bytes", d, s.faults.leaked())
	}
	s, c := service(t, map[string]string{"LEAK": "1KiB,10ms/s"})
	c.at = c.at.Add(5 * time.Second)
	s.faults.delay()
	if d := s.faults.delay(); d != 50*time.Millisecond || s.faults.leaked() != 5*1024 {
		t.Errorf("per second: %v, %d bytes", d, s.faults.leaked())
	}
}

func TestProbes(t *testing.T) {
	steps := []struct {
		name            string
		environment     map[string]string
		after           time.Duration
		live, ready, al int
	}{
		{"well", nil, 0, 200, 200, 200},
		{"starting", map[string]string{"START_DELAY": "3s"}, 2 * time.Second, 200, 503, 503},
		{"started", map[string]string{"START_DELAY": "3s"}, 3 * time.Second, 200, 200, 200},
		{"never ready", map[string]string{"READY": "false"}, time.Hour, 200, 503, 503},
		{"flaky, first well", map[string]string{"HEALTH": "flaky"}, 4 * time.Second, 200, 200, 200},
		{"flaky, then not", map[string]string{"HEALTH": "flaky"}, 6 * time.Second, 503, 200, 503},
		{"flaky, well again", map[string]string{"HEALTH": "flaky"}, 11 * time.Second, 200, 200, 200},
	}
	for _, step := range steps {
		s, c := service(t, step.environment)
		c.at = c.at.Add(step.after)
		live, ready, all := get(s, "/health").Code, get(s, "/health/ready").Code, get(s, "/health/all").Code
		if live != step.live || ready != step.ready || all != step.al {
			t.Errorf("%s: /health %d, /health/ready %d, /health/all %d", step.name, live, ready, all)
		}
	}
}

func TestTransform(t *testing.T) {
	s, _ := service(t, nil)
	if w := get(s, "/v1/transform?text=One+two,+two"); !strings.Contains(w.Body.String(), `"tokens":3`) {
		t.Errorf("GET: %s", w.Body)
	}
	for _, c := range []struct {
		kind, body string
		code       int
	}{
		{"application/json", `{"text": "a b"}`, 200},
		{"application/json", `{"text":`, 400},
		{"text/plain", "a b", 200},
		{"text/plain", strings.Repeat("a", maxText+1), 413},
	} {
		w := httptest.NewRecorder()
		r := httptest.NewRequest(http.MethodPost, "/v1/transform", strings.NewReader(c.body))
		r.Header.Set("Content-Type", c.kind)
		s.api().ServeHTTP(w, r)
		if w.Code != c.code {
			t.Errorf("%s %.20q: %d", c.kind, c.body, w.Code)
		}
	}
	if transform("Blue, green!") != transform("blue green") {
		t.Error("case and punctuation change the result")
	}
}

func TestShutdownServesUntilTheDelayIsOver(t *testing.T) {
	s, _ := service(t, map[string]string{
		"API_HOST": "127.0.0.1", "API_PORT": "0", "METRICS_PORT": "0", "SHUTDOWN_DELAY": "50ms",
	})
	terminate, stop := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- run(terminate, s) }()
	stop()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if code := get(s, "/health/ready").Code; code != http.StatusServiceUnavailable {
		t.Errorf("/health/ready while draining: %d", code)
	}
	w := get(s, "/v1/transform")
	if w.Code != http.StatusOK || w.Header().Get("Connection") != "close" {
		t.Errorf("user request while draining: %d, Connection: %q", w.Code, w.Header().Get("Connection"))
	}
}
