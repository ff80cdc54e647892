package server

import (
	"net/http"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views"
)

// apiService is a Service or a ServiceEntry.
type apiService struct {
	apiRef
	Hosts     []string     `json:"hosts"`
	VIPs      []string     `json:"vips"`
	Ports     []apiPort    `json:"ports"`
	Waypoint  apiBinding   `json:"waypoint"`
	Endpoints apiEndpoints `json:"endpoints"`
	Findings  []apiFinding `json:"findings"`
}

// apiPort is one port with the protocol it is declared to carry.
type apiPort struct {
	Name       string          `json:"name"`
	Port       uint16          `json:"port"`
	TargetPort string          `json:"targetPort"`
	Protocol   mesh.L7Protocol `json:"protocol"`
}

// apiBinding is the waypoint asked for, and whether it is in effect. Bound is
// null where that could not be told.
type apiBinding struct {
	Namespace string            `json:"namespace"`
	Name      string            `json:"name"`
	Bound     *bool             `json:"bound"`
	State     mesh.BindingState `json:"state"`
	Reason    string            `json:"reason"`
}

// apiEndpoints counts addresses; null is unknown.
type apiEndpoints struct {
	Ready *int `json:"ready"`
	Total *int `json:"total"`
}

// apiEndpoint is one address of a Service.
type apiEndpoint struct {
	Addresses []string `json:"addresses"`
	Ready     bool     `json:"ready"`
	Node      string   `json:"node"`
	Zone      string   `json:"zone"`
	Target    apiRef   `json:"target"`
}

func (s *Server) apiServices(w http.ResponseWriter, r *http.Request) error {
	rep, q := s.report(r), views.ParseQuery(r.URL.Query())
	var items []apiService
	for _, sh := range rep.Snap.Shards {
		if !q.InScope(sh.Namespace) {
			continue
		}
		for _, svc := range sh.Services {
			items = append(items, serviceItem(rep, svc))
		}
		for _, se := range sh.ServiceEntries {
			items = append(items, serviceEntryItem(rep, se))
		}
	}
	return writeJSON(w, http.StatusOK, listOf(s, rep, items, mesh.ResourceServices, mesh.ResourceServiceEntries))
}

func (s *Server) apiServiceDetail(w http.ResponseWriter, r *http.Request) error {
	rep := s.report(r)
	o, err := serviceAsked(r, rep)
	if err != nil {
		return err
	}
	if se, ok := o.(*mesh.ServiceEntry); ok {
		return writeJSON(w, http.StatusOK, serviceEntryItem(rep, se))
	}
	svc, _ := o.(*mesh.Service)
	return writeJSON(w, http.StatusOK, serviceItem(rep, svc))
}

func (s *Server) apiServiceEndpoints(w http.ResponseWriter, r *http.Request) error {
	rep := s.report(r)
	sh, name := rep.Snap.Shard(param(r, "ns")), param(r, "name")
	if sh.ServiceNamed(name) == nil {
		return aKubeService.absent(rep, param(r, "ns"), name)
	}
	var items []apiEndpoint
	for _, slice := range sh.Slices(name) {
		for _, e := range slice.Endpoints {
			items = append(items, apiEndpoint{orEmpty(e.Addresses), e.IsReady(), e.Node, e.Zone, refOf(e.Target)})
		}
	}
	return writeJSON(w, http.StatusOK, listOf(s, rep, items, mesh.ResourceEndpointSlices))
}

func (s *Server) apiServiceFindings(w http.ResponseWriter, r *http.Request) error {
	rep := s.report(r)
	o, err := serviceAsked(r, rep)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, listOf(s, rep, rep.About(o.Ref()), mesh.ResourceServices, mesh.ResourceServiceEntries))
}

func serviceItem(r *analysis.Report, svc *mesh.Service) apiService {
	item := apiService{
		apiRef: refOf(svc.Ref()), Hosts: []string{svc.Hostname(mesh.DefaultClusterDomain)}, VIPs: orEmpty(svc.VIPs),
		Ports: portsOf(svc.Ports), Waypoint: bindingOf(r.Snap.ServiceBinding(svc)), Findings: findingsOf(r, svc.Ref()),
	}
	if r.Snap.Readable(mesh.ResourceEndpointSlices, svc.Namespace) {
		ready, total := r.Snap.Shard(svc.Namespace).CountEndpoints(svc.Name)
		item.Endpoints = apiEndpoints{&ready, &total}
	}
	return item
}

func serviceEntryItem(r *analysis.Report, se *mesh.ServiceEntry) apiService {
	item := apiService{
		apiRef: refOf(se.Ref()), Hosts: orEmpty(se.Hosts), VIPs: orEmpty(append(append([]string{}, se.Addresses...), se.AutoAddresses...)),
		Ports: portsOf(se.Ports), Waypoint: bindingOf(r.Snap.ServiceEntryBinding(se)), Findings: findingsOf(r, se.Ref()),
	}
	// Inline endpoints are always there; selected ones are not counted here.
	if se.WorkloadSelector == nil {
		n := len(se.Endpoints)
		item.Endpoints = apiEndpoints{&n, &n}
	}
	return item
}

func portsOf(ports []mesh.ServicePort) []apiPort {
	out := make([]apiPort, 0, len(ports))
	for _, p := range ports {
		out = append(out, apiPort{p.Name, p.Port, p.TargetPort, p.Declared()})
	}
	return out
}

func bindingOf(b mesh.Binding) apiBinding {
	out := apiBinding{Namespace: b.Waypoint.Namespace, Name: b.Waypoint.Name, State: b.State, Reason: b.Reason}
	if b.State != mesh.BindingUnknown {
		bound := b.Bound()
		out.Bound = &bound
	}
	return out
}
