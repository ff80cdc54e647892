package ztunnel_test

import (
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/waylight/waylight/collectors/ztunnel"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/mesh/meshtest"
)

// most is what may be asked of memory for the most hostile dump, in all. What is
// kept of it is less: lists grow by being copied.
const most = 400 << 20

func TestHostileDumpsAreRefusedWithinBoundedMemory(t *testing.T) {
	if meshtest.Racing {
		t.Skip("what is bounded is the same without the race detector")
	}
	long := strings.Repeat("x", 1000)
	for words, dump := range map[string]io.Reader{
		"a dump without end":                   meshtest.Endless(`{"workloads":[`, " "),
		"2 GB of workloads":                    io.LimitReader(meshtest.Endless(`{"workloads":[{}`, `,{"name":"a","namespace":"`+long+`"}`), 2<<30),
		"a part nobody knows without end":      meshtest.Endless(`{"later":[{}`, `,{"name":"`+long+`"}`),
		"keys without end":                     meshtest.Endless(`{"a":1`, `,"b":"`+long+`"`),
		"a name of 500 MB":                     io.LimitReader(meshtest.Endless(`{"workloads":[{"name":"`, "x"), 500<<20),
		"a name of 500 MB in escapes":          io.LimitReader(meshtest.Endless(`{"workloads":[{"name":"`, `\n`), 500<<20),
		"a key of 500 MB":                      io.LimitReader(meshtest.Endless(`{"`, "x"), 500<<20),
		"a string of 500 MB nobody looks at":   io.LimitReader(meshtest.Endless(`{"later":"`, "x"), 500<<20),
		"a number of 500 MB":                   io.LimitReader(meshtest.Endless(`{"workloads":[{"capacity":1`, "0"), 500<<20),
		"ports of 500 MB":                      io.LimitReader(meshtest.Endless(`{"services":[{"ports":{"80":80`, `,"80":80`), 500<<20),
		"empty workloads without end":          meshtest.Endless(`{"workloads":[{}`, `,{}`),
		"empty workloads in an old dump":       meshtest.Endless(`{"workloads":{"":{}`, `,"":{}`),
		"empty services without end":           meshtest.Endless(`{"services":[{}`, `,{}`),
		"empty policies without end":           meshtest.Endless(`{"policies":[{}`, `,{}`),
		"empty rules without end":              meshtest.Endless(`{"policies":[{"rules":[[]`, `,[]`),
		"empty matches without end":            meshtest.Endless(`{"policies":[{"rules":[[[{}`, `,{}`),
		"empty fields of a match without end":  meshtest.Endless(`{"policies":[{"rules":[[[{"a":[]`, `,"a":[]`),
		"empty certificates without end":       meshtest.Endless(`{"certificates":[{}`, `,{}`),
		"a chain without end":                  meshtest.Endless(`{"certificates":[{"certChain":[{}`, `,{}`),
		"empty pods without end":               meshtest.Endless(`{"workloadState":{"":{}`, `,"":{}`),
		"empty connections without end":        meshtest.Endless(`{"workloadState":{"u":{"connections":{"inbound":[{}`, `,{}`),
		"empty endpoints without end":          meshtest.Endless(`{"services":[{"endpoints":{"":{}`, `,"":{}`),
		"empty addresses without end":          meshtest.Endless(`{"workloads":[{"workloadIps":[""`, `,""`),
		"empty weighted waypoints without end": meshtest.Endless(`{"services":[{"weightedWaypoints":[{"destination":{}}`, `,{"destination":{}}`),
		"settings without end":                 meshtest.Endless(`{"config":{"a":1`, `,"a":1`),
		"256 MB of nested lists":               io.LimitReader(meshtest.Endless(`{"config":`, "["), 256<<20),
		"256 MB of nested lists in a workload": io.LimitReader(meshtest.Endless(`{"workloads":[{"x":`, "["), 256<<20),
		"256 MB of nested objects":             io.LimitReader(meshtest.Endless(`{"config":`, `{"a":`), 256<<20),
		"256 MB of nested lists and no dump":   io.LimitReader(meshtest.Endless(``, "["), 256<<20),
	} {
		t.Run(words, func(t *testing.T) {
			var err error
			if n := meshtest.Allocated(func() { _, err = ztunnel.Decode(dump, "n", mesh.Ref{}, time.Time{}) }); n > most {
				t.Errorf("it took %d MiB", n>>20)
			}
			if err == nil {
				t.Fatal("it is decoded")
			}
			if nested := strings.Contains(words, "nested"); !nested && !errors.Is(err, ztunnel.ErrTooLarge) {
				t.Errorf("the reason is %v", err)
			}
		})
	}
}

func TestOddDumpsAreReadAsFarAsTheyMakeSense(t *testing.T) {
	for _, tt := range []struct {
		words, dump string
		skipped     int
		want        mesh.ZtunnelWorkload
	}{
		{"a key that is there twice: the later counts", `{"name":"a","name":"b"}`, 0, mesh.ZtunnelWorkload{Name: "b"}},
		{"a key with an escape in it", `{"na\u006de":"a"}`, 0, mesh.ZtunnelWorkload{Name: "a"}},
		{"bytes that are no UTF-8", "{\"name\":\"a\xff\",\"namespace\":\"\xc0\"}", 0, mesh.ZtunnelWorkload{Name: "a\uFFFD", Namespace: "\uFFFD"}},
		{"half a surrogate", `{"name":"\ud800"}`, 0, mesh.ZtunnelWorkload{Name: "\uFFFD"}},
		{"null for everything", `{"name":null,"workloadIps":null,"waypoint":null,"nativeTunnel":null,"capacity":null,"locality":null}`, 0, mesh.ZtunnelWorkload{}},
		{"a number beyond its range", `{"name":"a","capacity":4294967296}`, 1, mesh.ZtunnelWorkload{}},
		{"a negative number", `{"capacity":-1}`, 1, mesh.ZtunnelWorkload{}},
		{"half a number", `{"capacity":1.5}`, 1, mesh.ZtunnelWorkload{}},
		{"a number of a thousand digits", `{"capacity":1` + strings.Repeat("0", 1000) + `}`, 1, mesh.ZtunnelWorkload{}},
		{"a port beyond its range", `{"waypoint":{"destination":"a/b","hboneMtlsPort":65536}}`, 1, mesh.ZtunnelWorkload{}},
		{"a list for a workload", `[1,[2,{"a":3}]]`, 1, mesh.ZtunnelWorkload{}},
		{"a wrong type deep inside, with more behind it", `{"waypoint":{"destination":{"a":[1,{"b":2}]},"x":[{}]},"name":"a","services":[{}]}`, 1, mesh.ZtunnelWorkload{}},
	} {
		t.Run(tt.words, func(t *testing.T) {
			d, err := ztunnel.Decode(strings.NewReader(`{"workloads":[`+tt.dump+`,{"name":"next"}]}`), "n", mesh.Ref{}, time.Time{})
			if err != nil {
				t.Fatal(err)
			}
			if d.Skipped != tt.skipped || len(d.Workloads) != 2-tt.skipped || d.Workloads[len(d.Workloads)-1].Name != "next" {
				t.Fatalf("%d workloads, %d skipped: %s", len(d.Workloads), d.Skipped, d.FirstSkipped)
			}
			if got := d.Workloads[0]; tt.skipped == 0 && (got.Name != tt.want.Name || got.Namespace != tt.want.Namespace || got.Capacity != 0 || got.Waypoint != nil) {
				t.Errorf("%+v", got)
			}
		})
	}
}
