package kube

import "github.com/waylight/waylight/mesh"

// telemetry is what Waylight reads of istio.telemetry.v1.Telemetry.
type telemetry struct {
	attachment
	AccessLogging []struct {
		Match struct {
			Mode string `json:"mode"`
		} `json:"match"`
		Providers []struct {
			Name string `json:"name"`
		} `json:"providers"`
		Disabled bool `json:"disabled"`
		Filter   struct {
			Expression string `json:"expression"`
		} `json:"filter"`
	} `json:"accessLogging"`
	Metrics []struct {
		Overrides []metricOverride `json:"overrides"`
	} `json:"metrics"`
}

type metricOverride struct {
	Match struct {
		Metric       string `json:"metric"`
		CustomMetric string `json:"customMetric"`
	} `json:"match"`
	Disabled bool `json:"disabled"`
}

// convertTelemetry calls metrics disabled where an override turns all of them
// off; single metrics that are off do not count.
func convertTelemetry(o *istioObject[telemetry], _ *checker) mesh.Object {
	t := &mesh.Telemetry{
		Meta:       metaOf("telemetry.istio.io", "Telemetry", o),
		Selector:   o.Spec.Selector.selector(),
		TargetRefs: o.Spec.targets(o.Namespace),
		Conditions: o.Status.conditions(),
	}
	for i := range o.Spec.AccessLogging {
		in := &o.Spec.AccessLogging[i]
		entry := mesh.AccessLogging{Disabled: in.Disabled, Mode: share(in.Match.Mode), Filter: bounded(in.Filter.Expression, maxMessage)}
		for _, p := range in.Providers {
			entry.Providers = append(entry.Providers, share(p.Name))
		}
		t.AccessLogging = append(t.AccessLogging, entry)
	}
	for _, m := range o.Spec.Metrics {
		for _, override := range m.Overrides {
			t.MetricsDisabled = t.MetricsDisabled || override.Disabled && override.all()
		}
	}
	return t
}

// all tells that an override is for every metric, which is also what an
// override without a metric is for.
func (m *metricOverride) all() bool {
	return m.Match.CustomMetric == "" && (m.Match.Metric == "" || m.Match.Metric == "ALL_METRICS")
}
