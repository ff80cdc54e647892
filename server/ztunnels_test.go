package server

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/mesh/meshtest"
)

// hurrier counts how often it is told to read all.
type hurrier struct {
	dumpsFunc
	told int
}

func (h *hurrier) ReadAll() { h.told++ }

func TestAllZtunnelsAreReadWhenAskedFor(t *testing.T) {
	tests := map[string]struct {
		path     string
		told     int
		location string
	}{
		"the matrix reads nothing":              {"/ztunnels?sort=node", 0, ""},
		"fresh reads all and leads to the rows": {"/ztunnels?fresh=1&sort=node", 1, "/ztunnels?sort=node"},
	}
	for words, tt := range tests {
		t.Run(words, func(t *testing.T) {
			dumps := &hurrier{dumpsFunc: serveSmallDump}
			s := New(Config{Dumps: func(string) Dumps { return dumps }})
			snap := meshtest.Mesh(meshtest.Node("node-a"))
			s.Publish("", analysis.Assess(analysis.Input{Snap: snap, Now: snap.At}))
			w := httptest.NewRecorder()
			s.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "http://localhost"+tt.path, nil))
			if dumps.told != tt.told || w.Header().Get("Location") != tt.location {
				t.Errorf("told %d times, answers %d to %q", dumps.told, w.Code, w.Header().Get("Location"))
			}
		})
	}
}
