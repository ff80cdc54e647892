package views

import (
	"cmp"
	"slices"
	"strings"

	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views/ui"
)

// zWorkload is short for what a list of workloads has as rows.
type zWorkload = mesh.ZtunnelWorkload

// workloadsPart lists every workload of the mesh that a ztunnel knows: the
// columns of istioctl ztunnel-config workload, and what it leaves out.
var workloadsPart = dumpPart[*ztunnelBook, zWorkload]{
	tab: TabWorkloads, noun: "workloads",
	held:      func(b *ztunnelBook) []*zWorkload { return b.dump.Workloads },
	namespace: func(w *zWorkload) string { return w.Namespace },
	id:        func(w *zWorkload) []string { return []string{w.UID} },
	only:      func(w *zWorkload) string { return exactly("uid", w.UID) },
	item:      newWorkloadItem,
	ref:       func(_ *ztunnelBook, w *zWorkload) mesh.Ref { return workloadRef(w) },
	keys:      []string{"ns", "name", "node", "address", "protocol", "waypoint", "policy", "service", "status", "mode", "zone", "account", "uid"},
	fields:    workloadFields,
	columns: []dumpColumn[*ztunnelBook, zWorkload]{
		{key: "name", label: "Workload", cell: workloadName, compare: compareBy(func(w *zWorkload) string { return w.Name })},
		{key: "ns", label: "Namespace", cell: func(_ *ztunnelBook, w *zWorkload) DumpCell { return monoCell(w.Namespace) }, compare: compareBy(func(w *zWorkload) string { return w.Namespace })},
		{key: "address", label: "Address", cell: func(_ *ztunnelBook, w *zWorkload) DumpCell { return listCell(w.IPs, "none") }, compare: compareBy(func(w *zWorkload) string { return strings.Join(w.IPs, ",") })},
		{key: "node", label: "Node", cell: workloadNode, compare: compareBy(func(w *zWorkload) string { return w.Node })},
		{key: "waypoint", label: "Waypoint", hint: "of calls addressed to the workload itself; calls to a service use the service's", cell: func(b *ztunnelBook, w *zWorkload) DumpCell { return b.waypointCell(w.Waypoint, w.Namespace) }, compare: compareBy(func(w *zWorkload) string { return destinationOrder(w.Waypoint) })},
		{key: "protocol", label: "Protocol", hint: "how ztunnels send to it: TCP is plaintext", cell: func(_ *ztunnelBook, w *zWorkload) DumpCell { return textCell(w.Protocol) }, compare: compareBy(func(w *zWorkload) string { return w.Protocol })},
		{key: "status", label: "Status", cell: func(_ *ztunnelBook, w *zWorkload) DumpCell { return healthCell(w.Status) }, compare: compareBy(func(w *zWorkload) string { return w.Status })},
		{key: "policies", label: "Policies", hint: "with a selector only: those of a namespace or of the whole mesh apply as well and are not in this list", cell: func(_ *ztunnelBook, w *zWorkload) DumpCell { return listCell(w.Policies, "none") }, compare: func(a, b *zWorkload) int { return cmp.Compare(len(a.Policies), len(b.Policies)) }},
		{key: "services", folded: true, label: "Services", cell: workloadServices, compare: func(a, b *zWorkload) int { return cmp.Compare(len(a.Services), len(b.Services)) }},
		{key: "mode", folded: true, label: "Network mode", cell: func(_ *ztunnelBook, w *zWorkload) DumpCell { return textCell(w.NetworkMode) }, compare: compareBy(func(w *zWorkload) string { return w.NetworkMode })},
		{key: "locality", folded: true, label: "Locality", cell: func(_ *ztunnelBook, w *zWorkload) DumpCell { return localityCell(w.Locality) }, compare: compareBy(func(w *zWorkload) string { return localityWords(w.Locality) })},
		{key: "identity", folded: true, label: "Identity", cell: func(_ *ztunnelBook, w *zWorkload) DumpCell { return monoCell(workloadIdentity(w)) }, compare: compareBy(func(w *zWorkload) string { return w.ServiceAccount })},
		{key: "capacity", folded: true, label: "Capacity", class: "num", hint: "its weight among endpoints", cell: func(_ *ztunnelBook, w *zWorkload) DumpCell { return textCell(number(int(w.Capacity))) }, compare: func(a, b *zWorkload) int { return cmp.Compare(a.Capacity, b.Capacity) }},
	},
}

