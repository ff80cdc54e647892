package views

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/mesh/meshtest"
	"github.com/waylight/waylight/views/ui"
)

func levelRead(t *testing.T, filter string) *mesh.ZtunnelLogLevel {
	t.Helper()
	f, err := mesh.ParseLogFilter(filter)
	if err != nil {
		t.Fatal(err)
	}
	return &mesh.ZtunnelLogLevel{
		Meta: mesh.Meta{Kind: mesh.KindZtunnelLogLevel, Name: "node-a"}, At: meshtest.Now, Filter: f,
		Pod: mesh.Ref{Kind: "Pod", Namespace: meshtest.SystemNamespace, Name: "ztunnel-node-a"},
	}
}

func wish(t *testing.T, parameters string) LogLevelWish {
	t.Helper()
	v, err := url.ParseQuery(parameters)
	if err != nil {
		t.Fatal(err)
	}
	return ParseLogLevelWish(v)
}

func TestALogLevelIsSaidWithItsDefault(t *testing.T) {
	tests := []struct {
		words, filter string
		tag           string
		marked        string // targets that differ
	}{
		{"the default", "hickory_server::server=off,info", "default level", ""},
		{"a module raised", "hickory_server::server=off,access=debug,info", "level raised", "access"},
		{"everything lowered", "hickory_server::server=off,warn", "level lowered", "everything else"},
		{"only the note is left", "waylight_until_1764000000=off,hickory_server::server=off,info", "default level", ""},
	}
	for _, tt := range tests {
		t.Run(tt.words, func(t *testing.T) {
			r := assess(meshtest.Mesh(meshtest.Node("node-a")))
			m := NewLogLevel(r, "node-a", LogLevelRead{Level: levelRead(t, tt.filter)}, LogLevelWish{}, Query{})
			var marked []string
			for _, d := range m.Directives {
				if d.Tone == ui.ToneWarn {
					marked = append(marked, d.Target)
				}
			}
			if m.Tag.Text != tt.tag || strings.Join(marked, ",") != tt.marked || m.Default != "hickory_server::server=off,info" || m.Locked == "" {
				t.Errorf("%+v, marked %v", m, marked)
			}
		})
	}
}

func TestOfAPodThatIsNotSeenTheDefaultIsUnknown(t *testing.T) {
	l := levelRead(t, "debug")
	l.Pod.Name = "elsewhere"
	m := NewLogLevel(assess(meshtest.Mesh(meshtest.Node("node-a"))), "node-a", LogLevelRead{Level: l, Changeable: true}, LogLevelWish{}, Query{})
	if m.Tag.Text != "default unknown" || m.Default != "unknown" || m.Directives[0].Default != "unknown" || m.Directives[0].Tone != ui.ToneNone {
		t.Errorf("%+v", m)
	}
}

func TestAWishIsReadOnceAndForAll(t *testing.T) {
	tests := []struct {
		words, parameters string
		change            string
		length            time.Duration
		problem           string
	}{
		{"a module", "level=access%3Ddebug", "access=debug", 15 * time.Minute, ""},
		{"for an hour", "level=debug&for=1h", "debug", time.Hour, ""},
		{"nothing typed", "level=", "", 15 * time.Minute, "No module and no level."},
		{"not a level", "level=loud", "", 15 * time.Minute, `"loud" is no level, and no module=level.`},
		{"too short", "level=debug&for=1s", "debug", 15 * time.Minute, "A level can be raised for 1 minute to 4 hours, written as 15m or 1h."},
		{"a reset", "reset=", "", 15 * time.Minute, ""},
	}
	for _, tt := range tests {
		t.Run(tt.words, func(t *testing.T) {
			w := wish(t, tt.parameters)
			if w.Change.String() != tt.change || w.For != tt.length || w.Problem != tt.problem || !w.Asked {
				t.Errorf("%+v", w)
			}
		})
	}
}

func TestAConfirmationNamesWhatIsLost(t *testing.T) {
	r := assess(meshtest.Mesh(meshtest.Node("node-a")))
	before := levelRead(t, "hickory_server::server=off,ztunnel::xds=trace,access=debug,info")
	m := NewLogConfirm(r, "node-a", before, wish(t, "level=access%3Ddebug&for=5m"), Query{})
	if m.Lost != "ztunnel::xds=trace" || m.After != "hickory_server::server=off,access=debug,info" || m.Moved || m.Length != "5 minutes" || !m.Until.Equal(meshtest.Now.Add(5*time.Minute)) {
		t.Errorf("%+v", m)
	}
	m = NewLogConfirm(r, "node-a", before, wish(t, "reset=1&seen=something"), Query{})
	if m.Lost != "access=debug and ztunnel::xds=trace" || !m.Moved || len(m.Warnings) > 0 {
		t.Errorf("%+v", m)
	}
}
