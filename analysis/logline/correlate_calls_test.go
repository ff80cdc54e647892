package logline_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waylight/waylight/analysis/logline"
	"github.com/waylight/waylight/collectors/envoy"
	"github.com/waylight/waylight/collectors/ztunnel"
	"github.com/waylight/waylight/mesh"
)

var noon = time.Date(2026, 8, 20, 12, 0, 0, 0, time.UTC)

// ms is a moment in milliseconds after noon.
func ms(ms int) time.Time { return noon.Add(time.Duration(ms) * time.Millisecond) }

// written is a line of a pod, with an ID to tell it by.
func written(id, pod string, when time.Time, raw string) *mesh.LogLine {
	namespace, name, _ := strings.Cut(pod, "/")
	l := &mesh.LogLine{ID: id, Time: when, Raw: raw, From: &mesh.LogTarget{Pod: mesh.Ref{Kind: "Pod", Namespace: namespace, Name: name}, Container: "istio-proxy"}}
	if strings.HasPrefix(name, "ztunnel") {
		ztunnel.DecodeLine(l)
	} else {
		envoy.DecodeLine(l)
	}
	return l
}

// out is the end of a connection that web made to the waypoint, for a service
// at 10.96.0.7:80.
func out(id string, ended, took int, web, rest string) *mesh.LogLine {
	return written(id, "istio-system/ztunnel-a", ms(ended), fmt.Sprintf(
		"2026-08-20T12:00:00.000000Z\tinfo\taccess\tconnection complete\tsrc.addr=%s src.workload=\"web\" src.namespace=\"shop\" dst.addr=10.0.3.3:15008 dst.hbone_addr=10.96.0.7:80 "+
			"dst.service=\"reviews.books.svc.cluster.local\" dst.workload=\"waypoint-1\" dst.namespace=\"books\" direction=\"outbound\" bytes_sent=1 bytes_recv=2 duration=\"%dms\"%s", web, took, rest))
}

// in is the end of a connection that the waypoint made to the pod of reviews.
func in(id string, ended, took int, err string) *mesh.LogLine {
	return written(id, "istio-system/ztunnel-b", ms(ended), fmt.Sprintf(
		"2026-08-20T12:00:00.000000Z\terror\taccess\tconnection complete\tsrc.addr=10.0.3.3:50000 src.workload=\"waypoint-1\" src.namespace=\"books\" src.identity=\"spiffe://cluster.local/ns/books/sa/waypoint\" "+
			"dst.addr=10.0.2.2:15008 dst.hbone_addr=10.0.2.2:8080 dst.workload=\"reviews-1\" dst.namespace=\"books\" direction=\"inbound\" bytes_sent=0 bytes_recv=0 duration=\"%dms\"%s", took, err))
}

const (
	noneOfThese = ` error="connection closed due to policy rejection: allow policies exist, but none allowed"`
	cut         = "503 UC upstream_reset_before_response_started{connection_termination}"
	fine        = "200 - via_upstream"
)

// asks is a request at an Envoy that passed it on to the pod of reviews.
func asks(id, envoy string, started, took int, result, requestID, client string) *mesh.LogLine {
	return written(id, envoy, ms(started), fmt.Sprintf(`[%s] "GET /a HTTP/1.1" %s - "-" 0 19 %d - "-" "curl" %q "reviews" "envoy://connect_originate/10.0.2.2:8080" `+
		`inbound-vip|80|http|reviews.books.svc.cluster.local envoy://internal_client_address/ 10.96.0.7:80 %s:40000 - default`,
		ms(started).Format("2006-01-02T15:04:05.000Z"), result, took, requestID, client))
}

// tries is a tunnel of the waypoint to the pod that failed.
func tries(id string, started int) *mesh.LogLine {
	return written(id, "books/waypoint-1", ms(started), fmt.Sprintf(`[%s] "- - -" 0 UF,URX - - "tunnel_response:401" 0 0 0 - "-" "-" "-" "-" "10.0.2.2:15008" connect_originate - 10.0.2.2:8080 envoy://internal_client_address/ - -`,
		ms(started).Format("2006-01-02T15:04:05.000Z")))
}

