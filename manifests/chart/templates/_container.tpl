{{- define "pullkeeper.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}
{{- end }}

{{/*
Where a replica listens: ports of its own, or of its node.
*/}}
{{- define "pullkeeper.webhookPort" -}}
{{ ternary .Values.hostNetwork.webhookPort 8443 .Values.hostNetwork.enabled | int }}
{{- end }}

{{- define "pullkeeper.opsPort" -}}
{{ ternary .Values.hostNetwork.opsPort 8080 .Values.hostNetwork.enabled | int }}
{{- end }}

{{/*
Flags of `serve` as a YAML list: those that this chart decides, then those that a value was given for.
*/}}
{{- define "pullkeeper.flags" -}}
{{- $flags := list
  (printf "--namespace=%s" .Release.Namespace)
  (printf "--secret-name=%s" .Values.secretName)
  (printf "--namespace-selector=%s" (include "pullkeeper.selectorText" .))
  (printf "--removal-grace=%s" .Values.removalGrace)
  (printf "--log-level=%s" .Values.logLevel)
}}
{{- $election := .Values.leaderElection }}
{{- $optional := list
  (list "lease-duration" $election.leaseDuration)
  (list "lease-renew-deadline" $election.renewDeadline)
  (list "lease-retry-period" $election.retryPeriod)
}}
{{- if eq .Values.tls.mode "selfManaged" }}
{{- $own := .Values.tls.selfManaged }}
{{- $optional = concat $optional (list
  (list "ca-duration" $own.caDuration)
  (list "leaf-duration" $own.leafDuration)
  (list "bundle-settle" $own.bundleSettle)
  (list "ca-overlap" $own.caOverlap)
  (list "tls-extra-san" (include "pullkeeper.urlHost" .))
) }}
{{- else }}
{{- $flags = concat $flags (list "--tls-cert-file=/certificate/tls.crt" "--tls-key-file=/certificate/tls.key") }}
{{- end }}
{{- if .Values.hostNetwork.enabled }}
{{- $optional = concat $optional (list
  (list "listen" (printf ":%s" (include "pullkeeper.webhookPort" .)))
  (list "ops-listen" (printf ":%s" (include "pullkeeper.opsPort" .)))
) }}
{{- end }}
{{- range $optional }}
{{- if last . }}
{{- $flags = append $flags (printf "--%s=%s" (first .) (last .)) }}
{{- end }}
{{- end }}
{{- toYaml $flags }}
{{- end }}
