package views

import (
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views/ui"
)

// zConnection is a live connection of a pod of the node.
type zConnection struct {
	pod       *mesh.ZtunnelLocal
	direction string
	*mesh.ZtunnelConnection
}

// Directions of a connection, as seen from the node's pod.
const (
	inbound  = "Inbound"
	outbound = "Outbound"
)

// connectionsPart lists live connections: the columns of istioctl
// ztunnel-config connections.
var connectionsPart = dumpPart[*ztunnelBook, zConnection]{
	tab: TabConnections, noun: "connections",
	rows:      connectionRows,
	namespace: func(c *zConnection) string { return c.pod.Namespace },
	id: func(c *zConnection) []string {
		return []string{c.pod.PodUID, c.direction, c.Source, c.OriginalDestination, c.Destination, c.Protocol}
	},
	only: func(c *zConnection) string {
		return exactly("uid", c.pod.PodUID) + " " + exactly("direction", c.direction) + " " + exactly("local", c.local()) + " " + exactly("remote", c.remote())
	},
	item:   connectionItemOf,
	ref:    func(_ *ztunnelBook, c *zConnection) mesh.Ref { return podRef(c.pod) },
	keys:   []string{"ns", "pod", "direction", "protocol", "local", "remote", "target", "uid"},
	fields: connectionFields,
	columns: []dumpColumn[*ztunnelBook, zConnection]{
		{key: "pod", label: "Workload", cell: connectionPod, compare: compareBy(func(c *zConnection) string { return c.pod.Name })},
		{key: "ns", label: "Namespace", cell: func(_ *ztunnelBook, c *zConnection) DumpCell { return monoCell(c.pod.Namespace) }, compare: compareBy(func(c *zConnection) string { return c.pod.Namespace })},
		{key: "direction", label: "Direction", cell: func(_ *ztunnelBook, c *zConnection) DumpCell { return DumpCell{Text: c.direction} }, compare: compareBy(func(c *zConnection) string { return c.direction })},
		{key: "local", label: "Local", cell: func(_ *ztunnelBook, c *zConnection) DumpCell { return monoCell(c.local()) }, compare: compareBy(func(c *zConnection) string { return c.local() })},
		{key: "remote", label: "Remote", cell: func(_ *ztunnelBook, c *zConnection) DumpCell { return monoCell(c.remote()) }, compare: compareBy(func(c *zConnection) string { return c.remote() })},
		{key: "target", label: "Remote target", hint: "what the call was addressed to, where ztunnel knows it", cell: func(_ *ztunnelBook, c *zConnection) DumpCell { return targetCell(c) }, compare: compareBy(func(c *zConnection) string { return c.OriginalDestination })},
		{key: "protocol", label: "Protocol", cell: protocolCell, compare: compareBy(func(c *zConnection) string { return c.Protocol })},
	},
}

func connectionRows(b *ztunnelBook) []zConnection {
	var out []zConnection
	for i := range b.dump.Local {
		pod := &b.dump.Local[i]
		for j := range pod.Inbound {
			out = append(out, zConnection{pod, inbound, &pod.Inbound[j]})
		}
		for j := range pod.Outbound {
			out = append(out, zConnection{pod, outbound, &pod.Outbound[j]})
		}
	}
	return out
}

func connectionFields(_ *ztunnelBook, c *zConnection, key string) ([]string, bool) {
	switch key {
	case "":
		return []string{c.pod.Name, c.pod.Namespace, c.Source, c.Destination, c.OriginalDestination}, true
	case "ns":
		return []string{c.pod.Namespace}, true
	case "pod":
		return []string{c.pod.Name}, true
	case "direction":
		return []string{c.direction}, true
	case "protocol":
		return []string{orWord(c.Protocol, "none")}, true
	case "local":
		return []string{c.local()}, true
	case "remote":
		return []string{c.remote()}, true
	case "target":
		return []string{orWord(c.OriginalDestination, "none")}, true
	case "uid":
		return []string{c.pod.PodUID}, true
	}
	return nil, false
}

// local is the node's end and remote the other one, as istioctl maps them
// (istio.md A.9).
func (c *zConnection) local() string {
	if c.direction == inbound {
		return c.Destination
	}
	return c.Source
}

func (c *zConnection) remote() string {
	if c.direction == inbound {
		return c.Source
	}
	return c.Destination
}

func podRef(l *mesh.ZtunnelLocal) mesh.Ref {
	return mesh.Ref{Kind: "Pod", Namespace: l.Namespace, Name: l.Name}
}

func connectionPod(b *ztunnelBook, c *zConnection) DumpCell {
	if c.pod.Name == "" {
		return DumpCell{Text: cellText(c.pod.PodUID), Note: "ztunnel says the name since 1.24", Mono: true}
	}
	cell := monoCell(c.pod.Name)
	if b.snap.Workload(c.pod.Namespace, c.pod.Name) != nil {
		cell.URL = b.links.Workload(c.pod.Namespace, c.pod.Name)
	}
	return cell
}

func targetCell(c *zConnection) DumpCell {
	if c.OriginalDestination == "" {
		return DumpCell{Text: "not said", Tone: toneSoft}
	}
	return monoCell(c.OriginalDestination)
}

// protocolCell marks what travels unencrypted.
func protocolCell(_ *ztunnelBook, c *zConnection) DumpCell {
	switch c.Protocol {
	case "":
		return DumpCell{Text: "not said", Note: "ztunnel says it since 1.26", Tone: toneSoft}
	case "TCP":
		return DumpCell{Text: "TCP", Note: "not encrypted by the mesh", Tone: ui.ToneWarn}
	}
	return textCell(c.Protocol)
}

func connectionItemOf(c *zConnection, head DumpItem) any {
	return connectionItem{
		DumpItem: head, Namespace: c.pod.Namespace, Name: c.pod.Name, ServiceAccount: c.pod.ServiceAccount, PodUID: c.pod.PodUID,
		Direction: c.direction, Src: c.Source, OriginalDst: c.OriginalDestination, ActualDst: c.Destination, Protocol: c.Protocol,
	}
}
