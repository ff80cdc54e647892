package server

import (
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/mesh/meshtest"
)

// follow parses a query and asks a mesh for it, an hour after the mesh was as
// it is.
func follow(t *testing.T, s *mesh.Snapshot, query string) (mesh.LogFollow, []mesh.LogState) {
	t.Helper()
	v, err := url.ParseQuery(query)
	if err != nil {
		t.Fatal(err)
	}
	q, err := ParseLogQuery(v)
	if err != nil {
		t.Fatal(err)
	}
	wish, unserved, err := q.Follow(s, s.At.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	return wish, unserved
}

func names(targets []mesh.LogTarget) (out []string) {
	for i := range targets {
		out = append(out, string(targets[i].Source)+" "+targets[i].Name())
	}
	return out
}

func TestAPathLeadsToEveryProxyOnItAndSourcesAreAdded(t *testing.T) {
	s := meshtest.Mesh(shop("waypoint"), meshtest.Deployment("shop", "web", meshtest.OnNode("node-b")))
	wish, unserved := follow(t, s, "from=shop/deployment/web&to=shop/orders:80&source=istiod&source=ztunnel/node-a&source=")
	want := []string{
		"ztunnel/node-b istio-system/ztunnel-node-b/istio-proxy",
		"ztunnel/node-a istio-system/ztunnel-node-a/istio-proxy",
		"waypoint/shop/waypoint shop/waypoint-1/istio-proxy",
		"waypoint/shop/waypoint shop/waypoint-2/istio-proxy",
	}
	if diff := cmp.Diff(want, names(wish.Targets)); diff != "" {
		t.Errorf("targets (-want +got):\n%s", diff)
	}
	if len(unserved) != 1 || unserved[0].From.Source != "istiod" {
		t.Errorf("nobody serves %v, and this mesh lacks only an istiod", unserved)
	}
}

func TestAPathFromAGatewayBeginsWithItsPods(t *testing.T) {
	s := meshtest.Mesh(shop("waypoint"), meshtest.Gateway("shop", "door"),
		meshtest.Pod("shop", "door-1", meshtest.Label(mesh.LabelGatewayName, "door"), meshtest.With(func(w *mesh.Workload) {
			w.Containers = []mesh.Container{{Name: mesh.ProxyContainer}}
		})))
	wish, _ := follow(t, s, "from=ingress:shop/door&to=shop/orders:80")
	if got := names(wish.Targets); len(got) < 3 || got[0] != "pod/shop/door-1/istio-proxy shop/door-1/istio-proxy" {
		t.Errorf("targets %q", got)
	}
}

func TestAServiceLeadsToEveryProxyBeforeIt(t *testing.T) {
	s := meshtest.Mesh(shop("waypoint"))
	wish, _ := follow(t, s, "service=shop/orders")
	want := []string{
		"ztunnel/node-a istio-system/ztunnel-node-a/istio-proxy",
		"ztunnel/node-b istio-system/ztunnel-node-b/istio-proxy",
		"waypoint/shop/waypoint shop/waypoint-1/istio-proxy",
		"waypoint/shop/waypoint shop/waypoint-2/istio-proxy",
	}
	if diff := cmp.Diff(want, names(wish.Targets)); diff != "" {
		t.Errorf("targets (-want +got):\n%s", diff)
	}
}

func TestHowFarAStreamLooksBack(t *testing.T) {
	live := meshtest.Mesh(shop("none"))
	recording := meshtest.Mesh(shop("none"), meshtest.Cluster(mesh.ClusterInfo{Origin: mesh.OriginRecorded}))
	tests := []struct {
		words string
		mesh  *mesh.Snapshot
		query string
		want  time.Time
		once  bool
	}{
		{"ten minutes where nothing is said", live, "", live.At.Add(50 * time.Minute), false},
		{"a duration before now", live, "&since=90s", live.At.Add(time.Hour - 90*time.Second), false},
		{"nothing of the past", live, "&since=0s", live.At.Add(time.Hour), false},
		{"a time", live, "&since=2026-11-23T07:00:00%2B01:00", time.Date(2026, 11, 23, 6, 0, 0, 0, time.UTC), false},
		{"in a recording the present is when it was made", recording, "&since=90s", recording.At.Add(-90 * time.Second), true},
		{"a recording that is replayed goes on", recording, "&replay=recorded", recording.At.Add(-defaultSince), false},
	}
	for _, tt := range tests {
		t.Run(tt.words, func(t *testing.T) {
			wish, _ := follow(t, tt.mesh, "source=ztunnel/node-a"+tt.query)
			if !wish.Since.Equal(tt.want) || wish.Once != tt.once || wish.Recorded != (tt.query == "&replay=recorded") {
				t.Errorf("since %s, once %t, recorded %t", wish.Since, wish.Once, wish.Recorded)
			}
		})
	}
}

func TestAStreamGoesOnAfterTheLastLineOfEachContainer(t *testing.T) {
	const run, name = "0a1b", "istio-system/ztunnel-a/istio-proxy"
	target := *ztunnelTarget()
	target.ContainerID = "containerd://" + run
	tests := []struct {
		words, query string
		want         map[string]string
	}{
		{"by the container's ID", "&after=" + run + "/2026-11-23T08:00:00.5Z/0", map[string]string{name: run + "/2026-11-23T08:00:00.5Z/0"}},
		{"the newest of several, whose fractions have not as many digits", "&after=" + run + "/2026-11-23T08:00:00.51Z/0&after=" + run + "/2026-11-23T08:00:00.5Z/7", map[string]string{name: run + "/2026-11-23T08:00:00.51Z/0"}},
		{"the newest of one moment", "&after=" + run + "/2026-11-23T08:00:00Z/9&after=" + run + "/2026-11-23T08:00:00Z/10", map[string]string{name: run + "/2026-11-23T08:00:00Z/10"}},
		{"by name, of the run before", "&after=" + name + "@gone/2026-11-23T08:00:00Z/0", map[string]string{name: "gone/2026-11-23T08:00:00Z/0"}},
		{"of a container nobody follows", "&after=gone/2026-11-23T08:00:00Z/0", map[string]string{}},
		{"no line at all", "&after=&after=nonsense", map[string]string{}},
	}
	for _, tt := range tests {
		t.Run(tt.words, func(t *testing.T) {
			v, err := url.ParseQuery("source=ztunnel/node-a" + tt.query)
			if err != nil {
				t.Fatal(err)
			}
			q, err := ParseLogQuery(v)
			if err != nil {
				t.Fatal(err)
			}
			if got := q.after([]mesh.LogTarget{target}); !maps.Equal(got, tt.want) {
				t.Errorf("after %v", got)
			}
		})
	}
}

func TestThePreviousRunIsAskedForEverywhere(t *testing.T) {
	wish, _ := follow(t, meshtest.Mesh(shop("none"), meshtest.Node("node-a")), "source=ztunnel/node-a&previous=1")
	for i := range wish.Targets {
		if !wish.Targets[i].Previous {
			t.Errorf("the run of %s that goes on is read", wish.Targets[i].Name())
		}
	}
}

func TestWhyNobodyServesASource(t *testing.T) {
	tests := []struct {
		words string
		part  meshtest.Part
		phase mesh.LogPhase
		says  string
	}{
		{"nobody does", meshtest.Parts(), mesh.LogReconnecting, "Nobody serves it now; it is followed once somebody does."},
		{"nobody did in a recording", meshtest.Cluster(mesh.ClusterInfo{Origin: mesh.OriginRecorded}), mesh.LogEnded, "Nobody served it when the mesh was recorded."},
		{"pods are not readable", meshtest.Forbidden(mesh.ResourcePods), mesh.LogForbidden, "Pods are not readable, so nobody knows who serves it: "},
	}
	for _, tt := range tests {
		t.Run(tt.words, func(t *testing.T) {
			_, unserved := follow(t, meshtest.Mesh(shop("none"), tt.part), "source=ztunnel/node-z")
			if len(unserved) != 1 || unserved[0].Phase != tt.phase || len(unserved[0].Detail) < len(tt.says) || unserved[0].Detail[:len(tt.says)] != tt.says {
				t.Errorf("said %v", unserved)
			}
		})
	}
}

func TestFiltersChooseLines(t *testing.T) {
	plain := func(level mesh.LogLevel, raw string) *mesh.LogLine {
		return &mesh.LogLine{Kind: mesh.LogPlain, Level: level, Raw: raw}
	}
	request := &mesh.LogLine{Kind: mesh.LogEnvoyAccess, Raw: `"GET / HTTP/1.1" 503`}
	denial := mesh.LogExplanation{Code: "AUTHZ_DENIED", Denied: true}
	tests := []struct {
		words  string
		query  string
		line   *mesh.LogLine
		means  mesh.LogExplanation
		wanted bool
	}{
		{"no filter keeps all", "", plain("", "x"), mesh.LogExplanation{}, true},
		{"one expression of several is enough", "include=a&include=b", plain("", "xbx"), mesh.LogExplanation{}, true},
		{"none of them is not", "include=a&include=b", plain("", "xcx"), mesh.LogExplanation{}, false},
		{"one that excludes beats one that includes", "include=b&exclude=x$", plain("", "xbx"), mesh.LogExplanation{}, false},
		{"empty expressions are no wish", "include=&exclude=", plain("", "x"), mesh.LogExplanation{}, true},
		{"a line as grave as asked", "level=warn", plain(mesh.LogWarn, "x"), mesh.LogExplanation{}, true},
		{"one that is graver", "level=warn", plain(mesh.LogError, "x"), mesh.LogExplanation{}, true},
		{"one that is less grave", "level=warn", plain(mesh.LogInfo, "x"), mesh.LogExplanation{}, false},
		{"one whose level is unknown", "level=error", plain("", "panic: x"), mesh.LogExplanation{}, true},
		{"a request that went well", "level=warn", request, mesh.LogExplanation{}, false},
		{"a request that failed", "level=warn", request, denial, true},
		{"only what failed, of a failure", "denied=1", request, denial, true},
		{"only what failed, of a success", "denied=1", request, mesh.LogExplanation{Text: "went well"}, false},
		{"not only what failed", "denied=0", request, mesh.LogExplanation{}, true},
	}
	for _, tt := range tests {
		t.Run(tt.words, func(t *testing.T) {
			v, err := url.ParseQuery("source=istiod&" + tt.query)
			if err != nil {
				t.Fatal(err)
			}
			q, err := ParseLogQuery(v)
			if err != nil {
				t.Fatal(err)
			}
			if got := q.Filter.Keep(tt.line, &tt.means); got != tt.wanted {
				t.Errorf("kept: %t", got)
			}
		})
	}
}

func TestExpressionsThatWouldCostTooMuchAreRefused(t *testing.T) {
	many := func(pattern string, n int) []string { return slices.Repeat([]string{pattern}, n) }
	tests := []struct {
		words    string
		patterns []string
		says     string
	}{
		{"what people write", []string{`(?i)denied|RBAC: .{0,200}`, `orders-v[12]-[0-9a-f]{8,10}-\w{5}`, `\pL+`}, ""},
		{"as many as there may be", many("x", maxLogPatterns), ""},
		{"more than there may be", many("x", maxLogPatterns+1), "at most 16"},
		{"one that is too long", []string{strings.Repeat("x", maxLogPattern+1)}, "more than 1024 bytes"},
		{"a short one of a million steps", []string{"(" + strings.Repeat("x", 1000) + "){1000}"}, "repeats too much"},
		{"repetitions within repetitions", []string{"((((x{1,10}y){10}z){9})w)+" + strings.Repeat("(ab{900})", 5)}, "repeats too much"},
		{"many that each would do", many("x{900}", 5), "repeats too much"},
		{"one that cannot be read", []string{"(["}, "missing closing ]"},
		{"one that only other engines know", []string{`(a)\1`}, "invalid escape sequence"},
	}
	for _, tt := range tests {
		t.Run(tt.words, func(t *testing.T) {
			_, err := NewLineFilter(tt.patterns, nil, "", false)
			if err == nil && tt.says != "" || err != nil && (tt.says == "" || !strings.Contains(err.Error(), tt.says)) {
				t.Errorf("said %v, want %q", err, tt.says)
			}
		})
	}
}

// FuzzLogQuery holds that any address is a query or refused in a sentence, and
// that a query asks nothing of a mesh that breaks it.
func FuzzLogQuery(f *testing.F) {
	s := meshtest.Mesh(shop("waypoint"), meshtest.Deployment("shop", "web"))
	for _, address := range []string{
		"from=shop/deployment/web&to=shop/orders:80", "service=shop/orders&since=5m", "source=ztunnel/node-a&after=a@b/2026-11-23T08:00:00Z/1",
		"source=pod/a/b/c&include=(&level=x", "from=ingress:/&to=:", "service=/&service=a/b/c", "source=istiod&since=2026-11-23T08:00:00Z&replay=recorded&previous=on",
	} {
		f.Add(address)
	}
	f.Fuzz(func(t *testing.T, address string) {
		v, err := url.ParseQuery(address)
		if err != nil {
			return
		}
		q, err := ParseLogQuery(v)
		if err == nil {
			_, _, err = q.Follow(s, s.At)
		}
		if err != nil && sentence(err) == "" {
			t.Errorf("%q is refused without a word", address)
		}
	})
}

// FuzzOrder holds that any message is an order or none.
func FuzzOrder(f *testing.F) {
	for _, m := range []string{`{"type":"pause"}`, `{"type":"filter","include":["a"],"exclude":[],"level":"warn","denied":true}`, `{"type":"filter","include":"a"}`, `[]`, ``} {
		f.Add([]byte(m))
	}
	f.Fuzz(func(t *testing.T, m []byte) {
		o, err := parseOrder(m)
		if said := o.pause || o.resume || o.filter != nil || o.problem != nil; said == (err != nil) {
			t.Errorf("%q is %v and %v", m, o, err)
		}
	})
}
