package mesh

import (
	"slices"
	"strings"
	"sync"
	"time"
)

// Shard is everything of one namespace. A change in a namespace makes a new
// shard; all other shards are shared by the snapshots before and after.
// Lists are sorted by name.
type Shard struct {
	Namespace string
	// Info is the Namespace object; nil when it was not readable or is gone.
	Info *Namespace

	Workloads         []*Workload
	Controllers       []*Controller
	Services          []*Service
	EndpointSlices    []*EndpointSlice
	ServiceEntries    []*ServiceEntry
	ServiceAccounts   []*ServiceAccount
	Gateways          []*Gateway
	IstioGateways     []*IstioGateway
	Routes            []*Route
	ReferenceGrants   []*ReferenceGrant
	DestinationRules  []*DestinationRule
	Authorizations    []*AuthorizationPolicy
	PeerAuths         []*PeerAuthentication
	RequestAuths      []*RequestAuthentication
	Telemetries       []*Telemetry
	EnvoyFilters      []*EnvoyFilter
	WasmPlugins       []*WasmPlugin
	TrafficExtensions []*TrafficExtension
	NetworkPolicies   []*NetworkPolicy
	Autoscalers       []*Autoscaler
	DisruptionBudgets []*DisruptionBudget
	MeshConfigs       []*MeshConfig
	CNIConfigs        []*CNIConfig
	Events            []*Event

	index shardIndex
}

// shardIndex is derived from a shard's lists once, when it is made.
type shardIndex struct {
	byIP     map[string]*Workload
	byNode   map[string][]*Workload
	byVIP    map[string]*Service
	slices   map[string][]*EndpointSlice
	ztunnels []*Workload
	cniNodes []*Workload
	istiods  []*Controller
	parts    []*Workload
	labelled []*Workload // with a use-waypoint label of their own
	// Computed when first asked for.
	accounts   func() []*Account
	lastChange func() time.Time
}

// NewShard sorts the objects of one namespace into their lists and indexes
// them. Objects of unknown types are ignored; a Namespace becomes Info.
func NewShard(namespace string, objects []Object) *Shard {
	s := &Shard{Namespace: namespace}
	slices.SortFunc(objects, func(a, b Object) int { return a.Ref().Compare(b.Ref()) })
	for _, o := range objects {
		s.add(o)
	}
	// Several kinds share these lists, so they need their own order.
	sortByName(s.Workloads)
	sortByName(s.Controllers)
	sortByName(s.Routes)
	s.buildIndex()
	return s
}

func (s *Shard) add(o Object) {
	switch o := o.(type) {
	case *Namespace:
		s.Info = o
	case *Workload:
		s.Workloads = append(s.Workloads, o)
	case *Controller:
		s.Controllers = append(s.Controllers, o)
	case *Service:
		s.Services = append(s.Services, o)
	case *EndpointSlice:
		s.EndpointSlices = append(s.EndpointSlices, o)
	case *ServiceEntry:
		s.ServiceEntries = append(s.ServiceEntries, o)
	case *ServiceAccount:
		s.ServiceAccounts = append(s.ServiceAccounts, o)
	case *NetworkPolicy:
		s.NetworkPolicies = append(s.NetworkPolicies, o)
	case *Autoscaler:
		s.Autoscalers = append(s.Autoscalers, o)
	case *DisruptionBudget:
		s.DisruptionBudgets = append(s.DisruptionBudgets, o)
	case *MeshConfig:
		s.MeshConfigs = append(s.MeshConfigs, o)
	case *CNIConfig:
		s.CNIConfigs = append(s.CNIConfigs, o)
	case *Event:
		s.Events = append(s.Events, o)
	default:
		s.addMeshObject(o)
	}
}

