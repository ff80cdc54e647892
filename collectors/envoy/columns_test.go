package envoy_test

import (
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"net"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waylight/waylight/mesh"
)

// rawSections are the sections of a dump joined to one, as far as istioctl
// documents columns of them (istio.md B.2), decoded by other means than those
// that are tested.
type rawSections struct {
	Clusters []struct {
		Cluster struct {
			Name, Type string
			Metadata   struct {
				FilterMetadata struct{ Istio struct{ Config string } } `json:"filter_metadata"`
			}
		}
	} `json:"dynamic_active_clusters"`
	Endpoints []struct {
		Config struct {
			Cluster   string `json:"cluster_name"`
			Endpoints []struct {
				Hosts []struct {
					Health   string `json:"health_status"`
					Endpoint struct {
						Address struct {
							Socket *struct {
								Address string
								Port    int `json:"port_value"`
							} `json:"socket_address"`
							Internal *struct {
								ID       string `json:"endpoint_id"`
								Listener string `json:"server_listener_name"`
							} `json:"envoy_internal_address"`
						}
					}
				} `json:"lb_endpoints"`
			}
		} `json:"endpoint_config"`
	} `json:"dynamic_endpoint_configs"`
	Routes []struct {
		Config struct {
			Name  string
			Hosts []struct {
				Name    string
				Domains []string
				Routes  []struct{}
			} `json:"virtual_hosts"`
		} `json:"route_config"`
	} `json:"static_route_configs"`
	Secrets []struct {
		Name   string
		Secret struct {
			Certificate struct {
				Chain rawInline `json:"certificate_chain"`
			} `json:"tls_certificate"`
			Validation struct {
				CA rawInline `json:"trusted_ca"`
			} `json:"validation_context"`
		}
	} `json:"dynamic_active_secrets"`
}

type rawInline struct {
	Bytes []byte `json:"inline_bytes"`
}

func (a answers) sections(t *testing.T) *rawSections {
	t.Helper()
	var dump struct{ Configs []json.RawMessage }
	if err := json.Unmarshal([]byte(a.dump), &dump); err != nil {
		t.Fatal(err)
	}
	out := new(rawSections)
	for _, section := range dump.Configs {
		if err := json.Unmarshal(section, out); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

func TestColumnsOfProxyConfigAreThoseOfTheDump(t *testing.T) {
	for _, a := range recorded(t) {
		t.Run(a.recording+"/"+a.pod, func(t *testing.T) {
			raw, d := a.sections(t), a.decode(t)
			for part, sides := range map[string][2][]string{
				"clusters": {raw.clusters(), clusters(d)}, "endpoints": {raw.endpoints(), endpoints(d)}, "routes": {raw.routes(), routes(d)}, "secrets": {raw.secrets(t), secrets(d)},
			} {
				slices.Sort(sides[0])
				slices.Sort(sides[1])
				if diff := cmp.Diff(sides[0], sides[1]); diff != "" || len(sides[0]) == 0 {
					t.Errorf("%s (-in the file +decoded):\n%s", part, diff)
				}
			}
		})
	}
}

// SERVICE FQDN, PORT, SUBSET and DIRECTION are parts of the name, whose
// protocol istioctl leaves in the subset; TYPE and DESTINATION RULE follow.
func (raw *rawSections) clusters() (out []string) {
	for _, c := range raw.Clusters {
		name := strings.Split(c.Cluster.Name, "|")
		if len(name) != 4 {
			name = []string{"", "0", "", ""}
		}
		rule := c.Cluster.Metadata.FilterMetadata.Istio.Config
		out = append(out, strings.Join([]string{c.Cluster.Name, name[3], name[1], name[2], name[0], c.Cluster.Type, rule[strings.LastIndexByte(rule, '/')+1:]}, " "))
	}
	return out
}

func clusters(d *mesh.EnvoyDump) (out []string) {
	for _, c := range d.Clusters {
		if c.State == mesh.EnvoyActive {
			subset := strings.TrimSuffix(c.Protocol+"/"+c.Subset, "/")
			out = append(out, strings.Join([]string{c.Name, c.Host, strconv.Itoa(int(c.Port)), strings.TrimPrefix(subset, "/"), c.Direction, c.Type, c.Rule.Name}, " "))
		}
	}
	return out
}

// ENDPOINT, STATUS and CLUSTER; OUTLIER CHECK is in the other answer.
func (raw *rawSections) endpoints() (out []string) {
	for _, c := range raw.Endpoints {
		for _, group := range c.Config.Endpoints {
			for _, h := range group.Hosts {
				address := ""
				switch at := h.Endpoint.Address; {
				case at.Socket != nil:
					address = net.JoinHostPort(at.Socket.Address, strconv.Itoa(at.Socket.Port))
				case at.Internal != nil:
					if address = at.Internal.ID; address == "" {
						address = at.Internal.Listener
					}
				}
				out = append(out, strings.Join([]string{address, h.Health, c.Config.Cluster}, " "))
			}
		}
	}
	return out
}

func endpoints(d *mesh.EnvoyDump) (out []string) {
	dynamic := make(map[string]bool)
	for _, c := range d.Clusters {
		dynamic[c.Name] = c.State == mesh.EnvoyActive
	}
	for i := range d.Endpoints {
		e := &d.Endpoints[i]
		if !e.CountersKnown {
			out = append(out, "OUTLIER CHECK unknown of "+e.Address)
		}
		if dynamic[e.Cluster] {
			out = append(out, strings.Join([]string{e.Address, e.Health, e.Cluster}, " "))
		}
	}
	return out
}

// NAME, VHOST NAME and DOMAINS of each route; MATCH and VIRTUAL SERVICE have
// tests of their own.
func (raw *rawSections) routes() (out []string) {
	for _, c := range raw.Routes {
		for _, h := range c.Config.Hosts {
			for range h.Routes {
				out = append(out, strings.Join([]string{c.Config.Name, h.Name, strings.Join(h.Domains, ",")}, " "))
			}
		}
	}
	return out
}

func routes(d *mesh.EnvoyDump) (out []string) {
	for i := range d.Routes {
		r := &d.Routes[i]
		out = append(out, strings.Join([]string{r.Config, r.VirtualHost, strings.Join(r.Domains, ",")}, " "))
		if r.Match == "" {
			out = append(out, "no match of "+r.Config)
		}
	}
	return out
}

// RESOURCE NAME, SERIAL NUMBER, NOT BEFORE and NOT AFTER of each certificate.
func (raw *rawSections) secrets(t *testing.T) (out []string) {
	t.Helper()
	for _, s := range raw.Secrets {
		for rest := slices.Concat(s.Secret.Certificate.Chain.Bytes, s.Secret.Validation.CA.Bytes); ; {
			var block *pem.Block
			if block, rest = pem.Decode(rest); block == nil {
				break
			}
			c, err := x509.ParseCertificate(block.Bytes)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, strings.Join([]string{s.Name, c.SerialNumber.String(), c.NotBefore.UTC().String(), c.NotAfter.UTC().String()}, " "))
		}
	}
	return out
}

func secrets(d *mesh.EnvoyDump) (out []string) {
	for _, s := range d.Secrets {
		for _, c := range s.Chain {
			out = append(out, strings.Join([]string{s.Name, c.Serial, c.NotBefore.UTC().String(), c.NotAfter.UTC().String()}, " "))
		}
	}
	return out
}
