package traffic

import (
	"context"
	"strings"

	"github.com/waylight/waylight/mesh"
)

// ScrapeReader reads what proxies have counted, oldest first: all that was
// recorded of a bundle, the present of a cluster. With an error come the scrapes
// that could be read.
type ScrapeReader interface {
	ZtunnelScrapes(ctx context.Context, node string, pod mesh.Ref) ([]*mesh.Scrape, error)
	EnvoyScrapes(ctx context.Context, pod mesh.Ref) ([]*mesh.Scrape, error)
}

// Recorded is the traffic of a bundle, from its first scrapes to its last; nil
// where it has none to compare. One proxy is in memory at a time.
func Recorded(ctx context.Context, snap *mesh.Snapshot, from ScrapeReader) *mesh.Traffic {
	var all []Metered
	for _, p := range Proxies(snap) {
		if ctx.Err() != nil {
			return nil
		}
		all = append(all, metered(ctx, p, from))
	}
	return FromScrapes(all)
}

func metered(ctx context.Context, p Proxy, from ScrapeReader) Metered {
	scrapes, err := read(ctx, p, from)
	m := Metered{Proxy: p, Meter: NewMeter(0)}
	for _, s := range scrapes {
		m.Meter.Add(s)
	}
	if err != nil {
		m.Why = sentence(err)
	}
	return m
}

func read(ctx context.Context, p Proxy, from ScrapeReader) ([]*mesh.Scrape, error) {
	if p.Ztunnel() {
		return from.ZtunnelScrapes(ctx, p.Node, p.Pod)
	}
	return from.EnvoyScrapes(ctx, p.Pod)
}

// sentence makes an error's text one.
func sentence(err error) string {
	text := strings.ReplaceAll(err.Error(), "\n", "; ")
	if text == "" {
		return "It could not be read."
	}
	return strings.ToUpper(text[:1]) + strings.TrimSuffix(text[1:], ".") + "."
}
