package gallery

import (
	"math"
	"time"

	"github.com/a-h/templ"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/analysis/traffic"
	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
	"github.com/waylight/waylight/views"
)

// history shows the charts of a service, and why there can be none.
func history() []Entry {
	of := func(name, parameters string, asked views.HistoryAsked) Entry {
		return state("history/"+name, views.PageServices, "shop/orders", parameters, split, func(r *analysis.Report, q views.Query) templ.Component {
			m, _ := views.NewService(r, "shop", "orders", views.TabRates, q)
			return views.ServiceContent(m.WithHistory(r, q, asked))
		})
	}
	down := mesh.SourceStatus{Name: "prometheus", State: mesh.SourceDown, Detail: "It answered 503 Service Unavailable.", Since: mt.Now.Add(-3 * time.Minute)}
	forbidden := mesh.SourceStatus{Name: "prometheus", State: mesh.SourceForbidden, Detail: "get services/proxy in istio-system"}
	return []Entry{
		of("drawn", "", drawn(traffic.ChartRequests, traffic.ChartErrors, traffic.ChartLatency)),
		of("connections only", "range=7d", drawn(traffic.ChartConnections, traffic.ChartFailures, traffic.ChartBytes)),
		of("not fetched yet", "range=6h", views.HistoryAsked{Wired: true}),
		of("no prometheus", "", views.HistoryAsked{}),
		of("prometheus down", "", views.HistoryAsked{Wired: true, Source: down}),
		of("prometheus forbidden", "", views.HistoryAsked{Wired: true, Source: forbidden}),
		of("hostile names", "", hostileHistory()),
	}
}

// drawn is an hour of waves with a gap, one line after the other lower.
func drawn(charts ...string) views.HistoryAsked {
	lines := map[string][]string{
		traffic.ChartRequests: {"v1", "v2"}, traffic.ChartLatency: {"0.5", "0.9", "0.99"},
		traffic.ChartFailures: {"destination DENY", "source CONNECT"},
	}
	h := &traffic.History{From: mt.Now.Add(-time.Hour), To: mt.Now, Step: 15 * time.Second}
	for _, name := range charts {
		c := traffic.HistoryChart{Name: name, PromQL: `sum(rate(istio_requests_total{reporter="waypoint"}[2m]))`, URL: "https://prometheus.example/graph"}
		names := lines[name]
		if names == nil {
			names = []string{""}
		}
		for i, line := range names {
			c.Lines = append(c.Lines, wave(h, line, 40/float64(i+1)))
		}
		h.Charts = append(h.Charts, c)
	}
	return views.HistoryAsked{Wired: true, History: h, Host: "orders.shop.svc.cluster.local"}
}

func wave(h *traffic.History, name string, top float64) traffic.HistoryLine {
	l := h.NewLine(name)
	for i := range l.Values {
		if i < 80 || i > 110 {
			l.Values[i] = top * (1 + math.Sin(float64(i)/15)) / 2
		}
	}
	return l
}

func hostileHistory() views.HistoryAsked {
	const evil = `<script>alert(1)</script>` + "\u202e" + `'"`
	asked := drawn(traffic.ChartRequests)
	asked.Host = evil
	c := &asked.History.Charts[0]
	c.Warnings, c.PromQL, c.Lines[0].Name = []string{evil}, evil, evil
	return asked
}
