package analysis

import (
	"slices"
	"strconv"

	"github.com/waylight/waylight/analysis/authz"
	"github.com/waylight/waylight/mesh"
)

// directCalls is what becomes of calls that were meant for a waypoint and go
// direct instead. A waypoint that is not in effect lets them through without
// its policies (fail-open), unless policies at the pods' ztunnels admit only
// the waypoint.
type directCalls struct {
	admitted, refused []string // callers, by principal
	// open is true where some pod behind it takes calls unasked.
	open bool
	// policies refused somebody; unsure says what could not be told.
	policies []authz.Decision
	unsure   string
}

// enoughCallers of each kind end the search: more would not change the words.
const enoughCallers = namedAtMost

// directCalls asks the ztunnels before the pods concerned about every caller
// of the mesh.
func (in *Input) directCalls(a asker) directCalls {
	var d directCalls
	doors := in.doors(a.Affects)
	if len(doors) == 0 {
		d.open = true
		return d
	}
	callers := in.callers(namespaceOf(a.Affects[0]))
	for _, door := range doors {
		if len(d.admitted) >= enoughCallers && len(d.refused) > 0 {
			break
		}
		in.knock(&d, door, callers)
	}
	return d
}

// door is one enforcement point with the port a call arrives at.
type door struct {
	hop  *authz.Hop
	port uint16
}

// doors are the enforcement points before everything concerned. Pods that are
// not captured have none: they take what comes.
func (in *Input) doors(affected []mesh.Ref) []door {
	var out []door
	for _, r := range affected {
		for _, d := range in.doorsOf(r) {
			if !slices.Contains(out, d) {
				out = append(out, d)
			}
		}
	}
	return out
}

func (in *Input) doorsOf(r mesh.Ref) []door {
	switch o := in.Snap.Lookup(r).(type) {
	case *mesh.Service:
		var out []door
		for _, w := range in.Snap.Shard(o.Namespace).Workloads {
			if len(o.Selector) == 0 || !w.Captured() || w.Finished() || !mesh.LabelsMatch(o.Selector, w.Labels) {
				continue
			}
			for _, p := range o.Ports {
				out = append(out, door{hop: in.shared.ztunnels().Before(w), port: targetPort(w, p)})
			}
		}
		return out
	case *mesh.Workload:
		if o.Captured() {
			return []door{{hop: in.shared.ztunnels().Before(o)}}
		}
	}
	return nil
}

// targetPort is the port on the pod, which ztunnel's policies see; 0 where it
// is not known.
func targetPort(w *mesh.Workload, p mesh.ServicePort) uint16 {
	if p.TargetPort == "" {
		return p.Port
	}
	if n, err := strconv.ParseUint(p.TargetPort, 10, 16); err == nil {
		return uint16(n)
	}
	n, _ := w.PortNamed(p.TargetPort)
	return n
}

// callers are the accounts that have an identity, those of the namespace
// itself first.
func (in *Input) callers(namespace string) []*mesh.Account {
	var own, others []*mesh.Account
	for _, sh := range in.Snap.Shards {
		for _, a := range sh.Accounts() {
			switch {
			case !a.InMesh():
			case a.Namespace == namespace:
				own = append(own, a)
			default:
				others = append(others, a)
			}
		}
	}
	return append(own, others...)
}

// knock asks one door about callers until more would not change the words.
func (in *Input) knock(d *directCalls, door door, callers []*mesh.Account) {
	if !door.hop.Restricts() && len(door.hop.Unread) == 0 {
		d.open = true
		return
	}
	for _, a := range callers {
		from := authz.Known(a.Principal(in.Snap.TrustDomain()))
		decision := door.hop.Decide(authz.Call{From: from, Port: door.port})
		switch decision.Verdict {
		case authz.Allow:
			d.admitted = appendNew(d.admitted, a.Namespace+"/"+a.Name)
		case authz.Deny:
			d.refused = appendNew(d.refused, a.Namespace+"/"+a.Name)
			d.note(decision)
		default:
			d.unsure = decision.Reason
		}
		if len(d.admitted) >= enoughCallers && len(d.refused) > 0 {
			return
		}
	}
}

// note keeps one refusal of each policy.
func (d *directCalls) note(decision authz.Decision) {
	if !slices.ContainsFunc(d.policies, func(p authz.Decision) bool { return p.Policy == decision.Policy }) {
		d.policies = append(d.policies, decision)
	}
}

func appendNew(list []string, s string) []string {
	if slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}
