package drift

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/waylight/waylight/analysis/path"
	"github.com/waylight/waylight/mesh"
)

// place is a destination with its share of requests, in percent.
type place struct {
	host   string
	port   uint16
	subset string
	share  float64
}

func (p place) String() string {
	text := p.host
	if p.subset != "" {
		text += " subset " + p.subset
	}
	if p.share < 100 {
		return fmt.Sprintf("%s%% to %s", strconv.FormatFloat(math.Round(p.share*10)/10, 'f', -1, 64), text)
	}
	return text
}

func placeWords(list []place) string {
	var out []string
	for _, p := range list {
		out = append(out, p.String())
	}
	return strings.Join(out, ", ")
}

// sharesAlike tells whether two lists send the same shares to the same places.
func sharesAlike(a, b []place) bool {
	return len(a) == len(b) && !slices.ContainsFunc(a, func(x place) bool {
		return !slices.ContainsFunc(b, func(y place) bool {
			return x.host == y.host && x.port == y.port && x.subset == y.subset && math.Abs(x.share-y.share) < 0.5
		})
	})
}

// loadedRoute is a route of Envoy's, as far as it is compared.
type loadedRoute struct {
	*mesh.EnvoyRoute
	match  string
	places []place
}

func (c *envoyComparison) loadedRoute(r *mesh.EnvoyRoute) loadedRoute {
	out := loadedRoute{EnvoyRoute: r, match: r.Match}
	var names []mesh.EnvoyName
	var weights []float64
	for _, w := range r.Clusters {
		name := mesh.ParseEnvoyName(w.Name)
		if name.Host == "" {
			name.Host = w.Name
		}
		names, weights = append(names, name), append(weights, float64(w.Weight))
	}
	out.places = shares(weights, func(i int) place {
		return place{host: c.host(names[i].Host), port: names[i].Port, subset: names[i].Subset}
	})
	return out
}

// shares makes percentages of weights; what has none of several gets nothing
// and is left out, as istiod does.
func shares(weights []float64, of func(int) place) []place {
	total := 0.0
	for _, w := range weights {
		total += w
	}
	var out []place
	for i, w := range weights {
		p := of(i)
		switch {
		case len(weights) == 1:
			p.share = 100
		case w == 0:
			continue
		default:
			p.share = 100 * w / total
		}
		if j := slices.IndexFunc(out, func(q place) bool { return q.host == p.host && q.port == p.port && q.subset == p.subset }); j >= 0 {
			out[j].share += p.share
			continue
		}
		out = append(out, p)
	}
	return out
}

func (r loadedRoute) leadsOnlyTo(host string, port uint16) bool {
	return len(r.places) == 1 && r.places[0].host == host && r.places[0].port == port && r.places[0].subset == ""
}

// String says what the route does: "any path → orders… · timeout 2s".
func (r loadedRoute) String() string {
	words := []string{r.match + " → " + r.target()}
	if r.Timeout != nil && *r.Timeout > 0 {
		words = append(words, "timeout "+r.Timeout.String())
	}
	if r.Fault != "" {
		words = append(words, r.Fault)
	}
	return strings.Join(words, " · ")
}

func (r loadedRoute) target() string {
	switch {
	case r.DirectResponse != 0:
		return fmt.Sprintf("answer %d", r.DirectResponse)
	case r.Redirect != "":
		return "redirect " + r.Redirect
	case len(r.places) == 0:
		return "nowhere"
	}
	return placeWords(r.places)
}

// declaredRoute is one match of a rule, as Envoy should have it.
type declaredRoute struct {
	match  matchTerms
	spec   *mesh.RouteRule
	places []place
	// placesKnown is false where a destination does not exist: what Envoy gets
	// in its place differs by release.
	placesKnown bool
}

func (c *envoyComparison) declaredRoute(s *served, r *path.Rule) declaredRoute {
	out := declaredRoute{match: termsOf(r), spec: r.Spec, placesKnown: true}
	var found []place
	var weights []float64
	for _, b := range r.Spec.Backends {
		p, ok := c.placeOf(s, r.Route, b)
		out.placesKnown = out.placesKnown && ok
		found, weights = append(found, p), append(weights, float64(b.Weight))
	}
	out.places = shares(weights, func(i int) place { return found[i] })
	out.placesKnown = out.placesKnown && len(out.places) > 0
	return out
}

