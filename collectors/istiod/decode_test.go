package istiod

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"

	"github.com/waylight/waylight/collectors/jsonstream"
	"github.com/waylight/waylight/mesh"
)

var (
	pod   = mesh.Ref{Kind: "Pod", Namespace: "istio-system", Name: "istiod-a"}
	asked = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
)

func decodeText(t *testing.T, text string) *mesh.SyncEvidence {
	t.Helper()
	s, err := Decode(strings.NewReader(text), pod, asked)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestProxiesOfEveryRelease(t *testing.T) {
	sent := time.Date(2026, 11, 23, 7, 59, 0, 0, time.UTC)
	const cds, eds, rds = typePrefix + "envoy.config.cluster.v3.Cluster", typePrefix + "envoy.config.endpoint.v3.ClusterLoadAssignment", typePrefix + "envoy.config.route.v3.RouteConfiguration"
	for _, tt := range []struct {
		words, json string
		want        mesh.ProxySync
	}{
		{
			"fields of each type, of an older release",
			`{"cluster_id":"Kubernetes","proxy":"wp-1.shop","proxy_type":"waypoint","istio_version":"1.22.1","cluster_sent":"a","cluster_acked":"a","endpoint_sent":"b","route_sent":""}`,
			mesh.ProxySync{
				Proxy: mesh.Ref{Kind: "Pod", Namespace: "shop", Name: "wp-1"}, Type: "waypoint", ClusterID: "Kubernetes", IstioVersion: "1.22.1",
				Types: []mesh.TypeSync{{URL: cds, Sent: "a", Acked: "a"}, {URL: eds, Sent: "b"}},
			},
		},
		{
			"a list of types, which goes before the fields",
			`{"proxy":"wp-1.shop","cluster_sent":"old","cluster_acked":"old","route_sent":"r","route_acked":"r","resources":{"` + cds + `":{"sent":"new","acked":"old","sentTime":"2026-11-23T07:59:00Z","lastError":"bad regex"}}}`,
			mesh.ProxySync{
				Proxy: mesh.Ref{Kind: "Pod", Namespace: "shop", Name: "wp-1"},
				Types: []mesh.TypeSync{{URL: cds, Sent: "new", Acked: "old", SentAt: sent, LastError: "bad regex"}, {URL: rds, Sent: "r", Acked: "r"}},
			},
		},
		{
			"a ztunnel, its pod's name with dots, without a version of its own",
			`{"proxy":"ztunnel.x.y.istio-system","proxy_type":"ztunnel","istio_version":"unknown","resources":{"` + typePrefix + `istio.workload.Address":{"sent":"1","acked":"1","sentTime":"soon"}},"new_field":{"a":[1]}}`,
			mesh.ProxySync{
				Proxy: mesh.Ref{Kind: "Pod", Namespace: "istio-system", Name: "ztunnel.x.y"}, Type: "ztunnel",
				Types: []mesh.TypeSync{{URL: typePrefix + "istio.workload.Address", Sent: "1", Acked: "1"}},
			},
		},
		{
			"nothing but a name", `{"proxy":"stray","proxy_version":"1.20.0"}`,
			mesh.ProxySync{Proxy: mesh.Ref{Kind: "Pod", Name: "stray"}, IstioVersion: "1.20.0", Types: []mesh.TypeSync{}},
		},
	} {
		t.Run(tt.words, func(t *testing.T) {
			if diff := cmp.Diff([]mesh.ProxySync{tt.want}, decodeText(t, "["+tt.json+"]").Proxies); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAnIstiodWithoutProxies(t *testing.T) {
	for _, answer := range []string{`null`, `[]`} {
		s := decodeText(t, answer)
		if len(s.Proxies) != 0 || s.Name != "istiod-a" || s.Kind != mesh.KindSyncEvidence || !s.At.Equal(asked) {
			t.Errorf("%s: %+v", answer, s)
		}
	}
}

func TestOneWrongEntryCostsThatEntryAndIsCounted(t *testing.T) {
	s := decodeText(t, `[{"proxy":"b.x"},{"proxy":7},"text",{},{"proxy":"c.x","resources":[]},{"proxy":"a.x"}]`)
	if len(s.Proxies) != 2 || s.Proxies[0].Proxy.Name != "a" || s.Skipped != 4 {
		t.Errorf("%+v", s)
	}
}

func TestBrokenAnswersAreErrors(t *testing.T) {
	for words, answer := range map[string]string{
		"nothing":              ``,
		"an object":            `{"proxy":"a"}`,
		"a refusal":            `Authentication failed: no token`,
		"cut off in an entry":  `[{"proxy":"a`,
		"cut off in the list":  `[{"proxy":"a"}`,
		"nested beyond reason": strings.Repeat("[", 100000),
	} {
		if s, err := Decode(strings.NewReader(answer), pod, asked); err == nil || s != nil {
			t.Errorf("%s is decoded", words)
		}
	}
}

// endless repeats an entry for ever.
type endless struct{ next, repeat string }

func (e *endless) Read(p []byte) (int, error) {
	n := copy(p, e.next)
	if e.next = e.next[n:]; e.next == "" {
		e.next = e.repeat
	}
	return n, nil
}

func TestAnswersWithoutEndAreRefused(t *testing.T) {
	for _, entry := range []string{`{"proxy":"a"},`, `{},`} {
		dec := jsontext.NewDecoder(&endless{"[", strings.Repeat(entry, 1<<12)}, jsonstream.Options)
		if err := decode(dec, 1000, new(mesh.SyncEvidence)); !errors.Is(err, ErrTooLarge) {
			t.Errorf("%s: got %v", entry, err)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`[{"proxy":"a.b","cluster_sent":"x","resources":{"t":{"sent":"x","acked":"y","sentTime":"2026-11-23T07:59:00Z","lastError":"e"}}},{}]`))
	f.Add([]byte(`null`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		s, err := Decode(strings.NewReader(string(raw)), pod, asked)
		if (s == nil) == (err == nil) {
			t.Fatalf("evidence %v with error %v", s, err)
		}
		// What is no text in the answer, and no time, must not reach whoever
		// writes what was decoded.
		if _, err := json.Marshal(s); err != nil {
			t.Error(err)
		}
	})
}
