{{/* Sets missing values to those of defaults.yaml, because Helm ignores values.yaml with --reuse-values.
     Every template starts with it; the first one that Helm renders sets the values of all. */}}
{{- define "monitoring.defaults" -}}
{{- if not (hasKey .Values "complete") }}
{{- include "monitoring.setMissing" (list .Values (.Files.Get "defaults.yaml" | fromYaml)) }}
{{- $_ := set .Values "complete" true }}
{{- end }}
{{- end }}

{{/* Kubernetes objects are not merged, so that a field within one which the user removed with null stays removed. */}}
{{- define "monitoring.setMissing" -}}
{{- $values := index . 0 }}
{{- $ofKubernetes := list "affinity" "annotations" "labels" "nodeSelector" "podSecurityContext" "resources" "securityContext" }}
{{- range $key, $default := index . 1 }}
{{- if or (not (hasKey $values $key)) (kindIs "invalid" (get $values $key)) }}
{{- $_ := set $values $key $default }}
{{- else if and (kindIs "map" $default) (not (has $key $ofKubernetes)) }}
{{- include "monitoring.setMissing" (list (get $values $key) $default) }}
{{- end }}
{{- end }}
{{- end }}

{{/* Suffix of the release name. Helm passes the alias of a dependency as the name of the chart; it
     distinguishes two instances of the chart in one release. */}}
{{- define "monitoring.alias" -}}
{{- .Values.nameOverride | default (ne .Chart.Name "monitoring" | ternary .Chart.Name "") }}
{{- end }}

{{/* Prefix of all resource names. At most 39 characters: the name of a StatefulSet is limited to 52,
     because Kubernetes appends 11 characters in a label, and the longest suffix is "-alertmanager". Helm
     allows release names that are not valid names of a Service. */}}
{{- define "monitoring.fullname" -}}
{{- $name := .Release.Name | trunc 39 | trimSuffix "-" }}
{{- with include "monitoring.alias" . }}
{{- $name = printf "%s-%s" (trunc (int (sub 38 (len .))) $.Release.Name | trimSuffix "-") . }}
{{- end }}
{{- $name = .Values.fullnameOverride | default $name }}
{{- if not (regexMatch "^[a-z]([-a-z0-9]*[a-z0-9])?$" $name) }}
{{- fail (printf "invalid Service name %q: expected lower-case letters, digits and '-', starting with a letter; choose another release name or set fullnameOverride" (print $name "-grafana")) }}
{{- end }}
{{- $name }}
{{- end }}

{{/* Chart name and version, for the label helm.sh/chart. */}}
{{- define "monitoring.chart" -}}
{{- printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/* Common labels of a component: (dict "context" $ "name" "loki"). The version is that of its image,
     without characters that a label does not allow. */}}
{{- define "monitoring.labels" -}}
helm.sh/chart: {{ include "monitoring.chart" .context }}
{{ include "monitoring.selectorLabels" . }}
app.kubernetes.io/component: {{ .name }}
{{- $version := .context.Chart.AppVersion }}
{{- with get .context.Values .name }}
{{- $version = include "monitoring.tag" .image }}
{{- end }}
app.kubernetes.io/version: {{ regexFind "^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?" $version | quote }}
app.kubernetes.io/part-of: backend-monitoring
app.kubernetes.io/managed-by: {{ .context.Release.Service }}
{{- end }}

{{/* Selector labels of a component, which are immutable after the installation. The name is the
     Prometheus job. */}}
{{- define "monitoring.selectorLabels" -}}
app.kubernetes.io/name: {{ .name }}
app.kubernetes.io/instance: {{ include "monitoring.instance" .context | quote }}
{{- end }}

{{- define "monitoring.instance" -}}
{{- .Release.Name }}{{ if ne .Chart.Name "monitoring" }}-{{ .Chart.Name }}{{ end }}
{{- end }}

{{/* The image of one component: (list $ .image). */}}
{{- define "monitoring.image" -}}
{{- $image := index . 1 }}
{{- with (index . 0).Values.global.imageRegistry | default $image.registry }}{{ . }}/{{ end }}
{{- $image.repository }}:{{ include "monitoring.tag" $image }}
{{- end }}

{{/* Helm parses a tag of digits as a number, and would render 5176135 as 5.176135e+06. */}}
{{- define "monitoring.tag" -}}
{{- kindIs "string" .tag | ternary .tag (int64 .tag) }}
{{- end }}

{{/* Those of a parent chart are names or objects. */}}
{{- define "monitoring.imagePullSecrets" -}}
{{- $secrets := .Values.imagePullSecrets }}
{{- range .Values.global.imagePullSecrets }}
{{- $secrets = append $secrets (kindIs "string" . | ternary (dict "name" .) .) }}
{{- end }}
{{- with $secrets -}}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* Scheduling fields of the pods of a component. */}}
{{- define "monitoring.scheduling" -}}
{{- $fields := dict }}
{{- range $field := list "nodeSelector" "affinity" "tolerations" "priorityClassName" }}
{{- with get $ $field }}
{{- $_ := set $fields $field . }}
{{- end }}
{{- end }}
{{- with $fields }}
{{- toYaml . }}
{{- end }}
{{- end }}

{{/* Parallel: with OrderedReady, a rollback does not replace a pod whose image cannot be pulled. The field
     is immutable, so an existing StatefulSet keeps its policy until it is re-created (NOTES.txt). */}}
{{- define "monitoring.podManagementPolicy" -}}
{{- $policy := "Parallel" }}
{{- if .context.Release.IsUpgrade }}
{{- $found := lookup "apps/v1" "StatefulSet" .context.Release.Namespace (printf "%s-%s" (include "monitoring.fullname" .context) .name) }}
{{- $policy = dig "spec" "podManagementPolicy" "Parallel" $found }}
{{- end }}
{{- $policy }}
{{- end }}

{{/* An address, which may be a template: (list $ "loki.url" .Values.loki.url). */}}
{{- define "monitoring.address" -}}
{{- $url := tpl (index . 2) (index . 0) }}
{{- if not (regexMatch "^(https?://.*[^/])?$" $url) }}
{{- fail (printf "%s: invalid value %q: expected a URL such as http://loki:3100, without a slash at its end" (index . 1) $url) }}
{{- end }}
{{- $url }}
{{- end }}

{{/* Base URL of a component, of this release or external: (dict "context" $ "name" "loki" "port" 3100). */}}
{{- define "monitoring.url" -}}
{{- $component := get .context.Values .name }}
{{- if $component.enabled -}}
http://{{ include "monitoring.fullname" .context }}-{{ .name }}:{{ .port }}
{{- else -}}
{{ include "monitoring.address" (list .context (print .name ".url") $component.url) }}
{{- end }}
{{- end }}
