{{/*
Metadata of one object. Takes root, name, and optionally namespaced, labels and annotations.
*/}}
{{- define "pullkeeper.metadata" -}}
metadata:
  name: {{ .name }}
  {{- if .namespaced }}
  namespace: {{ toYaml .root.Release.Namespace }}
  {{- end }}
  labels:
    app.kubernetes.io/name: pullkeeper
    app.kubernetes.io/instance: {{ toYaml .root.Release.Name }}
    app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
    app.kubernetes.io/part-of: pullkeeper
    app.kubernetes.io/managed-by: {{ .root.Release.Service }}
    helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
    {{- with merge (dict) (.labels | default dict) .root.Values.commonLabels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  {{- with merge (dict) (.annotations | default dict) .root.Values.commonAnnotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}

{{/*
By which Pods are selected. A Deployment's selector cannot be changed later: neither release, chart nor version is in it.
*/}}
{{- define "pullkeeper.selectorLabels" -}}
app.kubernetes.io/name: pullkeeper
{{- end }}

{{- define "pullkeeper.account" -}}
system:serviceaccount:{{ .Release.Namespace }}:pullkeeper
{{- end }}

{{/*
Pullkeeper reads every Secret of its own namespace, so one that others keep theirs in is refused.
*/}}
{{- define "pullkeeper.checkNamespace" -}}
{{- if has .Release.Namespace (list "default" "kube-system" "kube-public" "kube-node-lease") }}
{{- fail (printf "Pullkeeper reads every Secret of its own namespace, and that must not be %s: install it with --namespace pullkeeper-system --create-namespace" .Release.Namespace) }}
{{- end }}
{{- end }}