func TestCalls(t *testing.T) {
	const waypoint = "books/waypoint-1"
	for name, test := range map[string]struct {
		lines []*mesh.LogLine
		// want are the groups by the IDs of their lines, failed the IDs of the
		// lines that say why.
		want   []string
		failed string
	}{
		"a call through a waypoint that the pod's ztunnel refused": {
			lines: []*mesh.LogLine{in("in", 2, 0, noneOfThese), tries("try", 1), asks("req", waypoint, 1, 1, cut, "r1", "10.0.1.1"), out("out", 3, 3, "10.0.1.1:4000", "")},
			want:  []string{"in out req try"}, failed: "in",
		},
		"in any order": {
			lines: []*mesh.LogLine{out("out", 3, 3, "10.0.1.1:4000", ""), asks("req", waypoint, 1, 1, cut, "r1", "10.0.1.1"), tries("try", 1), in("in", 2, 0, noneOfThese)},
			want:  []string{"in out req try"}, failed: "in",
		},
		"two groups turn out to be one": {
			lines: []*mesh.LogLine{in("in", 2, 0, noneOfThese), tries("try", 1), out("out", 3, 3, "10.0.1.1:4000", ""), asks("req", waypoint, 1, 1, cut, "r1", "10.0.1.1")},
			want:  []string{"in out req try"}, failed: "in",
		},
		"a request that was tried twice": {
			lines: []*mesh.LogLine{
				in("in1", 2, 0, noneOfThese), in("in2", 30, 0, noneOfThese), tries("try1", 1), tries("try2", 29),
				asks("req", waypoint, 1, 30, cut, "r1", "10.0.1.1"), out("out", 33, 33, "10.0.1.1:4000", ""),
			},
			want: []string{"in1 in2 out req try1 try2"}, failed: "in2",
		},
		"a connection of several requests, the second of which fails": {
			lines: []*mesh.LogLine{
				asks("req1", waypoint, 10, 2, fine, "r1", "10.0.1.1"), tries("try", 1000), in("in", 1000, 0, noneOfThese), asks("req2", waypoint, 1000, 1, cut, "r2", "10.0.1.1"),
				asks("req3", waypoint, 2000, 2, fine, "r3", "10.0.1.1"), out("out", 3000, 2995, "10.0.1.1:4000", ""),
			},
			want: []string{"in out req1 req2 req3 try"}, failed: "in",
		},
		"two clients at the same moment": {
			lines: []*mesh.LogLine{
				asks("req1", waypoint, 1, 1, fine, "r1", "10.0.1.1"), asks("req2", waypoint, 1, 1, fine, "r2", "10.0.1.9"),
				out("out1", 3, 3, "10.0.1.1:4000", ""), out("out2", 3, 3, "10.0.1.9:4000", ""),
			},
			want: []string{"out1 req1", "out2 req2"},
		},
		"calls of one client close behind each other": {
			lines: []*mesh.LogLine{
				in("in1", 2, 0, noneOfThese), tries("try1", 1), asks("req1", waypoint, 1, 1, cut, "r1", "10.0.1.1"), out("out1", 3, 3, "10.0.1.1:4000", ""),
				in("in2", 10, 0, noneOfThese), tries("try2", 9), asks("req2", waypoint, 9, 1, cut, "r2", "10.0.1.1"), out("out2", 11, 3, "10.0.1.1:4002", ""),
			},
			want: []string{"in1 out1 req1 try1", "in2 out2 req2 try2"}, failed: "in1 in2",
		},
		"a connection at the pod that a waypoint keeps is no part of the requests on it": {
			lines: []*mesh.LogLine{asks("req1", waypoint, 1, 1, fine, "r1", "10.0.1.1"), asks("req2", waypoint, 900, 1, fine, "r2", "10.0.1.9"), in("in", 5000, 5000, "")},
			want:  []string{"in", "req1", "req2"},
		},
		"a gateway and a waypoint by the ID of the request": {
			lines: []*mesh.LogLine{asks("gw", "ingress/gateway-1", 1, 5, cut, "r1", "192.0.2.7"), asks("req", waypoint, 2, 3, cut, "r1", "10.0.9.9")},
			want:  []string{"gw req"}, failed: "req",
		},
		"a client that sends one ID with all its requests": {
			lines: []*mesh.LogLine{asks("req1", waypoint, 1, 1, fine, "same", "10.0.1.1"), asks("req2", waypoint, 50, 1, fine, "same", "10.0.1.2"), asks("req3", waypoint, 99, 1, fine, "same", "10.0.1.3")},
			want:  []string{"req1", "req2", "req3"},
		},
		"a waypoint that refuses by itself": {
			lines: []*mesh.LogLine{asks("req", waypoint, 1, 1, "403 - rbac_access_denied_matched_policy[none]", "r1", "10.0.1.1"), out("out", 3, 3, "10.0.1.1:4000", "")},
			want:  []string{"out req"}, failed: "req",
		},
		"a moment much later": {
			lines: []*mesh.LogLine{tries("try", 1), in("in", 2000, 0, noneOfThese)},
			want:  []string{"in", "try"}, failed: "in try",
		},
	} {
		t.Run(name, func(t *testing.T) {
			groups, failed := map[string]bool{}, map[string]bool{}
			for _, g := range correlated(test.lines) {
				var ids []string
				for _, l := range g.Lines {
					ids = append(ids, l.ID)
				}
				slices.Sort(ids)
				groups[strings.Join(ids, " ")] = true
				if g.Failed != nil {
					failed[g.Failed.ID] = true
				}
			}
			if diff := cmp.Diff(test.want, sortedKeys(groups)); diff != "" {
				t.Errorf("groups: -want +got:\n%s", diff)
			}
			if got := strings.Join(sortedKeys(failed), " "); got != test.failed {
				t.Errorf("why it failed is told by %q, want %q", got, test.failed)
			}
		})
	}
}

