{{/*
The value namespaceSelector in kubectl's syntax, as the flag --namespace-selector takes it.
*/}}
{{- define "pullkeeper.selectorText" -}}
{{- $requirements := list }}
{{- range $key, $value := .Values.namespaceSelector.matchLabels }}
{{- $requirements = append $requirements (printf "%s=%s" $key $value) }}
{{- end }}
{{- range .Values.namespaceSelector.matchExpressions }}
{{- if eq .operator "Exists" }}
{{- $requirements = append $requirements .key }}
{{- else if eq .operator "DoesNotExist" }}
{{- $requirements = append $requirements (printf "!%s" .key) }}
{{- else }}
{{- $requirements = append $requirements (printf "%s %s (%s)" .key (lower .operator) (join "," .values)) }}
{{- end }}
{{- end }}
{{- join "," $requirements }}
{{- end }}

{{/*
The same as an object, less the namespaces that the cluster itself needs.
*/}}
{{- define "pullkeeper.selectorObject" -}}
{{- with .Values.namespaceSelector.matchLabels -}}
matchLabels:
  {{- toYaml . | nindent 2 }}
{{ end -}}
matchExpressions:
  {{- range .Values.namespaceSelector.matchExpressions }}
  - key: {{ toYaml .key }}
    operator: {{ .operator }}
    {{- with .values }}
    values: {{ toJson . }}
    {{- end }}
  {{- end }}
  - key: kubernetes.io/metadata.name
    operator: NotIn
    values: [{{ toYaml .Release.Namespace }}, kube-system, kube-node-lease]
{{- end }}
