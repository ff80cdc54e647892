package kube

import (
	"cmp"
	"maps"
	"strings"

	"github.com/waylight/waylight/mesh"
)

// serviceEntry is what Waylight reads of istio.networking.v1.ServiceEntry.
type serviceEntry struct {
	Hosts            []string          `json:"hosts"`
	Addresses        []string          `json:"addresses"`
	Ports            []istioPort       `json:"ports"`
	Location         string            `json:"location"`
	Resolution       string            `json:"resolution"`
	Endpoints        []workloadEntry   `json:"endpoints"`
	WorkloadSelector *workloadSelector `json:"workloadSelector"`
	ExportTo         []string          `json:"exportTo"`
}

// workloadEntry is istio.networking.v1.WorkloadEntry, also inside a
// ServiceEntry.
type workloadEntry struct {
	Address        string            `json:"address"`
	Ports          map[string]uint32 `json:"ports"`
	Labels         map[string]string `json:"labels"`
	Network        string            `json:"network"`
	Locality       string            `json:"locality"`
	Weight         uint32            `json:"weight"`
	ServiceAccount string            `json:"serviceAccount"`
}

// convertServiceEntry defaults location and resolution as Istio does.
func convertServiceEntry(o *istioObject[serviceEntry], c *checker) mesh.Object {
	se := &mesh.ServiceEntry{
		Meta:             metaOf(groupIstioNetworking, "ServiceEntry", o),
		Hosts:            shareAll(o.Spec.Hosts),
		Addresses:        o.Spec.Addresses,
		Location:         share(cmp.Or(o.Spec.Location, "MESH_EXTERNAL")),
		Resolution:       share(cmp.Or(o.Spec.Resolution, "NONE")),
		WorkloadSelector: o.Spec.WorkloadSelector.selector(),
		ExportTo:         shareAll(o.Spec.ExportTo),
		Conditions:       o.Status.conditions(),
	}
	for _, a := range o.Status.Addresses {
		se.AutoAddresses = append(se.AutoAddresses, a.Value)
	}
	for i := range o.Spec.Ports {
		se.Ports = append(se.Ports, o.Spec.Ports[i].servicePort(c, "spec.ports[]", i))
	}
	for i := range o.Spec.Endpoints {
		e := &o.Spec.Endpoints[i]
		se.Endpoints = append(se.Endpoints, mesh.ServiceEntryEndpoint{
			Address:        e.Address,
			Ports:          e.Ports,
			Labels:         shareMap(e.Labels),
			Network:        share(e.Network),
			Locality:       share(e.Locality),
			Weight:         e.Weight,
			ServiceAccount: share(e.ServiceAccount),
		})
	}
	return se
}

// convertWorkloadEntry makes a workload of a WorkloadEntry. Labels can stand in
// its metadata and in its spec, and those of the metadata win (istio
// serviceentry.ConvertClientWorkloadEntry). It has no phase; it counts as ready
// unless a health check says otherwise.
func convertWorkloadEntry(o *istioObject[workloadEntry], _ *checker) mesh.Object {
	w := &mesh.Workload{
		Meta:           metaOf(groupIstioNetworking, "WorkloadEntry", o),
		ServiceAccount: share(cmp.Or(o.Spec.ServiceAccount, "default")),
		Conditions:     o.Status.conditions(),
		Zone:           zoneOf(o.Spec.Locality),
		Ports:          o.Spec.Ports,
	}
	if len(o.Spec.Labels) > 0 {
		labels := shareMap(o.Spec.Labels)
		maps.Copy(labels, w.Labels)
		w.Labels = labels
	}
	if o.Spec.Address != "" {
		w.IPs = []string{o.Spec.Address}
	}
	w.Network = share(cmp.Or(o.Spec.Network, w.Labels[labelNetwork]))
	health := w.Conditions.Find("Healthy")
	w.Ready = health == nil || health.Status != mesh.ConditionFalse
	return w
}

// zoneOf is the zone in an Istio locality, region/zone/subzone.
func zoneOf(locality string) string {
	_, rest, _ := strings.Cut(locality, "/")
	zone, _, _ := strings.Cut(rest, "/")
	return share(zone)
}
