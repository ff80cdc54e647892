package mesh

import (
	"cmp"
	"slices"
)

// Account is one ServiceAccount with the pods that run under it: the identity
// policies speak of. Pods are kept apart by how their calls leave, since two
// pods of one account can differ in it.
type Account struct {
	Namespace, Name string
	// Captured pods call through ztunnel, which presents the identity.
	Captured []*Workload
	// Sidecars present it themselves and skip service waypoints.
	Sidecars []*Workload
	// Gateways are pods of ingress, egress and east-west gateways.
	Gateways []*Workload
	// Outside are pods that nothing captures: they call without an identity.
	Outside []*Workload
}

// Principal is the account's identity as policies write it.
func (a *Account) Principal(trustDomain string) string {
	return Principal(trustDomain, a.Namespace, a.Name)
}

// InMesh tells whether some pod of the account presents its identity.
func (a *Account) InMesh() bool {
	return len(a.Captured)+len(a.Sidecars)+len(a.Gateways) > 0
}

// Accounts lists the accounts that pods of this namespace run under, by name.
// Finished pods make no calls and do not count; neither do the mesh's own
// proxies (waypoints, ztunnel, istio-cni), which call on behalf of others.
func (s *Shard) Accounts() []*Account { return s.index.accounts() }

func (s *Shard) findAccounts() []*Account {
	byName := make(map[string]*Account)
	for _, w := range s.Workloads {
		if w.Kind != "Pod" || w.Finished() || w.proxyOfMesh() {
			continue
		}
		name := cmp.Or(w.ServiceAccount, "default")
		a := byName[name]
		if a == nil {
			a = &Account{Namespace: s.Namespace, Name: name}
			byName[name] = a
		}
		a.add(w)
	}
	out := make([]*Account, 0, len(byName))
	for _, a := range byName {
		out = append(out, a)
	}
	slices.SortFunc(out, func(a, b *Account) int { return cmp.Compare(a.Name, b.Name) })
	return out
}

func (a *Account) add(w *Workload) {
	switch {
	case w.HostNetwork:
		a.Outside = append(a.Outside, w)
	case w.HasSidecar():
		a.Sidecars = append(a.Sidecars, w)
	case w.GatewayName() != "":
		a.Gateways = append(a.Gateways, w)
	case w.Captured():
		a.Captured = append(a.Captured, w)
	default:
		a.Outside = append(a.Outside, w)
	}
}

// proxyOfMesh tells pods that carry the calls of others and make none.
func (w *Workload) proxyOfMesh() bool {
	return w.IsWaypoint() || w.Labels["app"] == "ztunnel" || w.Labels["k8s-app"] == "istio-cni-node"
}
