package views

import (
	"maps"
	"slices"
	"strings"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/analysis/traffic"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views/ui"
)

// ZtunnelLoad is how busy the ztunnel of a node is, as it was counted.
type ZtunnelLoad struct {
	// Unknown says why nothing is known; then the rest is empty.
	Unknown string
	Note    string
	// Cells say why they are unknown where they are. Rates are per minute.
	Connections, Failures, Sockets, Terminations, DNS CountCell
	// Reasons are those of the ends of its link to istiod.
	Reasons string
	// Restarted is that its counters began anew, empty where they did not.
	Restarted string
	Queries   []RateQuery
}

// newZtunnelLoad is of the node's ready ztunnel.
func newZtunnelLoad(r *analysis.Report, node string) ZtunnelLoad {
	c := r.Counts()
	if c == nil {
		return ZtunnelLoad{Unknown: "It was not counted: there is no Prometheus, and no two readings of it."}
	}
	pods := r.Snap.Ztunnels(node)
	pod := mesh.ReadyPod(pods)
	if pod == nil && len(pods) > 0 {
		pod = pods[0]
	}
	if pod == nil {
		return ZtunnelLoad{Unknown: "There is no ztunnel to count."}
	}
	z := c.ZtunnelOf(pod)
	if z.Unread != "" {
		return ZtunnelLoad{Unknown: cellText(z.Unread)}
	}
	l := loadOf(&z)
	l.Note, l.Reasons = countedNote(c.Traffic()), reasonsText(c.Proxy(pod.Ref()))
	return l
}

func loadOf(z *traffic.Ztunnel) ZtunnelLoad {
	const silent = "This version of ztunnel does not count it, or nobody asks for it."
	l := ZtunnelLoad{
		Connections: amountCell(z.Connections, amount(z.Connections), silent), Failures: badCell(z.Failures, silent),
		Sockets: amountCell(z.SocketsOpen, amount(z.SocketsOpen), silent), Terminations: badCell(z.XDSTerminations, silent), DNS: badCell(z.DNSFailures, silent),
	}
	if z.Restarted {
		l.Restarted = "its counters began anew within the window"
	}
	return l
}

// badCell is a number of which anything but 0 is worth a look.
func badCell(n float64, why string) CountCell {
	cell := amountCell(n, amount(n), why)
	if n > 0 {
		cell.Tone = ui.ToneWarn
	}
	return cell
}

func reasonsText(p *mesh.ProxyTraffic) string {
	if p == nil {
		return ""
	}
	var out []string
	for _, reason := range slices.Sorted(maps.Keys(p.XDSTerminations)) {
		if n := p.XDSTerminations[reason]; n > 0 {
			out = append(out, amount(n)+" "+cellText(reason))
		}
	}
	return strings.Join(out, ", ")
}

// WithQueries adds the PromQL behind what was counted.
func (m ZtunnelModel) WithQueries(list []RateQuery) ZtunnelModel {
	if m.Load.Unknown == "" {
		m.Load.Queries = list
	}
	return m
}
