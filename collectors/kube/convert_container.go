package kube

import (
	"strconv"

	corev1 "k8s.io/api/core/v1"

	"github.com/waylight/waylight/mesh"
)

// containersOf lists the containers that keep running: the regular ones and
// the restartable init containers (sidecars in Kubernetes' sense). labels are
// those of the pod or the template, by which Istio's components are known.
func containersOf(spec *corev1.PodSpec, labels map[string]string, c *checker) []mesh.Container {
	out := make([]mesh.Container, 0, len(spec.Containers))
	for i := range spec.InitContainers {
		in := &spec.InitContainers[i]
		if in.RestartPolicy != nil && *in.RestartPolicy == corev1.ContainerRestartPolicyAlways {
			out = append(out, containerOf(in, labels, c))
			out[len(out)-1].Init = true
		}
	}
	for i := range spec.Containers {
		out = append(out, containerOf(&spec.Containers[i], labels, c))
	}
	return out
}

func containerOf(in *corev1.Container, labels map[string]string, c *checker) mesh.Container {
	return mesh.Container{
		Name:     share(in.Name),
		Image:    share(in.Image),
		Ports:    containerPorts(in, c),
		Limits:   amounts(in.Resources.Limits),
		Requests: amounts(in.Resources.Requests),
		Probes:   probesOf(in),
		Env:      envOf(in, labels),
	}
}

func containerPorts(in *corev1.Container, c *checker) []mesh.ContainerPort {
	var out []mesh.ContainerPort
	for i, p := range in.Ports {
		number := c.port(int64(p.ContainerPort), "containers["+in.Name+"].ports[].containerPort", i)
		out = append(out, mesh.ContainerPort{Name: share(p.Name), Port: number, Protocol: protocolOf(p.Protocol)})
	}
	return out
}

// protocolOf defaults a port's protocol as the API server does.
func protocolOf(p corev1.Protocol) string {
	if p == "" {
		return string(corev1.ProtocolTCP)
	}
	return share(p)
}

// amounts reads requests or limits. CPU is rounded up to whole millicores, and
// what does not fit 64 bits is the largest number that does.
func amounts(list corev1.ResourceList) mesh.Resources {
	var out mesh.Resources
	if cpu, ok := list[corev1.ResourceCPU]; ok {
		out.MilliCPU = cpu.MilliValue()
	}
	if memory, ok := list[corev1.ResourceMemory]; ok {
		out.MemoryBytes = memory.Value()
	}
	return out
}

// probesOf lists a container's probes; two that ask the same way are one.
func probesOf(in *corev1.Container) []mesh.Probe {
	var out []mesh.Probe
	seen := make(map[mesh.Probe]bool)
	for _, p := range []*corev1.Probe{in.LivenessProbe, in.ReadinessProbe, in.StartupProbe} {
		if p == nil {
			continue
		}
		if probe := probeOf(p); !seen[probe] {
			seen[probe] = true
			out = append(out, probe)
		}
	}
	return out
}

func probeOf(p *corev1.Probe) mesh.Probe {
	switch {
	case p.HTTPGet != nil:
		return mesh.Probe{Kind: "httpGet", Port: share(p.HTTPGet.Port.String())}
	case p.TCPSocket != nil:
		return mesh.Probe{Kind: "tcpSocket", Port: share(p.TCPSocket.Port.String())}
	case p.GRPC != nil:
		return mesh.Probe{Kind: "grpc", Port: share(strconv.Itoa(int(p.GRPC.Port)))}
	}
	return mesh.Probe{Kind: "exec"}
}
