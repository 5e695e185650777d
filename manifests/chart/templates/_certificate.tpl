{{/*
The Secret that holds the serving certificate. Its name differs by who writes it: a Secret's type cannot be changed, so none
could take over another's.
*/}}
{{- define "pullkeeper.certificateSecret" -}}
{{- if eq .Values.tls.mode "selfManaged" -}}
pullkeeper-tls
{{- else if eq .Values.tls.mode "secret" -}}
{{ .Values.tls.secret.name }}
{{- else -}}
pullkeeper-serving-cert
{{- end }}
{{- end }}

{{/*
Annotations of both webhook configurations.
*/}}
{{- define "pullkeeper.caInjection" -}}
{{- if eq .Values.tls.mode "certManager" -}}
cert-manager.io/inject-ca-from: {{ .Release.Namespace }}/pullkeeper
{{- end }}
{{- end }}

{{/*
The host of the value webhook.url, which the certificate must be for as well; empty without one.
*/}}
{{- define "pullkeeper.urlHost" -}}
{{- with .Values.webhook.url }}
{{- (urlParse .).hostname }}
{{- end }}
{{- end }}

{{/*
The webhook's address. caBundle is left out where somebody sets it in the cluster: then a manifest without it can be applied
again and again.
*/}}
{{- define "pullkeeper.clientConfig" -}}
clientConfig:
  {{- if .root.Values.webhook.url }}
  url: {{ .root.Values.webhook.url }}{{ .path }}
  {{- else }}
  service:
    name: pullkeeper
    namespace: {{ toYaml .root.Release.Namespace }}
    path: {{ .path }}
    port: 443
  {{- end }}
  {{- if eq .root.Values.tls.mode "secret" }}
  caBundle: {{ .root.Values.tls.secret.caBundle | b64enc }}
  {{- end }}
{{- end }}
