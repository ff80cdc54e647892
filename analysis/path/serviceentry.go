package path

import (
	"cmp"
	"fmt"
	"net/netip"
	"strings"

	"github.com/waylight/waylight/analysis/authz"
	"github.com/waylight/waylight/mesh"
)

// Codes of findings about ServiceEntries that ztunnel cannot serve.
const (
	codeEntryNoAddress     = "SERVICEENTRY_NO_ADDRESS"
	codeEntryNeedsWaypoint = "SERVICEENTRY_NEEDS_WAYPOINT"
)

// unrecognised says why ztunnel cannot tell that a call by name is for a
// ServiceEntry: it knows calls by the address they go to, and the client got
// none of the entry's. Empty where it can.
func (q *question) unrecognised(v *view) (code, why string) {
	e := q.to.target.entry
	if e == nil || q.to.ip.IsValid() && len(q.to.target.addresses()) > 0 && q.capturesNames(e) {
		return "", ""
	}
	switch {
	case v.service != nil && len(v.service.VIPs)+len(v.service.CIDRVIPs) > 0 && q.capturesNames(e), ranges(e):
		return "", ""
	case strings.HasPrefix(q.to.target.host, "*") && !q.to.target.binding.Bound():
		return codeEntryNeedsWaypoint, fmt.Sprintf("%s has a wildcard host, which only a waypoint can serve, and has none", e.Ref())
	case len(q.to.target.addresses()) == 0:
		return codeEntryNoAddress, fmt.Sprintf("%s has no address, so ztunnel does not recognise calls to it", e.Ref())
	case !q.capturesNames(e):
		return codeEntryNoAddress, fmt.Sprintf("%s has only addresses that istiod allocated, and DNS capture, which tells clients about them, is off", e.Ref())
	}
	return "", ""
}

// capturesNames tells that clients get the entry's addresses: written ones they
// may know themselves, allocated ones only by DNS capture.
func (q *question) capturesNames(e *mesh.ServiceEntry) bool {
	c := q.snap.CNIConfig()
	return len(e.Addresses) > 0 || c.Name == "" || c.DNSCapture
}

// ranges tells of an entry that ztunnel knows by a range of addresses.
func ranges(e *mesh.ServiceEntry) bool {
	for _, a := range e.Addresses {
		if _, err := netip.ParsePrefix(a); err == nil {
			return true
		}
	}
	return false
}

// aroundEntry is a call to a ServiceEntry that ztunnel takes for one to a
// stranger: it goes out in plaintext, past any waypoint of the entry.
func (q *question) aroundEntry(w *way, h Hop, p *plan, code, why string) []end {
	h.Code, h.DecidedBy = code, q.to.target.ref
	h.Explain = sentence(why) + " It passes the call on as it is, in plaintext and without an identity."
	w.through(h)
	w.uses, w.from = Plaintext, authz.NoIdentity
	if len(p.passages) > 0 {
		p.bypass = &bypass{ref: p.passages[0].ref, code: code, state: StateBad, explain: why}
		p.passages = nil
	}
	w.bypassed(p)
	return q.toEndpoints(w, p, &view{})
}

// passedOn is a call into a range of addresses that a ServiceEntry without
// resolution claims: ztunnel sends it to the very address it was for.
func (q *question) passedOn(w *way) []end {
	e := q.to.target.entry
	h := Hop{Kind: HopBackend, Name: cmp.Or(q.to.host, q.to.ip.String()), Ref: e.Ref(), Transport: Plaintext, Basis: Expected}
	if ends := w.netpolStop(h, q.blocked(w, nil, q.to.ip, q.to.number(), Plaintext)); ends != nil {
		return ends
	}
	h.Explain = fmt.Sprintf("The call goes to the address it was for: %s has resolution NONE.", e.Ref())
	return w.arrive(h, "the call leaves the mesh for %s", h.Name)
}
