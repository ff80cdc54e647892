package mesh

import (
	"slices"
	"strings"
)

// Unread is why it cannot be told whether an object exists that a snapshot does
// not hold.
type Unread struct {
	// Resource is the kind that is not all known, Source the state of what
	// would list it.
	Resource string
	Source   SourceStatus
	// Unwatched is the namespace where it lies outside the snapshot's scope, and
	// Scope are those that are watched; Source is that of the kind elsewhere.
	Unwatched string
	Scope     []string
}

// Unread returns why not all objects of these kinds in a namespace (empty for
// cluster-scoped ones) are known at this moment, of several reasons the one
// that may pass first. Nil says that what a snapshot does not hold does not
// exist. It is stricter than Readable: what a stale source said may be judged,
// but an object may have come since.
func (s *Snapshot) Unread(namespace string, resources ...string) *Unread {
	var out *Unread
	for _, r := range resources {
		st := s.Sources.Kind(r)
		switch {
		case namespace != "" && !s.InScope(namespace):
			return &Unread{Resource: r, Source: st, Unwatched: namespace, Scope: s.Scope}
		case st.State == SourceOK || st.State == SourceAbsent:
		case out == nil || st.State.patience() < out.Source.State.patience():
			out = &Unread{Resource: r, Source: st}
		}
	}
	return out
}

// patience orders states by how soon waiting may help.
func (s SourceState) patience() int {
	return slices.Index([]SourceState{SourceStarting, SourceStale, SourceDown, SourcePartial, SourceForbidden}, s)
}

// Waiting tells that the answer may come by itself: nothing needs to be granted
// or configured.
func (u *Unread) Waiting() bool { return u.Unwatched == "" && u.Source.State != SourceForbidden }

// Whether begins the sentence about what nobody knows to exist, which what names:
// "Nobody knows whether there is an AuthorizationPolicy shop/allow".
func Whether(what string) string {
	article := "a"
	if what != "" && strings.ContainsRune("AEIOaeio", rune(what[0])) {
		article = "an"
	}
	return "Nobody knows whether there is " + article + " " + what
}

// Why is the reason as a clause, to follow a colon: "Pods are still being read".
func (u *Unread) Why() string {
	if u.Unwatched != "" {
		return "namespace " + u.Unwatched + " is not watched, only " + strings.Join(u.Scope, ", ")
	}
	kind, detail := ResourceTitle(u.Resource), strings.TrimSuffix(u.Source.Detail, ".")
	switch u.Source.State {
	case SourceStarting:
		return kind + " are still being read"
	case SourceForbidden:
		return kind + " may not be read, the missing right is " + detail
	case SourceStale:
		return kind + " are known as they were at " + u.Source.AsOf.UTC().Format("2006-01-02 15:04:05 UTC") + " only"
	case SourcePartial:
		return kind + " were read in part, " + detail
	}
	if detail == "" {
		return kind + " could not be read"
	}
	return kind + " could not be read, " + detail
}

// resourceTitles are kinds as people call them, where that is not the resource
// itself.
var resourceTitles = map[string]string{
	ResourceServices: "Services", ResourceServiceEntries: "ServiceEntries", ResourcePods: "Pods",
	ResourceWorkloadEntries: "WorkloadEntries", ResourceNodes: "Nodes", ResourceNamespaces: "Namespaces",
	ResourceEndpointSlices: "EndpointSlices", ResourceGateways: "Gateways", ResourceGatewayClasses: "GatewayClasses",
	ResourceIstioGateways: "Istio Gateways", ResourceHTTPRoutes: "HTTPRoutes", ResourceGRPCRoutes: "GRPCRoutes",
	ResourceTCPRoutes: "TCPRoutes", ResourceTLSRoutes: "TLSRoutes", ResourceVirtualServices: "VirtualServices",
	ResourceDestinationRules: "DestinationRules", ResourceAuthorizationPolicies: "AuthorizationPolicies",
	ResourcePeerAuthentications: "PeerAuthentications", ResourceRequestAuthentications: "RequestAuthentications",
	ResourceDeployments: "Deployments", ResourceAutoscalers: "HorizontalPodAutoscalers",
	ResourceDisruptionBudgets: "PodDisruptionBudgets",
}

// ResourceTitle is a kind ("<resource>.<group>") as people call it, in the
// plural: "ServiceEntries"; the bare resource where it is seldom talked of.
func ResourceTitle(resource string) string {
	if title, ok := resourceTitles[resource]; ok {
		return title
	}
	word, _, _ := strings.Cut(resource, ".")
	return word
}
