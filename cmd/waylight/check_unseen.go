package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/collectors/prometheus"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views/text"
)

// proxyKinds are what the names of sources begin with that are proxies and
// istiods.
var proxyKinds = []string{"ztunnel/", "envoy/", "istiod/"}

// proxiesRemedy is where the right to port-forwards is to be had.
const proxiesRemedy = "the ClusterRole waylight-proxies in deploy/rbac/proxies.yaml has it: bind it in the namespace or in the cluster"

// unseen is what a single look at a cluster did not see, and why.
type unseen struct {
	proxies int // all of them
	// forbidden and failed are those that were not read.
	forbidden, failed []mesh.SourceStatus
	prometheus        mesh.SourceStatus
	// unwatched tells that no ztunnel was looked for: the scope holds none.
	unwatched bool
}

func unseenIn(snap *mesh.Snapshot) *unseen {
	u := &unseen{}
	ztunnels := 0
	for _, s := range snap.Sources {
		if s.Name == prometheus.SourceName {
			u.prometheus = s
		}
		if !isProxy(s.Name) || s.State == mesh.SourceAbsent {
			continue
		}
		u.proxies++
		if strings.HasPrefix(s.Name, "ztunnel/") {
			ztunnels++
		}
		switch {
		case s.State == mesh.SourceForbidden:
			u.forbidden = append(u.forbidden, s)
		case !s.State.Readable() && s.State != mesh.SourcePartial:
			u.failed = append(u.failed, s)
		}
	}
	u.unwatched = len(snap.Scope) > 0 && ztunnels == 0 && snap.Sources.Kind(mesh.ResourcePods).State.Readable()
	return u
}

func isProxy(source string) bool {
	return slices.ContainsFunc(proxyKinds, func(kind string) bool { return strings.HasPrefix(source, kind) })
}

// sayUnseen tells beside the report what was not read and how that is mended,
// one sentence each. The report itself names the checks that are undetermined
// for it.
func sayUnseen(w io.Writer, report *analysis.Report) {
	u := unseenIn(report.Snap)
	for _, line := range u.sentences() {
		fmt.Fprintln(w, text.Line("waylight: "+line))
	}
	if none, part := heldBackByProxies(report); len(u.forbidden)+len(u.failed) > 0 && none+part > 0 {
		fmt.Fprintf(w, "waylight: for want of proxies %s did not judge and %d judged in part; the end of the report names them.\n", count(none, "check"), part)
	}
}

func (u *unseen) sentences() []string {
	var out []string
	if n := len(u.forbidden); n > 0 {
		out = append(out, fmt.Sprintf("%d of %s may not be read: %s. The missing right is %s; %s.",
			n, proxyCount(u.proxies), sourceNames(u.forbidden), rights(u.forbidden), proxiesRemedy))
	}
	if n := len(u.failed); n > 0 {
		out = append(out, fmt.Sprintf("%d of %s could not be read: %s. Of %s: %s", n, proxyCount(u.proxies), sourceNames(u.failed), u.failed[0].Name, u.failed[0].Detail))
	}
	if u.unwatched {
		out = append(out, "no ztunnel is in the namespaces of -n, so none was read; add theirs, which is mostly -n istio-system.")
	}
	switch p := u.prometheus; p.State {
	case mesh.SourceForbidden:
		out = append(out, "Prometheus may not be asked. The missing right is "+p.Detail+"; the ClusterRole waylight-prometheus in deploy/rbac/prometheus.yaml has it.")
	case mesh.SourceDown, mesh.SourcePartial:
		out = append(out, "Prometheus told nothing, or not all: "+p.Detail)
	}
	return out
}

func proxyCount(n int) string {
	if n == 1 {
		return "1 proxy"
	}
	return fmt.Sprintf("%d proxies", n)
}

// mostNamed is how many names a sentence lists before the rest is counted.
const mostNamed = 10

func sourceNames(list []mesh.SourceStatus) string {
	var names []string
	for _, s := range list[:min(len(list), mostNamed)] {
		names = append(names, s.Name)
	}
	joined := strings.Join(names, ", ")
	if more := len(list) - mostNamed; more > 0 {
		joined += fmt.Sprintf(" and %d more", more)
	}
	return joined
}

// rights lists the rights that are missing, each once.
func rights(list []mesh.SourceStatus) string {
	var out []string
	for _, s := range list {
		out = append(out, s.Detail)
	}
	slices.Sort(out)
	return strings.Join(slices.Compact(out), ", ")
}

// heldBackByProxies counts the checks that did not judge, or not everything,
// because of proxies.
func heldBackByProxies(r *analysis.Report) (none, part int) {
	partly := make(map[string]bool)
	for _, h := range r.HeldBack {
		if isProxy(h.Source) {
			partly[h.Code] = h.Partly
		}
	}
	for _, p := range partly {
		if p {
			part++
		} else {
			none++
		}
	}
	return none, part
}
