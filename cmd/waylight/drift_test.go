package main

import (
	"testing"
	"time"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

// A surplus workload can be one that was deleted a moment ago, so it takes two
// looks a minute apart to call it drift.
func TestLooksTellWhatStandsFromWhatPasses(t *testing.T) {
	s := mt.Mesh(mt.Namespace("shop", mt.Ambient))
	looks := newDriftLooks()
	look := func(after time.Duration, uids ...string) (int, mesh.ZtunnelDigest) {
		d := &mesh.ZtunnelDump{Node: "node-a", At: mt.Now.Add(after), Config: map[string]string{"clusterId": "Kubernetes"}}
		for _, uid := range uids {
			d.Workloads = append(d.Workloads, &mesh.ZtunnelWorkload{UID: uid, ClusterID: "Kubernetes"})
		}
		c, digest := looks.Ztunnel(s, d)
		surplus := 0
		for _, diff := range c.Differences {
			if diff.Expected == "" {
				surplus++
			}
		}
		return surplus, digest
	}
	const ghost = "Kubernetes//Pod/shop/ghost"
	for _, step := range []struct {
		name  string
		after time.Duration
		uids  []string
		want  int
	}{
		{"at the first look", 0, []string{ghost}, 0},
		{"half a minute later", 30 * time.Second, []string{ghost}, 0},
		{"a minute later", time.Minute, []string{ghost}, 1},
		{"when it is gone", 2 * time.Minute, nil, 0},
		{"when it is back", 3 * time.Minute, []string{ghost}, 0},
	} {
		got, digest := look(step.after, step.uids...)
		if got != step.want {
			t.Errorf("%s %d surplus workloads, want %d", step.name, got, step.want)
		}
		if !digest.Services.Since.Equal(mt.Now) {
			t.Errorf("%s the services are the same since %s", step.name, digest.Services.Since)
		}
	}
}
