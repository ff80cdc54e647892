package traffic

import (
	"cmp"
	"slices"

	"github.com/waylight/waylight/mesh"
)

// ServiceErrors are the requests to a service of which some failed.
type ServiceErrors struct {
	Service mesh.Ref
	Requests
	// Least bounds the share of errors from below, in percent and with 95 %
	// confidence: 1 of 2 says less than 300 of 1000.
	Least float64
}

// Errors lists the services of which waypoints counted failed requests, the
// gravest first, and how many requests waypoints counted in all.
func (c *Counts) Errors() (list []ServiceErrors, all float64) {
	if c == nil {
		return nil, 0
	}
	e := c.errors()
	return e.list, e.all
}

type errorList struct {
	list []ServiceErrors
	all  float64
}

// findErrors looks at every flow, which is done once.
func (c *Counts) findErrors() errorList {
	var out errorList
	for _, flows := range c.requests {
		seen := slices.DeleteFunc(slices.Clone(flows), func(f *mesh.RequestFlow) bool { return f.Reporter != ReporterWaypoint })
		if len(seen) == 0 {
			continue
		}
		r := sum("", seen)
		out.all += r.Count
		service := c.service(seen[0].ServiceNamespace, seen[0].ServiceName, seen[0].Host)
		if whole(r.Errors) == 0 || service.IsZero() {
			continue
		}
		low, _ := Interval(min(whole(r.Errors), whole(r.Count)), whole(r.Count))
		out.list = append(out.list, ServiceErrors{Service: service, Requests: r, Least: 100 * low})
	}
	slices.SortFunc(out.list, func(a, b ServiceErrors) int {
		return cmp.Or(cmp.Compare(b.Least, a.Least), a.Service.Compare(b.Service))
	})
	return out
}
