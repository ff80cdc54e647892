package path

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/waylight/waylight/mesh"
)

// client is where a call starts: a pod, or pods whose calls take the same way.
type client struct {
	entry Entry
	// pod is who calls, or one of those that call alike; nil outside.
	pod *mesh.Workload
	// gateway is set where a gateway calls on behalf of somebody else.
	gateway *mesh.Gateway
	// pods are all that this one stands for. alike counts them, of all those
	// asked about; outside there is a client and no pod.
	pods       []*mesh.Workload
	alike, all int
}

// outsideCaller is the value of Request.From for a caller without a pod.
const outsideCaller = "outside"

// clients finds who calls. A controller or an account stands for its pods: one
// for each way their calls leave and each node, since every node has a ztunnel
// of its own.
func clients(s *mesh.Snapshot, from string) ([]*client, error) {
	if from == outsideCaller {
		return []*client{{entry: EntryNone, alike: 1, all: 1}}, nil
	}
	if rest, ok := strings.CutPrefix(from, "ingress:"); ok {
		return gatewayClients(s, rest)
	}
	parts := strings.Split(from, "/")
	switch {
	case slices.Contains(parts, ""), len(parts) < 2, len(parts) > 3:
		return nil, bad("%q does not say who calls: it is namespace/pod, namespace/kind/name (deployment, statefulset, daemonset, job, sa), ingress:namespace/gateway or outside.", from)
	case len(parts) == 2:
		return podClient(s, parts[0], parts[1])
	}
	pods, err := podsNamed(s, parts[0], parts[1], parts[2])
	if err != nil {
		return nil, err
	}
	return representatives(pods), nil
}

func podClient(s *mesh.Snapshot, namespace, name string) ([]*client, error) {
	w := s.Workload(namespace, name)
	if w == nil {
		return nil, noPod(s, namespace, name)
	}
	if w.Finished() {
		return nil, bad("Pod %s/%s has finished (%s): it makes no calls.", namespace, name, w.Phase)
	}
	if w.IsWaypoint() {
		return nil, bad("Pod %s/%s is a waypoint's: it makes no calls of its own.", namespace, name)
	}
	return representatives([]*mesh.Workload{w}), nil
}

// noPod explains a name that no pod has, and names what is called so instead.
func noPod(s *mesh.Snapshot, namespace, name string) error {
	for _, kind := range callerKinds {
		if s.Shard(namespace).ControllerNamed(kind, name) != nil && s.Unread(namespace, mesh.ResourcePods) == nil {
			return bad("There is no pod %s/%s; there is a %s of that name: %s/%s/%s.", namespace, name, kind, namespace, strings.ToLower(kind), name)
		}
	}
	return absent(s, "pod", namespace, name, mesh.ResourcePods, mesh.ResourceWorkloadEntries)
}

// callerKinds are the controllers a caller can be named by.
var callerKinds = []string{"Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob", "ReplicaSet"}

// podsNamed lists the running pods of a controller or a ServiceAccount.
func podsNamed(s *mesh.Snapshot, namespace, kind, name string) ([]*mesh.Workload, error) {
	sh := s.Shard(namespace)
	var mine func(*mesh.Workload) bool
	switch i := slices.IndexFunc(callerKinds, func(k string) bool { return strings.EqualFold(k, kind) }); {
	case strings.EqualFold(kind, "pod"):
		mine = func(w *mesh.Workload) bool { return w.Name == name }
	case strings.EqualFold(kind, "sa"), strings.EqualFold(kind, "serviceaccount"):
		mine = func(w *mesh.Workload) bool { return cmp.Or(w.ServiceAccount, "default") == name }
	case i >= 0:
		ref := mesh.Ref{Kind: callerKinds[i], Namespace: namespace, Name: name}
		mine = func(w *mesh.Workload) bool { return w.Owner == ref || s.ControllerOf(w) == ref }
	default:
		return nil, bad("A caller is a deployment, statefulset, daemonset, job, sa or pod, not a %q.", kind)
	}
	var out []*mesh.Workload
	for _, w := range sh.Workloads {
		if w.Kind == "Pod" && !w.Finished() && mine(w) {
			out = append(out, w)
		}
	}
	if len(out) == 0 {
		if err := doubt(s, "running pod of "+strings.ToLower(kind), namespace, name, podKinds(kind)...); err != nil {
			return nil, err
		}
		return nil, bad("No pod runs for %s %s/%s.", kind, namespace, name)
	}
	return out, nil
}

