package envoy

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/waylight/waylight/mesh"
)

// Decode reads a whole config_dump?include_eds that was taken from a pod at a
// moment. Counters are in another answer: see AddStatus. The error is about the
// dump as a whole; what is lost of a dump that can be read is in Skipped.
func Decode(r io.Reader, pod mesh.Ref, at time.Time) (*mesh.EnvoyDump, error) {
	return decodeWithin(newWalker(), r, pod, at)
}

// decodeWithin decodes within the bounds of a walker.
func decodeWithin(w *walker, r io.Reader, pod mesh.Ref, at time.Time) (*mesh.EnvoyDump, error) {
	d := &decoding{walker: w, dump: &mesh.EnvoyDump{Pod: pod, At: at}, inline: make(map[string][][]mesh.EnvoyRoute)}
	err := d.walk(r, "config_dump", func(dec *jsontext.Decoder, name string) error {
		if name != "configs" || dec.PeekKind() != '[' {
			return dec.SkipValue()
		}
		return d.configs(dec)
	})
	if err != nil {
		return nil, err
	}
	d.addNamed()
	d.dump.Skipped = d.skipped
	return d.dump, nil
}

// decoding is one config_dump on its way into a dump.
type decoding struct {
	*walker
	dump *mesh.EnvoyDump
	// inline are the routes of chains in force by the name of their
	// configuration; named are those the dump lists apart from listeners.
	inline map[string][][]mesh.EnvoyRoute
	named  []routeConfig
}

// configs reads the sections of a dump.
func (d *decoding) configs(dec *jsontext.Decoder) error {
	if _, err := dec.ReadToken(); err != nil {
		return err
	}
	for dec.PeekKind() != ']' {
		if !d.take() {
			return ErrTooLarge
		}
		if dec.PeekKind() != '{' {
			d.skip("section is not an object")
			if err := dec.SkipValue(); err != nil {
				return err
			}
			continue
		}
		if err := object(dec, func(name string) error { return d.part(dec, name) }); err != nil {
			return err
		}
	}
	_, err := dec.ReadToken()
	return err
}

// part reads one key of a section. No two sections share a key of those that
// matter here, so their types and order do not.
func (d *decoding) part(dec *jsontext.Decoder, name string) error {
	switch name {
	case "@type":
		return d.section(dec)
	case "bootstrap":
		return d.bootstrap(dec)
	case "static_listeners":
		return stream(d.walker, dec, "listener", d.staticListener)
	case "dynamic_listeners":
		return stream(d.walker, dec, "listener", d.dynamicListener)
	case "static_route_configs", "dynamic_route_configs":
		return stream(d.walker, dec, "route configuration", d.namedRoutes(name))
	case "static_clusters":
		return stream(d.walker, dec, "cluster", d.cluster(mesh.EnvoyStatic))
	case "dynamic_active_clusters":
		return stream(d.walker, dec, "cluster", d.cluster(mesh.EnvoyActive))
	case "dynamic_warming_clusters":
		return stream(d.walker, dec, "cluster", d.cluster(mesh.EnvoyWarming))
	case "static_endpoint_configs", "dynamic_endpoint_configs":
		return stream(d.walker, dec, "endpoints", d.endpoints)
	case "static_secrets":
		return stream(d.walker, dec, "secret", d.secret(mesh.EnvoyStatic))
	case "dynamic_active_secrets":
		return stream(d.walker, dec, "secret", d.secret(mesh.EnvoyActive))
	case "dynamic_warming_secrets":
		return stream(d.walker, dec, "secret", d.secret(mesh.EnvoyWarming))
	}
	return dec.SkipValue()
}

// section counts a section that Envoy got after this was written.
func (d *decoding) section(dec *jsontext.Decoder) error {
	value, err := dec.ReadValue()
	if err != nil {
		return err
	}
	if t := one[string](d.walker, "type of a section", value); t != nil && !knownSections[typeName(*t)] {
		d.skip("section " + typeName(*t) + " is unknown")
	}
	return nil
}

// knownSections are the sections of Envoy's admin API. Scoped routes and
// extension configurations are known, and istiod sends waypoints none that
// decide where a request goes.
var knownSections = map[string]bool{
	"envoy.admin.v3.BootstrapConfigDump":    true,
	"envoy.admin.v3.ListenersConfigDump":    true,
	"envoy.admin.v3.RoutesConfigDump":       true,
	"envoy.admin.v3.ScopedRoutesConfigDump": true,
	"envoy.admin.v3.ClustersConfigDump":     true,
	"envoy.admin.v3.EndpointsConfigDump":    true,
	"envoy.admin.v3.SecretsConfigDump":      true,
	"envoy.admin.v3.EcdsConfigDump":         true,
}

// typeName is a type URL without its host, cut where no type's name is as long.
func typeName(url string) string {
	const longest = 120
	name := url[strings.LastIndexByte(url, '/')+1:]
	if len(name) > longest {
		name = strings.ToValidUTF8(name[:longest], "") + "…"
	}
	return name
}

// rawBootstrap is the part of the bootstrap that says what runs.
type rawBootstrap struct {
	Node struct {
		Metadata struct {
			IstioVersion string `json:"ISTIO_VERSION"`
		} `json:"metadata"`
		Build struct {
			Version struct {
				Major number `json:"major_number"`
				Minor number `json:"minor_number"`
				Patch number `json:"patch"`
			} `json:"version"`
		} `json:"user_agent_build_version"`
	} `json:"node"`
}

// bootstrap reads the versions. Istio's agent writes "unknown" when it was
// built without one.
func (d *decoding) bootstrap(dec *jsontext.Decoder) error {
	value, err := dec.ReadValue()
	if err != nil {
		return err
	}
	raw := one[rawBootstrap](d.walker, "bootstrap", value)
	if raw == nil {
		return nil
	}
	if v := raw.Node.Metadata.IstioVersion; v != "unknown" {
		d.dump.Version = v
	}
	if v := raw.Node.Build.Version; v.Major > 0 {
		d.dump.EnvoyVersion = fmt.Sprintf("%d.%d.%d", v.Major, v.Minor, v.Patch)
	}
	return nil
}
