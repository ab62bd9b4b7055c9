{{/* Prefix of all resource names. At most 39 characters: the name of a StatefulSet is limited to 52,
     because Kubernetes appends 11 characters in a label, and the longest suffix is "-alertmanager". Helm
     allows release names that are not valid names of a Service. */}}
{{- define "monitoring.fullname" -}}
{{- $name := .Values.fullnameOverride | default .Release.Name | trunc 39 | trimSuffix "-" }}
{{- if not (regexMatch "^[a-z]([-a-z0-9]*[a-z0-9])?$" $name) }}
{{- fail (printf "invalid Service name %q: expected lower-case letters, digits and '-', starting with a letter; choose another release name or set fullnameOverride" (print $name "-grafana")) }}
{{- end }}
{{- $name }}
{{- end }}

{{/* Chart name and version, for the label helm.sh/chart. */}}
{{- define "monitoring.chart" -}}
{{- printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/* Common labels of a component: (dict "context" $ "name" "loki"). */}}
{{- define "monitoring.labels" -}}
helm.sh/chart: {{ include "monitoring.chart" .context }}
{{ include "monitoring.selectorLabels" . }}
app.kubernetes.io/version: {{ .context.Chart.AppVersion | quote }}
app.kubernetes.io/part-of: backend-monitoring
app.kubernetes.io/managed-by: {{ .context.Release.Service }}
{{- end }}

{{/* Selector labels of a component, which are immutable after the installation. The name is the
     Prometheus job. */}}
{{- define "monitoring.selectorLabels" -}}
app.kubernetes.io/name: {{ .name }}
app.kubernetes.io/instance: {{ .context.Release.Name | quote }}
{{- end }}

{{/* Base URL of a component, of this release or external: (dict "context" $ "name" "loki" "port" 3100). */}}
{{- define "monitoring.url" -}}
{{- $component := get .context.Values .name }}
{{- if $component.enabled -}}
http://{{ include "monitoring.fullname" .context }}-{{ .name }}:{{ .port }}
{{- else -}}
{{ $component.url }}
{{- end }}
{{- end }}
