// SPDX-FileCopyrightText: Slipway contributors
// SPDX-License-Identifier: GPL-3.0-or-later

package main

import (
	"math/rand/v2"
	"sync"
	"time"
)

// Faults decides what goes wrong with a user request. Randomness and time come in from outside.
type Faults struct {
	config Config
	start  time.Time
	now    func() time.Time
	random func() float64

	mu    sync.Mutex
	units int // seconds or requests that have leaked so far
	kept  [][]byte
}

func newFaults(config Config, now func() time.Time) *Faults {
	return &Faults{config: config, start: now(), now: now, random: rand.Float64}
}

// fails says whether this request is one of those that are answered 500.
func (f *Faults) fails() bool {
	return f.config.FailureRate > 0 && f.random() < f.config.FailureRate
}

// delay is how long this request has to wait. It counts the request for a leak.
func (f *Faults) delay() time.Duration {
	delay := f.config.Delay + f.leak()
	if f.config.DelayJitter > 0 {
		delay += time.Duration(f.random() * float64(f.config.DelayJitter))
	}
	return delay
}

func (f *Faults) leak() time.Duration {
	leak := f.config.Leak
	if leak.Bytes == 0 && leak.Delay == 0 {
		return 0
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	units := f.units + 1
	if leak.PerSecond {
		units = int(f.now().Sub(f.start) / time.Second)
	}
	if more := units - f.units; more > 0 && leak.Bytes > 0 {
		f.kept = append(f.kept, touched(more*leak.Bytes))
	}
	f.units = units
	return time.Duration(units) * leak.Delay
}

// touched is memory that is resident: a page that was never written costs nothing.
func touched(size int) []byte {
	block := make([]byte, size)
	for i := 0; i < size; i += 4096 {
		block[i] = 1
	}
	return block
}

// leaked is how many bytes are kept.
func (f *Faults) leaked() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.units * f.config.Leak.Bytes
}
