package server

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views"
)

// objectKind is what an address names, and the kinds of Kubernetes it can be.
type objectKind struct {
	word      string // as it is called where there is none
	resources []string
}

// What addresses name.
var (
	aService      = objectKind{"Service or ServiceEntry", []string{mesh.ResourceServices, mesh.ResourceServiceEntries}}
	aKubeService  = objectKind{"Service", []string{mesh.ResourceServices}}
	aServiceEntry = objectKind{"ServiceEntry", []string{mesh.ResourceServiceEntries}}
	aWorkload     = objectKind{"workload", []string{mesh.ResourcePods, mesh.ResourceWorkloadEntries}}
	aNode         = objectKind{"node", []string{mesh.ResourceNodes}}
	aWaypoint     = objectKind{"waypoint", []string{mesh.ResourceGateways}}
	aGateway      = objectKind{"gateway", []string{mesh.ResourceGateways, mesh.ResourceIstioGateways}}
)

// policyKinds are the kinds of policies that have pages.
var policyKinds = []objectKind{
	{"AuthorizationPolicy", []string{mesh.ResourceAuthorizationPolicies}},
	{"PeerAuthentication", []string{mesh.ResourcePeerAuthentications}},
	{"RequestAuthentication", []string{mesh.ResourceRequestAuthentications}},
}

// policyKind finds a kind of policies by its name in an address.
func policyKind(name string) (objectKind, bool) {
	for _, k := range policyKinds {
		if strings.EqualFold(k.word, name) {
			return k, true
		}
	}
	return objectKind{}, false
}

// absent answers for an object that a report does not hold: that there is none,
// or that nobody knows.
func (k objectKind) absent(r *analysis.Report, namespace, name string) error {
	e := &absentError{report: r, what: k.word + " " + join(namespace, name), unread: r.Snap.Unread(namespace, k.resources...)}
	e.text = fmt.Sprintf("There is no %s.", e.what)
	if e.unread != nil {
		e.text = fmt.Sprintf("%s: %s.", mesh.Whether(e.what), e.unread.Why())
	}
	return e
}

// absentError is about an object that a report does not hold. It keeps the
// report: an answer of an older one that carried the newest revision would not
// be renewed.
type absentError struct {
	report *analysis.Report
	what   string // "workload shop/web"; empty where text alone says it
	text   string
	// unread is why nobody knows whether there is one; nil where there is none.
	unread *mesh.Unread
}

// Error implements error.
func (e *absentError) Error() string { return e.text }

// unreadStatus is the status of an answer that cannot be given: 503 while it may
// come by itself, 403 where Waylight is not to look and waiting is of no use.
func unreadStatus(u *mesh.Unread) int {
	if u.Waiting() {
		return http.StatusServiceUnavailable
	}
	return http.StatusForbidden
}

// Seconds after which to ask again for what was not read: while a mesh is first
// read, and while a source fails.
const (
	retryStarting = "2"
	retryFailing  = "15"
)

// comeBack says when an answer may be there. A recording holds what it holds.
func comeBack(h http.Header, snap *mesh.Snapshot, u *mesh.Unread) {
	switch {
	case !u.Waiting() || recorded(snap):
	case u.Source.State == mesh.SourceStarting:
		h.Set("Retry-After", retryStarting)
	default:
		h.Set("Retry-After", retryFailing)
	}
}

// problemStatus is the status of a page whose question has a problem: that it
// makes no sense, or that nobody knows because of what was not read.
func (s *Server) problemStatus(w http.ResponseWriter, report *analysis.Report, u *mesh.Unread) int {
	if u == nil {
		return http.StatusBadRequest
	}
	comeBack(w.Header(), report.Snap, u)
	return unreadStatus(u)
}

// refuseAbsent answers for an object that is not there, or of which nobody knows.
func (s *Server) refuseAbsent(w http.ResponseWriter, r *http.Request, e *absentError) {
	status := http.StatusNotFound
	if e.unread != nil {
		status = unreadStatus(e.unread)
		comeBack(w.Header(), e.report.Snap, e.unread)
	}
	if isAPI(r) {
		apiFailUnread(w, status, e.Error(), e.unread)
		return
	}
	q := views.ParseQuery(r.URL.Query())
	m := views.NewError(status, e.Error(), q)
	if e.unread != nil && e.what != "" {
		m = views.NewUnread(status, e.what, e.unread, q)
	}
	if err := s.show(w, r, status, views.NewFrame(e.report, q, "", m.Title), views.ErrorContent(m)); err != nil {
		s.refuse(w, r, http.StatusInternalServerError, internalText)
	}
}
