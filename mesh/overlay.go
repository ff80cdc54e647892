package mesh

import "slices"

// With is the mesh as it would be: objects are put in place of those of the
// same reference, or added, and what is gone is taken away. The receiver stays
// as it is, and shards without a change are shared with it. What proxies were
// found to hold is kept, although it is about the mesh as it is.
//
// What controllers fill in is guessed as they would: a Gateway or Service that
// is written without its addresses keeps those of the one it takes the place
// of, and what was said of a route before it changed is forgotten.
func (s *Snapshot) With(objects []Object, gone []Ref) *Snapshot {
	edits := make(map[string]*edit)
	of := func(r Ref) *edit {
		key := r.shard()
		if edits[key] == nil {
			edits[key] = &edit{put: make(map[Ref]Object)}
		}
		return edits[key]
	}
	for _, r := range gone {
		of(r).gone = append(of(r).gone, r)
	}
	for _, o := range objects {
		of(o.Ref()).put[o.Ref()] = o
	}
	content := Content{
		At: s.At, Revision: s.Revision, Cluster: s.Cluster, Scope: s.Scope, Sources: s.Sources,
		ClusterScoped: edits[""].apply(s.clusterScoped()),
	}
	delete(edits, "")
	for _, sh := range s.Shards {
		if e := edits[sh.Namespace]; e != nil {
			delete(edits, sh.Namespace)
			sh = NewShard(sh.Namespace, e.apply(sh.objects()))
		}
		content.Shards = append(content.Shards, sh)
	}
	for namespace, e := range edits {
		if list := e.apply(nil); len(list) > 0 {
			content.Shards = append(content.Shards, NewShard(namespace, list))
		}
	}
	out := NewSnapshot(content)
	out.evidence = s.evidence
	return out
}

// edit is what changes in one shard.
type edit struct {
	put  map[Ref]Object
	gone []Ref
}

// apply makes the objects of a shard anew. A nil edit changes nothing.
func (e *edit) apply(old []Object) []Object {
	if e == nil {
		return old
	}
	out := make([]Object, 0, len(old)+len(e.put))
	for _, o := range old {
		r := o.Ref()
		if by, ok := e.put[r]; ok {
			e.put[r] = keepingStatus(by, o)
			continue
		}
		if !slices.Contains(e.gone, r) {
			out = append(out, o)
		}
	}
	for _, o := range e.put {
		out = append(out, o)
	}
	return out
}

// keepingStatus is an object as it would stand in the place of an old one.
func keepingStatus(by, old Object) Object {
	switch o := by.(type) {
	case *Gateway:
		if was, ok := old.(*Gateway); ok && len(o.Addresses) == 0 && len(o.Conditions) == 0 {
			next := *o
			next.Addresses, next.Conditions = was.Addresses, was.Conditions
			return &next
		}
	case *Service:
		// The address of a Service cannot be changed, only left out.
		if was, ok := old.(*Service); ok && len(o.VIPs) == 0 && o.Type != "ExternalName" {
			next := *o
			next.VIPs = was.VIPs
			return &next
		}
	case *Route:
		next := *o
		next.Parents = slices.Clone(o.Parents)
		for i := range next.Parents {
			next.Parents[i].Status = nil
		}
		return &next
	}
	return by
}

// shard is the namespace whose shard holds the object; a Namespace is part of
// its own. It is empty for what is cluster-scoped.
func (r Ref) shard() string {
	if r.Kind == "Namespace" {
		return r.Name
	}
	return r.Namespace
}

// clusterScoped lists what lies outside the shards, without evidence.
func (s *Snapshot) clusterScoped() []Object {
	var out []Object
	out = appendObjects(out, s.Nodes)
	out = appendObjects(out, s.GatewayClasses)
	return appendObjects(out, s.CRDs)
}

// objects lists everything the shard holds, in no particular order.
func (s *Shard) objects() []Object {
	out := make([]Object, 0, len(s.Workloads)+len(s.Services)+len(s.EndpointSlices))
	if s.Info != nil {
		out = append(out, s.Info)
	}
	out = appendObjects(out, s.Workloads)
	out = appendObjects(out, s.Controllers)
	out = appendObjects(out, s.Services)
	out = appendObjects(out, s.EndpointSlices)
	out = appendObjects(out, s.ServiceEntries)
	out = appendObjects(out, s.ServiceAccounts)
	out = appendObjects(out, s.Gateways)
	out = appendObjects(out, s.IstioGateways)
	out = appendObjects(out, s.Routes)
	out = appendObjects(out, s.ReferenceGrants)
	out = appendObjects(out, s.DestinationRules)
	out = appendObjects(out, s.Authorizations)
	out = appendObjects(out, s.PeerAuths)
	out = appendObjects(out, s.RequestAuths)
	out = appendObjects(out, s.Telemetries)
	out = appendObjects(out, s.EnvoyFilters)
	out = appendObjects(out, s.WasmPlugins)
	out = appendObjects(out, s.TrafficExtensions)
	out = appendObjects(out, s.NetworkPolicies)
	out = appendObjects(out, s.Autoscalers)
	out = appendObjects(out, s.DisruptionBudgets)
	out = appendObjects(out, s.MeshConfigs)
	out = appendObjects(out, s.CNIConfigs)
	return appendObjects(out, s.Events)
}

func appendObjects[T Object](out []Object, list []T) []Object {
	for _, o := range list {
		out = append(out, o)
	}
	return out
}
