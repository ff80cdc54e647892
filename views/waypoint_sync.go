package views

import (
	"slices"
	"strings"
	"time"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views/ui"
)

// SyncRead is how it went to ask one istiod whom it is connected to.
type SyncRead struct {
	Istiod mesh.Ref // the pod
	// Evidence is what it said; with a Failure what it said some time before, nil
	// where that is not known.
	Evidence *mesh.SyncEvidence
	Failure  ReadFailure
	// Detail is the missing right where the failure is ReadForbidden, else the
	// error in one line; may be empty.
	Detail string
}

// State is the read in the words of sources.
func (r SyncRead) State() mesh.SourceState {
	switch {
	case r.Failure != "" && r.Evidence != nil:
		return mesh.SourceStale
	case r.Evidence == nil:
		return r.Failure.state()
	case r.Evidence.Skipped > 0:
		return mesh.SourcePartial
	}
	return mesh.SourceOK
}

// Words says in a sentence what is the matter with the read; empty for nothing.
// For a missing right it is the right, as for every source.
func (r SyncRead) Words() string {
	switch {
	case r.Failure != "" || r.Evidence == nil:
		return istiodFailures.sentence(r.Failure, r.Detail)
	case r.Evidence.Skipped > 0:
		return plural(r.Evidence.Skipped, "entry", "entries") + " of its syncz could not be decoded and cannot be shown."
	}
	return ""
}

var istiodFailures = failureWords{
	ReadUnwired:   {"istiod is not read here", "This Waylight has no way to ask it. Who is connected is unknown."},
	ReadAbsent:    {"There is no such istiod", "Its pod is gone."},
	ReadTimedOut:  {"istiod did not answer in time", "Try again in some seconds."},
	ReadMalformed: {"istiod's answer could not be decoded", "Nothing of it is shown."},
	ReadFailed:    {"istiod could not be read", "Who is connected to it is unknown."},
}

// SumSync is the state of all reads together, with a sentence: one istiod that
// was not read may have the connection that the others do not list.
func SumSync(reads []SyncRead) (mesh.SourceState, string) {
	if len(reads) == 0 {
		return mesh.SourceAbsent, "No running istiod is known."
	}
	state, words := reads[0].State(), []string(nil)
	for _, r := range reads {
		if r.State() != state {
			state = mesh.SourcePartial
		}
		if w := r.Words(); w != "" {
			words = append(words, r.Istiod.Name+": "+w)
		}
	}
	if len(reads) == 1 {
		return state, reads[0].Words()
	}
	return state, strings.Join(words, " ")
}

// syncBook is what istiods say of a waypoint's replicas.
type syncBook struct {
	snap        *mesh.Snapshot
	waypoint    *mesh.Waypoint
	query       Query
	connections map[mesh.Ref]*mesh.ProxyConnection // by pod
	// unread says why a replica that no istiod lists may be connected all the
	// same; empty where every istiod was read.
	unread string
}

func newSyncBook(r *analysis.Report, w *mesh.Waypoint, reads []SyncRead, q Query) *syncBook {
	var answers []*mesh.SyncEvidence
	for _, read := range reads {
		if read.Evidence != nil {
			answers = append(answers, read.Evidence)
		}
	}
	b := &syncBook{snap: r.Snap, waypoint: w, query: q, connections: connectionsByPod(answers)}
	if state, words := SumSync(reads); state != mesh.SourceOK {
		b.unread = orWord(words, "Not every istiod was read.")
	}
	return b
}

func (b *syncBook) asked() Query { return b.query }

func (b *syncBook) holder() string { return "istiod" }

// replicaSync is one xDS type of one replica, or a replica that is not connected.
type replicaSync struct {
	pod        *mesh.Workload
	connection *mesh.ProxyConnection // nil where no istiod lists it
	typ        *mesh.TypeSync        // nil where there is none
	unread     string
}

