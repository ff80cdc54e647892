package views

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/waylight/waylight/mesh"
)

// DestinationCard is a DestinationRule in effect.
type DestinationCard struct {
	Object  ObjectLink
	Host    string
	Policy  []RuleFact
	Ports   []PortPolicy
	Subsets []SubsetRow
}

// PortPolicy is what a DestinationRule says about one port.
type PortPolicy struct {
	Port   string
	Policy []RuleFact
}

// SubsetRow is a subset with the pods its labels choose.
type SubsetRow struct {
	Name, Labels string
	Pods         CountCell
	Policy       []RuleFact
}

func newDestinationCard(s *mesh.Snapshot, q Query, d *mesh.DestinationRule, pods podsOf) DestinationCard {
	c := DestinationCard{Object: NewObjectLink(s, q, d.Ref()), Host: d.Host, Policy: policyFacts(d.Policy), Ports: portPolicies(d.Policy)}
	for _, sub := range d.Subsets {
		c.Subsets = append(c.Subsets, SubsetRow{
			Name: sub.Name, Labels: labelWords(sub.Labels), Pods: pods.count(sub.Labels), Policy: policyFacts(sub.Policy),
		})
	}
	return c
}

// podsOf are the pods behind a service, or why they are not known.
type podsOf struct {
	list    []*mesh.Workload
	unknown string
}

// count counts the ready ones among those with all these labels.
func (p podsOf) count(labels map[string]string) CountCell {
	if p.unknown != "" {
		return unknownCell(p.unknown)
	}
	ready, all := 0, 0
	for _, w := range p.list {
		if mesh.LabelsMatch(labels, w.Labels) {
			all++
			if w.Ready {
				ready++
			}
		}
	}
	return newCountCell(ready, all)
}

// labelWords prints labels in order: "app=orders, version=v1".
func labelWords(labels map[string]string) string {
	parts := make([]string, 0, len(labels))
	for _, k := range slices.Sorted(maps.Keys(labels)) {
		parts = append(parts, k+"="+labels[k])
	}
	return strings.Join(parts, ", ")
}

// policyFacts lists what a traffic policy sets; what it leaves out is not
// printed, since Istio's defaults hold there.
func policyFacts(p *mesh.TrafficPolicy) []RuleFact {
	if p == nil {
		return nil
	}
	var out []RuleFact
	add := func(label, text string) {
		if text != "" && text != "0" {
			out = append(out, RuleFact{label, text})
		}
	}
	add("load balancing", p.LoadBalancer)
	add("locality", p.LocalityLB)
	add("TLS", tlsWords(p))
	add("connections at most", strconv.Itoa(int(p.MaxConnections)))
	add("connect timeout", durationWords(p.ConnectTimeout))
	add("requests at most", strconv.Itoa(int(p.MaxRequests)))
	add("waiting requests at most", strconv.Itoa(int(p.MaxPending)))
	add("requests per connection", strconv.Itoa(int(p.RequestsPerConn)))
	add("retries at a time", strconv.Itoa(int(p.MaxRetries)))
	add("idle timeout", durationWords(p.IdleTimeout))
	add("outlier ejection", outlierWords(p.Outlier))
	return out
}

func portPolicies(p *mesh.TrafficPolicy) []PortPolicy {
	if p == nil {
		return nil
	}
	var out []PortPolicy
	for _, port := range slices.Sorted(maps.Keys(p.PortLevel)) {
		out = append(out, PortPolicy{Port: strconv.Itoa(int(port)), Policy: policyFacts(p.PortLevel[port])})
	}
	return out
}

// tlsWords says what a TLS mode does at a waypoint, where ISTIO_MUTUAL is
// ignored because HBONE is used (istio.md C.5).
func tlsWords(p *mesh.TrafficPolicy) string {
	text := p.TLSMode
	if p.TLSMode == "ISTIO_MUTUAL" {
		text += " (no effect in ambient: HBONE is used)"
	}
	if p.SNI != "" {
		text += ", SNI " + p.SNI
	}
	return text
}

func outlierWords(o *mesh.Outlier) string {
	if o == nil {
		return ""
	}
	var parts []string
	count := func(n *uint32, what string) {
		if n != nil {
			parts = append(parts, fmt.Sprintf("after %d %s in a row", *n, what))
		}
	}
	count(o.Consecutive5xx, "5xx")
	count(o.ConsecutiveGateway, "gateway errors")
	count(o.ConsecutiveLocalFail, "local failures")
	if o.Interval != nil {
		parts = append(parts, "looked at every "+o.Interval.String())
	}
	if o.BaseEjection != nil {
		parts = append(parts, "out for "+o.BaseEjection.String()+" and longer each time")
	}
	if o.MaxEjectionPercent != 0 {
		parts = append(parts, fmt.Sprintf("at most %d %% of the endpoints", o.MaxEjectionPercent))
	}
	if o.MinHealthPercent != 0 {
		parts = append(parts, fmt.Sprintf("only while %d %% are healthy", o.MinHealthPercent))
	}
	if len(parts) == 0 {
		return "on, with Istio's defaults"
	}
	return strings.Join(parts, ", ")
}
