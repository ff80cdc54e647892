package drift

import "github.com/waylight/waylight/mesh"

// Part is which part of an Envoy's configuration a Pair is about.
type Part string

// The parts, in the order they are listed.
const (
	PartListener Part = "listener" // the way of one port of a Service through main_internal
	PartRoute    Part = "route"
	PartCluster  Part = "cluster"
	PartEndpoint Part = "endpoint"
	PartPolicy   Part = "policy" // of an AuthorizationPolicy
	PartToken    Part = "token"  // the issuers of a RequestAuthentication
	PartSecret   Part = "secret" // a certificate
)

// Parts lists them in that order.
func Parts() []Part {
	return []Part{PartListener, PartRoute, PartCluster, PartEndpoint, PartPolicy, PartToken, PartSecret}
}

// PairState is how what is declared and what is loaded compare.
type PairState string

// A pair is the same on both sides, differs, differs and is too young to tell
// (less than settlingTime), or has a side that could not be read.
const (
	PairSame     PairState = "same"
	PairDiffers  PairState = "differs"
	PairSettling PairState = "settling"
	PairUnknown  PairState = "unknown"
)

// Pair is one thing of a waypoint as it is declared in the API and as Envoy has
// it loaded.
type Pair struct {
	// Object is what it is made of or about: a Service, HTTPRoute,
	// AuthorizationPolicy, DestinationRule, Pod.
	Object mesh.Ref
	Part   Part
	// Name is which of the object's things it is: "port 80", "rule 2",
	// "subset v2", "10.1.0.3:8080".
	Name string
	// Declared and Loaded are in words, and empty for not declared and not
	// loaded. Under PairUnknown an empty one may be the side not read.
	Declared, Loaded string
	State            PairState
	// Why says what is not known, or what just changed; empty for the others.
	Why string
}

// Differences are the pairs that make a CONFIG_DRIFT, in their order.
func Differences(pairs []Pair) []mesh.Difference {
	var out []mesh.Difference
	for _, p := range pairs {
		if p.State == PairDiffers {
			out = append(out, mesh.Difference{Object: p.Object, Field: p.field(), Expected: p.Declared, Found: p.Loaded})
		}
	}
	return out
}

// field is where in the proxy the difference lies: "route rule 2".
func (p *Pair) field() string {
	if p.Name == "" {
		return string(p.Part)
	}
	return string(p.Part) + " " + p.Name
}
