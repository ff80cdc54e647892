package evidence

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/waylight/waylight/collectors/prometheus"
	"github.com/waylight/waylight/collectors/traffic"
	"github.com/waylight/waylight/mesh"
)

// count adds to p what was counted when a bundle was recorded: what a Prometheus
// answered, else the difference of scrapes.
func (r *Recorded) count(ctx context.Context, p *picture, snap *mesh.Snapshot) {
	files := r.answers()
	counted, ranges, problems := prometheus.Recorded(ctx, files, traffic.Proxies(snap))
	if len(problems) > 0 {
		p.worsen(prometheus.SourceName, strings.Join(problems, "; "))
	}
	if counted == nil {
		counted = traffic.Recorded(ctx, snap, Files{r.Bundle})
	}
	if counted != nil && ranges > 0 {
		counted.Warnings = append(counted.Warnings, fmt.Sprintf("Recorded answers for charts that are not used: %d. Charts are drawn of a Prometheus that answers, not of a recording.", ranges))
	}
	if counted != nil {
		p.objects = append(p.objects, counted)
	}
}

// answers are the files with what a Prometheus answered.
func (r *Recorded) answers() []prometheus.File {
	var out []prometheus.File
	for _, f := range r.Bundle.Files() {
		if path.Dir(f.Path) == prometheus.SourceName && path.Ext(f.Path) == ".json" {
			out = append(out, prometheus.File{Path: plain(f.Path), Open: f.Open})
		}
	}
	return out
}

// worsen says that some of a source could not be read.
func (p *picture) worsen(name, problem string) {
	i := slices.IndexFunc(p.sources, func(s mesh.SourceStatus) bool { return s.Name == name })
	if i < 0 {
		p.sources = append(p.sources, mesh.SourceStatus{Name: name})
		i = len(p.sources) - 1
	}
	p.sources[i].State, p.sources[i].Detail = mesh.SourcePartial, "Some of what was recorded cannot be used: "+problem+"."
}
