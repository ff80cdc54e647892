package drift

import (
	"encoding/binary"
	"fmt"
	"hash"
	"hash/fnv"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/waylight/waylight/mesh"
)

// Digest is what the ztunnels of a cluster are compared by: services without
// their endpoints, which come and go, and policies. Order does not count. It is
// empty for a dump that is not complete.
func Digest(d *mesh.ZtunnelDump) mesh.ZtunnelDigest {
	if !complete(d) {
		return mesh.ZtunnelDigest{}
	}
	return mesh.ZtunnelDigest{
		Services: mesh.PartDigest{Sum: sum(d.Services, digestService), Since: d.At},
		Policies: mesh.PartDigest{Sum: sum(d.Policies, digestPolicy), Since: d.At},
	}
}

// sum adds up hashes of entries, so that their order does not count.
func sum[T any](list []T, write func(hash.Hash, T)) string {
	var high, low uint64
	h := fnv.New128a()
	for _, entry := range list {
		h.Reset()
		write(h, entry)
		of := h.Sum(nil)
		high += binary.BigEndian.Uint64(of)
		low += binary.BigEndian.Uint64(of[8:])
	}
	return fmt.Sprintf("%d:%016x%016x", len(list), high, low)
}

// put writes words so that they cannot run into each other.
func put(h hash.Hash, words ...string) {
	for _, w := range words {
		fmt.Fprintf(h, "%d:%s", len(w), w)
	}
}

func digestService(h hash.Hash, s *mesh.ZtunnelService) {
	put(h, s.Namespace, s.Hostname, strings.Join(sorted(s.VIPs), " "))
	for _, port := range slices.Sorted(maps.Keys(s.Ports)) {
		fmt.Fprintf(h, " %d>%d", port, s.Ports[port])
	}
	if s.Waypoint != nil {
		put(h, destination(s.Waypoint))
	}
	for i := range s.Weighted {
		put(h, destination(&s.Weighted[i].ZtunnelDestination))
		fmt.Fprintf(h, "*%d", s.Weighted[i].Weight)
	}
}

func digestPolicy(h hash.Hash, p mesh.ZtunnelPolicy) {
	put(h, p.Namespace, p.Name, p.Scope, p.Action, strconv.FormatBool(p.DryRun))
	put(h, sorted(ruleWords(p.Rules))...)
}

func sorted(list []string) []string {
	list = slices.Clone(list)
	slices.Sort(list)
	return list
}

// ruleWords writes each rule of a policy so that the order of what is ORed or
// ANDed in it does not count.
func ruleWords(rules []mesh.ZtunnelRule) []string {
	var out []string
	for _, rule := range rules {
		var clauses []string
		for _, clause := range rule {
			var matches []string
			for _, match := range clause {
				matches = append(matches, matchWords(match))
			}
			clauses = append(clauses, "("+strings.Join(sorted(matches), " or ")+")")
		}
		out = append(out, strings.Join(sorted(clauses), " and "))
	}
	return out
}

func matchWords(m mesh.ZtunnelMatch) string {
	var out []string
	for field, values := range m {
		out = append(out, fmt.Sprintf("%s %q", field, sorted(values)))
	}
	return strings.Join(sorted(out), ", ")
}
