{{- define "plantintel.name" -}}
{{ .Release.Name | trunc 50 | trimSuffix "-" }}
{{- end }}

{{- define "plantintel.labels" -}}
app.kubernetes.io/name: plantintel
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "plantintel.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}
{{- end }}

{{- define "plantintel.environment" -}}
- name: DATABASE_URL_FILE
  value: /run/secrets/plantintel/database_url
- name: PLANTINTEL_SECRET_KEY_FILE
  value: /run/secrets/plantintel/secret_key
- name: PLANTINTEL_PUBLIC_ADDRESS
  value: {{ .Values.publicAddress | quote }}
- name: PLANTINTEL_BLOBS
  value: {{ .Values.blobs | quote }}
- name: PLANTINTEL_METRICS_ADDRESS
  value: 0.0.0.0:9464
{{- range $name, $value := .Values.settings }}
- name: {{ $name }}
  value: {{ $value | quote }}
{{- end }}
{{- end }}

{{- define "plantintel.hardened" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}

{{- define "plantintel.account" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
seccompProfile:
  type: RuntimeDefault
{{- end }}
