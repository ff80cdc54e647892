package analysis

import (
	"time"

	"github.com/waylight/waylight/mesh"
)

// oddPart is a part of a ztunnel's dump that is another than on most nodes.
type oddPart struct {
	part  string // services, policies
	agree []string
}

// agreedFor is how long nodes must have differed at the same time: what istiod
// sends reaches them one after the other.
const agreedFor = time.Minute

// oddNodes compares the ztunnels of a cluster with each other: all of them get
// the same Services and policies. Dumps are read one after the other, so only
// those count that stayed as they were over a common minute, and only ztunnels
// of one release are compared. Without a majority nobody is odd.
func oddNodes(list []ztunnelSaid) map[string][]oddPart {
	out := make(map[string][]oddPart)
	for _, part := range []struct {
		name string
		of   func(*mesh.ZtunnelDigest) mesh.PartDigest
	}{
		{"services", func(d *mesh.ZtunnelDigest) mesh.PartDigest { return d.Services }},
		{"policies", func(d *mesh.ZtunnelDigest) mesh.PartDigest { return d.Policies }},
	} {
		releases := make(map[mesh.ZtunnelVersion][]nodeDigest)
		for _, z := range list {
			if d := part.of(&z.Digest); d.Sum != "" {
				releases[z.Version] = append(releases[z.Version], nodeDigest{z.Node, d, z.At})
			}
		}
		for _, nodes := range releases {
			most := majority(nodes)
			for _, n := range nodes {
				if agree := n.against(most); len(agree) > 1 {
					out[n.node] = append(out[n.node], oddPart{part.name, agree})
				}
			}
		}
	}
	return out
}

// nodeDigest is what a node had of one part, and until when.
type nodeDigest struct {
	node string
	mesh.PartDigest
	until time.Time
}

// majority are the nodes that have what more than half of all have; nil without
// any.
func majority(list []nodeDigest) []nodeDigest {
	bySum := make(map[string][]nodeDigest)
	for _, n := range list {
		bySum[n.Sum] = append(bySum[n.Sum], n)
	}
	for _, same := range bySum {
		if 2*len(same) > len(list) {
			return same
		}
	}
	return nil
}

// against lists the nodes of the majority that had something else at the same
// time.
func (n *nodeDigest) against(most []nodeDigest) []string {
	var out []string
	for _, m := range most {
		if m.Sum == n.Sum {
			return nil
		}
		from, until := n.Since, n.until
		if m.Since.After(from) {
			from = m.Since
		}
		if m.until.Before(until) {
			until = m.until
		}
		if until.Sub(from) >= agreedFor {
			out = append(out, m.node)
		}
	}
	return out
}
