package views

import (
	"cmp"
	"net"
	"strconv"
	"strings"

	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views/ui"
)

// eEndpoint is an endpoint with its cluster and the pod behind its address.
type eEndpoint struct {
	*mesh.EnvoyEndpoint
	cluster *mesh.EnvoyCluster // nil if the dump has none of its name
	pod     *mesh.Workload     // nil if the snapshot has none at the address
	object  mesh.Ref           // the Service the cluster is for
}

// endpointsPart lists every endpoint: the columns of istioctl proxy-config
// endpoints, and what Envoy counted.
var endpointsPart = dumpPart[*envoyBook, eEndpoint]{
	tab: TabEndpoints, noun: "endpoints",
	rows:      endpointRows,
	namespace: func(e *eEndpoint) string { return e.object.Namespace },
	id:        func(e *eEndpoint) []string { return []string{e.Cluster, e.Address, e.Tunnel} },
	only:      func(e *eEndpoint) string { return exactly("cluster", e.Cluster) + " " + exactly("address", e.Address) },
	item:      newEndpointItem,
	ref:       func(_ *envoyBook, e *eEndpoint) mesh.Ref { return e.podRef() },
	keys:      []string{"ns", "address", "pod", "service", "cluster", "subset", "status", "outlier", "flag", "zone", "priority", "through"},
	fields:    endpointFields,
	columns: []dumpColumn[*envoyBook, eEndpoint]{
		{key: "endpoint", label: "Endpoint", cell: func(_ *envoyBook, e *eEndpoint) DumpCell { return monoCell(e.Address) }, compare: compareBy(func(e *eEndpoint) string { return e.Address })},
		{key: "pod", label: "Pod", cell: endpointPod, compare: compareBy(func(e *eEndpoint) string { return e.podRef().NamespacedName() })},
		{key: "status", label: "Status", hint: "what istiod said of it, and what Envoy itself found wrong", cell: endpointHealth, compare: compareBy(func(e *eEndpoint) string { return e.Health })},
		{key: "outlier", label: "Outlier check", hint: "FAILED: outlier detection took it out for a while", cell: outlierCell, compare: compareBy(func(e *eEndpoint) string { return e.outlier() })},
		{key: "cluster", label: "Cluster", cell: endpointCluster, compare: compareBy(func(e *eEndpoint) string { return e.Cluster })},
		{key: "requests", label: "Requests", class: "num", hint: "rq_total, since the endpoint was added", cell: func(_ *envoyBook, e *eEndpoint) DumpCell { return e.counter(e.Requests) }, compare: func(a, b *eEndpoint) int { return cmp.Compare(a.Requests, b.Requests) }},
		{key: "errors", label: "Errors", class: "num", hint: "rq_error, since the endpoint was added", cell: errorsCell, compare: func(a, b *eEndpoint) int { return cmp.Compare(a.Errors, b.Errors) }},
		{key: "active", label: "Open", class: "num", hint: "cx_active, connections open now", cell: func(_ *envoyBook, e *eEndpoint) DumpCell { return e.counter(e.Active) }, compare: func(a, b *eEndpoint) int { return cmp.Compare(a.Active, b.Active) }},
		{key: "through", folded: true, label: "Sent", cell: throughCell, compare: compareBy(func(e *eEndpoint) string { return e.Tunnel })},
		{key: "flags", folded: true, label: "Flags", hint: "what Envoy found wrong", cell: func(_ *envoyBook, e *eEndpoint) DumpCell { return listCell(e.Flags, "none") }},
		{key: "weight", folded: true, label: "Weight", class: "num", cell: func(_ *envoyBook, e *eEndpoint) DumpCell { return DumpCell{Text: number(int(e.Weight))} }, compare: func(a, b *eEndpoint) int { return cmp.Compare(a.Weight, b.Weight) }},
		{key: "priority", folded: true, label: "Priority", class: "num", hint: "1 is used when those of 0 are not healthy enough", cell: func(_ *envoyBook, e *eEndpoint) DumpCell { return DumpCell{Text: number(int(e.Priority))} }, compare: func(a, b *eEndpoint) int { return cmp.Compare(a.Priority, b.Priority) }},
		{key: "zone", folded: true, label: "Zone", cell: func(_ *envoyBook, e *eEndpoint) DumpCell { return wordOrSoft(e.Zone) }, compare: compareBy(func(e *eEndpoint) string { return e.Zone })},
		{key: "clusterName", exported: true, label: "Cluster's name", cell: func(_ *envoyBook, e *eEndpoint) DumpCell { return monoCell(e.Cluster) }},
	},
}

