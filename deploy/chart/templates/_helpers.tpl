{{- define "thimble.name" -}}
{{- if contains "thimble" .Release.Name }}{{ .Release.Name | trunc 52 | trimSuffix "-" }}{{ else }}{{ printf "%s-thimble" (.Release.Name | trunc 44) }}{{ end }}
{{- end }}

{{- define "thimble.selector" -}}
app.kubernetes.io/name: thimble
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "thimble.labels" -}}
{{ include "thimble.selector" . }}
app.kubernetes.io/component: worker
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- define "thimble.image" -}}
{{- if .Values.image.digest }}{{ .Values.image.repository }}@{{ .Values.image.digest }}{{ else }}{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}{{ end }}
{{- end }}

{{- define "thimble.serviceAccount" -}}
{{- .Values.serviceAccount.name | default (ternary (include "thimble.name" .) "default" .Values.serviceAccount.create) }}
{{- end }}

{{/* The kind of queue that queue.url names. */}}
{{- define "thimble.kind" -}}
{{- if regexMatch "^(nats|tls)://" .Values.queue.url }}nats{{ else if hasPrefix "postgres" .Values.queue.url }}postgres{{ else }}sqs{{ end }}
{{- end }}

{{/* The region: the one that is given, or that of the queue. */}}
{{- define "thimble.region" -}}
{{- $found := regexFind "^https://sqs[.][a-z0-9-]+[.]amazonaws[.]com" .Values.queue.url }}
{{- $region := .Values.aws.region | default (index (splitList "." (printf "%s.." $found)) 1) }}
{{- required "aws.region is needed, because queue.url does not name a region" $region }}
{{- end }}

{{/* Time to finish what is in hand: an engine's, and 90 s for the rest of a message. */}}
{{- define "thimble.finish" -}}
{{- add (int64 .Values.work.engineSeconds) 90 }}
{{- end }}

{{- define "thimble.grace" -}}
{{- $needed := include "thimble.finish" . | int64 }}
{{- $given := .Values.terminationGracePeriodSeconds | default $needed | int64 }}
{{- if lt $given $needed }}
{{- fail (printf "terminationGracePeriodSeconds is %d, and a worker needs %d to finish what it has: work.engineSeconds and 90" $given $needed) }}
{{- end }}
{{- $given }}
{{- end }}

{{/* The limit of memory in MiB has to hold everything that the worker may use. */}}
{{- define "thimble.checkMemory" -}}
{{- $limit := .Values.resources.limits.memory }}
{{- $mebi := trimSuffix "Mi" $limit | int64 }}
{{- if hasSuffix "Gi" $limit }}{{ $mebi = mul 1024 (trimSuffix "Gi" $limit | int64) }}{{ end }}
{{- $needed := add (mul (int64 .Values.work.engines) (int64 .Values.work.engineMemoryMiB)) (int64 .Values.work.sourceMemoryMiB) 256 }}
{{- if lt $mebi $needed }}
{{- fail (printf "resources.limits.memory is %s, and %dMi may be used: work.engines x work.engineMemoryMiB + work.sourceMemoryMiB + 256" $limit $needed) }}
{{- end }}
{{- end }}
