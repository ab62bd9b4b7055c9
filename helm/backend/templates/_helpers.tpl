{{/* app.kubernetes.io/name and the Prometheus job, independent of the release name. */}}
{{- define "backend.name" -}}
backend-monitoring
{{- end }}

{{/* Sets missing values to those of defaults.yaml, because Helm ignores values.yaml with --reuse-values.
     Every template starts with it; the first one that Helm renders sets the values of all. */}}
{{- define "backend.defaults" -}}
{{- if not (hasKey .Values "complete") }}
{{- include "backend.setMissing" (list .Values (.Files.Get "defaults.yaml" | fromYaml)) }}
{{- $_ := set .Values "complete" true }}
{{- end }}
{{- end }}

{{/* Kubernetes objects are not merged, so that a field within one which the user removed with null stays removed. */}}
{{- define "backend.setMissing" -}}
{{- $values := index . 0 }}
{{- $ofKubernetes := list "affinity" "annotations" "labels" "nodeSelector" "podSecurityContext" "resources" "securityContext" }}
{{- range $key, $default := index . 1 }}
{{- if or (not (hasKey $values $key)) (kindIs "invalid" (get $values $key)) }}
{{- $_ := set $values $key $default }}
{{- else if and (kindIs "map" $default) (not (has $key $ofKubernetes)) }}
{{- include "backend.setMissing" (list (get $values $key) $default) }}
{{- end }}
{{- end }}
{{- end }}

{{/* Replaces "backend" in names. Helm passes the alias of a dependency as the name of the chart; it
     distinguishes two instances of the chart in one release. */}}
{{- define "backend.alias" -}}
{{- .Values.nameOverride | default (ne .Chart.Name "backend" | ternary .Chart.Name "") }}
{{- end }}

{{/* Name of all resources. Helm allows release names that are not valid names of a Service. */}}
{{- define "backend.fullname" -}}
{{- $alias := include "backend.alias" . }}
{{- $name := ternary .Release.Name (printf "%s-backend" .Release.Name) (contains "backend" .Release.Name) }}
{{- if $alias }}
{{- $name = printf "%s-%s" (trunc (int (sub 62 (len $alias))) .Release.Name | trimSuffix "-") $alias }}
{{- end }}
{{- $name = .Values.fullnameOverride | default $name | trunc 63 | trimSuffix "-" }}
{{- if not (regexMatch "^[a-z]([-a-z0-9]*[a-z0-9])?$" $name) }}
{{- fail (printf "invalid Service name %q: expected lower-case letters, digits and '-', starting with a letter; choose another release name or set fullnameOverride" $name) }}
{{- end }}
{{- $name }}
{{- end }}

{{/* Chart name and version, for the label helm.sh/chart. */}}
{{- define "backend.chart" -}}
{{- printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/* Common labels. */}}
{{- define "backend.labels" -}}
{{ include "backend.selectorLabels" . }}
app.kubernetes.io/component: service
{{ include "backend.commonLabels" (list . .Values.image) }}
{{- end }}

{{/* Labels of all components, by the image: (list $ .Values.image). The version is its tag, without
     characters that a label does not allow. */}}
{{- define "backend.commonLabels" -}}
{{- $ := index . 0 -}}
helm.sh/chart: {{ include "backend.chart" $ }}
app.kubernetes.io/version: {{ include "backend.tag" . | regexFind "^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?" | quote }}
app.kubernetes.io/part-of: backend-monitoring
app.kubernetes.io/managed-by: {{ $.Release.Service }}
{{- end }}

{{/* Selector labels, which are immutable after the installation. */}}
{{- define "backend.selectorLabels" -}}
app.kubernetes.io/name: {{ include "backend.name" . }}
app.kubernetes.io/instance: {{ include "backend.instance" . | quote }}
{{- end }}

{{/* playground:start */}}
{{/* Labels of the traffic. The Service selects the pods of the service by another name. */}}
{{- define "backend.trafficLabels" -}}
{{ include "backend.trafficSelectorLabels" . }}
app.kubernetes.io/component: traffic
{{ include "backend.commonLabels" (list . .Values.traffic.image) }}
{{- end }}

{{- define "backend.trafficSelectorLabels" -}}
app.kubernetes.io/name: {{ include "backend.name" . }}-traffic
app.kubernetes.io/instance: {{ include "backend.instance" . | quote }}
{{- end }}

{{/* playground:end */}}
{{- define "backend.instance" -}}
{{- .Release.Name }}{{ if ne .Chart.Name "backend" }}-{{ .Chart.Name }}{{ end }}
{{- end }}

{{/* Image reference: (list $ .Values.image). The default tag is appVersion. */}}
{{- define "backend.image" -}}
{{- $image := index . 1 }}
{{- with (index . 0).Values.global.imageRegistry | default $image.registry }}{{ . }}/{{ end }}
{{- $image.repository }}:{{ include "backend.tag" . }}
{{- end }}

{{/* Helm parses a tag of digits as a number, and would render 5176135 as 5.176135e+06. */}}
{{- define "backend.tag" -}}
{{- $tag := (index . 1).tag }}
{{- kindIs "string" $tag | ternary $tag (int64 $tag | toString) | default (index . 0).Chart.AppVersion }}
{{- end }}

{{/* Those of a parent chart are names or objects. */}}
{{- define "backend.imagePullSecrets" -}}
{{- $secrets := .Values.imagePullSecrets }}
{{- range .Values.global.imagePullSecrets }}
{{- $secrets = append $secrets (kindIs "string" . | ternary (dict "name" .) .) }}
{{- end }}
{{- with $secrets -}}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* Scheduling fields of the pods, including the pod of `helm test`. */}}
{{- define "backend.scheduling" -}}
{{- $fields := dict }}
{{- range $field := list "nodeSelector" "tolerations" "priorityClassName" }}
{{- with get $.Values $field }}
{{- $_ := set $fields $field . }}
{{- end }}
{{- end }}
{{- with $fields }}
{{- toYaml . }}
{{- end }}
{{- end }}

{{/* The address of Loki, which may be a template. */}}
{{- define "backend.lokiHost" -}}
{{- $host := tpl .Values.lokiHost . }}
{{- if not (regexMatch "^(https?://[^/]+)?$" $host) }}
{{- fail (printf "lokiHost: invalid value %q: expected a base URL such as http://loki:3100, without a path, or nothing" $host) }}
{{- end }}
{{- $host }}
{{- end }}

{{/* Fails if the files of rules or dashboards are missing: (dict "files" $content "value" "dashboards"). */}}
{{- define "backend.requireFiles" -}}
{{- if not .files }}
{{- fail (printf "%s.enabled: the files of the chart are missing. files/grafana and files/prometheus are symbolic links to ../../monitoring/files, which this copy of the chart has lost: use a package (helm package helm/backend) or a Git clone with symbolic links, or copy both directories to files/" .value) }}
{{- end }}
{{- end }}