// podKinds are the kinds that must be known to tell that no pod runs for a
// controller. The name of a ReplicaSet says whose it is, that of a Job does not.
func podKinds(kind string) []string {
	if strings.EqualFold(kind, "CronJob") {
		return []string{mesh.ResourcePods, mesh.ResourceJobs}
	}
	return []string{mesh.ResourcePods}
}

// gatewayClients are the pods of a Gateway API gateway.
func gatewayClients(s *mesh.Snapshot, name string) ([]*client, error) {
	namespace, gateway, ok := strings.Cut(name, "/")
	g := s.Gateway(namespace, gateway)
	switch {
	case !ok:
		return nil, bad("%q names no gateway: write ingress:namespace/gateway.", name)
	case g == nil:
		return nil, absent(s, "Gateway", namespace, gateway, mesh.ResourceGateways)
	}
	if g.Role() == mesh.RoleWaypoint {
		return nil, bad("Gateway %s is a waypoint: it makes no calls of its own.", name)
	}
	var pods []*mesh.Workload
	for _, w := range s.Shard(namespace).Workloads {
		if w.GatewayName() == gateway && !w.Finished() {
			pods = append(pods, w)
		}
	}
	if len(pods) == 0 {
		if err := doubt(s, "running pod of Gateway", namespace, gateway, mesh.ResourcePods); err != nil {
			return nil, err
		}
		return nil, bad("No pod runs for Gateway %s.", name)
	}
	out := representatives(pods)
	for _, c := range out {
		c.gateway = g
	}
	return out, nil
}

// representatives picks one pod for each entry and node.
func representatives(pods []*mesh.Workload) []*client {
	type group struct {
		entry Entry
		node  string
	}
	byGroup := make(map[group]*client)
	var out []*client
	for _, w := range pods {
		g := group{entryOf(w), w.Node}
		c := byGroup[g]
		if c == nil {
			c = &client{entry: g.entry, pod: w, all: len(pods)}
			byGroup[g] = c
			out = append(out, c)
		}
		c.pods = append(c.pods, w)
		c.alike++
	}
	return out
}

// entryOf is how a pod's calls leave it.
func entryOf(w *mesh.Workload) Entry {
	switch {
	case w.HostNetwork || w.Kind != "Pod":
		return EntryNone
	case w.HasSidecar():
		return EntrySidecar
	case w.GatewayName() != "":
		return EntryGateway
	case w.Captured():
		return EntryZtunnel
	}
	return EntryNone
}

// ref is the object that calls; zero outside.
func (c *client) ref() mesh.Ref {
	switch {
	case c.gateway != nil:
		return c.gateway.Ref()
	case c.pod != nil:
		return c.pod.Ref()
	}
	return mesh.Ref{}
}

// title is how a hop calls the client.
func (c *client) title() string {
	switch {
	case c.gateway != nil:
		return c.gateway.Ref().NamespacedName()
	case c.pod == nil:
		return "outside the mesh"
	case c.all > 1:
		return fmt.Sprintf("%s, one of %d pods", c.pod.Name, c.all)
	}
	return c.pod.Name
}

// name, key and parts make the client a place that calls come from.
func (c *client) name() string {
	if c.pod == nil {
		return "from outside"
	}
	if c.alike > 1 {
		return fmt.Sprintf("from %s and %s on %s", c.pod.Name, count(c.alike-1, "other"), c.pod.Node)
	}
	return "from " + c.pod.Name
}

func (c *client) key() *client { return c }

func (c *client) parts() int { return c.alike }

func (c *client) namespace() string {
	if c.pod == nil {
		return ""
	}
	return c.pod.Namespace
}

func (c *client) node() string {
	if c.pod == nil {
		return ""
	}
	return c.pod.Node
}
