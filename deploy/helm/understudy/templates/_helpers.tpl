{{- define "understudy.name" -}}
{{- if contains .Chart.Name .Release.Name }}{{ .Release.Name }}{{ else }}{{ .Release.Name }}-{{ .Chart.Name }}{{ end -}}
{{- end }}
{{- define "understudy.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}
{{- define "understudy.labels" -}}
{{ include "understudy.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}
{{- define "understudy.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}
{{- end }}
{{- define "understudy.secret" -}}
{{- if .Values.secrets.externalSecret.enabled -}}
{{ include "understudy.name" . }}-secrets
{{- else -}}
{{ required "secrets.existingSecret is required: the name of a Secret that has DATABASE_URL and what the configuration names (or enable secrets.externalSecret)" .Values.secrets.existingSecret }}
{{- end -}}
{{- end }}
{{- define "understudy.podSecurity" -}}
runAsNonRoot: true
runAsUser: 1000
runAsGroup: 1000
fsGroup: 1000
fsGroupChangePolicy: OnRootMismatch
seccompProfile: { type: RuntimeDefault }
{{- end }}
{{- define "understudy.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end }}
{{/* The roles that have a Deployment. */}}
{{- define "understudy.roles" -}}
{{- if eq .Values.mode "split" }}api,worker{{ else }}all{{ end -}}
{{- end }}
{{/* The text of `config`, and the sections that it leaves to `database` and `media`. */}}
{{- define "understudy.config" -}}
{{- $own := fromYaml .Values.config }}
{{- if hasKey $own "Error" }}{{ fail (printf "config is not YAML: %s" $own.Error) }}{{ end }}
{{- $database := .Values.database }}
{{- $s3 := .Values.media.s3 }}
{{- if and (hasKey $own "storage") (or $database.listenUrlKey $database.settings) }}
{{- fail "config has the section storage, so database.listenUrlKey and database.settings have no effect: remove one of them" }}
{{- end }}
{{- if and (hasKey $own "media") (or $s3.bucket .Values.media.settings) }}
{{- fail "config has the section media, so media.s3 and media.settings have no effect: remove one of them" }}
{{- end }}
{{- if and $s3.bucket .Values.media.existingClaim }}
{{- fail "media.existingClaim has no use where media.s3.bucket is set: remove one of them" }}
{{- end }}
{{- .Values.config | trimSuffix "\n" }}
{{- if not (hasKey $own "storage") }}
{{- $storage := dict "url" "${DATABASE_URL}" }}
{{- with $database.listenUrlKey }}
{{- $storage = merge $storage (dict "listen_url" (printf "${%s}" .)) $database.settings (dict "prepared_statements" false) }}
{{- else }}
{{- $storage = merge $storage $database.settings }}
{{- end }}
storage: {{ toJson $storage }}
{{- end }}
{{- if not (hasKey $own "media") }}
{{- $media := dict "url" "file:/media" }}
{{- if $s3.bucket }}
{{- $media = dict "url" (printf "s3://%s" (list $s3.bucket $s3.prefix | compact | join "/")) "region" $s3.region }}
{{- $_ := set $media "access_key" "${S3_ACCESS_KEY}" }}
{{- $_ := set $media "secret_key" "${S3_SECRET_KEY}" }}
{{- $_ := set $media "buffer_directory" "/buffer" }}
{{- $_ := set $media "buffer_bytes" (int64 $s3.bufferBytes) }}
{{- with $s3.endpoint }}{{ $_ := set $media "endpoint" . }}{{ end }}
{{- end }}
media: {{ merge $media .Values.media.settings | toJson }}
{{- end }}
{{ end }}
{{/* Not empty where videos are in a bucket, also where `config` says so itself: then no volume is shared. */}}
{{- define "understudy.bucket" -}}
{{- $media := (fromYaml .Values.config).media | default dict }}
{{- if or .Values.media.s3.bucket (hasPrefix "s3:" ($media.url | default "")) }}bucket{{ end }}
{{- end }}
{{/* The keys of the bucket, as variables that stand above those of the Secret for everything. */}}
{{- define "understudy.bucketKeys" -}}
{{- $s3 := .Values.media.s3 }}
{{- if $s3.bucket }}
{{- $secret := $s3.existingSecret | default (include "understudy.secret" .) }}
- { name: S3_ACCESS_KEY, valueFrom: { secretKeyRef: { name: {{ $secret }}, key: {{ $s3.accessKeyKey }} } } }
- { name: S3_SECRET_KEY, valueFrom: { secretKeyRef: { name: {{ $secret }}, key: {{ $s3.secretKeyKey }} } } }
{{- end }}
{{- end }}
