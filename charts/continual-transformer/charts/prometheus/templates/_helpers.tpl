{{- /*
SPDX-FileCopyrightText: Slipway contributors
SPDX-License-Identifier: GPL-3.0-or-later
*/ -}}

{{- define "prometheus.name" -}}
{{- default (printf "%s-prometheus" .Release.Name) .Values.fullnameOverride | trunc 50 | trimSuffix "-" -}}
{{- end -}}

{{- define "prometheus.selector" -}}
app: {{ include "prometheus.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "prometheus.labels" -}}
{{ include "prometheus.selector" . }}
app.kubernetes.io/name: prometheus
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- end -}}

{{- define "prometheus.image" -}}
{{- with .Values.image -}}
{{- if .digest -}}{{ printf "%s@%s" .repository .digest }}{{- else -}}{{ printf "%s:%s" .repository .tag }}{{- end -}}
{{- end -}}
{{- end -}}

{{- /* What every pod of this chart is like, but for its containers and volumes. */ -}}
{{- define "prometheus.pod" -}}
automountServiceAccountToken: true
enableServiceLinks: false
{{- with .Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
securityContext:
  {{- toYaml .Values.podSecurityContext | nindent 2 }}
{{- range $kind := list "nodeSelector" "affinity" "tolerations" }}
{{- with index $.Values $kind }}
{{ $kind }}:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
{{- end -}}

{{- /* The volume that data are in. */ -}}
{{- define "prometheus.volume" -}}
{{- with .Values.persistence -}}
- name: data
{{- if .existingClaim }}
  persistentVolumeClaim:
    claimName: {{ .existingClaim }}
{{- else if .enabled }}
  persistentVolumeClaim:
    claimName: {{ include "prometheus.name" $ }}
{{- else }}
  emptyDir: {}
{{- end }}
{{- end -}}
{{- end -}}

{{- define "prometheus.files" -}}
prometheus.yml: |
  global:
    scrape_interval: {{ .Values.scrapeInterval }}
    evaluation_interval: {{ .Values.scrapeInterval }}
  rule_files: [/etc/prometheus/*.rules.yml]
  scrape_configs:
    - job_name: pods
      kubernetes_sd_configs:
        - role: pod
          namespaces:
            own_namespace: true
      relabel_configs:
        # As pods ask for it, at the port that they name.
        - {source_labels: [__meta_kubernetes_pod_annotation_prometheus_io_scrape], regex: "true", action: keep}
        - {source_labels: [__meta_kubernetes_pod_annotation_prometheus_io_port], target_label: __meta_kubernetes_pod_container_port_number, action: keepequal}
        - {source_labels: [__meta_kubernetes_pod_phase], regex: Pending|Succeeded|Failed, action: drop}
        - {source_labels: [__meta_kubernetes_pod_annotation_prometheus_io_path], regex: (.+), target_label: __metrics_path__}
        - {source_labels: [__meta_kubernetes_namespace], target_label: namespace}
        - {source_labels: [__meta_kubernetes_pod_name], target_label: pod}
        - {source_labels: [__meta_kubernetes_pod_label_app], target_label: app}
        - {source_labels: [__meta_kubernetes_pod_label_slot], target_label: slot}
{{- range $name, $rules := .Values.rules }}
{{ $name | trimSuffix ".yml" | trimSuffix ".yaml" }}.rules.yml: |
  {{- toYaml $rules | nindent 2 }}
{{- end }}
{{- end -}}
