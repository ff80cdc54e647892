package server

import (
	"net/http"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views"
)

// apiZtunnel is the ztunnel of a node. What only its dump could say is null
// where that was not read, and source says why.
type apiZtunnel struct {
	apiRef
	Node         string             `json:"node"`
	Ready        mesh.Fact          `json:"ready"`
	Pods         []apiAgent         `json:"pods"`
	Version      *apiVersion        `json:"version"`
	Connected    apiConnected       `json:"connected"`
	Workloads    *int               `json:"workloads"`
	Services     *int               `json:"services"`
	Policies     *int               `json:"policies"`
	Certificates *apiCertificates   `json:"certificates"`
	Differences  *int               `json:"differences"`
	LogLevel     *apiLogLevel       `json:"logLevel"`
	ReadAt       string             `json:"readAt"`
	Source       apiSource          `json:"source"`
	Config       *map[string]string `json:"config,omitempty"`
	Findings     []apiFinding       `json:"findings"`
}

// apiVersion keeps the dump's own keys.
type apiVersion struct {
	Version      string `json:"version"`
	GitRevision  string `json:"gitRevision"`
	IstioVersion string `json:"istioVersion"`
	BuildStatus  string `json:"buildStatus"`
}

// apiConnected is the istiod that says it has the ztunnel's connection.
type apiConnected struct {
	State  mesh.Fact `json:"state"`
	Istiod string    `json:"istiod"`
	Reason string    `json:"reason"`
}

type apiCertificates struct {
	Total         int    `json:"total"`
	Available     int    `json:"available"`
	SoonestExpiry string `json:"soonestExpiry"`
}

func (s *Server) apiZtunnels(w http.ResponseWriter, r *http.Request) error {
	report, q := s.report(r), views.ParseQuery(r.URL.Query())
	var items []apiZtunnel
	m := views.NewZtunnels(report, q)
	for i := range m.Rows {
		items = append(items, s.ztunnelItem(report, &m.Rows[i]))
	}
	return writeJSON(w, http.StatusOK, listOf(s, report, items, mesh.ResourceNodes))
}

// apiZtunnelDetail is the item of the list with what the ztunnel says now.
func (s *Server) apiZtunnelDetail(w http.ResponseWriter, r *http.Request) error {
	report, q := s.report(r), views.ParseQuery(r.URL.Query())
	node, _, err := ztunnelAsked(r, report)
	if err != nil {
		return err
	}
	line := views.NewZtunnelLine(report, node, q)
	item := s.ztunnelItem(report, &line)
	read := s.readZtunnel(r, report, node, q.Pod, false)
	item.Source = ztunnelSource(node, read)
	if d := read.Dump; d != nil {
		item.take(d)
	}
	return writeJSON(w, http.StatusOK, item)
}

// apiZtunnelPart is one part of a dump.
func (s *Server) apiZtunnelPart(w http.ResponseWriter, r *http.Request) error {
	report, q := s.report(r), views.ParseQuery(r.URL.Query())
	node, tab, err := ztunnelAsked(r, report)
	if err != nil {
		return err
	}
	read := s.readZtunnel(r, report, node, q.Pod, r.URL.Query().Has("fresh"))
	return writeJSON(w, http.StatusOK, ztunnelItems(report, node, tab, read, q))
}

func (s *Server) ztunnelItem(r *analysis.Report, line *views.ZtunnelLine) apiZtunnel {
	node := line.Node
	st, ok := s.sources(r).Find("ztunnel/" + node)
	if !ok {
		st = mesh.SourceStatus{Name: "ztunnel/" + node, State: line.State(), Detail: line.Unread}
	}
	item := apiZtunnel{
		apiRef: apiRef{Kind: "Ztunnel", Name: node}, Node: node, Ready: line.Ztunnel.Ready, Pods: agentsOf(r.Snap.Ztunnels(node)),
		Connected: apiConnected{line.Connected.Fact, line.Connected.Istiod, line.Connected.Why},
		LogLevel:  logLevelOf(r, node),
		Source:    apiSource{st.Name, st.State, st.Detail}, Findings: findingsOf(r, mesh.Ref{Kind: "Node", Name: node}),
	}
	if pod := mesh.ReadyPod(r.Snap.Ztunnels(node)); pod != nil {
		item.Namespace, item.Name = pod.Namespace, pod.Name
	}
	if e := r.Snap.ZtunnelEvidence(node); e != nil {
		item.ReadAt, item.Version = rfc3339(e.At), newAPIVersion(e.Version)
		item.Workloads, item.Services, item.Policies = &e.Workloads, &e.Services, &e.Policies
		if e.Compared {
			item.Differences = &e.DifferenceCount
		}
		item.Certificates = certificatesOf(e.Certificates)
	}
	return item
}

// take replaces what an earlier dump said by what this one says.
func (z *apiZtunnel) take(d *mesh.ZtunnelDump) {
	workloads, services, policies := len(d.Workloads), len(d.Services), len(d.Policies)
	z.ReadAt, z.Version, z.Config = rfc3339(d.At), newAPIVersion(d.Version), &d.Config
	z.Workloads, z.Services, z.Policies = &workloads, &services, &policies
	z.Certificates = certificatesOf(d.Certificates)
}

func newAPIVersion(v mesh.ZtunnelVersion) *apiVersion {
	return &apiVersion{v.Version, v.GitRevision, v.IstioVersion, v.BuildStatus}
}

func certificatesOf(list []mesh.ZtunnelCertificate) *apiCertificates {
	sum := views.SumCertificates(list)
	return &apiCertificates{Total: sum.Total, Available: sum.Available, SoonestExpiry: rfc3339(sum.Soonest)}
}
