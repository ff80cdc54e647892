package views

import (
	"testing"
	"time"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
	"github.com/waylight/waylight/views/uitest"
)

func ztunnelEvidence(node string, change func(*mesh.ZtunnelEvidence)) mt.Part {
	e := &mesh.ZtunnelEvidence{
		Meta: mesh.Meta{Kind: mesh.KindZtunnelEvidence, Name: node}, Pod: mesh.Ref{Kind: "Pod", Namespace: mt.SystemNamespace, Name: "ztunnel-" + node},
		At: mt.Now.Add(-12 * time.Minute), Workloads: 42, Services: 0, Policies: 3, Comparison: mesh.Comparison{Compared: true},
	}
	if change != nil {
		change(e)
	}
	return mt.Objects(e)
}

func syncEvidence(istiod string, proxies ...string) mt.Part {
	e := &mesh.SyncEvidence{Meta: mesh.Meta{Kind: mesh.KindSyncEvidence, Name: istiod}, At: mt.Now}
	for _, p := range proxies {
		e.Proxies = append(e.Proxies, mesh.ProxySync{Type: "ztunnel", Proxy: mesh.Ref{Kind: "Pod", Namespace: mt.SystemNamespace, Name: p}})
	}
	return mt.Objects(e)
}

func TestZtunnelMatrix(t *testing.T) {
	nodes := mt.Parts(mt.Node("node-a"), mt.Node("node-b"))
	tests := map[string]struct {
		mesh        mt.Part
		label, want string // of node-a's row
	}{
		"a count of the dump":                           {ztunnelEvidence("node-a", nil), "Workloads", "42"},
		"none is not unknown":                           {ztunnelEvidence("node-a", nil), "Services", "0"},
		"a count nobody read":                           {mt.Parts(), "Workloads", "unknown"},
		"nor are certificates known":                    {mt.Parts(), "Certificates", "unknown"},
		"a node nobody asked":                           {mt.Parts(), "Last read", "not read yet"},
		"a node that may not be read":                   {mt.Source("ztunnel/node-a", mesh.SourceForbidden, "create pods/portforward in istio-system"), "Last read", "forbidden: create pods/portforward in istio-system"},
		"a node that does not answer":                   {mt.Source("ztunnel/node-a", mesh.SourceDown, "connection refused"), "Last read", "down: connection refused"},
		"the version it says":                           {ztunnelEvidence("node-a", func(e *mesh.ZtunnelEvidence) { e.Version.IstioVersion = "1.31.1" }), "Version", "1.31.1 by the ztunnel itself"},
		"a version it does not know":                    {ztunnelEvidence("node-a", func(e *mesh.ZtunnelEvidence) { e.Version.IstioVersion = "unknown" }), "Version", "version unknown image tag"},
		"no istiod was read":                            {mt.Parts(), "Connected", "unknown"},
		"connected":                                     {syncEvidence("istiod-1", "ztunnel-node-a"), "Connected", "yes istiod-1"},
		"no istiod has it":                              {syncEvidence("istiod-1", "ztunnel-node-b"), "Connected", "no No istiod has it among its proxies."},
		"another istiod may have it":                    {mt.Parts(syncEvidence("istiod-1", "ztunnel-node-b"), mt.Source("istiod/istiod-2", mesh.SourceDown, "refused")), "Connected", "unknown"},
		"drift":                                         {ztunnelEvidence("node-a", func(e *mesh.ZtunnelEvidence) { e.DifferenceCount = 7 }), "Drift", "7"},
		"nobody compared it":                            {ztunnelEvidence("node-a", func(e *mesh.ZtunnelEvidence) { e.Comparison = mesh.Comparison{Why: "ConfigMaps were not readable."} }), "Drift", "unknown"},
		"no identity":                                   {ztunnelEvidence("node-a", nil), "Certificates", "none"},
		"entries that could not be decoded are counted": {ztunnelEvidence("node-a", func(e *mesh.ZtunnelEvidence) { e.Skipped, e.FirstSkipped = 1, "odd" }), "Last read", "07:48:00 UTC 1 entry not decoded: odd"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			doc := checked(t, ZtunnelsContent(NewZtunnels(assess(mt.Mesh(nodes, tt.mesh)), Query{})))
			if got := lines(doc.Find(`#ztunnel\.node-a td[data-label="` + tt.label + `"]`)); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestCertificatesOfANode(t *testing.T) {
	part := ztunnelEvidence("node-a", func(e *mesh.ZtunnelEvidence) {
		e.Certificates = []mesh.ZtunnelCertificate{
			{Identity: "spiffe://a", State: "Available", Chain: []mesh.Certificate{{NotAfter: mt.Now.Add(time.Hour)}}, Roots: []mesh.Certificate{{NotAfter: mt.Now.Add(-time.Hour)}}},
			{Identity: "spiffe://b", State: "Available", Chain: []mesh.Certificate{{NotAfter: mt.Now.Add(time.Minute)}}},
			{Identity: "spiffe://c", State: "Unavailable", Reason: "the CA said no"},
		}
	})
	m := NewZtunnels(assess(mt.Mesh(mt.Node("node-a"), part)), Query{})
	c := m.Rows[0].Certificates
	if c.Text != "2 of 3 available" || c.Trouble != "spiffe://c: Unavailable: the CA said no" || c.Word != "unavailable" {
		t.Errorf("the cell is %+v", c)
	}
	if !c.Soonest.Equal(mt.Now.Add(time.Minute)) {
		t.Errorf("the next leaf expires %s", c.Soonest)
	}
}

func TestHowManyDumpsWereReadAndHowOldTheyAre(t *testing.T) {
	old := ztunnelEvidence("node-b", func(e *mesh.ZtunnelEvidence) { e.At = mt.Now.Add(-time.Hour) })
	r := assess(mt.Mesh(mt.Node("node-a"), mt.Node("node-b"), mt.Node("node-c"), ztunnelEvidence("node-a", nil), old))
	doc := checked(t, ZtunnelsContent(NewZtunnels(r, Query{})))
	if got := uitest.Text(doc.Find("#dumps-read")); got != "dumps of 2 of 3 nodes read, oldest 07:00:00 UTC Read all now" {
		t.Errorf("says %q", got)
	}
}

func TestZtunnelMatrixIsFiltered(t *testing.T) {
	r := assess(mt.Mesh(mt.Node("node-a"), mt.Node("node-b"), mt.Node("node-c", mt.NoZtunnel()), ztunnelEvidence("node-a", nil), mt.Source("ztunnel/node-b", mesh.SourceForbidden, "x")))
	for filter, want := range map[string]string{"read:forbidden": "node-b", "ready:no": "node-c", "certificates:none": "node-a", "node:node-c": "node-c"} {
		m := NewZtunnels(r, Query{Filter: ParseFilter(filter)})
		if len(m.Rows) != 1 || m.Rows[0].Node != want {
			t.Errorf("%s finds %d rows, want %s", filter, len(m.Rows), want)
		}
	}
}

func TestNodesThatOnlyTheirZtunnelIsKnownOf(t *testing.T) {
	s := mt.Mesh(mt.Bare(), mt.Forbidden(mesh.ResourceNodes), ztunnelEvidence("node-z", nil))
	m := NewZtunnels(assess(s), Query{})
	if len(m.Rows) != 1 || m.Rows[0].Node != "node-z" {
		t.Errorf("the rows are %+v", m.Rows)
	}
}

func TestNodeAndWorkloadLeadToTheZtunnel(t *testing.T) {
	r := assess(nodeMesh())
	node, _ := NewNode(r, "node-a", Query{})
	doc := checked(t, NodeContent(node))
	if doc.Find(`a[href="/ztunnels/node-a"]`).Length() != 1 {
		t.Error("the node does not lead to its ztunnel")
	}
	workload, _ := NewWorkload(r, "shop", "web-1", Query{})
	doc = checked(t, WorkloadContent(workload))
	href := doc.Find(`a[href^="/ztunnels/node-a"]`).AttrOr("href", "")
	if want := "/ztunnels/node-a?q=ns%3A%22shop%22+name%3A%22web-1%22"; href != want {
		t.Errorf("the workload leads to %q, want %q", href, want)
	}
	back := ztunnelDoc(t, TabWorkloads, "", ZtunnelRead{Dump: nodeDump()})
	if back.Find(`.page-head a[href="/nodes/node-a"]`).Length() != 1 {
		t.Error("the ztunnel does not lead back to its node")
	}
}