// syncPart lists what istiod sent each replica of a waypoint: the columns of
// istioctl proxy-status, with the text of a rejection.
var syncPart = dumpPart[*syncBook, replicaSync]{
	tab: TabSync, noun: "subscriptions",
	rows:      syncRows,
	namespace: func(s *replicaSync) string { return s.pod.Namespace },
	id:        func(s *replicaSync) []string { return []string{s.pod.Name, s.url()} },
	only: func(s *replicaSync) string {
		return exactly("pod", s.pod.Name) + " " + exactly("type", orWord(typeName(s.url()), "none"))
	},
	item:   newSyncItem,
	itemOf: func(s *replicaSync) any { return s.pod },
	ref:    func(_ *syncBook, s *replicaSync) mesh.Ref { return s.pod.Ref() },
	keys:   []string{"pod", "istiod", "type", "state", "version"},
	fields: syncFields,
	columns: []dumpColumn[*syncBook, replicaSync]{
		{key: "pod", label: "Replica", cell: syncPod, compare: compareBy(func(s *replicaSync) string { return s.pod.Name })},
		{key: "istiod", label: "Istiod", hint: "the one that has the connection", cell: syncIstiod, compare: compareBy(func(s *replicaSync) string { return s.istiod() })},
		{key: "version", label: "Version", hint: "as the proxy tells istiod", cell: func(_ *syncBook, s *replicaSync) DumpCell { return syncVersion(s) }},
		{key: "type", label: "Type", cell: func(_ *syncBook, s *replicaSync) DumpCell { return wordOrSoft(typeName(s.url())) }, compare: compareBy(func(s *replicaSync) string { return typeName(s.url()) })},
		{key: "state", label: "State", cell: syncState, compare: compareBy(func(s *replicaSync) string { return s.state() })},
		{key: "sentAt", label: "Sent", hint: "when istiod sent it something of this type last", cell: syncSentAt, compare: func(a, b *replicaSync) int { return a.subscription().SentAt.Compare(b.subscription().SentAt) }},
		{key: "lastError", label: "Last rejection", class: "text", cell: func(_ *syncBook, s *replicaSync) DumpCell { return wordOrSoft(s.subscription().LastError) }},
		{key: "sent", exported: true, label: "Nonce sent", cell: func(_ *syncBook, s *replicaSync) DumpCell { return monoCell(s.subscription().Sent) }},
		{key: "acked", exported: true, label: "Nonce taken", cell: func(_ *syncBook, s *replicaSync) DumpCell { return monoCell(s.subscription().Acked) }},
		{key: "cluster", exported: true, label: "Cluster", cell: func(_ *syncBook, s *replicaSync) DumpCell { return monoCell(s.proxy().ClusterID) }},
		{key: "also", folded: true, label: "Also listed by", hint: "istiods that it has just left, until they notice", cell: func(_ *syncBook, s *replicaSync) DumpCell { return s.also() }},
	},
}

func syncRows(b *syncBook) []replicaSync {
	var out []replicaSync
	for _, pod := range b.waypoint.Pods {
		c := b.connections[pod.Ref()]
		if c == nil || len(c.Types) == 0 {
			out = append(out, replicaSync{pod: pod, connection: c, unread: b.unread})
			continue
		}
		for i := range c.Types {
			out = append(out, replicaSync{pod, c, &c.Types[i], b.unread})
		}
	}
	return out
}

// subscription is the type's state, an empty one where there is none.
func (s *replicaSync) subscription() *mesh.TypeSync {
	if s.typ == nil {
		return &mesh.TypeSync{}
	}
	return s.typ
}

func (s *replicaSync) proxy() *mesh.ProxySync {
	if s.connection == nil {
		return &mesh.ProxySync{}
	}
	return &s.connection.ProxySync
}

func (s *replicaSync) url() string { return s.subscription().URL }

func (s *replicaSync) istiod() string {
	if s.connection == nil {
		return ""
	}
	return s.connection.Istiod
}

// Words for the state of a subscription, which state: matches.
const (
	syncSynced       = "synced"
	syncWaiting      = "waiting"
	syncRejected     = "rejected"
	syncDisconnected = "disconnected"
	syncUnknown      = "unknown"
	syncNothing      = "nothing"
)

func (s *replicaSync) state() string {
	switch {
	case s.connection == nil && s.unread != "":
		return syncUnknown
	case s.connection == nil:
		return syncDisconnected
	case s.typ == nil:
		return syncNothing
	case s.typ.LastError != "":
		return syncRejected
	case !s.typ.Synced():
		return syncWaiting
	}
	return syncSynced
}

func syncFields(_ *syncBook, s *replicaSync, key string) ([]string, bool) {
	switch key {
	case "":
		return []string{s.pod.Name, s.istiod(), s.url(), s.subscription().LastError}, true
	case "pod":
		return objectWords(s.pod.Ref()), true
	case "istiod":
		return []string{orWord(s.istiod(), "none")}, true
	case "type":
		return []string{orWord(typeName(s.url()), "none"), s.url()}, true
	case "state":
		return []string{s.state()}, true
	case "version":
		return []string{orWord(s.proxy().IstioVersion, "none")}, true
	}
	return nil, false
}

