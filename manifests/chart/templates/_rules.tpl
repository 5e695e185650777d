{{/*
How much a counter has grown within a time, by the labels named. A series that is new has grown by all it counts, which
increase() does not see.
*/}}
{{- define "pullkeeper.grown" -}}
{{- $by := "" }}{{ with .by }}{{ $by = printf " by (%s)" . }}{{ end -}}
sum{{ $by }} (increase({{ .counter }}[{{ .within }}])) > 0 or sum{{ $by }} ({{ .counter }} unless {{ .counter }} offset {{ .within }}) > 0
{{- end }}
