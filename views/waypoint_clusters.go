package views

import (
	"cmp"

	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views/ui"
)

// eCluster is a cluster with the Service it is for.
type eCluster struct {
	*mesh.EnvoyCluster
	object mesh.Ref
}

// clustersPart lists every cluster: the columns of istioctl proxy-config
// clusters, and how the cluster treats its endpoints.
var clustersPart = dumpPart[*envoyBook, eCluster]{
	tab: TabClusters, noun: "clusters",
	rows:      clusterRows,
	namespace: func(c *eCluster) string { return c.object.Namespace },
	id:        func(c *eCluster) []string { return []string{c.Name, string(c.State)} },
	only: func(c *eCluster) string {
		return exactly("name", c.Name) + " " + exactly("state", orWord(string(c.State), "none"))
	},
	item:   newClusterItem,
	ref:    func(_ *envoyBook, c *eCluster) mesh.Ref { return c.object },
	keys:   []string{"ns", "name", "service", "host", "port", "subset", "direction", "type", "rule", "endpoints", "state"},
	fields: clusterFields,
	columns: []dumpColumn[*envoyBook, eCluster]{
		{key: "fqdn", label: "Service FQDN", cell: clusterHost, compare: compareBy(func(c *eCluster) string { return orWord(c.Host, c.Name) })},
		{key: "port", label: "Port", class: "num", cell: func(_ *envoyBook, c *eCluster) DumpCell { return clusterPort(c) }, compare: func(a, b *eCluster) int { return cmp.Compare(a.Port, b.Port) }},
		{key: "subset", label: "Subset", cell: func(_ *envoyBook, c *eCluster) DumpCell { return wordOrSoft(c.Subset) }, compare: compareBy(func(c *eCluster) string { return c.Subset })},
		{key: "direction", label: "Direction", cell: func(_ *envoyBook, c *eCluster) DumpCell { return wordOrSoft(c.Direction) }, compare: compareBy(func(c *eCluster) string { return c.Direction })},
		{key: "type", label: "Type", cell: func(_ *envoyBook, c *eCluster) DumpCell { return textCell(c.Type) }, compare: compareBy(func(c *eCluster) string { return c.Type })},
		{key: "rule", label: "DestinationRule", cell: func(b *envoyBook, c *eCluster) DumpCell { return b.made(c.Rule, c.object, c.Port, "none") }, compare: compareBy(func(c *eCluster) string { return c.Rule.NamespacedName() })},
		{key: "endpoints", label: "Endpoints", hint: "those that get requests, of all", cell: clusterEndpoints},
		{key: "limits", folded: true, label: "Circuit breakers", cell: func(_ *envoyBook, c *eCluster) DumpCell { return wordOrSoft(c.Thresholds) }, compare: compareBy(func(c *eCluster) string { return c.Thresholds })},
		{key: "outlier", folded: true, label: "Outlier detection", cell: func(_ *envoyBook, c *eCluster) DumpCell { return wordOrSoft(c.Outlier) }, compare: compareBy(func(c *eCluster) string { return c.Outlier })},
		{key: "name", exported: true, label: "Name", cell: func(_ *envoyBook, c *eCluster) DumpCell { return monoCell(c.Name) }, compare: compareBy(func(c *eCluster) string { return c.Name })},
		{key: "loadBalancing", folded: true, label: "Load balancing", cell: func(_ *envoyBook, c *eCluster) DumpCell { return textCell(c.LB) }, compare: compareBy(func(c *eCluster) string { return c.LB })},
		{key: "connectTimeout", folded: true, label: "Connect timeout", cell: func(_ *envoyBook, c *eCluster) DumpCell { return DumpCell{Text: c.ConnectTimeout.String()} }, compare: func(a, b *eCluster) int { return cmp.Compare(a.ConnectTimeout, b.ConnectTimeout) }},
		{key: "state", folded: true, label: "State", cell: func(_ *envoyBook, c *eCluster) DumpCell { return envoyStateCell(c.State, c.Rejected) }, compare: compareBy(func(c *eCluster) string { return string(c.State) })},
	},
}

func clusterRows(b *envoyBook) []eCluster {
	out := make([]eCluster, 0, len(b.dump.Clusters))
	for i := range b.dump.Clusters {
		out = append(out, eCluster{&b.dump.Clusters[i], b.object(b.dump.Clusters[i].Host)})
	}
	return out
}

func clusterFields(b *envoyBook, c *eCluster, key string) ([]string, bool) {
	switch key {
	case "":
		return []string{c.Name, c.Rule.NamespacedName(), c.Type}, true
	case "ns":
		return []string{orWord(c.object.Namespace, "none")}, true
	case "name":
		return []string{c.Name}, true
	case "service":
		return objectWords(c.object), true
	case "host":
		return []string{orWord(c.Host, "none")}, true
	case "port":
		return []string{clusterPort(c).Text}, true
	case "endpoints":
		return []string{b.endpointsWord(c.Name)}, true
	}
	return c.settings(key)
}

// settings answers filters for how a cluster is set up.
func (c *eCluster) settings(key string) ([]string, bool) {
	switch key {
	case "subset":
		return []string{orWord(c.Subset, "none")}, true
	case "direction":
		return []string{orWord(c.Direction, "none")}, true
	case "type":
		return []string{c.Type}, true
	case "rule":
		return objectWords(c.Rule), true
	case "state":
		return stateWords(c.State, c.Rejected), true
	}
	return nil, false
}

func clusterHost(b *envoyBook, c *eCluster) DumpCell {
	cell := b.hostCell(orWord(c.Host, c.Name), "", c.object)
	if c.Rejected != "" {
		cell.Note, cell.Tone = "an update was rejected: "+cellText(c.Rejected), ui.ToneBad
	}
	return cell
}

func clusterPort(c *eCluster) DumpCell {
	if c.Port == 0 {
		return DumpCell{Text: "none", Tone: toneSoft}
	}
	return DumpCell{Text: number(int(c.Port))}
}

// clusterEndpoints leads to the endpoints. What Envoy makes for each call
// (ORIGINAL_DST) may have none without harm.
func clusterEndpoints(b *envoyBook, c *eCluster) DumpCell {
	n := b.health[c.Name]
	cell := DumpCell{Text: number(n.healthy) + "/" + number(n.all), URL: b.part(TabEndpoints, exactly("cluster", c.Name))}
	switch {
	case n.all == 0 && c.Type == "ORIGINAL_DST":
		return DumpCell{Text: "0", Note: "made for each call", Tone: toneSoft}
	case n.all == 0:
		return DumpCell{Text: "0/0", Note: "requests fail with 503 UH", Tone: ui.ToneBad}
	case n.healthy == 0:
		cell.Note, cell.Tone = "none gets requests", ui.ToneBad
	case n.healthy < n.all:
		cell.Tone = ui.ToneWarn
	}
	return cell
}

// endpointsWord is what endpoints: matches.
func (b *envoyBook) endpointsWord(cluster string) string {
	switch n := b.health[cluster]; {
	case n.all == 0:
		return "none"
	case n.healthy == 0:
		return "unhealthy"
	case n.healthy < n.all:
		return "some"
	}
	return "all"
}

// wordOrSoft is a text, or that there is none.
func wordOrSoft(s string) DumpCell {
	if s == "" {
		return DumpCell{Text: "none", Tone: toneSoft}
	}
	return textCell(s)
}
