package envoy_test

import (
	"io"
	"strings"
	"testing"
	"time"

	"github.com/waylight/waylight/collectors/envoy"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/mesh/meshtest"
)

// most is what may be asked of memory for the most hostile answer, in all. It is
// ruled by the length of one entry: the listener before thousands of services.
const most = 1 << 30

const (
	inListener = `{"configs":[{"dynamic_listeners":[{"name":"l","active_state":{"listener":{"name":"l","filter_chains":[`
	inFilter   = inListener + `{"name":"c","filters":[{"name":"f","typed_config":{"@type":"type.googleapis.com/x.Unknown","x":`
)

// TestHostileAnswersAreRefusedWithinBoundedMemory generates answers; none is
// ever in memory as a whole.
func TestHostileAnswersAreRefusedWithinBoundedMemory(t *testing.T) {
	if meshtest.Racing {
		t.Skip("what is bounded is the same without the race detector")
	}
	for words, answer := range map[string]io.Reader{
		"an answer without end":                    meshtest.Endless(`{"configs":[`, " "),
		"2 GB of clusters":                         io.LimitReader(meshtest.Endless(`{"configs":[{"static_clusters":[{}`, `,{"cluster":{"name":"`+strings.Repeat("x", 1000)+`"}}`), 2<<30),
		"a name of 500 MB":                         io.LimitReader(meshtest.Endless(`{"configs":[{"static_clusters":[{"cluster":{"name":"`, "x"), 500<<20),
		"a key of 500 MB":                          io.LimitReader(meshtest.Endless(`{"`, "x"), 500<<20),
		"empty sections without end":               meshtest.Endless(`{"configs":[{}`, `,{}`),
		"empty clusters without end":               meshtest.Endless(`{"configs":[{"dynamic_active_clusters":[{"cluster":{}}`, `,{"cluster":{}}`),
		"empty listeners without end":              meshtest.Endless(`{"configs":[{"static_listeners":[{"listener":{}}`, `,{"listener":{}}`),
		"empty secrets without end":                meshtest.Endless(`{"configs":[{"static_secrets":[{"secret":{}}`, `,{"secret":{}}`),
		"empty chains without end":                 meshtest.Endless(inListener+`{}`, `,{}`),
		"empty routes without end":                 meshtest.Endless(`{"configs":[{"static_route_configs":[{"route_config":{"virtual_hosts":[{"routes":[{}`, `,{}`),
		"256 MB of nested lists":                   io.LimitReader(meshtest.Endless(`{"configs":`, "["), 256<<20),
		"256 MB of nested objects":                 io.LimitReader(meshtest.Endless(`{"configs":[`, `{"a":`), 256<<20),
		"256 MB of nested lists in an unknown Any": io.LimitReader(meshtest.Endless(inFilter, "["), 256<<20),
		"256 MB of nested objects in a filter":     io.LimitReader(meshtest.Endless(inFilter, `{"typed_config":`), 256<<20),
	} {
		t.Run(words, func(t *testing.T) {
			var err error
			if n := meshtest.Allocated(func() { _, err = envoy.Decode(answer, mesh.Ref{}, time.Time{}) }); n > most {
				t.Errorf("it took %d MiB", n>>20)
			}
			if err == nil {
				t.Fatal("it is decoded")
			}
		})
	}
}

func TestHostileCountersAreRefusedWithinBoundedMemory(t *testing.T) {
	if meshtest.Racing {
		t.Skip("what is bounded is the same without the race detector")
	}
	for words, answer := range map[string]io.Reader{
		"counters without end":       meshtest.Endless(`{"cluster_statuses":[{"name":"c","host_statuses":[{"stats":[{}`, `,{}`),
		"empty hosts without end":    meshtest.Endless(`{"cluster_statuses":[{"name":"c","host_statuses":[{}`, `,{}`),
		"empty clusters without end": meshtest.Endless(`{"cluster_statuses":[{}`, `,{}`),
		"a name of 500 MB":           io.LimitReader(meshtest.Endless(`{"cluster_statuses":[{"name":"`, "x"), 500<<20),
		"256 MB of nested lists":     io.LimitReader(meshtest.Endless(`{"cluster_statuses":`, "["), 256<<20),
	} {
		t.Run(words, func(t *testing.T) {
			d := &mesh.EnvoyDump{}
			var err error
			if n := meshtest.Allocated(func() { err = envoy.AddStatus(d, answer) }); n > most {
				t.Errorf("it took %d MiB", n>>20)
			}
			if err == nil || len(d.Endpoints) > 0 {
				t.Fatalf("it is joined: %d endpoints, error %v", len(d.Endpoints), err)
			}
		})
	}
}
