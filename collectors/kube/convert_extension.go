package kube

import (
	"cmp"

	"github.com/waylight/waylight/mesh"
)

// envoyFilter is what Waylight reads of istio.networking.v1alpha3.EnvoyFilter:
// where it is aimed, not what it patches.
type envoyFilter struct {
	WorkloadSelector *workloadSelector `json:"workloadSelector"`
	TargetRefs       []targetRef       `json:"targetRefs"`
	ConfigPatches    []struct {
		Match struct {
			Context string `json:"context"`
		} `json:"match"`
	} `json:"configPatches"`
	Priority int32 `json:"priority"`
}

// convertEnvoyFilter defaults a patch's context to ANY, as Istio does.
func convertEnvoyFilter(o *istioObject[envoyFilter], _ *checker) mesh.Object {
	aim := attachment{TargetRefs: o.Spec.TargetRefs}
	f := &mesh.EnvoyFilter{
		Meta:       metaOf(groupIstioNetworking, "EnvoyFilter", o),
		Selector:   o.Spec.WorkloadSelector.selector(),
		TargetRefs: aim.targets(o.Namespace),
		Priority:   o.Spec.Priority,
	}
	for _, p := range o.Spec.ConfigPatches {
		f.Contexts = append(f.Contexts, share(cmp.Or(p.Match.Context, "ANY")))
	}
	return f
}

// wasmPlugin is what Waylight reads of istio.extensions.v1alpha1.WasmPlugin.
type wasmPlugin struct {
	attachment
	URL string `json:"url"`
}

func convertWasmPlugin(o *istioObject[wasmPlugin], _ *checker) mesh.Object {
	return &mesh.WasmPlugin{
		Meta:       metaOf(groupIstioExtensions, "WasmPlugin", o),
		Selector:   o.Spec.Selector.selector(),
		TargetRefs: o.Spec.targets(o.Namespace),
		URL:        bounded(o.Spec.URL, maxAnnotation),
	}
}

func convertTrafficExtension(o *istioObject[attachment], _ *checker) mesh.Object {
	return &mesh.TrafficExtension{
		Meta:       metaOf(groupIstioExtensions, "TrafficExtension", o),
		Selector:   o.Spec.Selector.selector(),
		TargetRefs: o.Spec.targets(o.Namespace),
	}
}
