{{- /* Every helper takes (dict "root" $ "name" <role>). */ -}}

{{- define "vigil.name" -}}
{{ printf "%s-%s" .root.Release.Name .name | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "vigil.selector" -}}
app.kubernetes.io/name: vigil
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .name }}
{{- end }}

{{- define "vigil.labels" -}}
{{ include "vigil.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end }}

{{- define "vigil.image" -}}
{{ printf "%s/%s:%s" .root.Values.image.registry .name (.root.Values.image.tag | default .root.Chart.AppVersion) }}
{{- end }}

{{- define "vigil.trustConfigMap" -}}
{{ .root.Values.trust.existingConfigMap | default (include "vigil.name" (dict "root" .root "name" "trust")) }}
{{- end }}

{{- /* The port in (dict "url" … "default" …). */ -}}
{{- define "vigil.port" -}}
{{ regexFind ":[0-9]+" .url | trimPrefix ":" | default .default }}
{{- end }}

{{- define "vigil.podSecurity" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{- define "vigil.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}

{{- define "vigil.egressToStores" -}}
- ports:
    - { port: 53, protocol: UDP }
    - { port: 53, protocol: TCP }
- ports:
    - { port: {{ include "vigil.port" (dict "url" .root.Values.nats.url "default" "4222") }}, protocol: TCP }
{{- end }}
