package ztunnel

import "github.com/waylight/waylight/mesh"

// locals reads the pods of the node, by UID (istio.md A.9).
func (w *walker) locals() error {
	if w.visit.HasLocal != nil && w.dec.PeekKind() == '{' {
		w.visit.HasLocal()
	}
	return w.entries(localPart, w.visit.Local != nil, w.local)
}

func (w *walker) local(uid string) error {
	if w.dec.PeekKind() != '{' {
		return w.wrong("an object")
	}
	out := mesh.ZtunnelLocal{PodUID: uid}
	err := w.object(func(key []byte) error {
		switch string(key) {
		case "state":
			return w.text(&out.State)
		case "info":
			return w.podInfo(&out)
		case "connections":
			return w.connections(&out)
		}
		return w.dec.SkipValue()
	})
	if err != nil {
		return err
	}
	w.visit.Local(out)
	return w.keep(costEntry + len(uid))
}

// podInfo is not there before 1.24.
func (w *walker) podInfo(out *mesh.ZtunnelLocal) error {
	return w.object(func(key []byte) error {
		switch string(key) {
		case "name":
			return w.own(&out.Name)
		case "namespace":
			return w.text(&out.Namespace)
		case "serviceAccount":
			return w.text(&out.ServiceAccount)
		}
		return w.dec.SkipValue()
	})
}

func (w *walker) connections(out *mesh.ZtunnelLocal) error {
	return w.object(func(key []byte) error {
		switch string(key) {
		case "inbound":
			return levels(w, &out.Inbound, w.connection)
		case "outbound":
			return levels(w, &out.Outbound, w.connection)
		}
		return w.dec.SkipValue()
	})
}

// connection reads a live connection; its protocol is there since 1.26.
func (w *walker) connection(out *mesh.ZtunnelConnection) error {
	err := w.object(func(key []byte) error {
		switch string(key) {
		case "src":
			return w.own(&out.Source)
		case "originalDst":
			return w.own(&out.OriginalDestination)
		case "actualDst":
			return w.own(&out.Destination)
		case "protocol":
			return w.text(&out.Protocol)
		}
		return w.dec.SkipValue()
	})
	return firstOf(err, w.keep(costEntry))
}
