package views

import (
	"time"

	"github.com/a-h/templ"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views/ui"
)

// SyncModel is the tab of a waypoint's page with what istiod sent its replicas.
type SyncModel struct {
	WaypointHead
	Istiods []IstiodLine
	// NoIstiods says why none is known; empty where one is.
	NoIstiods string
	RereadURL templ.SafeURL
	DumpTable
}

// IstiodLine is one istiod and how it went to ask it.
type IstiodLine struct {
	Name    string
	URL     templ.SafeURL
	At      time.Time // zero where it was not read
	Proxies string
	// Trouble says what is the matter with the read, in Tone; Role who grants the
	// missing right, empty where none is.
	Trouble string
	Tone    ui.Tone
	Role    string
}

// NewSyncList lists what istiods sent a waypoint's replicas as a query asks.
// limit bounds the rows, 0 gives all.
func NewSyncList(r *analysis.Report, w *mesh.Waypoint, reads []SyncRead, q Query, limit int) DumpList {
	return syncPart.list(newSyncBook(r, w, reads, q), limit)
}

// NewSync builds that tab from what was read of each istiod.
func NewSync(r *analysis.Report, w *mesh.Waypoint, reads []SyncRead, q Query) SyncModel {
	path := waypointPath(w.Namespace, w.Name, TabSync)
	m := SyncModel{
		WaypointHead: newWaypointHead(r, w, TabSync, nil, q), RereadURL: rereadURL(r.Snap, path, q),
		DumpTable: newDumpTable(NewSyncList(r, w, reads, q, DumpRowLimit), q, path),
	}
	for i := range reads {
		m.Istiods = append(m.Istiods, newIstiodLine(r.Snap, &reads[i], q))
	}
	if len(reads) == 0 {
		m.NoIstiods = orWord(unreadable(r.Snap, mesh.ResourcePods, ""), "No running pod has the label app=istiod.")
	}
	m.Empty = emptySync(r.Snap, w, &m.List)
	return m
}

func newIstiodLine(s *mesh.Snapshot, read *SyncRead, q Query) IstiodLine {
	l := IstiodLine{Name: cellText(read.Istiod.Name), Trouble: read.Words(), Tone: ui.ToneWarn}
	if s.Workload(read.Istiod.Namespace, read.Istiod.Name) != nil {
		l.URL = q.Links().Workload(read.Istiod.Namespace, read.Istiod.Name)
	}
	if e := read.Evidence; e != nil {
		l.At, l.Proxies = e.At, plural(len(e.Proxies), "proxy", "proxies")
	}
	if read.Failure == ReadForbidden {
		l.Trouble, l.Role = "It may not be read. Missing right: "+l.Trouble+". Who is connected to it is unknown.", roleProxies
	}
	if read.Failure != "" && read.Evidence != nil {
		l.Trouble += " What it said before is shown."
	}
	return l
}

func emptySync(s *mesh.Snapshot, w *mesh.Waypoint, l *DumpList) EmptyList {
	why := unreadable(s, mesh.ResourcePods, w.Namespace)
	switch {
	case l.Total > 0:
		return EmptyList{"Nothing matches the filter", "Clear it to see all " + number(l.Total) + " " + l.noun + "."}
	case why != "":
		return EmptyList{"The replicas of this waypoint are unknown", why}
	}
	return EmptyList{"This waypoint has no replica", "No pod of it exists, so that there is nothing to send a configuration to."}
}
