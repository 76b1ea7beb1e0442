{{- /*
SPDX-FileCopyrightText: Slipway contributors
SPDX-License-Identifier: GPL-3.0-or-later
*/ -}}

{{- define "app.fullname" -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" -}}
{{- else if contains $name .Release.Name -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 50 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- /* Labels of objects. They change with the chart's version, so they are on no pod. */ -}}
{{- define "app.labels" -}}
app: {{ include "app.fullname" . }}
app.kubernetes.io/name: {{ default .Chart.Name .Values.nameOverride }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- end -}}

{{- define "app.serviceAccount" -}}
{{- default (ternary (include "app.fullname" .) "default" .Values.serviceAccount.create) .Values.serviceAccount.name -}}
{{- end -}}

{{- define "app.image" -}}
{{- with .Values.image -}}
{{- if .digest -}}{{ printf "%s@%s" .repository .digest }}{{- else -}}{{ printf "%s:%s" .repository (default $.Chart.AppVersion .tag) }}{{- end -}}
{{- end -}}
{{- end -}}

{{- /* Deployments that differ in labels and replicas only. */ -}}
{{- define "app.arms" -}}
main: {slot: blue, replicas: {{ .Values.replicaCount }}, shared: true}
{{- if .Values.canary.enabled }}
canary: {slot: canary, replicas: 0, shared: true}
{{- end }}
{{- if .Values.green.enabled }}
green: {slot: green, replicas: 0, shared: false}
{{- end }}
{{- end -}}

{{- /* Services for the backends of a route, and for looking at one version or slot alone. */ -}}
{{- define "app.backends" -}}
main: {version: main}
{{- if .Values.canary.enabled }}
canary: {version: canary}
{{- end }}
{{- if .Values.green.enabled }}
green: {slot: green}
{{- end }}
shared: {traffic: shared}
{{- end -}}

{{- /* The object as it is live, as JSON; {} where there is none, where nothing can be looked up, or where the chart decides. */ -}}
{{- define "app.live" -}}
{{- if .root.Values.keepLive -}}
{{- lookup .version .kind .root.Release.Namespace .name | toJson -}}
{{- else -}}
{}
{{- end -}}
{{- end -}}

{{- /* Secrets whose keys are environment variables of the app. */ -}}
{{- define "app.secrets" -}}
{{- if .Values.postgresql.enabled }}
- {{ default (printf "%s-client" .Values.postgresql.fullnameOverride) .Values.postgresql.auth.existingSecret }}
{{- else if .Values.external.database.existingSecret }}
- {{ .Values.external.database.existingSecret }}
{{- end }}
{{- if .Values.redis.enabled }}
- {{ default (printf "%s-client" .Values.redis.fullnameOverride) .Values.redis.auth.existingSecret }}
{{- else if .Values.external.redis.existingSecret }}
- {{ .Values.external.redis.existingSecret }}
{{- end }}
{{- range .Values.config.secrets }}
- {{ . }}
{{- end }}
{{- end -}}
