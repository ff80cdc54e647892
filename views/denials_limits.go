package views

import (
	"fmt"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/mesh"
)

// Limits says in sentences what the failures do not tell; empty where every
// proxy was read in full.
func (d *Denials) Limits() []string {
	if d.State == DenialsUnwired {
		return []string{"Logs are not read here."}
	}
	var out []string
	switch {
	case d.Problem != "":
		out = append(out, "No log is read now: "+printable(d.Problem)+".")
	case d.All == 0:
		out = append(out, "No ztunnel and no waypoint is known whose log would tell of failures.")
	}
	if d.Proxies < d.All {
		out = append(out, fmt.Sprintf("Following %d of %d proxies: the waypoints and the ztunnels of the nodes with most pods.", d.Proxies, d.All))
	}
	if n := len(d.Unread); n > 0 {
		out = append(out, fmt.Sprintf("The logs of %d of %s are not read: what fails there is unknown.", n, plural(d.Proxies, "proxy", "proxies")))
	}
	if len(d.Unlogged) > 0 {
		out = append(out, "No access log is written by "+plural(len(d.Unlogged), "waypoint")+" ("+refNames(d.Unlogged)+"): requests that fail there are not in here.")
	}
	switch {
	case d.Missed < 0:
		out = append(out, "Some lines were not read, nobody knows how many: the counts are at least these.")
	case d.Missed > 0:
		out = append(out, plural(d.Missed, "line")+" could not be read in time: the counts are at least these.")
	}
	if d.Failures.Beyond > 0 {
		out = append(out, plural(d.Failures.Beyond, "more failed call")+" of other kinds, too many to list.")
	}
	return out
}

// accessLogOff is the finding that names waypoints without an access log.
const accessLogOff = "ACCESS_LOG_OFF"

// Unlogged are the waypoints that are known to write no line about requests.
func Unlogged(r *analysis.Report) []mesh.Ref {
	var out []mesh.Ref
	for i := range r.Findings {
		if f := &r.Findings[i]; f.Code == accessLogOff {
			out = append(out, f.Affects...)
		}
	}
	return out
}
