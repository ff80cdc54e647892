package ztunnel_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waylight/waylight/collectors/ztunnel"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/mesh/meshtest"
)

// recordedDumps are the dumps in an archive, by node.
func recordedDumps(t *testing.T, archive []byte) map[string][]byte {
	t.Helper()
	unzipped, err := gzip.NewReader(bytes.NewReader(archive))
	if err != nil {
		t.Fatal(err)
	}
	dumps := make(map[string][]byte)
	for r := tar.NewReader(unzipped); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return dumps
		}
		if err != nil {
			t.Fatal(err)
		}
		if node, ok := strings.CutPrefix(path.Dir(h.Name), "ztunnel/"); ok && path.Base(h.Name) == "config_dump.json" {
			if dumps[node], err = io.ReadAll(r); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// The raw dump, as far as istioctl documents columns of it (istio.md B.1),
// decoded by other means than those that are tested.
type rawDump struct {
	Workloads []struct {
		Namespace, Name, Node, Protocol, UID, Status string
		WorkloadIPs                                  []string `json:"workloadIps"`
		Waypoint                                     *rawWaypoint
		AuthorizationPolicies, Services              []string
	}
	Services []struct {
		Namespace, Name, Hostname string
		VIPs                      []string `json:"vips"`
		Waypoint                  *rawWaypoint
		Endpoints                 map[string]struct{ WorkloadUID, Status string }
		Ports                     map[string]uint16
	}
	Policies []struct {
		Namespace, Name, Action, Scope string
		Rules                          [][][]map[string][]any
	}
	Certificates []struct {
		Identity, State      string
		CertChain, RootCerts []struct {
			SerialNumber              string
			ValidFrom, ExpirationTime time.Time
		}
	}
	WorkloadState map[string]struct {
		State       string
		Info        struct{ Name, Namespace, ServiceAccount string }
		Connections struct{ Inbound, Outbound []rawConnection }
	}
	Version map[string]string
}

type rawWaypoint struct {
	Destination   string
	HBONEMTLSPort uint16 `json:"hboneMtlsPort"`
}

type rawConnection struct {
	Src, ActualDst, Protocol string
	OriginalDst              *string
}

// row is an entry with what istioctl prints of it, and what it leaves out, in
// one form for both sides.
type row map[string]any

func TestRecordedDumpsAreDecodedWhole(t *testing.T) {
	for _, name := range meshtest.Recordings() {
		for node, dump := range recordedDumps(t, meshtest.Recording(name)) {
			t.Run(name+"/"+node, func(t *testing.T) {
				var raw rawDump
				if err := json.Unmarshal(dump, &raw); err != nil {
					t.Fatal(err)
				}
				d, err := ztunnel.Decode(bytes.NewReader(dump), node, mesh.Ref{}, time.Time{})
				if err != nil {
					t.Fatal(err)
				}
				if d.Skipped > 0 || !d.LocalKnown || d.Version.Version != raw.Version["version"] || d.Version.IstioVersion != raw.Version["istioVersion"] {
					t.Errorf("%d skipped (%s), version %+v", d.Skipped, d.FirstSkipped, d.Version)
				}
				if len(raw.Workloads) == 0 || len(raw.Services) == 0 || len(raw.Policies) == 0 || len(raw.Certificates) == 0 || len(raw.WorkloadState) == 0 {
					t.Error("the recording has nothing to hold the decoder to")
				}
				for part, sides := range map[string][2][]row{
					"workloads": {raw.workloads(), decodedWorkloads(d)}, "services": {raw.services(), decodedServices(d)}, "policies": {raw.policies(), decodedPolicies(d)},
					"certificates": {raw.certificates(), decodedCertificates(d)}, "pods and connections": {raw.locals(), decodedLocals(d)},
				} {
					if diff := cmp.Diff(sides[0], sides[1]); diff != "" {
						t.Errorf("%s (-in the file +decoded):\n%s", part, diff)
					}
				}
			})
		}
	}
}

func (w *rawWaypoint) words() string {
	if w == nil {
		return ""
	}
	return w.Destination + " " + number(w.HBONEMTLSPort)
}

func decodedWaypoint(d *mesh.ZtunnelDestination) string {
	switch {
	case d == nil:
		return ""
	case d.Address != "":
		return d.Network + "/" + d.Address + " " + number(d.Port)
	}
	return d.Namespace + "/" + d.Hostname + " " + number(d.Port)
}

func number(n uint16) string { text, _ := json.Marshal(n); return string(text) }

func (raw *rawDump) workloads() (out []row) {
	for _, w := range raw.Workloads {
		out = append(out, row{
			"namespace": w.Namespace, "pod name": w.Name, "address": w.WorkloadIPs, "node": w.Node, "waypoint": w.Waypoint.words(), "protocol": w.Protocol,
			"uid": w.UID, "status": w.Status, "policies": w.AuthorizationPolicies, "services": w.Services,
		})
	}
	return out
}

func decodedWorkloads(d *mesh.ZtunnelDump) (out []row) {
	for _, w := range d.Workloads {
		out = append(out, row{
			"namespace": w.Namespace, "pod name": w.Name, "address": w.IPs, "node": w.Node, "waypoint": decodedWaypoint(w.Waypoint), "protocol": w.Protocol,
			"uid": w.UID, "status": w.Status, "policies": w.Policies, "services": w.Services,
		})
	}
	return out
}

func (raw *rawDump) services() (out []row) {
	for _, s := range raw.Services {
		endpoints, ports := map[string]string{}, map[string]uint16{}
		for _, e := range s.Endpoints {
			endpoints[e.WorkloadUID] = e.Status
		}
		maps.Copy(ports, s.Ports)
		out = append(out, row{"namespace": s.Namespace, "service name": s.Name, "host": s.Hostname, "service vip": s.VIPs, "waypoint": s.Waypoint.words(), "endpoints": endpoints, "ports": ports})
	}
	return out
}

func decodedServices(d *mesh.ZtunnelDump) (out []row) {
	for _, s := range d.Services {
		endpoints, ports := map[string]string{}, map[string]uint16{}
		for _, e := range s.Endpoints {
			endpoints[e.WorkloadUID] = e.Status
		}
		for from, to := range s.Ports {
			ports[number(from)] = to
		}
		out = append(out, row{"namespace": s.Namespace, "service name": s.Name, "host": s.Hostname, "service vip": s.VIPs, "waypoint": decodedWaypoint(s.Waypoint), "endpoints": endpoints, "ports": ports})
	}
	return out
}

// shape is how many values each match of each clause of each rule has.
type shape [][]map[string]int

func shapeOf[Rule ~[]Clause, Clause ~[]Match, Match ~map[string][]Value, Value any](clauses Rule) shape {
	of := make(shape, len(clauses))
	for i, matches := range clauses {
		for _, m := range matches {
			counts := make(map[string]int)
			for field, values := range m {
				counts[field] = len(values)
			}
			of[i] = append(of[i], counts)
		}
	}
	return of
}

func (raw *rawDump) policies() (out []row) {
	for _, p := range raw.Policies {
		rules := make([]shape, 0, len(p.Rules))
		for _, clauses := range p.Rules {
			rules = append(rules, shapeOf(clauses))
		}
		out = append(out, row{"namespace": p.Namespace, "policy name": p.Name, "action": p.Action, "scope": p.Scope, "rules": rules})
	}
	return out
}

func decodedPolicies(d *mesh.ZtunnelDump) (out []row) {
	for _, p := range d.Policies {
		rules := make([]shape, 0, len(p.Rules))
		for _, clauses := range p.Rules {
			rules = append(rules, shapeOf(clauses))
		}
		out = append(out, row{"namespace": p.Namespace, "policy name": p.Name, "action": p.Action, "scope": p.Scope, "rules": rules})
	}
	return out
}

func certificateRow(identity, kind, state, serial string, from, until time.Time) row {
	return row{"certificate name": identity, "type": kind, "status": state, "serial number": serial, "not before": from, "not after": until}
}

func (raw *rawDump) certificates() (out []row) {
	for _, c := range raw.Certificates {
		for _, x := range c.CertChain {
			out = append(out, certificateRow(c.Identity, "Leaf", c.State, x.SerialNumber, x.ValidFrom, x.ExpirationTime))
		}
		for _, x := range c.RootCerts {
			out = append(out, certificateRow(c.Identity, "Root", c.State, x.SerialNumber, x.ValidFrom, x.ExpirationTime))
		}
		if len(c.CertChain)+len(c.RootCerts) == 0 {
			out = append(out, certificateRow(c.Identity, "", c.State, "", time.Time{}, time.Time{}))
		}
	}
	return out
}

func decodedCertificates(d *mesh.ZtunnelDump) (out []row) {
	for _, c := range d.Certificates {
		state := c.State
		if c.Reason != "" {
			state += ": " + c.Reason
		}
		for _, x := range c.Chain {
			out = append(out, certificateRow(c.Identity, "Leaf", state, x.Serial, x.NotBefore, x.NotAfter))
		}
		for _, x := range c.Roots {
			out = append(out, certificateRow(c.Identity, "Root", state, x.Serial, x.NotBefore, x.NotAfter))
		}
		if len(c.Chain)+len(c.Roots) == 0 {
			out = append(out, certificateRow(c.Identity, "", state, "", time.Time{}, time.Time{}))
		}
	}
	return out
}

// connectionRow has LOCAL, REMOTE and REMOTE TARGET as istioctl takes them from
// a connection (istio.md A.9).
func connectionRow(pod, direction, local, remote, target, protocol string) row {
	return row{"workload": pod, "direction": direction, "local": local, "remote": remote, "remote target": target, "protocol": protocol}
}

func (raw *rawDump) locals() (out []row) {
	for uid, l := range raw.WorkloadState {
		out = append(out, row{"uid": uid, "state": l.State, "name": l.Info.Name, "namespace": l.Info.Namespace, "account": l.Info.ServiceAccount})
		target := func(c rawConnection) string {
			if c.OriginalDst == nil {
				return ""
			}
			return *c.OriginalDst
		}
		for _, c := range l.Connections.Inbound {
			out = append(out, connectionRow(uid, "Inbound", c.ActualDst, c.Src, target(c), c.Protocol))
		}
		for _, c := range l.Connections.Outbound {
			out = append(out, connectionRow(uid, "Outbound", c.Src, c.ActualDst, target(c), c.Protocol))
		}
	}
	return sorted(out)
}

func decodedLocals(d *mesh.ZtunnelDump) (out []row) {
	for _, l := range d.Local {
		out = append(out, row{"uid": l.PodUID, "state": l.State, "name": l.Name, "namespace": l.Namespace, "account": l.ServiceAccount})
		for _, c := range l.Inbound {
			out = append(out, connectionRow(l.PodUID, "Inbound", c.Destination, c.Source, c.OriginalDestination, c.Protocol))
		}
		for _, c := range l.Outbound {
			out = append(out, connectionRow(l.PodUID, "Outbound", c.Source, c.Destination, c.OriginalDestination, c.Protocol))
		}
	}
	return sorted(out)
}

// sorted orders rows by their text: those of an object have no order.
func sorted(rows []row) []row {
	text := func(r row) string { t, _ := json.Marshal(r); return string(t) }
	slices.SortFunc(rows, func(a, b row) int { return strings.Compare(text(a), text(b)) })
	return rows
}

func TestTheGeneratedDumpIsDecodedWhole(t *testing.T) {
	snap := meshtest.Large(4, 10, 53, 3)
	dump := meshtest.ZtunnelDump(snap, "node-1")
	d, err := ztunnel.Decode(bytes.NewReader(dump), "node-1", mesh.Ref{}, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	workloads, services := 0, 0
	for _, sh := range snap.Shards {
		workloads, services = workloads+len(sh.Workloads), services+len(sh.Services)
	}
	if len(d.Workloads) != workloads || len(d.Services) != services || d.Skipped > 0 || len(d.Local) == 0 || len(d.Certificates) == 0 {
		t.Errorf("%d workloads of %d, %d services of %d, %d pods, %d certificates, %d skipped", len(d.Workloads), workloads, len(d.Services), services, len(d.Local), len(d.Certificates), d.Skipped)
	}
}