// placeOf is where a backend leads. Without a port it is the only one of the
// destination, else the one called.
func (c *envoyComparison) placeOf(s *served, r *mesh.Route, b mesh.Backend) (place, bool) {
	p := place{host: b.Host, port: b.Port, subset: b.Subset}
	var ports []mesh.ServicePort
	if b.Host != "" && !strings.Contains(b.Host, ".") {
		p.host = b.Host + "." + r.Namespace + ".svc." + mesh.DefaultClusterDomain
	}
	ref := b.Ref
	if b.Host != "" {
		_, ref = c.behind(p.host)
	}
	switch o := c.snap.Lookup(ref).(type) {
	case *mesh.Service:
		p.host, ports = o.Hostname(mesh.DefaultClusterDomain), o.Ports
	case *mesh.ServiceEntry:
		ports = o.Ports
		if p.host == "" && len(o.Hosts) > 0 {
			p.host = o.Hosts[0]
		}
	default: // Envoy gets something that answers with an error
		if p.host == "" {
			p.host = ref.String()
		}
		return p, false
	}
	switch {
	case p.port != 0:
	case len(ports) == 1:
		p.port = ports[0].Port
	default:
		p.port = s.port.Port
	}
	return p, slices.ContainsFunc(ports, func(x mesh.ServicePort) bool { return x.Port == p.port })
}

// String says what the rule asks for, in the words of loadedRoute.
func (d declaredRoute) String() string {
	words := []string{d.match.String() + " → " + d.target()}
	if t := d.timeout(); t != nil && *t > 0 {
		words = append(words, "timeout "+t.String())
	}
	if f := d.spec.Fault; f != nil {
		words = append(words, faultWords(f))
	}
	return strings.Join(words, " · ")
}

// timeout is for the whole answer; without retries that of one try is.
func (d declaredRoute) timeout() *time.Duration {
	if d.spec.BackendTimeout != nil && d.spec.Retry == nil {
		return d.spec.BackendTimeout
	}
	return d.spec.Timeout
}

func (d declaredRoute) target() string {
	switch {
	case d.spec.DirectResponse != 0:
		return fmt.Sprintf("answer %d", d.spec.DirectResponse)
	case d.spec.Redirect != nil:
		return "redirect"
	case len(d.places) == 0:
		return "nowhere"
	}
	return placeWords(d.places)
}

func faultWords(f *mesh.Fault) string {
	var words []string
	if f.Delay != nil {
		words = append(words, percentText(f.DelayPercent)+" delayed by "+f.Delay.String())
	}
	switch {
	case f.AbortGRPC != "":
		words = append(words, percentText(f.AbortPercent)+" aborted with gRPC status "+f.AbortGRPC)
	case f.AbortStatus != 0:
		words = append(words, fmt.Sprintf("%s aborted with %d", percentText(f.AbortPercent), f.AbortStatus))
	}
	return strings.Join(words, ", ")
}

func percentText(p float64) string { return strconv.FormatFloat(p, 'f', -1, 64) + "%" }

// agrees compares all that has one form in every release: matches, places,
// timeouts and retries that are written, faults, answers.
func (d declaredRoute) agrees(got loadedRoute) mesh.Fact {
	match := d.match.fits(got.match)
	switch {
	case match == mesh.FactNo,
		d.spec.DirectResponse != got.DirectResponse,
		(d.spec.Redirect != nil) != (got.Redirect != ""),
		d.timeout() != nil && !sameTimeout(*d.timeout(), got.Timeout),
		d.spec.Retry != nil && d.spec.Retry.Attempts > 0 && uint32(d.spec.Retry.Attempts) != got.Retries,
		!faultAlike(d.spec.Fault, got.Fault):
		return mesh.FactNo
	case d.spec.DirectResponse != 0 || d.spec.Redirect != nil:
		return match
	case !d.placesKnown:
		return mesh.FactUnknown
	case !sharesAlike(d.places, got.places):
		return mesh.FactNo
	}
	return match
}

// sameTimeout: Envoy's default of 15 s stands for none in the dump.
func sameTimeout(want time.Duration, got *time.Duration) bool {
	if got == nil {
		return want == 15*time.Second
	}
	return want == *got
}

// faultAlike compares that there is a fault, and its delay and status; a
// percentage is rounded on its way and left out.
func faultAlike(want *mesh.Fault, got string) bool {
	if want == nil || faultWords(want) == "" {
		return got == "" || want != nil
	}
	_, delay, delayed := strings.Cut(faultWords(want), " delayed by ")
	delay, _, _ = strings.Cut(delay, ",")
	if delayed && !strings.Contains(got, " delayed by "+delay) {
		return false
	}
	if want.AbortStatus != 0 && want.AbortGRPC == "" && !strings.Contains(got, fmt.Sprintf(" aborted with %d", want.AbortStatus)) {
		return false
	}
	return got != ""
}