func workloadFields(b *ztunnelBook, w *zWorkload, key string) ([]string, bool) {
	switch key {
	case "":
		return append([]string{w.Name, w.Namespace, w.Node}, w.IPs...), true
	case "ns":
		return b.one(w.Namespace), true
	case "name":
		return b.one(w.Name), true
	case "node":
		return b.one(orWord(w.Node, "none")), true
	case "address":
		return orNone(w.IPs), true
	case "protocol":
		return b.one(w.Protocol), true
	case "waypoint":
		return b.waypointWords(w.Waypoint), true
	}
	return workloadMoreFields(b, w, key)
}

func workloadMoreFields(b *ztunnelBook, w *zWorkload, key string) ([]string, bool) {
	switch key {
	case "policy":
		return orNone(withBareNames(w.Policies)), true
	case "service":
		return orNone(withBareNames(w.Services)), true
	case "status":
		return b.one(w.Status), true
	case "mode":
		return b.one(w.NetworkMode), true
	case "zone":
		return b.one(orWord(w.Locality.Zone, "none")), true
	case "account":
		return b.one(w.ServiceAccount), true
	case "uid":
		return b.one(w.UID), true
	}
	return nil, false
}

// withBareNames adds to each "namespace/name" its name, and for a host name its
// first label, since people type either.
func withBareNames(list []string) []string {
	out := slices.Clone(list)
	for _, s := range list {
		_, name, ok := strings.Cut(s, "/")
		if !ok {
			continue
		}
		out = append(out, name)
		if label, _, ok := strings.Cut(name, "."); ok {
			out = append(out, label)
		}
	}
	return out
}

// orNone answers a filter for a row that has nothing of a kind.
func orNone(list []string) []string {
	if len(list) == 0 {
		return []string{"none"}
	}
	return list
}

// workloadRef is the object a workload was made from, by the form of its UID
// (istio.md A.5); of kind Workload where the form says nothing.
func workloadRef(w *zWorkload) mesh.Ref {
	_, rest, _ := strings.Cut(w.UID, "/")
	for _, form := range []struct{ prefix, kind string }{
		{"/Pod/", "Pod"}, {"networking.istio.io/WorkloadEntry/", "WorkloadEntry"}, {"networking.istio.io/ServiceEntry/", "ServiceEntry"},
	} {
		if object, ok := strings.CutPrefix(rest, form.prefix); ok {
			parts := strings.Split(object, "/")
			if len(parts) >= 2 {
				return mesh.Ref{Kind: form.kind, Namespace: parts[0], Name: parts[1]}
			}
		}
	}
	return mesh.Ref{Kind: "Workload", Namespace: w.Namespace, Name: w.Name}
}

func workloadName(b *ztunnelBook, w *zWorkload) DumpCell {
	c := monoCell(w.Name)
	if ref := workloadRef(w); ref.Kind != "Workload" && b.snap.Workload(ref.Namespace, ref.Name) != nil {
		c.URL = b.links.Workload(ref.Namespace, ref.Name)
	}
	if w.NetworkGateway != nil {
		c.Note = "through gateway " + cellText(destination(w.NetworkGateway))
	}
	return c
}

func workloadNode(b *ztunnelBook, w *zWorkload) DumpCell {
	if w.Node == "" {
		return DumpCell{Text: "none", Tone: toneSoft}
	}
	c := monoCell(w.Node)
	if b.snap.Node(w.Node) != nil {
		c.URL = b.links.Node(w.Node)
	}
	return c
}

func workloadServices(b *ztunnelBook, w *zWorkload) DumpCell {
	if w.Services == nil && !b.saysServices() {
		return DumpCell{Text: "not said", Note: "ztunnel says it since 1.24", Tone: toneSoft}
	}
	return listCell(w.Services, "none")
}

func healthCell(status string) DumpCell {
	c := textCell(orWord(status, "not said"))
	if status != "Healthy" {
		c.Tone = ui.ToneWarn
	}
	return c
}

func localityWords(l mesh.ZtunnelLocality) string {
	return strings.TrimRight(l.Region+"/"+l.Zone+"/"+l.Subzone, "/")
}

func localityCell(l mesh.ZtunnelLocality) DumpCell {
	if words := localityWords(l); words != "" {
		return textCell(words)
	}
	return DumpCell{Text: "none", Tone: toneSoft}
}

func workloadIdentity(w *zWorkload) string {
	return "spiffe://" + mesh.Principal(w.TrustDomain, w.Namespace, w.ServiceAccount)
}

func destinationOrder(d *mesh.ZtunnelDestination) string {
	if d == nil {
		return ""
	}
	return destination(d)
}
