package views

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/analysis/path"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views/ui"
)

// pathsDrawn is the most services whose paths triage follows: about a tenth of
// a millisecond each. With more in scope the page says that it did not.
const pathsDrawn = 60

// Unreached are services that no caller reaches, for one reason that is not a
// listed cause already.
type Unreached struct {
	ID string
	// Code explains it; URL is empty where the catalogue has no such entry.
	Code     CodeLink
	Services []UnreachedService
	Chat     string
}

// UnreachedService is one of them, with the verdict on its drawing.
type UnreachedService struct {
	Service ObjectLink
	Summary string
	// Outcome is what the client sees.
	Outcome string
}

// pathReport is what following the paths of all services in scope found.
type pathReport struct {
	Groups []Unreached
	// Unexplained counts the services in Groups.
	Unexplained int
	Failing     Failing
	// Followed is the number of services whose paths were followed.
	Followed int
	// Skipped is the number of services that were too many; 0 if all paths
	// were followed.
	Skipped int
	// Muted counts causes that are not listed because of mutes.
	Muted int
}

// reasons counts those that no listed cause names.
func (p pathReport) reasons() int { return len(p.Groups) }

// followPaths asks for each service whether the next call would reach it. The
// checks look for known mistakes; this sees also what they have no name for.
func followPaths(r *analysis.Report, q Query, listed []analysis.Group, muting analysis.Muting) pathReport {
	services := calledServices(r.Snap, q)
	out := pathReport{Muted: len(muting.Muted)}
	if len(services) > pathsDrawn {
		out.Skipped = len(services)
		out.Failing.Skipped = len(services)
		return out
	}
	for _, svc := range services {
		g := path.ForService(r.Snap, svc.Ref(), 0, path.Options{MaxCards: 1})
		why := explanationOf(listed, muting.Muted, svc.Ref())
		out.Failing.add(r.Snap, q, g, why)
		if g.Verdict == path.Unreachable && why.none() {
			out.add(r.Snap, q, g)
		}
	}
	out.Followed = len(services)
	for i := range out.Groups {
		out.Groups[i].Chat = unreachedChat(r, out.Groups[i])
	}
	slices.SortFunc(out.Groups, func(a, b Unreached) int { return cmp.Compare(a.Code.Code, b.Code.Code) })
	out.Failing.sort()
	return out
}

// calledServices are the Services in scope that somebody may want to reach:
// they have a port and at least one endpoint, ready or not. A gateway's own
// Service is called by nobody.
func calledServices(s *mesh.Snapshot, q Query) []*mesh.Service {
	var out []*mesh.Service
	for _, sh := range s.Shards {
		if !q.InScope(sh.Namespace) {
			continue
		}
		for _, svc := range sh.Services {
			_, endpoints := sh.CountEndpoints(svc.Name)
			if endpoints > 0 && len(svc.Ports) > 0 && svc.Labels[mesh.LabelGatewayName] == "" {
				out = append(out, svc)
			}
		}
	}
	return out
}

func (p *pathReport) add(s *mesh.Snapshot, q Query, g path.Graph) {
	i := slices.IndexFunc(p.Groups, func(u Unreached) bool { return u.Code.Code == g.Code })
	if i < 0 {
		i = len(p.Groups)
		p.Groups = append(p.Groups, Unreached{ID: ui.ID("unreached", g.Code), Code: catalogued(g.Code, q.Links())})
	}
	p.Unexplained++
	p.Groups[i].Services = append(p.Groups[i].Services, UnreachedService{Service: NewObjectLink(s, q, g.Service), Summary: g.Summary, Outcome: g.Outcome})
}

// catalogued links a code to its entry, if the catalogue has one.
func catalogued(code string, l Links) CodeLink {
	if slices.ContainsFunc(analysis.Checks(), func(c analysis.Check) bool { return c.Code == code }) {
		return CodeLink{Code: code, URL: l.Check(code)}
	}
	return CodeLink{Code: code}
}

// line says for the lead what was followed.
func (p pathReport) line() string {
	switch {
	case p.Followed > 0:
		return "the paths of " + plural(p.Followed, "service") + " followed"
	case p.Skipped > 0:
		return fmt.Sprintf("the paths of %d services are too many to follow here; narrow the page to a namespace", p.Skipped)
	}
	return ""
}

// unreachedChat is the reason in six lines of Markdown, as chatText is for a
// cause.
func unreachedChat(r *analysis.Report, u Unreached) string {
	names := make([]string, 0, len(u.Services))
	for _, s := range u.Services {
		names = append(names, s.Service.Name)
	}
	first := u.Services[0]
	lines := []string{
		"**unreachable** `" + u.Code.Code + "`" + inCluster(r.Snap.Cluster),
		"Services: " + code(joined(names)),
		oneLine(first.Summary),
		"The client sees: " + oneLine(first.Outcome),
		"Basis: expected from objects, statuses and annotations.",
		"Path · " + string(first.Service.URL),
	}
	return strings.Join(lines, "\n")
}
