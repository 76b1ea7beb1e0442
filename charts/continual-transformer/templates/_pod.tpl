{{- /*
SPDX-FileCopyrightText: Slipway contributors
SPDX-License-Identifier: GPL-3.0-or-later
*/ -}}

{{- /* The container `app` of a live Deployment, as JSON. */ -}}
{{- define "app.liveContainer" -}}
{{- $found := dict -}}
{{- range dig "spec" "template" "spec" "containers" list . -}}
{{- if eq .name "app" -}}{{- $found = . -}}{{- end -}}
{{- end -}}
{{- $found | toJson -}}
{{- end -}}

{{- /* Volume that is mounted where the app reads its configuration: a rollout's own where it has put one there. */ -}}
{{- define "app.configVolume" -}}
{{- $volume := "config" -}}
{{- range .volumeMounts -}}
{{- if eq .mountPath "/app/config" -}}{{- $volume = .name -}}{{- end -}}
{{- end -}}
{{- $volume -}}
{{- end -}}

{{- define "app.podAnnotations" -}}
{{- range $key, $value := .Values.podAnnotations }}
{{- if or $.Values.monitoring.enabled (not (hasPrefix "prometheus.io/" $key)) }}
{{ $key }}: {{ $value | toString | quote }}
{{- end }}
{{- end }}
checksum/config: {{ cat (include "app.file" .) (include "app.env" .) | sha256sum }}
{{- end -}}

{{- define "app.pod" -}}
{{- $root := .root -}}
{{- $container := include "app.liveContainer" .live | fromJson -}}
{{- with .root.Values -}}
metadata:
  labels:
    {{- $more := ternary (dict "traffic" "shared") dict $.shared }}
    {{- merge (deepCopy $.labels) $more (deepCopy .podLabels) | toYaml | nindent 4 }}
  annotations:
    {{- include "app.podAnnotations" $root | nindent 4 }}
spec:
  serviceAccountName: {{ include "app.serviceAccount" $root }}
  automountServiceAccountToken: false
  enableServiceLinks: false
  terminationGracePeriodSeconds: {{ .terminationGracePeriodSeconds }}
  {{- with .imagePullSecrets }}
  imagePullSecrets:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .priorityClassName }}
  priorityClassName: {{ . }}
  {{- end }}
  securityContext:
    {{- toYaml .podSecurityContext | nindent 4 }}
  containers:
    - name: app
      image: {{ default (include "app.image" $root) $container.image }}
      imagePullPolicy: {{ .image.pullPolicy }}
      ports:
        - name: http
          containerPort: {{ .service.targetPort }}
        - name: metrics
          containerPort: {{ .monitoring.port }}
      env:
        - name: VERSION
          valueFrom:
            fieldRef:
              fieldPath: metadata.labels['version']
      envFrom:
        - configMapRef:
            name: {{ include "app.fullname" $root }}-env
        {{- range include "app.secrets" $root | fromYamlArray }}
        - secretRef:
            name: {{ . }}
        {{- end }}
      {{- range $kind := list "startupProbe" "livenessProbe" "readinessProbe" "lifecycle" }}
      {{- with index $root.Values $kind }}
      {{ $kind }}:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- end }}
      resources:
        {{- toYaml .resources | nindent 8 }}
      securityContext:
        {{- toYaml .securityContext | nindent 8 }}
      volumeMounts:
        - name: {{ include "app.configVolume" $container }}
          mountPath: /app/config
          readOnly: true
        - name: tmp
          mountPath: /tmp
  volumes:
    - name: config
      configMap:
        name: {{ include "app.fullname" $root }}-config
    - name: tmp
      emptyDir: {}
  {{- range $kind := list "nodeSelector" "affinity" "tolerations" "topologySpreadConstraints" }}
  {{- with index $root.Values $kind }}
  {{ $kind }}:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- end }}
{{- end -}}
{{- end -}}
