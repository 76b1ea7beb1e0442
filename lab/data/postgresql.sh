#!/bin/sh
# SPDX-FileCopyrightText: Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Starts as the community's image does, with the same variables: a data folder where there is none, then the server.
set -eu

if [ ! -s "$PGDATA/PG_VERSION" ]; then
  # Made aside and moved: a start that was cut off leaves nothing half made.
  making=$PGDATA.making
  busybox rm -rf "$making"
  # shellcheck disable=SC2086 # several options
  initdb --pgdata="$making" --username=postgres --pwfile="$POSTGRES_PASSWORD_FILE" --encoding=UTF8 --locale=C.UTF-8 \
    --no-instructions ${POSTGRES_INITDB_ARGS:-}
  echo 'host all all all scram-sha-256' >>"$making/pg_hba.conf"
  if [ "${POSTGRES_DB:-postgres}" != postgres ]; then
    echo "create database \"$POSTGRES_DB\";" | postgres --single -j -D "$making" postgres
  fi
  busybox mv "$making" "$PGDATA"
fi
exec postgres -D "$PGDATA" -c listen_addresses='*' -c jit=off
