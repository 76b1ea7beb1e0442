// SPDX-FileCopyrightText: Slipway contributors
// SPDX-License-Identifier: GPL-3.0-or-later

// Load sends requests at a stated rate, whether or not earlier ones have been answered, and writes one JSON line per
// request. It ends after -duration, or on SIGTERM once what is on the way has been answered.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"
)

// longest bounds a run, so that a forgotten one ends.
const longest = time.Hour

// flushEvery bounds how late a reader of the file sees a result.
const flushEvery = 250 * time.Millisecond

type options struct {
	url, host, method, out string
	rate                   int
	duration, timeout      time.Duration
	keepalive              bool
}

func parse(arguments []string) (options, error) {
	var o options
	flags := flag.NewFlagSet("load", flag.ContinueOnError)
	flags.StringVar(&o.url, "url", "", "where to send requests")
	flags.StringVar(&o.host, "host", "", "Host header; default: that of the URL")
	flags.StringVar(&o.method, "method", http.MethodGet, "HTTP method")
	flags.StringVar(&o.out, "out", "-", "file for the results; - is standard output")
	flags.IntVar(&o.rate, "rate", 200, "requests per second")
	flags.DurationVar(&o.duration, "duration", 30*time.Second, "how long to send, at most 1h")
	flags.DurationVar(&o.timeout, "timeout", 10*time.Second, "a request that takes longer has failed")
	flags.BoolVar(&o.keepalive, "keepalive", true, "use connections again")
	if err := flags.Parse(arguments); err != nil {
		return o, err
	}
	switch {
	case o.url == "":
		return o, errors.New("-url: is missing")
	case o.rate < 1:
		return o, fmt.Errorf("-rate %d: want at least 1 request per second", o.rate)
	case o.duration <= 0 || o.duration > longest:
		return o, fmt.Errorf("-duration %s: want more than 0s and at most %s", o.duration, longest)
	case o.timeout <= 0:
		return o, fmt.Errorf("-timeout %s: want more than 0s", o.timeout)
	}
	return o, nil
}

// line is what is known of one request. T is the time of sending.
type line struct {
	T       float64 `json:"t"`
	Code    int     `json:"code"`
	Latency float64 `json:"latency_s"`
	Version string  `json:"version"`
	Release string  `json:"release"`
	Error   string  `json:"error"`
}

func describe(r *vegeta.Result) line {
	return line{
		T:       float64(r.Timestamp.UnixMicro()) / 1e6,
		Code:    int(r.Code),
		Latency: float64(r.Latency.Microseconds()) / 1e6,
		Version: r.Headers.Get("X-Version"),
		Release: r.Headers.Get("X-Release"),
		Error:   r.Error,
	}
}

// attack sends until the duration is over or something comes from stop.
func attack(o options, out io.Writer, stop <-chan os.Signal) error {
	header := http.Header{}
	if o.host != "" {
		header.Set("Host", o.host)
	}
	// Workers are added without limit when all are waiting: slow answers must not slow the rate.
	attacker := vegeta.NewAttacker(vegeta.KeepAlive(o.keepalive), vegeta.Timeout(o.timeout), vegeta.MaxBody(0),
		vegeta.Redirects(vegeta.NoFollow), vegeta.HTTP2(false))
	target := vegeta.NewStaticTargeter(vegeta.Target{Method: o.method, URL: o.url, Header: header})
	results := attacker.Attack(target, vegeta.Rate{Freq: o.rate, Per: time.Second}, o.duration, "")
	buffered := bufio.NewWriterSize(out, 1<<16)
	encoder := json.NewEncoder(buffered)
	ticker := time.NewTicker(flushEvery)
	defer ticker.Stop()
	for {
		select {
		case result, more := <-results:
			if !more {
				return buffered.Flush()
			}
			if err := encoder.Encode(describe(result)); err != nil {
				return err
			}
		case <-ticker.C:
			if err := buffered.Flush(); err != nil {
				return err
			}
		case <-stop:
			attacker.Stop()
		}
	}
}

func run(arguments []string) (err error) {
	o, err := parse(arguments)
	if err != nil {
		return err
	}
	out := os.Stdout
	if o.out != "-" {
		if out, err = os.Create(o.out); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, out.Close()) }()
	}
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM, syscall.SIGINT)
	return attack(o, out, stop)
}

func main() {
	debug.SetGCPercent(400) // small heap, many short-lived buffers: collect less often
	switch err := run(os.Args[1:]); {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintln(os.Stderr, "load:", err)
		os.Exit(2)
	}
}
