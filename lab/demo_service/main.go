// SPDX-FileCopyrightText: Slipway contributors
// SPDX-License-Identifier: GPL-3.0-or-later

// Demo_service is a small web service with faults to order: the patient of the lab's rollouts.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const crashCode = 3

func main() {
	path := flag.String("config", "/app/config/config.yaml", "configuration file; may be missing")
	flag.Usage = func() {
		fmt.Fprintln(flag.CommandLine.Output(), "usage: demo_service [-config FILE]")
		fmt.Fprint(flag.CommandLine.Output(), "\n"+usage())
	}
	flag.Parse()
	config, err := loadConfig(*path, os.LookupEnv)
	if err != nil {
		fmt.Fprintln(os.Stderr, "configuration:", err)
		os.Exit(2)
	}
	data, err := openData(config)
	if err != nil {
		fmt.Fprintln(os.Stderr, "configuration:", err)
		os.Exit(2)
	}
	defer data.close()
	log := newLogger(config, os.Stdout)
	terminate, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	if config.CrashAfter > 0 {
		time.AfterFunc(config.CrashAfter, func() {
			log.Error("panic-like: cannot open model file /models/current: no such file", "exit_code", crashCode)
			os.Exit(crashCode)
		})
	}
	if err := run(terminate, newService(config, data, log, time.Now)); err != nil {
		log.Error("stopped", "error", err.Error())
		os.Exit(1)
	}
}

func newLogger(config Config, out io.Writer) *slog.Logger {
	var level slog.Level
	if level.UnmarshalText([]byte(config.LogLevel)) != nil {
		level = slog.LevelInfo
	}
	options := &slog.HandlerOptions{Level: level}
	var handler slog.Handler = slog.NewJSONHandler(out, options)
	if strings.EqualFold(config.LogFormat, "text") {
		handler = slog.NewTextHandler(out, options)
	}
	return slog.New(handler).With("release", config.Release, "version", config.Version)
}

// run serves until terminate is done, then leaves without losing a request: not ready at once, still serving for
// ShutdownDelay while load balancers take notice, then no new connections and an end to those that are idle.
func run(terminate context.Context, s *Service) error {
	api, err := listen(s.config.Host, s.config.Port, s.api())
	if err != nil {
		return err
	}
	metrics, err := listen(s.config.Host, s.config.MetricsPort, s.metricsHandler())
	if err != nil {
		return err
	}
	s.log.Info("serving", "api", api.address, "metrics", metrics.address, "environment", s.config.Environment)
	select {
	case err := <-api.failed:
		return err
	case err := <-metrics.failed:
		return err
	case <-terminate.Done():
	}
	s.health.draining.Store(true)
	s.log.Info("draining", "shutdown_delay", s.config.ShutdownDelay.String())
	time.Sleep(s.config.ShutdownDelay)
	limit, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	err = errors.Join(api.server.Shutdown(limit), metrics.server.Shutdown(limit))
	s.log.Info("stopped")
	return err
}

type listener struct {
	server  *http.Server
	address string
	failed  chan error
}

func listen(host string, port int, handler http.Handler) (*listener, error) {
	socket, err := net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(port)))
	if err != nil {
		return nil, err
	}
	// A proxy reuses connections for up to an hour; the side that closes an idle one first loses a race now and then.
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 65 * time.Minute}
	l := &listener{server: server, address: socket.Addr().String(), failed: make(chan error, 1)}
	go func() {
		if err := server.Serve(socket); !errors.Is(err, http.ErrServerClosed) {
			l.failed <- err
		}
	}()
	return l, nil
}
