// SPDX-FileCopyrightText: Slipway contributors
// SPDX-License-Identifier: GPL-3.0-or-later

package main

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Service is the API of one process: what users and probes see on one port, what Prometheus sees on the other.
type Service struct {
	config  Config
	log     *slog.Logger
	health  *Health
	faults  *Faults
	data    *Data
	metrics *prometheus.Registry
	total   *prometheus.CounterVec
	seconds *prometheus.HistogramVec
}

func newService(config Config, data *Data, log *slog.Logger, now func() time.Time) *Service {
	s := &Service{
		config:  config,
		log:     log,
		health:  newHealth(config, now),
		faults:  newFaults(config, now),
		data:    data,
		metrics: prometheus.NewRegistry(),
		total: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "http_requests_total", Help: "User requests answered, health checks not among them.",
		}, []string{"status", "version", "path"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "http_request_duration_seconds", Help: "Time to answer a user request.", Buckets: prometheus.DefBuckets,
		}, []string{"version", "path"}),
	}
	s.metrics.MustRegister(s.total, s.seconds, collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "demo_leaked_bytes", Help: "Memory that the leak fault keeps.",
		}, func() float64 { return float64(s.faults.leaked()) }))
	return s
}

// api serves users and probes.
func (s *Service) api() http.Handler {
	h, mux := s.health, http.NewServeMux()
	mux.HandleFunc("/health", h.serve(h.live))
	mux.HandleFunc("/health/ready", h.serve(h.model, h.traffic))
	mux.HandleFunc("/health/all", h.serve(append([]func() component{h.live, h.model, h.traffic}, s.data.checks()...)...))
	mux.Handle("/v1/transform", s.user("/v1/transform", s.transform))
	mux.Handle("/{$}", s.user("/", s.index))
	mux.Handle("/", s.user("other", func(w http.ResponseWriter, r *http.Request) {
		writeJSON(w, http.StatusNotFound, map[string]string{"error": "no such path; try /v1/transform"})
	}))
	return s.labelled(mux)
}

// labelled says on each answer who gave it. While draining it also tells keep-alive clients to go elsewhere:
// closing their connections at once would lose the requests that are on the way.
func (s *Service) labelled(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Version", s.config.Version)
		w.Header().Set("X-Release", s.config.Release)
		if s.health.draining.Load() {
			w.Header().Set("Connection", "close")
		}
		next.ServeHTTP(w, r)
	})
}

// user counts, times and disturbs the requests that people make.
func (s *Service) user(path string, answer http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		recorder := &statusRecorder{ResponseWriter: w, status: http.StatusOK}
		defer func() {
			took := time.Since(began)
			s.total.WithLabelValues(strconv.Itoa(recorder.status), s.config.Version, path).Inc()
			s.seconds.WithLabelValues(s.config.Version, path).Observe(took.Seconds())
			s.log.Debug("request", "path", r.URL.Path, "status", recorder.status, "seconds", took.Seconds())
		}()
		if delay := s.faults.delay(); delay > 0 {
			timer := time.NewTimer(delay)
			defer timer.Stop()
			select {
			case <-timer.C:
			case <-r.Context().Done():
				recorder.status = 499 // the client has gone; nobody reads what is written now
				return
			}
		}
		if s.faults.fails() {
			s.log.Error("transform failed: tensor shape mismatch", "path", r.URL.Path)
			writeJSON(recorder, http.StatusInternalServerError, map[string]string{"error": "tensor shape mismatch"})
			return
		}
		answer(recorder, r)
	})
}

func (s *Service) index(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, map[string]string{
		"service": "continual-transformer", "release": s.config.Release, "version": s.config.Version,
	})
}

func (s *Service) transform(w http.ResponseWriter, r *http.Request) {
	text, code, err := requestText(w, r)
	if err != nil {
		writeJSON(w, code, map[string]string{"error": err.Error()})
		return
	}
	writeJSON(w, http.StatusOK, transform(text))
}

func (s *Service) metricsHandler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/metrics", promhttp.HandlerFor(s.metrics, promhttp.HandlerOpts{}))
	return mux
}

type statusRecorder struct {
	http.ResponseWriter
	status int
}

func (r *statusRecorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

func writeJSON(w http.ResponseWriter, code int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(body) // fails only when the client has gone
}