// typeName is the last part of an xDS type: "Cluster".
func typeName(url string) string { return url[strings.LastIndexByte(url, '.')+1:] }

func syncPod(b *syncBook, s *replicaSync) DumpCell {
	c := monoCell(s.pod.Name)
	c.URL = b.query.Links().Workload(s.pod.Namespace, s.pod.Name)
	return c
}

func syncIstiod(b *syncBook, s *replicaSync) DumpCell {
	switch s.state() {
	case syncUnknown:
		return DumpCell{Text: "unknown", Note: cellText(b.unread), Tone: ui.ToneUnknown}
	case syncDisconnected:
		return DumpCell{Text: "none", Note: "no istiod lists it: it works on with what it has", Tone: ui.ToneBad}
	}
	return monoCell(s.istiod())
}

func syncVersion(s *replicaSync) DumpCell {
	if v := s.proxy().IstioVersion; v != "" && v != "unknown" {
		return textCell(v)
	}
	return DumpCell{Text: "not said", Tone: toneSoft}
}

// syncState marks what a replica did not take. A type that was never sent is
// synced, and says so.
func syncState(_ *syncBook, s *replicaSync) DumpCell {
	switch state := s.state(); state {
	case syncSynced:
		if s.typ.Sent == "" {
			return DumpCell{Text: state, Note: "nothing was ever sent", Tone: toneSoft}
		}
		return DumpCell{Text: state, Tone: ui.ToneGood}
	case syncWaiting:
		return DumpCell{Text: state, Note: "sent and not taken yet", Tone: ui.ToneWarn}
	case syncRejected:
		return DumpCell{Text: state, Note: "Envoy refused it and keeps what it had", Tone: ui.ToneBad}
	case syncNothing:
		return DumpCell{Text: state, Note: "it asked for nothing", Tone: ui.ToneWarn}
	case syncUnknown:
		return DumpCell{Text: state, Tone: ui.ToneUnknown}
	default:
		return DumpCell{Text: state, Tone: ui.ToneBad}
	}
}

func syncSentAt(_ *syncBook, s *replicaSync) DumpCell {
	if at := s.subscription().SentAt; !at.IsZero() {
		return DumpCell{Time: at}
	}
	return DumpCell{Text: "not said", Tone: toneSoft}
}

func (s *replicaSync) also() DumpCell {
	if s.connection == nil || len(s.connection.Also) == 0 {
		return DumpCell{}
	}
	return listCell(slices.Clone(s.connection.Also), "")
}

// syncItem is a replica under the keys of istiod's syncz (istio.md H).
type syncItem struct {
	DumpItem
	Namespace string              `json:"namespace"`
	Name      string              `json:"name"`
	Connected mesh.Fact           `json:"connected"`
	Istiod    string              `json:"istiod"`
	Also      []string            `json:"also,omitempty"`
	ProxyType string              `json:"proxy_type"`
	ClusterID string              `json:"cluster_id"`
	Version   string              `json:"istio_version"`
	Resources map[string]typeItem `json:"resources"`
}

type typeItem struct {
	Sent      string `json:"sent"`
	Acked     string `json:"acked"`
	SentTime  string `json:"sentTime"`
	LastError string `json:"lastError"`
}

func newSyncItem(s *replicaSync, head DumpItem) any {
	p := s.proxy()
	item := syncItem{
		DumpItem: head, Namespace: s.pod.Namespace, Name: s.pod.Name, Connected: s.connected(), Istiod: s.istiod(),
		ProxyType: p.Type, ClusterID: p.ClusterID, Version: p.IstioVersion, Resources: make(map[string]typeItem, len(p.Types)),
	}
	if s.connection != nil {
		item.Also = s.connection.Also
	}
	for _, t := range p.Types {
		out := typeItem{Sent: t.Sent, Acked: t.Acked, LastError: t.LastError}
		if !t.SentAt.IsZero() {
			out.SentTime = t.SentAt.UTC().Format(time.RFC3339Nano)
		}
		item.Resources[t.URL] = out
	}
	return item
}

func (s *replicaSync) connected() mesh.Fact {
	switch s.state() {
	case syncUnknown:
		return mesh.FactUnknown
	case syncDisconnected:
		return mesh.FactNo
	}
	return mesh.FactYes
}