func sortedKeys(set map[string]bool) []string {
	out := make([]string, 0, len(set))
	for k := range set {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// direct connections have both ends in ztunnels' logs.
func straight(id, ztunnelOf, src, direction, rest string, ended int) *mesh.LogLine {
	return written(id, "istio-system/ztunnel-"+ztunnelOf, ms(ended), fmt.Sprintf(
		"2026-08-20T12:00:00.000000Z\tinfo\taccess\t%s direction=%q", strings.Replace(rest, "SRC", "src.addr="+src+" src.workload=\"web\" src.namespace=\"shop\"", 1), direction))
}

func TestConnectionsWithoutAWaypoint(t *testing.T) {
	const (
		hbone  = "connection complete\tSRC dst.addr=10.0.2.2:15008 dst.hbone_addr=10.0.2.2:8080 dst.workload=\"reviews-1\" dst.namespace=\"books\" duration=\"2ms\""
		opened = "connection opened\tSRC dst.addr=10.0.2.2:15008 dst.hbone_addr=10.0.2.2:8080 dst.workload=\"reviews-1\" dst.namespace=\"books\""
		plain  = "connection complete\tSRC dst.addr=10.0.2.2:8080 dst.workload=\"reviews-1\" dst.namespace=\"books\" duration=\"2ms\""
	)
	for name, test := range map[string]struct {
		lines []*mesh.LogLine
		want  int // groups
	}{
		"the port is another at each end of a tunnel": {
			[]*mesh.LogLine{straight("a", "b", "10.0.1.1:7", "inbound", hbone, 5), straight("b", "a", "10.0.1.1:9", "outbound", hbone, 5)}, 1,
		},
		"of two connections each has its own other end": {
			[]*mesh.LogLine{
				straight("a", "b", "10.0.1.1:7", "inbound", hbone+" bytes_sent=5 bytes_recv=1", 5), straight("b", "b", "10.0.1.1:7", "inbound", hbone+" bytes_sent=9 bytes_recv=3", 5),
				straight("c", "a", "10.0.1.1:8", "outbound", hbone+" bytes_sent=3 bytes_recv=9", 5), straight("d", "a", "10.0.1.1:9", "outbound", hbone+" bytes_sent=1 bytes_recv=5", 5),
			}, 2,
		},
		"in plaintext the port is the same": {
			[]*mesh.LogLine{straight("a", "b", "10.0.1.1:9", "inbound", plain, 5), straight("b", "a", "10.0.1.1:9", "outbound", plain, 5)}, 1,
		},
		"in plaintext another port is another connection": {
			[]*mesh.LogLine{straight("a", "b", "10.0.1.1:7", "inbound", plain, 5), straight("b", "a", "10.0.1.1:9", "outbound", plain, 5)}, 2,
		},
		"another client is another connection": {
			[]*mesh.LogLine{straight("a", "b", "10.0.1.2:9", "inbound", hbone, 5), straight("b", "a", "10.0.1.1:9", "outbound", hbone, 5)}, 2,
		},
		"its opening and its end at both ztunnels": {
			[]*mesh.LogLine{
				straight("a", "a", "10.0.1.1:9", "outbound", opened, 3), straight("b", "b", "10.0.1.1:7", "inbound", opened, 3),
				straight("c", "b", "10.0.1.1:7", "inbound", hbone, 5), straight("d", "a", "10.0.1.1:9", "outbound", hbone, 5),
			}, 1,
		},
	} {
		t.Run(name, func(t *testing.T) {
			groups := map[string]bool{}
			for _, g := range correlated(test.lines) {
				groups[g.ID] = true
				for _, l := range g.Lines {
					if c := l.Connection; test.want == 2 && len(g.Lines) == 2 && c.BytesSent != g.Lines[0].Connection.BytesSent && c.BytesReceived != g.Lines[0].Connection.BytesSent {
						t.Errorf("%s and %s are of one connection", g.Lines[0].ID, l.ID)
					}
				}
			}
			if len(groups) != test.want {
				t.Errorf("%d groups, want %d", len(groups), test.want)
			}
		})
	}
}

func TestWhatIsOldIsForgotten(t *testing.T) {
	c := logline.NewCorrelator()
	first := c.Add(tries("first", 0)).Group
	c.Add(tries("soon", 59_000))
	if c.Lines(first) == nil {
		t.Error("it is forgotten within a minute")
	}
	c.Add(tries("later", 61_000))
	if c.Lines(first) != nil {
		t.Error("it is remembered for longer than a minute")
	}
	for i := range 20_000 {
		c.Add(tries(fmt.Sprint("many", i), 61_000+i/100))
	}
	if c.Lines("later") != nil {
		t.Error("more lines are remembered than there is room for")
	}
	long := c.Add(tries("before", 62_000)).Group
	for i := range 600 {
		l := tries(fmt.Sprint("long", i), 62_000)
		l.Raw += strings.Repeat(" ", 16<<10)
		c.Add(l)
	}
	if c.Lines(long) != nil {
		t.Error("more bytes are remembered than there is room for")
	}
	if c.Add(&mesh.LogLine{ID: "other", From: &mesh.LogTarget{}}).Group != "" {
		t.Error("a line of no call has a group")
	}
}

// manyCalls are refused at one pod, one a millisecond, each of another client.
func manyCalls(n int) (lines []*mesh.LogLine) {
	for i := range n {
		client := fmt.Sprintf("10.1.%d.%d", i/250, i%250)
		lines = append(lines, in(fmt.Sprint("in", i), i+2, 0, noneOfThese), tries(fmt.Sprint("try", i), i+1),
			asks(fmt.Sprint("req", i), "books/waypoint-1", i+1, 1, cut, fmt.Sprint("r", i), client), out(fmt.Sprint("out", i), i+3, 3, client+":4000", ""))
	}
	return lines
}

func TestAThousandCallsASecond(t *testing.T) {
	for name, late := range map[string]time.Duration{"with an Envoy that writes at once": 0, "with an Envoy that writes once a second": time.Second} {
		t.Run(name, func(t *testing.T) {
			lines := arrived(manyCalls(2000), func(l *mesh.LogLine) time.Duration {
				if l.Request != nil {
					return late
				}
				return 0
			})
			found := 0
			groups := correlated(lines)
			for _, l := range lines {
				if g := groups[l]; strings.HasPrefix(l.ID, "out") && g.Failed != nil && strings.HasPrefix(g.Failed.ID, "in") && len(g.Lines) == 4 {
					found++
				}
			}
			if found < 1990 { // which try is whose cannot be told at this rate; how many there are can
				t.Errorf("the denial was found from %d of 2000 clients", found)
			}
		})
	}
}

func TestALineThatIsReadTwice(t *testing.T) {
	c := logline.NewCorrelator()
	c.Add(tries("a", 0))
	c.Add(tries("a", 50_000))
	c.Add(tries("b", 70_000))
	if lines := c.Lines("a"); len(lines) != 1 {
		t.Errorf("the second reading has the lines %v", lines)
	}
}

func BenchmarkCorrelator(b *testing.B) {
	lines := manyCalls(2500)
	b.ReportAllocs()
	for b.Loop() {
		c := logline.NewCorrelator()
		for _, l := range lines {
			c.Add(l)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(lines)), "ns/line")
}

func BenchmarkExplain(b *testing.B) {
	l := in("in", 2, 0, noneOfThese)
	b.ReportAllocs()
	for b.Loop() {
		logline.Explain(l)
	}
}
