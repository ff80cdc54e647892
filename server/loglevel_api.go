package server

import (
	"encoding/json"
	"errors"
	"mime"
	"net/http"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views"
)

// apiLogLevel is what a ztunnel logs.
type apiLogLevel struct {
	// State is default, raised or lowered, and unknown where it is not known
	// what the ztunnel was started with.
	State      string         `json:"state"`
	Filter     string         `json:"filter"`
	Default    string         `json:"default"`
	Directives []apiDirective `json:"directives"`
	Until      string         `json:"until"`
	By         string         `json:"by"`
	ChangedAt  string         `json:"changedAt"`
	ReadAt     string         `json:"readAt"`
}

// apiDirective is the level of a module; an empty target is all that no other
// names.
type apiDirective struct {
	Target string        `json:"target"`
	Level  mesh.LogLevel `json:"level"`
}

// newAPILogLevel is nil for a level that was not read.
func newAPILogLevel(snap *mesh.Snapshot, l *mesh.ZtunnelLogLevel) *apiLogLevel {
	if l == nil {
		return nil
	}
	initial := snap.InitialLogFilter(l.Pod)
	out := &apiLogLevel{
		State: views.LogLevelState(l.Filter, initial), Filter: l.Filter.String(), Default: initial.String(), Directives: []apiDirective{},
		Until: rfc3339(l.Until), By: l.By, ChangedAt: rfc3339(l.ChangedAt), ReadAt: rfc3339(l.At),
	}
	for _, d := range l.Filter.WithoutMarkers() {
		out.Directives = append(out.Directives, apiDirective{d.Target, d.Level})
	}
	return out
}

// apiLogOrder is the body of a change. Either Level or Reset is there.
type apiLogOrder struct {
	Pod   string `json:"pod"`   // "namespace/name"; empty for the Ready one
	Level string `json:"level"` // "access=debug,info"
	For   string `json:"for"`   // "15m"
	Reset bool   `json:"reset"`
	// Seen is the filter that the change is about; anything else by now is a
	// conflict. Empty for any.
	Seen string `json:"seen"`
	// Confirm must be true.
	Confirm bool `json:"confirm"`
}

// maxOrder bounds the body of a change.
const maxOrder = 8 << 10

// apiChangeLogLevel changes a level.
func (s *Server) apiChangeLogLevel(w http.ResponseWriter, r *http.Request) error {
	report := s.report(r)
	node, err := ztunnelNode(r, report)
	if err != nil {
		return err
	}
	if err := s.mayChange(r); err != nil {
		return err
	}
	wish, err := orderedLogLevel(w, r)
	if err != nil {
		return err
	}
	level, err := s.changeLogLevel(r, report, node, wish)
	if errors.Is(err, ErrLogLevelMoved) {
		return &statusError{status: http.StatusConflict, text: "Somebody else changed this log level in the meantime. Nothing was done."}
	}
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, newAPILogLevel(report.Snap, level))
}

// orderedLogLevel reads the body of a change. Only JSON is taken: a form of
// another site cannot send it unasked.
func orderedLogLevel(w http.ResponseWriter, r *http.Request) (views.LogLevelWish, error) {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return views.LogLevelWish{}, &statusError{status: http.StatusUnsupportedMediaType, text: "The body must be application/json."}
	}
	var order apiLogOrder
	body := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxOrder))
	body.DisallowUnknownFields()
	if err := body.Decode(&order); err != nil {
		return views.LogLevelWish{}, badRequest("The body is no change of a log level: %s.", oneLine(err.Error()))
	}
	if !order.Confirm {
		return views.LogLevelWish{}, badRequest(`A change must be confirmed with "confirm": true.`)
	}
	wish := views.NewLogLevelWish(order.Level, order.For, order.Reset)
	if wish.Problem != "" {
		return wish, badRequest("%s", wish.Problem)
	}
	wish.Pod, wish.Seen = order.Pod, order.Seen
	return wish, nil
}

// apiLogLevelDetail asks a ztunnel for its level now.
func (s *Server) apiLogLevelDetail(w http.ResponseWriter, r *http.Request) error {
	report, q := s.report(r), views.ParseQuery(r.URL.Query())
	node, err := ztunnelNode(r, report)
	if err != nil {
		return err
	}
	read := s.readLogLevel(r, report, node, q.Pod)
	if read.Level == nil {
		return &statusError{status: http.StatusServiceUnavailable, text: read.Words()}
	}
	return writeJSON(w, http.StatusOK, newAPILogLevel(report.Snap, read.Level))
}

// logLevelOf is the level of a node as it was read last.
func logLevelOf(report *analysis.Report, node string) *apiLogLevel {
	return newAPILogLevel(report.Snap, report.Snap.LogLevel(node))
}
