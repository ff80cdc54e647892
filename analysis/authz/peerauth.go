package authz

import (
	"cmp"
	"maps"
	"slices"
	"strconv"

	"github.com/waylight/waylight/mesh"
)

// Modes of a PeerAuthentication.
const (
	ModeUnset      = "UNSET"
	ModeDisable    = "DISABLE"
	ModePermissive = "PERMISSIVE"
	ModeStrict     = "STRICT"
)

// PeerMode is what mTLS a pod's ztunnel asks of callers, after all
// PeerAuthentications that concern the pod.
type PeerMode struct {
	// Strict refuses plaintext on every port but Exceptions.
	Strict bool
	// Exceptions are ports where the opposite of Strict holds.
	Exceptions map[uint16]bool
	// By decides; zero where nothing does and the default (permissive) holds.
	By mesh.Ref
	// PortsBy decides about the exceptions; zero without any.
	PortsBy mesh.Ref
	// Unread names namespaces whose PeerAuthentications could not be read.
	Unread []string
}

// StrictOn tells whether plaintext is refused on a pod's port.
func (m PeerMode) StrictOn(port uint16) bool { return m.Strict != m.Exceptions[port] }

// deciding is the object that decides for a port.
func (m PeerMode) deciding(port uint16) mesh.Ref {
	if m.Exceptions[port] {
		return m.PortsBy
	}
	return m.By
}

// PeerModeOf computes the mode for a workload as istiod converts it for
// ztunnel (istio.md C.3): a selector beats the namespace beats the mesh, the
// oldest wins among equals, DISABLE is PERMISSIVE. A selector in the root
// namespace and ports without a selector are ignored.
func PeerModeOf(s *mesh.Snapshot, w *mesh.Workload) PeerMode {
	root := s.MeshConfig().RootNamespace
	var m PeerMode
	var meshWide, namespaceWide, own *mesh.PeerAuthentication
	for _, p := range m.read(s, root) {
		if !p.Selects() {
			meshWide = older(meshWide, p)
		}
	}
	if w.Namespace != root {
		for _, p := range m.read(s, w.Namespace) {
			switch {
			case !p.Selects():
				namespaceWide = older(namespaceWide, p)
			case p.Selector.Matches(w.Labels):
				own = older(own, p)
			}
		}
	}
	for _, ns := range unique(root, w.Namespace) {
		if !s.Readable(mesh.ResourcePeerAuthentications, ns) {
			m.Unread = append(m.Unread, ns)
		}
	}
	m.inherit(meshWide)
	m.inherit(namespaceWide)
	m.inherit(own)
	if own != nil && m.Strict && unset(own.Mode) && lost(meshWide, namespaceWide, own) {
		m.Strict, m.By = false, own.Ref()
		return m
	}
	m.ports(own)
	return m
}

// read lists the PeerAuthentications of a namespace that istiod reads.
func (m *PeerMode) read(s *mesh.Snapshot, namespace string) []*mesh.PeerAuthentication {
	all := s.Shard(namespace).PeerAuths
	if !slices.ContainsFunc(all, func(p *mesh.PeerAuthentication) bool { return p.Labels[mesh.LabelRevision] != "" }) {
		return all
	}
	var out []*mesh.PeerAuthentication
	for _, p := range all {
		switch why, open := otherRevision(s, &p.Meta); {
		case open:
			m.Unread = append(m.Unread, why)
		case why == "":
			out = append(out, p)
		}
	}
	return out
}

// lost tells that a workload is told to enforce a policy with exceptions for
// ports that istiod never makes: it takes the mode to inherit from the
// namespace's PeerAuthentication where there is one, even if that one leaves it
// unset, and looks no further. The workload is then not strict at all
// (convertPeerAuthentication in istiod's ambient/authorization.go).
func lost(meshWide, namespaceWide, own *mesh.PeerAuthentication) bool {
	if !hasMode(own, ModePermissive) {
		return false
	}
	from := meshWide
	if namespaceWide != nil && namespaceWide.Selector == nil {
		from = namespaceWide
	}
	return from == nil || from.Selector != nil || from.Mode != ModeStrict
}

// inherit lets a mode that is set override what the wider scope said.
func (m *PeerMode) inherit(p *mesh.PeerAuthentication) {
	if p == nil || unset(p.Mode) {
		return
	}
	m.Strict, m.By = p.Mode == ModeStrict, p.Ref()
}

func unset(mode string) bool { return mode == "" || mode == ModeUnset }

// ports applies portLevelMtls of the deciding selector policy. A port that is
// DISABLE while the policy's own mode is unset and the parent STRICT stays
// strict, unless another of its ports is PERMISSIVE: only then does istiod
// send the converted policy at all.
func (m *PeerMode) ports(p *mesh.PeerAuthentication) {
	if p == nil {
		return
	}
	lifts := func(mode string) bool { return mode == ModePermissive || mode == ModeDisable }
	if m.Strict && unset(p.Mode) && !hasMode(p, ModePermissive) {
		return
	}
	for port, mode := range p.PortModes {
		if (m.Strict && lifts(mode)) || (!m.Strict && mode == ModeStrict) {
			if m.Exceptions == nil {
				m.Exceptions, m.PortsBy = make(map[uint16]bool), p.Ref()
			}
			m.Exceptions[port] = true
		}
	}
}

func hasMode(p *mesh.PeerAuthentication, mode string) bool {
	for _, m := range p.PortModes {
		if m == mode {
			return true
		}
	}
	return false
}

// older keeps the older of two objects, the first by name of one age.
func older(a, b *mesh.PeerAuthentication) *mesh.PeerAuthentication {
	if a == nil || cmp.Or(b.Created.Compare(a.Created), b.Ref().Compare(a.Ref())) < 0 {
		return b
	}
	return a
}

func unique(a, b string) []string {
	if a == b {
		return []string{a}
	}
	return []string{a, b}
}

// Effect says in words what the mode does before a pod.
func (m PeerMode) Effect() string {
	if m.Strict {
		return "refuses plaintext" + m.except("admits it on port")
	}
	return "admits plaintext as well as mTLS" + m.except("refuses it on port")
}

func (m PeerMode) except(verb string) string {
	if len(m.Exceptions) == 0 {
		return ""
	}
	var ports []string
	for _, p := range slices.Sorted(maps.Keys(m.Exceptions)) {
		ports = append(ports, strconv.Itoa(int(p)))
	}
	return ", and " + verb + " " + list(ports)
}
