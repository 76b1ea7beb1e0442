{{- /*
SPDX-FileCopyrightText: Slipway contributors
SPDX-License-Identifier: GPL-3.0-or-later
*/ -}}

{{- /* The file. A name in braces after a dollar is resolved by the app, from its environment. */ -}}
{{- define "app.file" -}}
{{- $c := .Values.config -}}
{{- $monitoring := dict "enabled" .Values.monitoring.enabled "metrics_port" .Values.monitoring.port -}}
{{- $database := dict "host" $c.database.host "port" $c.database.port "name" $c.database.name "url" "${DATABASE_URL}" -}}
{{- $redis := dict "host" $c.redis.host "port" $c.redis.port "url" "${REDIS_URL}" -}}
{{- $own := dict
      "environment" $c.environment
      "api" (dict "host" "0.0.0.0" "port" .Values.service.targetPort)
      "database" $database
      "redis" $redis
      "logging" (dict "level" $c.logLevel "format" $c.logFormat)
      "monitoring" $monitoring -}}
{{- mergeOverwrite $own (deepCopy $c.file) | toYaml -}}
{{- end -}}

{{- define "app.env" -}}
{{- $c := .Values.config -}}
{{- $own := dict
      "ENVIRONMENT" $c.environment
      "LOG_LEVEL" $c.logLevel
      "LOG_FORMAT" $c.logFormat
      "API_PORT" .Values.service.targetPort
      "METRICS_PORT" .Values.monitoring.port
      "DB_HOST" $c.database.host
      "DB_PORT" $c.database.port
      "DB_NAME" $c.database.name
      "REDIS_HOST" $c.redis.host
      "REDIS_PORT" $c.redis.port -}}
{{- if not (or .Values.redis.enabled .Values.external.redis.existingSecret) -}}
{{- $_ := set $own "REDIS_URL" (printf "redis://%s:%v/0" $c.redis.host $c.redis.port) -}}
{{- end -}}
{{- range $name, $value := mergeOverwrite $own (deepCopy $c.env) }}
{{ $name }}: {{ $value | toString | quote }}
{{- end }}
{{- end -}}
