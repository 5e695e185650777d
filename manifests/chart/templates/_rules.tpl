{{/*
How much a counter has grown within a time, by the labels named. A series that is new has grown by all it counts, which
increase() does not see. With `watched`, only if its job was scraped before: to a Prometheus that starts without its data, what an
API server counted weeks ago is new as well.
*/}}
{{- define "pullkeeper.grown" -}}
{{- $by := "" }}{{ with .by }}{{ $by = printf " by (%s)" . }}{{ end -}}
sum{{ $by }} (increase({{ .counter }}[{{ .within }}])) > 0 or sum{{ $by }} ({{ .counter }} unless {{ .counter }} offset {{ .within }}{{ if .watched }} and on (job) up offset {{ .within }}{{ end }}) > 0
{{- end }}
