{{/* Begins the name of each of this release's objects. A StatefulSet's may have 52 characters, since
     Kubernetes makes a label of it, with 11 more; the longest ending is "-alertmanager". Helm allows
     a release more names than Kubernetes a Service. */}}
{{- define "monitoring.fullname" -}}
{{- $name := .Values.fullnameOverride | default .Release.Name | trunc 39 | trimSuffix "-" }}
{{- if not (regexMatch "^[a-z]([-a-z0-9]*[a-z0-9])?$" $name) }}
{{- fail (printf "No Service can be called %s-grafana: a name has lower-case letters, digits and -, and begins with a letter. Choose another name for the release, or set fullnameOverride." $name) }}
{{- end }}
{{- $name }}
{{- end }}

{{/* Name and version of the chart, for a label. */}}
{{- define "monitoring.chart" -}}
{{- printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/* The labels of each object of one component: (dict "context" $ "name" "loki"). */}}
{{- define "monitoring.labels" -}}
helm.sh/chart: {{ include "monitoring.chart" .context }}
{{ include "monitoring.selectorLabels" . }}
app.kubernetes.io/version: {{ .context.Chart.AppVersion | quote }}
app.kubernetes.io/part-of: backend-monitoring
app.kubernetes.io/managed-by: {{ .context.Release.Service }}
{{- end }}

{{/* The labels that find its pods; the name is their job in Prometheus. They cannot change once a
     release is installed. */}}
{{- define "monitoring.selectorLabels" -}}
app.kubernetes.io/name: {{ .name }}
app.kubernetes.io/instance: {{ .context.Release.Name | quote }}
{{- end }}

{{/* The base URL of one component, this release's own or the one outside:
     (dict "context" $ "name" "loki" "port" 3100). */}}
{{- define "monitoring.url" -}}
{{- $component := get .context.Values .name }}
{{- if $component.enabled -}}
http://{{ include "monitoring.fullname" .context }}-{{ .name }}:{{ .port }}
{{- else -}}
{{ $component.url }}
{{- end }}
{{- end }}