func endpointRows(b *envoyBook) []eEndpoint {
	out := make([]eEndpoint, 0, len(b.dump.Endpoints))
	for i := range b.dump.Endpoints {
		e := eEndpoint{EnvoyEndpoint: &b.dump.Endpoints[i], cluster: b.clusters[b.dump.Endpoints[i].Cluster]}
		if e.cluster != nil {
			e.object = b.object(e.cluster.Host)
		}
		if host, _, err := net.SplitHostPort(e.Address); err == nil {
			e.pod = b.snap.WorkloadByIP(host)
		}
		out = append(out, e)
	}
	return out
}

// podRef is the workload behind the endpoint; zero if it is not known.
func (e *eEndpoint) podRef() mesh.Ref {
	if e.pod == nil {
		return mesh.Ref{}
	}
	return e.pod.Ref()
}

func endpointFields(_ *envoyBook, e *eEndpoint, key string) ([]string, bool) {
	switch key {
	case "":
		return []string{e.Address, e.Cluster, e.podRef().NamespacedName(), e.Workload}, true
	case "ns":
		return []string{orWord(e.object.Namespace, "none")}, true
	case "address":
		host, _, _ := net.SplitHostPort(e.Address)
		return []string{e.Address, host}, true
	case "pod":
		return objectWords(e.podRef()), true
	case "service":
		return objectWords(e.object), true
	case "cluster":
		return []string{e.Cluster}, true
	case "subset":
		if e.cluster == nil {
			return []string{"none"}, true
		}
		return []string{orWord(e.cluster.Subset, "none")}, true
	}
	return e.condition(key)
}

// condition answers filters for the health of an endpoint.
func (e *eEndpoint) condition(key string) ([]string, bool) {
	switch key {
	case "status":
		return []string{e.Health}, true
	case "outlier":
		return []string{e.outlier()}, true
	case "flag":
		return orNone(e.Flags), true
	case "zone":
		return []string{orWord(e.Zone, "none")}, true
	case "priority":
		return []string{number(int(e.Priority))}, true
	case "through":
		return []string{orWord(e.Tunnel, "none")}, true
	}
	return nil, false
}

// endpointPod is who has the address. istiod's label stands in for a pod that
// is gone, or in a cluster that is not read.
func endpointPod(b *envoyBook, e *eEndpoint) DumpCell {
	if e.pod != nil {
		link := NewObjectLink(b.snap, b.query, e.pod.Ref())
		link.Kind = "" // the column says it
		return DumpCell{Objects: []ObjectLink{link}}
	}
	if e.Workload != "" {
		return DumpCell{Text: cellText(e.Workload), Note: "by istiod; no pod known here has the address", Mono: true}
	}
	return DumpCell{Text: "none", Tone: toneSoft}
}

func endpointHealth(_ *envoyBook, e *eEndpoint) DumpCell {
	c := textCell(e.Health)
	c.Note = cellText(strings.Join(e.Flags, ", "))
	switch {
	case !e.Healthy():
		c.Tone = ui.ToneBad
	case e.Health == "DEGRADED":
		c.Tone = ui.ToneWarn
	}
	return c
}

// outlier is the check in istioctl's words. Without the status of its host it
// is not known.
func (e *eEndpoint) outlier() string {
	switch {
	case e.Ejected():
		return "FAILED"
	case e.CountersKnown:
		return "OK"
	}
	return "unknown"
}

func outlierCell(_ *envoyBook, e *eEndpoint) DumpCell {
	switch word := e.outlier(); word {
	case "FAILED":
		return DumpCell{Text: word, Note: "ejected", Tone: ui.ToneBad}
	case "unknown":
		return DumpCell{Text: word, Tone: ui.ToneUnknown}
	default:
		return DumpCell{Text: word}
	}
}

func endpointCluster(b *envoyBook, e *eEndpoint) DumpCell {
	return DumpCell{Objects: []ObjectLink{b.clusterLink("", e.Cluster)}}
}

// counter is a count where Envoy told it.
func (e *eEndpoint) counter(n uint64) DumpCell {
	if !e.CountersKnown {
		return DumpCell{Text: "unknown", Tone: ui.ToneUnknown}
	}
	return DumpCell{Text: strconv.FormatUint(n, 10)}
}

func errorsCell(_ *envoyBook, e *eEndpoint) DumpCell {
	c := e.counter(e.Errors)
	if e.CountersKnown && e.Errors > 0 {
		c.Tone = ui.ToneWarn
	}
	return c
}

// throughCell marks what leaves the waypoint unencrypted. Inside this Envoy
// nothing is sent.
func throughCell(_ *envoyBook, e *eEndpoint) DumpCell {
	switch {
	case e.Tunnel != "":
		return DumpCell{Text: "in HBONE, by " + cellText(e.Tunnel)}
	case e.cluster == nil || e.cluster.Host == "":
		return DumpCell{Text: "as the proxy itself needs it", Tone: toneSoft}
	}
	return DumpCell{Text: "directly, not in HBONE", Tone: ui.ToneWarn}
}
