package ztunnel

import "github.com/waylight/waylight/mesh"

// rawLocal is a pod of the node, by UID in workloadState (istio.md A.9).
type rawLocal struct {
	State string `json:"state"`
	Info  *struct {
		Name           string `json:"name"`
		Namespace      string `json:"namespace"`
		ServiceAccount string `json:"serviceAccount"`
	} `json:"info"`
	Connections *struct {
		Inbound  []rawConnection `json:"inbound"`
		Outbound []rawConnection `json:"outbound"`
	} `json:"connections"`
}

type rawConnection struct {
	Src         string  `json:"src"`
	OriginalDst *string `json:"originalDst"`
	ActualDst   string  `json:"actualDst"`
	Protocol    string  `json:"protocol"` // since 1.26
}

func (w *walker) locals(part string) error {
	if w.visit.HasLocal != nil && w.dec.PeekKind() == '{' {
		w.visit.HasLocal()
	}
	return each(w, part, w.visit.Local, w.local)
}

func (w *walker) local(uid string, raw *rawLocal) (mesh.ZtunnelLocal, bool) {
	out := mesh.ZtunnelLocal{PodUID: uid, State: raw.State}
	if raw.Info != nil {
		out.Name, out.Namespace, out.ServiceAccount = raw.Info.Name, w.names.of(raw.Info.Namespace), w.names.of(raw.Info.ServiceAccount)
	}
	if raw.Connections != nil {
		out.Inbound, out.Outbound = connections(raw.Connections.Inbound), connections(raw.Connections.Outbound)
	}
	return out, true
}

func connections(raw []rawConnection) []mesh.ZtunnelConnection {
	out := make([]mesh.ZtunnelConnection, 0, len(raw))
	for _, c := range raw {
		conn := mesh.ZtunnelConnection{Source: c.Src, Destination: c.ActualDst, Protocol: c.Protocol}
		if c.OriginalDst != nil {
			conn.OriginalDestination = *c.OriginalDst
		}
		out = append(out, conn)
	}
	return out
}
