package mesh

import (
	"strings"
	"time"
)

// Workload is one place a call can start or end: a Pod, or a WorkloadEntry for
// something outside the cluster. It is what ztunnel calls a workload.
type Workload struct {
	Meta
	Node           string
	HostNetwork    bool
	ServiceAccount string
	// IPs are the pod's addresses, or a WorkloadEntry's address.
	IPs []string
	// Phase is Pending, Running, Succeeded, Failed or Unknown.
	Phase string
	// Reason says why a pod is in that phase, where Kubernetes says so.
	Reason string
	// Ready is the pod's Ready condition.
	Ready      bool
	Conditions Conditions
	Started    time.Time
	Containers []Container
	Zone       string
	// Network is the label topology.istio.io/network of a multi-network mesh.
	Network string
	// Ports are a WorkloadEntry's named ports.
	Ports map[string]uint32
}

// Container is one container of a pod or of a pod template. Restartable init
// containers (sidecars in Kubernetes' sense) are included, other init
// containers are not.
type Container struct {
	Name, Image string
	Init        bool
	Ports       []ContainerPort
	Limits      Resources
	Requests    Resources
	Probes      []Probe
	// Env holds literal values of the variables Waylight reads from Istio's
	// own components; values of other workloads are never kept.
	Env map[string]string
	// The rest is status and empty in a template.
	ID           string // container ID, e.g. containerd://…
	Ready        bool
	RestartCount int32
	StartedAt    time.Time
	Waiting      string // reason, e.g. CrashLoopBackOff; empty if not waiting
	WaitingText  string // message of the waiting state
	LastExit     *ContainerExit
}

// ContainerExit is how a container's last run ended.
type ContainerExit struct {
	Reason   string // OOMKilled, Error, Completed, …
	ExitCode int32
	At       time.Time
}

// ContainerPort is a declared port.
type ContainerPort struct {
	Name     string
	Port     uint16
	Protocol string
}

// Resources are amounts for a container; zero means not set.
type Resources struct {
	MilliCPU    int64
	MemoryBytes int64
}

// Probe is a kubelet probe. Kind is httpGet, tcpSocket, grpc or exec; Port is
// its number or name as written.
type Probe struct {
	Kind string
	Port string
}

// Principal is the identity the workload presents in mTLS without "spiffe://",
// as policies write it: "cluster.local/ns/shop/sa/web".
func (w *Workload) Principal(trustDomain string) string {
	return Principal(trustDomain, w.Namespace, w.ServiceAccount)
}

// Principal is the form istio policies use for an identity.
func Principal(trustDomain, namespace, serviceAccount string) string {
	if serviceAccount == "" {
		serviceAccount = "default"
	}
	return trustDomain + "/ns/" + namespace + "/sa/" + serviceAccount
}

// Finished tells that the pod ran to its end: it takes no traffic and has no
// enrolment to be judged.
func (w *Workload) Finished() bool { return w.Phase == "Succeeded" || w.Phase == "Failed" }

// Running tells that the pod's containers run and nobody asked for its
// deletion.
func (w *Workload) Running() bool { return w.Phase == "Running" && w.Deleting.IsZero() }

// HasSidecar tells that injection put an Envoy sidecar into the pod.
func (w *Workload) HasSidecar() bool { return w.Annotations[AnnotationSidecarStatus] != "" }

// GatewayName is the Gateway whose proxy this pod runs; empty for others.
func (w *Workload) GatewayName() string { return w.Labels[LabelGatewayName] }

// IsWaypoint tells that istiod's mesh controller made this pod as a waypoint's
// proxy (istio.md E).
func (w *Workload) IsWaypoint() bool {
	return w.GatewayName() != "" && strings.HasPrefix(w.Labels[LabelGatewayManaged], ManagedWaypoint)
}

// Restarts counts restarts of all containers.
func (w *Workload) Restarts() int32 {
	var n int32
	for i := range w.Containers {
		n += w.Containers[i].RestartCount
	}
	return n
}

// CanonicalRevision is what destination_version shows in Istio's metrics:
// the canonical-revision label, else app.kubernetes.io/version, else version,
// else "latest" (istio.md F).
func (w *Workload) CanonicalRevision() string {
	for _, l := range [...]string{LabelCanonicalRevision, "app.kubernetes.io/version", "version"} {
		if v := w.Labels[l]; v != "" {
			return v
		}
	}
	return "latest"
}

// PortNamed is the number of the container port of a name; false where no
// container declares it.
func (w *Workload) PortNamed(name string) (uint16, bool) {
	for i := range w.Containers {
		for _, p := range w.Containers[i].Ports {
			if p.Name == name {
				return p.Port, true
			}
		}
	}
	return 0, false
}
