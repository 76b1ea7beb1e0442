{{- /*
SPDX-FileCopyrightText: Slipway contributors
SPDX-License-Identifier: GPL-3.0-or-later
*/ -}}

{{- /*
Rules of a live route with the chart's own one in it: `rule` as the chart has it, but where users go (`split` names the
field) and how they are mirrored is what is live. Rules of others stay where they are. JSON: {"rules": [...]}.
*/ -}}
{{- define "app.rules" -}}
{{- $rules := list -}}
{{- $split := .split -}}
{{- $own := .rule -}}
{{- $there := false -}}
{{- range .live -}}
{{- if eq (default "" .name) $own.name -}}
{{- $there = true -}}
{{- $kept := pick . $split "mirror" "mirrors" "mirrorPercentage" -}}
{{- $rules = append $rules (merge (deepCopy $kept) $own) -}}
{{- else -}}
{{- $rules = append $rules . -}}
{{- end -}}
{{- end -}}
{{- if not $there -}}{{- $rules = append $rules $own -}}{{- end -}}
{{- dict "rules" $rules | toJson -}}
{{- end -}}

{{- define "app.destinations" -}}
- destination: {host: {{ include "app.fullname" . }}-main}
  weight: 100
{{- if .Values.canary.enabled }}
- destination: {host: {{ include "app.fullname" . }}-canary}
  weight: 0
{{- end }}
{{- end -}}

{{- define "app.backendRefs" -}}
{{- range $backend, $weight := ternary (dict "main" 100 "canary" 0) (dict "main" 100) .Values.canary.enabled | toJson | fromJson }}
- {group: "", kind: Service, name: {{ include "app.fullname" $ }}-{{ $backend }}, port: {{ $.Values.service.port }}, weight: {{ $weight }}}
{{- end }}
{{- end -}}

{{- define "app.parents" -}}
{{- range .Values.route.gateways }}
- {group: gateway.networking.k8s.io, kind: Gateway, namespace: {{ dir . }}, name: {{ base . }}}
{{- end }}
{{- end -}}
