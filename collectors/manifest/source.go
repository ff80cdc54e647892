package manifest

import (
	"context"
	"fmt"
	"maps"

	"github.com/waylight/waylight/collectors"
	"github.com/waylight/waylight/mesh"
)

var _ collectors.Source = (*Set)(nil)

// Run implements collectors.Source: it hands everything on and waits for the
// end of ctx, since nothing of it changes.
func (s *Set) Run(ctx context.Context, sink collectors.Sink) error {
	s.Load(sink)
	<-ctx.Done()
	return nil
}

// Load hands on all objects and how far they can be relied on, and returns.
func (s *Set) Load(sink collectors.Sink) {
	sink.Describe(mesh.ClusterInfo{Origin: mesh.OriginManifests})
	sink.Apply(s.objects, nil)
	for _, status := range s.statuses() {
		sink.Report(status)
	}
}

// Locate finds where a field of an object stands, or else the object. line
// counts from 1; ok is false for what is in no manifest.
func (s *Set) Locate(ref mesh.Ref, field string) (file string, line int, ok bool) {
	p, ok := s.places[ref]
	if !ok {
		return "", 0, false
	}
	return p.file, lineOf(p.root, field), true
}

// unwritten are the kinds that controllers make: that a manifest is missing
// says nothing about them.
var unwritten = []string{
	mesh.ResourcePods, mesh.ResourceNodes, mesh.ResourceEvents, mesh.ResourceEndpointSlices, mesh.ResourceReplicaSets,
	mesh.ResourceServiceAccounts, mesh.ResourceConfigMaps, mesh.ResourceGatewayClasses, mesh.ResourceCRDs,
}

func (s *Set) statuses() []mesh.SourceStatus {
	if !s.options.Complete {
		return []mesh.SourceStatus{{
			Name: mesh.KubernetesSource, State: mesh.SourcePartial,
			Detail: "Only manifests were read, and there may be more in the cluster; --complete says that they are the whole mesh.",
		}}
	}
	out := []mesh.SourceStatus{{Name: mesh.KubernetesSource, State: mesh.SourceOK, Detail: "The manifests are said to be the whole mesh."}}
	for _, resource := range unwritten {
		out = append(out, mesh.SourceStatus{
			Name: mesh.KubernetesSource + "/" + resource, State: mesh.SourcePartial,
			Detail: "Controllers make them, so manifests do not say which there are.",
		})
	}
	return out
}

// headless is the clusterIP of a Service that wants none.
const headless = "None"

// labelName is what the API server puts on each Namespace.
const labelName = "kubernetes.io/metadata.name"

// finish makes of what is written what it will be where everything works, so
// that checks which never look at status have something to judge: Namespaces
// have the label of their name, Services and Gateways an address, and each pod
// template stands for one pod.
func (s *Set) finish() {
	namespaces := make(map[string]*mesh.Namespace)
	for i, o := range s.objects {
		switch o := o.(type) {
		case *mesh.Namespace:
			labels := map[string]string{labelName: o.Name}
			maps.Copy(labels, o.Labels)
			o.Labels = labels
			namespaces[o.Name] = o
		case *mesh.Gateway:
			if len(o.Addresses) == 0 {
				o.Addresses = []mesh.GatewayAddress{{Type: "Hostname", Value: o.Name + "." + o.Namespace + ".svc"}}
			}
		case *mesh.Service:
			if o.Headless() && text(child(s.places[o.Ref()].root, "spec"), "clusterIP") != headless {
				o.VIPs = []string{fmt.Sprintf("2001:db8::%x", i+1)} // of the addresses that stand for any
			}
		}
	}
	for _, o := range s.objects {
		if c, ok := o.(*mesh.Controller); ok && running(c) {
			s.objects = append(s.objects, podOf(c, namespaces[c.Namespace]))
		}
	}
}

// running tells controllers whose pods are there all the time, and not none by
// intention.
func running(c *mesh.Controller) bool {
	switch c.Kind {
	case "Deployment", "StatefulSet":
		return c.Wanted > 0
	}
	return c.Kind == "DaemonSet"
}

// podOf is the pod that a template makes. It is captured where a label asks for
// it; without its Namespace nobody knows, and it is not.
func podOf(c *mesh.Controller, ns *mesh.Namespace) *mesh.Workload {
	w := &mesh.Workload{
		Meta:        mesh.Meta{Kind: "Pod", Namespace: c.Namespace, Name: c.Name, Labels: c.TemplateLabels, Annotations: maps.Clone(c.TemplateAnnotations), Owner: c.Ref()},
		HostNetwork: c.HostNetwork, ServiceAccount: c.ServiceAccount, Containers: c.Containers, Phase: "Running",
	}
	if w.Annotations == nil {
		w.Annotations = make(map[string]string)
	}
	if captured(c, ns) {
		w.Annotations[mesh.AnnotationRedirection] = "enabled"
	}
	return w
}

func captured(c *mesh.Controller, ns *mesh.Namespace) bool {
	mode, own := c.TemplateLabels[mesh.LabelDataplaneMode]
	if !own && ns != nil {
		mode = ns.Labels[mesh.LabelDataplaneMode]
	}
	injected := ns != nil && (ns.Labels[mesh.LabelInjection] == "enabled" || ns.Labels[mesh.LabelRevision] != "") || c.TemplateLabels["sidecar.istio.io/inject"] == "true"
	return mode == mesh.DataplaneAmbient && !c.HostNetwork && !injected && c.TemplateAnnotations[mesh.AnnotationRedirection] != "disabled"
}
