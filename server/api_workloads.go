package server

import (
	"net/http"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views"
)

// apiWorkload is a pod or a WorkloadEntry.
type apiWorkload struct {
	apiRef
	Owner     apiRef       `json:"owner"`
	Node      string       `json:"node"`
	IPs       []string     `json:"ips"`
	Identity  string       `json:"identity"`
	Phase     string       `json:"phase"`
	Ready     bool         `json:"ready"`
	Enrolment apiEnrolment `json:"enrolment"`
	Findings  []apiFinding `json:"findings"`
}

// apiEnrolment is the four facts, each yes, no, pending or unknown.
type apiEnrolment struct {
	AskedFor mesh.Fact      `json:"askedFor"`
	Claimed  mesh.Fact      `json:"claimed"`
	Seen     mesh.Fact      `json:"seen"`
	Proven   mesh.Fact      `json:"proven"`
	Exempt   mesh.Exemption `json:"exempt"`
}

func (s *Server) apiWorkloads(w http.ResponseWriter, r *http.Request) error {
	rep, q := s.report(r), views.ParseQuery(r.URL.Query())
	var items []apiWorkload
	for _, sh := range rep.Snap.Shards {
		if !q.InScope(sh.Namespace) {
			continue
		}
		for _, wl := range sh.Workloads {
			items = append(items, workloadItem(rep, wl))
		}
	}
	return writeJSON(w, http.StatusOK, listOf(s, rep, items, mesh.ResourcePods, mesh.ResourceWorkloadEntries))
}

func (s *Server) apiWorkloadDetail(w http.ResponseWriter, r *http.Request) error {
	rep := s.report(r)
	ns, name := param(r, "ns"), param(r, "name")
	wl := rep.Snap.Workload(ns, name)
	if wl == nil {
		return aWorkload.absent(rep, ns, name)
	}
	return writeJSON(w, http.StatusOK, workloadItem(rep, wl))
}

func workloadItem(r *analysis.Report, wl *mesh.Workload) apiWorkload {
	e := r.Snap.Enrolment(wl)
	return apiWorkload{
		apiRef: refOf(wl.Ref()), Owner: refOf(r.Snap.ControllerOf(wl)), Node: wl.Node, IPs: orEmpty(wl.IPs),
		Identity: "spiffe://" + wl.Principal(r.Snap.TrustDomain()), Phase: wl.Phase, Ready: wl.Ready,
		Enrolment: apiEnrolment{e.AskedFor, e.Claimed, e.Seen, e.Proven, e.Exempt}, Findings: findingsOf(r, wl.Ref()),
	}
}

// apiNode is a node and its part of the data plane.
type apiNode struct {
	apiRef
	Ready    mesh.Fact    `json:"ready"`
	BootID   string       `json:"bootID"`
	Ztunnels []apiAgent   `json:"ztunnels"`
	CNI      []apiAgent   `json:"cni"`
	Captured *int         `json:"captured"` // null is unknown
	Findings []apiFinding `json:"findings"`
}

// apiAgent is a ztunnel or istio-cni pod.
type apiAgent struct {
	apiRef
	Ready bool   `json:"ready"`
	Image string `json:"image"`
}

func (s *Server) apiNodes(w http.ResponseWriter, r *http.Request) error {
	rep := s.report(r)
	var items []apiNode
	for _, n := range rep.Snap.Nodes {
		items = append(items, nodeItem(rep, n))
	}
	return writeJSON(w, http.StatusOK, listOf(s, rep, items, mesh.ResourceNodes))
}

func (s *Server) apiNodeDetail(w http.ResponseWriter, r *http.Request) error {
	rep, name := s.report(r), param(r, "name")
	n := rep.Snap.Node(name)
	if n == nil {
		return aNode.absent(rep, "", name)
	}
	return writeJSON(w, http.StatusOK, nodeItem(rep, n))
}

func nodeItem(r *analysis.Report, n *mesh.Node) apiNode {
	item := apiNode{
		apiRef: refOf(n.Ref()), Ready: n.Ready, BootID: n.BootID, Findings: findingsOf(r, n.Ref()),
		Ztunnels: agentsOf(r.Snap.Ztunnels(n.Name)), CNI: agentsOf(r.Snap.CNINodes(n.Name)),
	}
	if r.Snap.Readable(mesh.ResourcePods, "") {
		captured := 0
		for _, wl := range r.Snap.OnNode(n.Name) {
			if wl.Captured() && wl.Running() {
				captured++
			}
		}
		item.Captured = &captured
	}
	return item
}

func agentsOf(pods []*mesh.Workload) []apiAgent {
	out := []apiAgent{}
	for _, p := range pods {
		a := apiAgent{apiRef: refOf(p.Ref()), Ready: p.Running() && p.Ready}
		if len(p.Containers) > 0 {
			a.Image = p.Containers[0].Image
		}
		out = append(out, a)
	}
	return out
}
