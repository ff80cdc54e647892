package path

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"github.com/waylight/waylight/mesh"
)

// version is one place the waypoint sends calls to: a subset, another service,
// or simply all pods.
type version struct {
	id    string
	title string
	lines []string
	ref   mesh.Ref
	// share of the calls no match takes, in percent; -1 where only matches
	// lead here.
	share float64
	// matches say which requests come here besides the share.
	matches  []string
	backends []*backend
	// subset narrows the pods of the target, nil for all of them; host is the
	// target's.
	subset *mesh.Subset
	host   string
	// broken says why no call gets further; then code and outcome are set.
	broken  string
	code    string
	status  int // HTTP status the waypoint answers with
	unknown string
}

// findRouting computes the rules in effect at the waypoint, or without one
// those that are not.
func (p *plan) findRouting() {
	if len(p.passages) > 0 {
		p.routing = routesAt(p.snap, p.passages[0].ref.Namespace, p.target, p.port)
	} else {
		p.unused = p.routesWithoutWaypoint()
	}
}

// findVersions follows the routing. Without a waypoint, or without rules there
// is one version: all pods.
func (p *plan) findVersions() {
	p.findRouting()
	if len(p.routing.Rules) == 0 {
		p.versions = []*version{p.allPods()}
		return
	}
	p.noDefault = true
	for _, r := range p.routing.Rules {
		if !r.Dead {
			p.follow(r)
			p.noDefault = p.noDefault && !r.CatchAll()
		}
	}
	slices.SortStableFunc(p.versions, func(a, b *version) int {
		return cmp.Or(cmp.Compare(b.share, a.share), cmp.Compare(a.title, b.title))
	})
}

// routesWithoutWaypoint are routing objects that would count if there were a
// waypoint.
func (p *plan) routesWithoutWaypoint() []*mesh.Route {
	var out []*mesh.Route
	seen := make(map[*mesh.Route]bool)
	for _, r := range routesAt(p.snap, p.target.ref.Namespace, p.target, p.port).Rules {
		if !seen[r.Route] {
			seen[r.Route] = true
			out = append(out, r.Route)
		}
	}
	return out
}

func (p *plan) allPods() *version {
	v := &version{id: "all", title: "all pods", share: 100, host: p.target.host}
	v.backends, v.unknown = p.backends(p.target, p.port)
	if p.target.entry != nil {
		v.title = "all endpoints"
	}
	v.checkReady()
	return v
}

// follow adds the versions one rule leads to, or its share to those that are
// there already.
func (p *plan) follow(r Rule) {
	if r.Spec.Redirect != nil || r.Spec.DirectResponse != 0 {
		p.answered(r)
		return
	}
	total := int32(0)
	for _, b := range r.Spec.Backends {
		total += b.Weight
	}
	for _, b := range r.Spec.Backends {
		v := p.versionOf(r, b)
		v.count(r, declared(b.Weight, total, len(r.Spec.Backends)))
	}
}

// declared is a backend's part of a rule in percent. A single destination
// gets everything whatever its weight; several without any weight share.
func declared(weight, total int32, backends int) float64 {
	switch {
	case backends == 1:
		return 100
	case total == 0:
		return 100 / float64(backends)
	}
	return 100 * float64(weight) / float64(total)
}

// count notes which calls a rule sends here.
func (v *version) count(r Rule, share float64) {
	if r.CatchAll() {
		v.share = max(v.share, 0) + share
		return
	}
	text := matchText(r.Match)
	if share < 100 {
		text = percent(share) + " of " + text
	}
	v.matches = append(v.matches, text)
}

// answered is a rule the waypoint answers itself.
func (p *plan) answered(r Rule) {
	v := &version{id: key("answer", r.Route.Namespace, r.Route.Name, strconv.Itoa(r.Number)), ref: r.Route.Ref(), share: -1}
	if d := r.Spec.Redirect; d != nil {
		v.status = d.Status
		if v.status == 0 {
			v.status = 301
		}
		v.title, v.broken = "redirect", fmt.Sprintf("the waypoint answers with a redirect (HTTP %d)", v.status)
	} else {
		v.status = r.Spec.DirectResponse
		v.title, v.broken = "direct response", fmt.Sprintf("the waypoint answers HTTP %d itself", v.status)
	}
	v.lines = []string{fmt.Sprintf("rule %d of %s", r.Number, r.Route.Name)}
	v.count(r, 100)
	p.versions = append(p.versions, v)
}