func (s *Shard) addMeshObject(o Object) {
	switch o := o.(type) {
	case *Gateway:
		s.Gateways = append(s.Gateways, o)
	case *IstioGateway:
		s.IstioGateways = append(s.IstioGateways, o)
	case *Route:
		s.Routes = append(s.Routes, o)
	case *ReferenceGrant:
		s.ReferenceGrants = append(s.ReferenceGrants, o)
	case *DestinationRule:
		s.DestinationRules = append(s.DestinationRules, o)
	case *AuthorizationPolicy:
		s.Authorizations = append(s.Authorizations, o)
	case *PeerAuthentication:
		s.PeerAuths = append(s.PeerAuths, o)
	case *RequestAuthentication:
		s.RequestAuths = append(s.RequestAuths, o)
	case *Telemetry:
		s.Telemetries = append(s.Telemetries, o)
	case *EnvoyFilter:
		s.EnvoyFilters = append(s.EnvoyFilters, o)
	case *WasmPlugin:
		s.WasmPlugins = append(s.WasmPlugins, o)
	case *TrafficExtension:
		s.TrafficExtensions = append(s.TrafficExtensions, o)
	}
}

func (s *Shard) buildIndex() {
	x := &s.index
	x.byIP = make(map[string]*Workload, len(s.Workloads))
	x.byNode = make(map[string][]*Workload)
	x.byVIP = make(map[string]*Service, len(s.Services))
	x.slices = make(map[string][]*EndpointSlice, len(s.EndpointSlices))
	x.accounts = sync.OnceValue(s.findAccounts)
	x.lastChange = sync.OnceValue(s.findLastChange)
	for _, w := range s.Workloads {
		x.addWorkload(w)
	}
	for _, svc := range s.Services {
		for _, ip := range svc.VIPs {
			x.byVIP[ip] = svc
		}
	}
	for _, e := range s.EndpointSlices {
		x.slices[e.Service] = append(x.slices[e.Service], e)
	}
	for _, c := range s.Controllers {
		if c.Kind == "Deployment" && c.Labels["app"] == "istiod" {
			x.istiods = append(x.istiods, c)
		}
	}
}

func (x *shardIndex) addWorkload(w *Workload) {
	if w.Node != "" {
		x.byNode[w.Node] = append(x.byNode[w.Node], w)
	}
	// A host-network pod shares its address with the node and a finished pod's
	// address may be in use again: neither says who an address is.
	if !w.HostNetwork && !w.Finished() {
		for _, ip := range w.IPs {
			x.byIP[ip] = w
		}
	}
	if w.partOfMesh() {
		x.parts = append(x.parts, w)
	}
	if _, own := w.Labels[LabelUseWaypoint]; own {
		x.labelled = append(x.labelled, w)
	}
	switch {
	case w.Labels["app"] == "ztunnel":
		x.ztunnels = append(x.ztunnels, w)
	case w.Labels["k8s-app"] == "istio-cni-node":
		x.cniNodes = append(x.cniNodes, w)
	}
}

// WorkloadNamed finds a pod or WorkloadEntry of this namespace; a pod wins.
func (s *Shard) WorkloadNamed(name string) *Workload { return byName(s.Workloads, name) }

// ServiceNamed finds a Service of this namespace.
func (s *Shard) ServiceNamed(name string) *Service { return byName(s.Services, name) }

// GatewayNamed finds a Gateway API Gateway of this namespace.
func (s *Shard) GatewayNamed(name string) *Gateway { return byName(s.Gateways, name) }

// ControllerNamed finds a controller by kind and name.
func (s *Shard) ControllerNamed(kind, name string) *Controller {
	i, _ := slices.BinarySearchFunc(s.Controllers, name, compareName[*Controller])
	for ; i < len(s.Controllers) && s.Controllers[i].Name == name; i++ {
		if s.Controllers[i].Kind == kind {
			return s.Controllers[i]
		}
	}
	return nil
}

// Slices are the endpoint slices of a Service.
func (s *Shard) Slices(service string) []*EndpointSlice { return s.index.slices[service] }

// OnNode are the workloads of this namespace on a node.
func (s *Shard) OnNode(node string) []*Workload { return s.index.byNode[node] }

func sortByName[T Object](list []T) {
	slices.SortStableFunc(list, func(a, b T) int { return strings.Compare(a.Metadata().Name, b.Metadata().Name) })
}

func compareName[T Object](o T, name string) int { return strings.Compare(o.Metadata().Name, name) }

func byName[T Object](list []T, name string) T {
	if i, ok := slices.BinarySearchFunc(list, name, compareName[T]); ok {
		return list[i]
	}
	var none T
	return none
}
