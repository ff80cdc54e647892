package evidence

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/waylight/waylight/collectors/bundle"
	"github.com/waylight/waylight/collectors/prom"
	"github.com/waylight/waylight/mesh"
)

// ScrapeReader reads what proxies have counted, as often as there is something
// to read: a bundle may hold several moments, and a cluster has the present.
// Scrapes come oldest first, and with an error those that could be read.
type ScrapeReader interface {
	// ZtunnelScrapes reads the ztunnel of a node, which is the given pod.
	ZtunnelScrapes(ctx context.Context, node string, pod mesh.Ref) ([]*mesh.Scrape, error)
	// EnvoyScrapes reads a waypoint's Envoy.
	EnvoyScrapes(ctx context.Context, pod mesh.Ref) ([]*mesh.Scrape, error)
}

var (
	_ ScrapeReader = Files{}
	_ ScrapeReader = (*Live)(nil)
)

// ZtunnelScrapes implements ScrapeReader.
func (l *Live) ZtunnelScrapes(ctx context.Context, _ string, pod mesh.Ref) ([]*mesh.Scrape, error) {
	return l.scrape(ctx, pod, l.pool.ZtunnelMetrics)
}

// EnvoyScrapes implements ScrapeReader.
func (l *Live) EnvoyScrapes(ctx context.Context, pod mesh.Ref) ([]*mesh.Scrape, error) {
	return l.scrape(ctx, pod, l.pool.EnvoyMetrics)
}

func (l *Live) scrape(ctx context.Context, pod mesh.Ref, ask func(context.Context, mesh.Ref, func(io.Reader) error) error) ([]*mesh.Scrape, error) {
	var s *mesh.Scrape
	err := ask(ctx, pod, func(r io.Reader) (err error) {
		s, err = prom.Decode(l.counted(r), l.now().UTC())
		return err
	})
	if err != nil {
		return nil, err
	}
	return []*mesh.Scrape{s}, nil
}

// ZtunnelScrapes implements ScrapeReader.
func (f Files) ZtunnelScrapes(ctx context.Context, node string, _ mesh.Ref) ([]*mesh.Scrape, error) {
	return f.scrapes(ctx, ztunnelSource(node))
}

// EnvoyScrapes implements ScrapeReader.
func (f Files) EnvoyScrapes(ctx context.Context, pod mesh.Ref) ([]*mesh.Scrape, error) {
	return f.scrapes(ctx, kindEnvoy+"/"+pod.NamespacedName())
}

// scrapeTime is how a file of metrics is named in a bundle.
const scrapeTime = "20060102T150405Z"

// maxScrapes is how many moments of a proxy are read, the newest.
const maxScrapes = 60

// moment is a file of metrics and when it was written.
type moment struct {
	at   time.Time
	file bundle.File
}

// scrapes reads the files of metrics of a proxy.
func (f Files) scrapes(ctx context.Context, source string) ([]*mesh.Scrape, error) {
	moments, failed := f.moments(source + "/metrics")
	if len(moments) == 0 {
		return nil, errors.Join(append(failed, fmt.Errorf("%w %s/metrics", ErrNotRecorded, source))...)
	}
	if more := len(moments) - maxScrapes; more > 0 {
		moments = moments[more:]
		failed = append(failed, fmt.Errorf("%d older scrapes of %s are left out", more, source))
	}
	var out []*mesh.Scrape
	for _, m := range moments {
		s, err := m.read(ctx)
		if err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", m.file.Path, err))
			continue
		}
		out = append(out, s)
	}
	return out, errors.Join(failed...)
}

// moments lists the files of a folder by their time, which is their name.
func (f Files) moments(folder string) (list []moment, failed []error) {
	for _, file := range f.Bundle.Files() {
		name, ok := strings.CutSuffix(path.Base(file.Path), ".txt")
		if !ok || path.Dir(file.Path) != folder {
			continue
		}
		at, err := time.Parse(scrapeTime, name)
		if err != nil {
			failed = append(failed, fmt.Errorf("%s is not named after a time", plain(file.Path)))
			continue
		}
		list = append(list, moment{at, file})
	}
	slices.SortFunc(list, func(a, b moment) int { return cmp.Or(a.at.Compare(b.at), strings.Compare(a.file.Path, b.file.Path)) })
	return list, failed
}

func (m moment) read(ctx context.Context) (*mesh.Scrape, error) {
	content, err := m.file.Open()
	if err != nil {
		return nil, err
	}
	defer content.Close()
	return prom.Decode(&interruptible{ctx, content}, m.at)
}
