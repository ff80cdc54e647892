package traffic_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/waylight/waylight/analysis/traffic"
	"github.com/waylight/waylight/mesh"
)

func TestWhichChartsAServiceHas(t *testing.T) {
	const requests, connections = "requests errors latency", "connections failures bytes"
	http, tcp, some := mesh.ServicePort{Name: "http", Port: 80}, mesh.ServicePort{Name: "tcp-db", Port: 5432}, mesh.ServicePort{Port: 9000}
	bound := mesh.Binding{State: mesh.BindingBound}
	for _, tt := range []struct {
		name    string
		binding mesh.Binding
		ports   []mesh.ServicePort
		want    string
	}{
		{"HTTP through a waypoint is counted as requests", bound, []mesh.ServicePort{http}, requests},
		{"a waypoint finds out what an undeclared port is", bound, []mesh.ServicePort{some}, requests},
		{"TCP through a waypoint is counted as connections", bound, []mesh.ServicePort{tcp}, connections},
		{"HTTP and TCP through a waypoint are both", bound, []mesh.ServicePort{http, tcp}, requests + " " + connections},
		{"without a waypoint there are connections only", mesh.Binding{State: mesh.BindingNone}, []mesh.ServicePort{http}, connections},
		{"where it is not known whether one is bound, both may be", mesh.Binding{State: mesh.BindingUnknown}, []mesh.ServicePort{http}, requests + " " + connections},
		{"requests were counted until the waypoint was gone", mesh.Binding{State: mesh.BindingNotFound}, []mesh.ServicePort{http}, requests + " " + connections},
		{"a service without ports", bound, nil, connections},
	} {
		if got := strings.Join(traffic.ChartsOf(tt.binding, tt.ports), " "); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestWhatIsMissingInALineIsNoZero(t *testing.T) {
	from := time.Date(2026, 11, 23, 7, 0, 0, 0, time.UTC)
	h := traffic.History{From: from, To: from.Add(time.Minute), Step: 15 * time.Second}
	line := h.NewLine("v1")
	if _, _, ok := line.Last(); ok {
		t.Error("a line without a number has a last one")
	}
	h.Put(&line, from.Add(15*time.Second), 2)
	h.Put(&line, from.Add(46*time.Second), 4) // clocks differ a little
	h.Put(&line, from.Add(-time.Minute), 9)
	h.Put(&line, from.Add(time.Hour), 9)
	gap := math.NaN()
	if diff := cmp.Diff([]float64{gap, 2, gap, 4, gap}, line.Values, cmpopts.EquateNaNs()); diff != "" {
		t.Error(diff)
	}
	if v, place, ok := line.Last(); !ok || v != 4 || !h.At(place).Equal(from.Add(45*time.Second)) {
		t.Errorf("last %g at %s", v, h.At(place))
	}
	if low, high, ok := line.Bounds(); !ok || low != 2 || high != 4 {
		t.Errorf("from %g to %g", low, high)
	}
}

func TestATimeThatIsNoneHasNoMoments(t *testing.T) {
	at := time.Date(2026, 11, 23, 7, 0, 0, 0, time.UTC)
	for _, h := range []traffic.History{{}, {From: at, To: at.Add(-time.Hour), Step: time.Minute}, {From: at, To: at.Add(time.Hour)}} {
		line := h.NewLine("")
		h.Put(&line, at, 1)
		if h.Moments() != 0 || len(line.Values) != 0 {
			t.Errorf("%+v has %d moments", h, h.Moments())
		}
	}
}
