package meshtest

import "github.com/waylight/waylight/mesh"

// ZtunnelLogs says that the log level of a node's ztunnel was read, and what it
// was, as ztunnel prints it.
func ZtunnelLogs(node, filter string, opts ...Option) Part {
	f, err := mesh.ParseLogFilter(filter)
	if err != nil {
		panic("meshtest: " + filter + ": " + err.Error()) // tests write it themselves
	}
	l := &mesh.ZtunnelLogLevel{
		Meta: meta(mesh.KindZtunnelLogLevel, "", node), At: Now, Filter: f,
		Pod: mesh.Ref{Kind: "Pod", Namespace: SystemNamespace, Name: "ztunnel-" + node},
	}
	if until, ok := f.Until(); ok {
		l.Until = until
	}
	apply(l, opts)
	return Objects(l)
}