// versionOf finds or makes the version of a backend.
func (p *plan) versionOf(r Rule, b mesh.Backend) *version {
	t, host := p.backendTarget(r, b)
	id := key("to", host, b.Subset, portText(b.Port))
	for _, v := range p.versions {
		if v.id == id {
			return v
		}
	}
	v := &version{id: id, share: -1}
	p.versions = append(p.versions, v)
	if t == nil {
		v.title, v.code, v.broken = host, codeBackendMissing, fmt.Sprintf("no Service or ServiceEntry has the host %s", host)
		v.status = missingStatus(r)
		return v
	}
	port, ok := p.backendPort(t, b)
	v.ref, v.host = t.ref, t.host
	if !ok {
		v.title, v.code, v.broken = t.ref.Name, codeBackendMissing, fmt.Sprintf("%s has no port %d", t.ref, b.Port)
		v.status = missingStatus(r)
		return v
	}
	v.backends, v.unknown = p.backends(t, port)
	p.name(v, t, b)
	v.checkReady()
	return v
}

// missingStatus is what the waypoint answers where the destination does not
// exist: an HTTPRoute 500, a VirtualService 503 (istio.md C.5).
func missingStatus(r Rule) int {
	if r.Route.Kind == "VirtualService" {
		return 503
	}
	return 500
}

// backendTarget resolves where a backend sends to. Another namespace needs no
// ReferenceGrant: istiod asks for those of routes of gateways only, not of the
// mesh (gateway conversion, enforceRefGrant).
func (p *plan) backendTarget(r Rule, b mesh.Backend) (*target, string) {
	if b.Host != "" {
		host := fullHost(b.Host, r.Route.Namespace)
		if host == p.target.host {
			return p.target, host
		}
		return findHost(p.snap, host), host
	}
	if b.Ref == p.target.ref {
		return p.target, p.target.host
	}
	return targetOf(p.snap, b.Ref), b.Ref.NamespacedName()
}

// backendPort is the port a backend names; without one the only port of the
// destination, else the port called.
func (p *plan) backendPort(t *target, b mesh.Backend) (mesh.ServicePort, bool) {
	switch {
	case b.Port != 0:
		return t.port(b.Port)
	case len(t.ports) == 1:
		return t.ports[0], true
	}
	return t.port(p.port.Port)
}

// name titles a version and narrows it to its subset.
func (p *plan) name(v *version, t *target, b mesh.Backend) {
	if t.ref != p.target.ref {
		v.title = t.ref.Name
		v.lines = append(v.lines, "another service: its own policies and routes are not applied")
	} else {
		v.title = "all pods"
	}
	if b.Subset == "" {
		return
	}
	v.title = b.Subset
	if t.ref != p.target.ref {
		v.title = t.ref.Name + " " + b.Subset
	}
	rules := destinationRulesFor(p.snap, p.passages[0].ref.Namespace, t)
	subset := rules.subset(b.Subset)
	if subset == nil {
		v.code, v.status = codeSubsetUndefined, 503
		v.broken = fmt.Sprintf("no DestinationRule in effect defines the subset %s", b.Subset)
		if len(rules) > 0 {
			v.broken += fmt.Sprintf(" (in effect: %s)", rules.names())
		}
		v.backends = nil
		return
	}
	v.subset = subset
	v.backends = selected(v.backends, subset.Labels)
	if len(readyOf(v.backends)) == 0 && v.unknown == "" {
		v.code, v.status = codeSubsetEmpty, 503
		v.broken = fmt.Sprintf("the subset %s of DestinationRule %s selects no ready pod", b.Subset, rules.names())
	}
}

// checkReady breaks a version that nothing serves.
func (v *version) checkReady() {
	if v.broken != "" || v.unknown != "" || len(readyOf(v.backends)) > 0 {
		return
	}
	v.code, v.status = codeNoEndpoints, 503
	v.broken = "no endpoint is ready"
	if n := len(v.backends); n > 0 {
		v.broken = fmt.Sprintf("none of its %s is ready", count(n, "endpoint"))
	}
}

// idle tells that no call comes here: weight 0 and no match.
func (v *version) idle() bool { return v.share == 0 && len(v.matches) == 0 }

// answeredAsAsked tells that the waypoint answers certain requests itself,
// which a rule says and nothing is wrong with.
func (v *version) answeredAsAsked() bool { return v.broken != "" && v.code == "" && v.share <= 0 }
