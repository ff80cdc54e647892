package server

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"
	"unicode"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views"
)

// Dumps reads what proxies of one mesh have in their memory, when somebody
// looks at it. It is called by many requests at once: whoever implements it
// bounds how many proxies are read at a time, and keeps a dump for seconds.
type Dumps interface {
	// Ztunnel reads the ztunnel of a node. pod is "namespace/name" of one of the
	// node's ztunnels, empty for the Ready one. fresh asks the proxy itself, and
	// not what is kept. The read may go on for others when ctx ends. An error
	// that knows more than its text is an *UnreadError.
	Ztunnel(ctx context.Context, node, pod string, fresh bool) (*mesh.ZtunnelDump, error)
	// Envoy reads the Envoy of a waypoint's pod, in the same way.
	Envoy(ctx context.Context, pod mesh.Ref, fresh bool) (*mesh.EnvoyDump, error)
	// Sync asks the istiod in a pod whom it is connected to, in the same way.
	Sync(ctx context.Context, istiod mesh.Ref, fresh bool) (*mesh.SyncEvidence, error)
}

// UnreadError is an error of Dumps with a reason that a page has words for.
type UnreadError struct {
	Reason views.ReadFailure
	// Detail is the missing right as "verb resource in namespace" where the
	// reason is ReadForbidden, else one line that a reader may see.
	Detail string
}

// Error implements error.
func (e *UnreadError) Error() string {
	return strings.TrimSuffix(string(e.Reason)+": "+e.Detail, ": ")
}

// dumpDeadline is how long a page waits for a proxy.
const dumpDeadline = 3 * time.Second

// readZtunnel reads a ztunnel for a page, which shows whatever comes of it. A
// pod must be one of the node's ztunnels: a browser may choose between them,
// and may not choose what Waylight connects to.
func (s *Server) readZtunnel(r *http.Request, report *analysis.Report, node, pod string, fresh bool) views.ZtunnelRead {
	dumps := s.dumps(s.worldOf(r).name)
	pods := report.Snap.Ztunnels(node)
	switch chosen := views.NamedPod(pods, pod); {
	case dumps == nil:
		return views.ZtunnelRead{Failure: views.ReadUnwired}
	case chosen != nil:
		pod = chosen.Namespace + "/" + chosen.Name
	case pod != "":
		return views.ZtunnelRead{Failure: views.ReadAbsent, Detail: "None of this node's ztunnels is the pod " + pod + "."}
	case len(pods) == 0 && report.Snap.Readable(mesh.ResourcePods, "") && report.Snap.ZtunnelEvidence(node) == nil:
		return views.ZtunnelRead{Failure: views.ReadAbsent, Detail: "No pod on " + node + " has the label app=ztunnel."}
	}
	ctx, cancel := context.WithTimeout(r.Context(), dumpDeadline)
	defer cancel()
	dump, err := dumps.Ztunnel(ctx, node, pod, fresh)
	if err != nil || dump == nil {
		why, detail := unread(err)
		return views.ZtunnelRead{Failure: why, Detail: detail}
	}
	return views.ZtunnelRead{Dump: dump}
}

// unread is an error of Dumps as pages say it; nil is an answer of nothing.
func unread(err error) (why views.ReadFailure, detail string) {
	if e, ok := errors.AsType[*UnreadError](err); ok {
		return e.Reason, oneLine(e.Detail)
	}
	switch {
	case err == nil:
		return views.ReadFailed, ""
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return views.ReadTimedOut, ""
	}
	return views.ReadFailed, oneLine(err.Error())
}

// oneLine bounds the text of an error, which may quote what a proxy sent.
func oneLine(s string) string {
	const limit = 500
	s = strings.Join(strings.FieldsFunc(s, func(c rune) bool { return unicode.IsSpace(c) || unicode.IsControl(c) }), " ")
	if len(s) > limit {
		s = strings.ToValidUTF8(s[:limit], "") + "…"
	}
	return s
}

// knownNode tells whether there is anything to say of a node's ztunnel, also
// where Nodes may not be read.
func knownNode(snap *mesh.Snapshot, node string) bool {
	_, asked := snap.Sources.Find("ztunnel/" + node)
	return snap.Node(node) != nil || asked || snap.ZtunnelEvidence(node) != nil || len(snap.Ztunnels(node)) > 0
}
