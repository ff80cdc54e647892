package traffic

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/waylight/waylight/analysis/path"
	"github.com/waylight/waylight/mesh"
)

// What a difference between declared and observed shares must have to be worth
// a word (the check SPLIT_DRIFT).
const (
	// DriftSample is the least number of requests.
	DriftSample = 200
	// DriftPoints is the least difference, in percentage points.
	DriftPoints = 5
	// DriftChance is how improbable the difference must be.
	DriftChance = 1e-6
)

// Split is how requests to a service were divided over its versions, beside
// how its routes divide them. The numbers are of waypoints: nobody else sees
// requests in ambient.
type Split struct {
	// Known is false where nothing can be said; Why says the reason.
	Known bool
	Why   string
	// Sample is how many requests reached one of the versions. 0 is no traffic,
	// which is not a share of 0 %.
	Sample   int
	Versions []VersionShare
	// Elsewhere are requests that reached pods of no declared version, by the
	// name metrics give them. Refused counts those the waypoint answered itself,
	// as a policy or route told it to, Lost those that failed before any version
	// was known to have them.
	Elsewhere     []OtherShare
	Refused, Lost int
	// Unjudged says why the shares are shown and not held against each other;
	// empty where they can be.
	Unjudged string
}

// VersionShare is what one version got. Shares are in percent.
type VersionShare struct {
	path.DeclaredVersion
	Count int
	// Observed is its part of the sample, and Low and High bound the true one
	// with 95 % confidence. All are meaningless while the sample is 0.
	Observed, Low, High float64
	// Chance is the two-sided exact binomial p of the observed under the declared
	// share, and 1 where nothing is declared.
	Chance float64
	// Drifts tells that the share is off by more than chance explains.
	Drifts bool
}

// OtherShare are requests to pods that no declared version has.
type OtherShare struct {
	Name  string
	Count int
}

// Drifts tells whether any version's share is off.
func (s *Split) Drifts() bool {
	return slices.ContainsFunc(s.Versions, func(v VersionShare) bool { return v.Drifts })
}

// notCounted is why nothing is known without a mesh.Traffic.
const notCounted = "nothing was counted: there is no Prometheus, and no two readings of the proxies"

// SplitOf holds what was observed of a service against what its routes declare.
func (c *Counts) SplitOf(service mesh.Ref) Split {
	s, _ := c.splitAt(service, 0)
	return s
}

// splitAt is the same against what the routes of one port declare, 0 for the
// first: metrics do not tell ports apart. The attribution is nil where no
// waypoint sees requests.
func (c *Counts) splitAt(service mesh.Ref, port uint16) (Split, *attribution) {
	if c == nil {
		return Split{Why: notCounted}, nil
	}
	ports := path.DeclaredSplits(c.snap, service)
	ports = slices.DeleteFunc(ports, func(p path.DeclaredSplit) bool { return p.TCP })
	if len(ports) == 0 {
		return Split{Why: "no waypoint sees its requests"}, nil
	}
	declared := ports[0]
	if port != 0 {
		i := slices.IndexFunc(ports, func(p path.DeclaredSplit) bool { return p.Port.Port == port })
		if i < 0 {
			return Split{Why: "no waypoint sees requests on this port"}, nil
		}
		declared = ports[i]
	}
	versions := newAttribution(c, service, declared)
	s := Split{Known: versions.why == "", Why: versions.why}
	counts := versions.count(&s)
	for i, v := range declared.Versions {
		s.Versions = append(s.Versions, share(v, counts[i], s.Sample, s.Lost))
	}
	s.Unjudged = cmp.Or(s.Why, c.unjudged(&s, service, declared, ports))
	for i := range s.Versions {
		s.Versions[i].Drifts = s.Versions[i].Drifts && s.Unjudged == ""
	}
	return s, versions
}

// share compares one version. Requests that were lost before a version had them
// may have been meant for it: they are counted for it as far as that speaks
// against a drift.
func share(v path.DeclaredVersion, count, sample, lost int) VersionShare {
	out := VersionShare{DeclaredVersion: v, Count: count, Chance: 1}
	if sample == 0 {
		return out
	}
	low, high := Interval(count, sample)
	out.Observed, out.Low, out.High = percent(count, sample), 100*low, 100*high
	if v.Share < 0 {
		return out
	}
	out.Chance = Chance(count, sample, v.Share/100)
	all := sample + lost
	nearest := min(max(int(math.Round(v.Share/100*float64(all))), count), count+lost)
	off := math.Abs(percent(nearest, all)-v.Share) >= DriftPoints
	out.Drifts = off && Chance(nearest, all, v.Share/100) < DriftChance
	return out
}

func percent(part, all int) float64 { return 100 * float64(part) / float64(all) }

// unjudged says what forbids to hold observed against declared shares.
func (c *Counts) unjudged(s *Split, service mesh.Ref, declared path.DeclaredSplit, ports []path.DeclaredSplit) string {
	shared := slices.DeleteFunc(slices.Clone(declared.Versions), func(v path.DeclaredVersion) bool { return v.Share < 0 })
	switch {
	case len(shared) < 2:
		return "nothing is split"
	case s.Sample == 0:
		return "no traffic"
	case s.Sample < DriftSample:
		return fmt.Sprintf("%d requests are too few to judge by; it takes %d", s.Sample, DriftSample)
	case slices.ContainsFunc(ports, func(p path.DeclaredSplit) bool { return !sameShares(p, declared) }):
		return "its ports are split in different ways, and metrics do not tell ports apart"
	case slices.ContainsFunc(shared, func(v path.DeclaredVersion) bool { return v.Matched }):
		return "a rule with a match leads to the same versions, and metrics do not tell rules apart"
	case slices.ContainsFunc(shared, func(v path.DeclaredVersion) bool { return v.Broken && v.Share > 0 }):
		return "a version answers no calls now"
	}
	return cmp.Or(c.changed(declared), c.calledDirectly(service, shared))
}

func sameShares(a, b path.DeclaredSplit) bool {
	return slices.EqualFunc(a.Versions, b.Versions, func(x, y path.DeclaredVersion) bool {
		return x.Host == y.Host && x.Title == y.Title && x.Share == y.Share && x.Matched == y.Matched
	})
}

// spreading is how long a change may take to reach every waypoint.
const spreading = 10 * time.Second

// changed names an object that changed the shares within the window.
func (c *Counts) changed(declared path.DeclaredSplit) string {
	began := c.Began().Add(-spreading)
	for _, r := range declared.Routes {
		if r.ChangedAt().After(began) {
			return fmt.Sprintf("%s changed within the window", r.Ref())
		}
	}
	for _, d := range declared.Subsets {
		if d.ChangedAt().After(began) {
			return fmt.Sprintf("%s changed within the window", d.Ref())
		}
	}
	return ""
}

// calledDirectly names a backend that callers also address by its own name:
// at the waypoint those requests look like the ones the route sent there.
func (c *Counts) calledDirectly(service mesh.Ref, versions []path.DeclaredVersion) string {
	for _, v := range versions {
		if v.Service == service {
			continue
		}
		for _, f := range c.connectionsTo(v.Service, ReporterSource) {
			if f.Opened+f.Closed+f.BytesSent+f.BytesReceived > 0 {
				return fmt.Sprintf("%s is also called by its own name, and metrics do not tell those requests apart", v.Service)
			}
		}
	}
	return ""
}
