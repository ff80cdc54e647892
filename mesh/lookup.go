package mesh

import "slices"

// Lookup finds any object by reference; nil if it is not known. A Namespace
// and cluster-scoped kinds are found by name alone.
func (s *Snapshot) Lookup(r Ref) Object {
	switch r.Kind {
	case "Namespace":
		return orNil(s.Shard(r.Name).Info)
	case "Node":
		return orNil(s.Node(r.Name))
	case "GatewayClass":
		return orNil(s.GatewayClass(r.Name))
	}
	return s.Shard(r.Namespace).lookup(r)
}

func (s *Shard) lookup(r Ref) Object {
	switch r.Kind {
	case "Pod", "WorkloadEntry":
		return find(s.Workloads, r)
	case "Service":
		return find(s.Services, r)
	case "ServiceEntry":
		return find(s.ServiceEntries, r)
	case "ServiceAccount":
		return find(s.ServiceAccounts, r)
	case "Gateway":
		return find(s.Gateways, r)
	case "IstioGateway":
		return find(s.IstioGateways, r)
	case "DestinationRule":
		return find(s.DestinationRules, r)
	case "NetworkPolicy":
		return find(s.NetworkPolicies, r)
	}
	if o := s.lookupPolicy(r); o != nil {
		return o
	}
	if c := s.ControllerNamed(r.Kind, r.Name); c != nil {
		return c
	}
	return find(s.Routes, r)
}

func (s *Shard) lookupPolicy(r Ref) Object {
	switch r.Kind {
	case "AuthorizationPolicy":
		return find(s.Authorizations, r)
	case "PeerAuthentication":
		return find(s.PeerAuths, r)
	case "RequestAuthentication":
		return find(s.RequestAuths, r)
	case "Telemetry":
		return find(s.Telemetries, r)
	case "EnvoyFilter":
		return find(s.EnvoyFilters, r)
	case "WasmPlugin":
		return find(s.WasmPlugins, r)
	case "TrafficExtension":
		return find(s.TrafficExtensions, r)
	}
	return nil
}

// find looks for the exact reference: lists are sorted by name, and those of
// several kinds hold names twice.
func find[T Object](list []T, r Ref) Object {
	i, _ := slices.BinarySearchFunc(list, r.Name, compareName[T])
	for ; i < len(list) && list[i].Metadata().Name == r.Name; i++ {
		if list[i].Ref() == r {
			return list[i]
		}
	}
	return nil
}

// orNil keeps a nil pointer from becoming a non-nil interface.
func orNil[T any, P interface {
	*T
	Object
}](p P) Object {
	if p == nil {
		return nil
	}
	return p
}
