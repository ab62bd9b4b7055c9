{{/* What the service is called in labels, and so Prometheus' job: the same under any release name. */}}
{{- define "backend.name" -}}
backend-monitoring
{{- end }}

{{/* The name of this release's objects. Helm allows a release more names than Kubernetes a Service. */}}
{{- define "backend.fullname" -}}
{{- $name := ternary .Release.Name (printf "%s-%s" .Release.Name .Chart.Name) (contains .Chart.Name .Release.Name) }}
{{- $name = .Values.fullnameOverride | default $name | trunc 63 | trimSuffix "-" }}
{{- if not (regexMatch "^[a-z]([-a-z0-9]*[a-z0-9])?$" $name) }}
{{- fail (printf "No Service can be called %s: a name has lower-case letters, digits and -, and begins with a letter. Choose another name for the release, or set fullnameOverride." $name) }}
{{- end }}
{{- $name }}
{{- end }}

{{/* Name and version of the chart, for a label. */}}
{{- define "backend.chart" -}}
{{- printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/* The labels of each object. */}}
{{- define "backend.labels" -}}
helm.sh/chart: {{ include "backend.chart" . }}
{{ include "backend.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/part-of: backend-monitoring
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{/* The labels that find the pods. They cannot change once a release is installed. */}}
{{- define "backend.selectorLabels" -}}
app.kubernetes.io/name: {{ include "backend.name" . }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end }}

{{/* The image, in its own version unless another tag is asked for. */}}
{{- define "backend.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}
