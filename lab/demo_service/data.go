// SPDX-FileCopyrightText: Slipway contributors
// SPDX-License-Identifier: GPL-3.0-or-later

package main

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/redis/go-redis/v9"
)

// askTimeout is less than what a probe waits, so that the answer says which server is silent.
const askTimeout = 1500 * time.Millisecond

// Data is what the service stands on: nothing, a PostgreSQL, a Redis, or both.
type Data struct {
	database *pgxpool.Pool
	cache    *redis.Client
}

// openData connects to nothing yet: a database that comes later than the service must not keep it from starting.
func openData(config Config) (*Data, error) {
	data := &Data{}
	if isServer(config.DatabaseURL, "postgres", "postgresql") {
		pool, err := pgxpool.ParseConfig(config.DatabaseURL)
		if err != nil {
			return nil, errors.New("DATABASE_URL: not a URL such as postgresql://user:password@host:5432/name")
		}
		pool.MaxConns = 2
		if data.database, err = pgxpool.NewWithConfig(context.Background(), pool); err != nil {
			return nil, err
		}
	}
	if isServer(config.RedisURL, "redis", "rediss") {
		options, err := redis.ParseURL(config.RedisURL)
		if err != nil {
			return nil, errors.New("REDIS_URL: not a URL such as redis://:password@host:6379/0")
		}
		options.MaxRetries, options.PoolSize = -1, 2
		data.cache = redis.NewClient(options)
	}
	return data, nil
}

// isServer leaves out what needs no server, such as sqlite:///dev.db.
func isServer(address string, schemes ...string) bool {
	parsed, err := url.Parse(address)
	if err != nil {
		scheme, _, _ := strings.Cut(address, ":")
		parsed = &url.URL{Scheme: scheme}
	}
	for _, scheme := range schemes {
		if parsed.Scheme == scheme {
			return true
		}
	}
	return false
}

// checks are the lines of /health/all for what is configured. Readiness leaves them out: a database that is away for a
// moment would take every pod of every version out at once.
func (d *Data) checks() []func() component {
	var found []func() component
	if d.database != nil {
		found = append(found, ask("database", func(limit context.Context) error {
			var one int
			return d.database.QueryRow(limit, "select 1").Scan(&one)
		}))
	}
	if d.cache != nil {
		found = append(found, ask("cache", func(limit context.Context) error { return d.cache.Ping(limit).Err() }))
	}
	return found
}

func ask(name string, question func(context.Context) error) func() component {
	return func() component {
		limit, cancel := context.WithTimeout(context.Background(), askTimeout)
		defer cancel()
		if err := question(limit); err != nil {
			return component{name, false, err.Error()}
		}
		return component{Name: name, OK: true}
	}
}

func (d *Data) close() {
	if d.database != nil {
		d.database.Close()
	}
	if d.cache != nil {
		_ = d.cache.Close() // the process ends
	}
}
