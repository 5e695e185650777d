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

{{/*
A duration, as 1h30m, in hours.
*/}}
{{- define "pullkeeper.hours" -}}
{{- $hours := 0.0 }}
{{- range regexFindAll "[0-9.]+[a-z]+" . -1 }}
{{- $unit := regexFind "[a-z]+$" . }}
{{- $hours = addf $hours (divf (trimSuffix $unit . | float64) (get (dict "h" 1 "m" 60 "s" 3600 "ms" 3600000) $unit)) }}
{{- end }}
{{- $hours }}
{{- end }}

{{/*
caBundle gets the chart's own CA with a certificate that it issues, thus the next CA only with the next certificate. The CA is
renewed after two thirds of its life: in the last third, the next certificate has to come.
*/}}
{{- define "pullkeeper.checkCaDuration" -}}
{{- with .Values.tls.certManager }}
{{- $untilNext := subf (include "pullkeeper.hours" .duration | float64) (include "pullkeeper.hours" .renewBefore | float64) }}
{{- if lt (include "pullkeeper.hours" .caDuration | float64) (mulf 3 $untilNext) }}
{{- fail (printf "tls.certManager.caDuration is %s, and must be at least three times as long as from one certificate to the next, %s less %s: caBundle would hold an expired CA" .caDuration .duration .renewBefore) }}
{{- end }}
{{- end }}
{{- end }}
