package analysis

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/waylight/waylight/mesh"
)

// release is a version of Istio, as far as compatibility goes by it.
type release struct {
	text  string // as found
	minor int    // of 1.x
}

// firstAmbient is the first minor release that has an ambient mode. Lower
// numbers are the placeholder 1.0.0 of charts built from source, or versions
// somebody gave images of their own.
const firstAmbient = 15

// releaseForm is a version of three numbers, with whatever a distribution
// appends: 1.31.0, v1.31.0-rc.0, 1.30.2-asm.4. Development builds (latest,
// 1.32-dev, a commit) have none and are unknown.
var releaseForm = regexp.MustCompile(`^v?1\.(\d{1,3})\.\d{1,3}($|[^.\d])`)

// parseRelease reads a version; false where it tells none.
func parseRelease(text string) (release, bool) {
	m := releaseForm.FindStringSubmatch(text)
	if m == nil {
		return release{}, false
	}
	minor, err := strconv.Atoi(m[1])
	return release{text: text, minor: minor}, err == nil && minor >= firstAmbient
}

// imageTag is the tag of an image reference; empty for one by digest alone. A
// colon before the last slash belongs to a registry's port.
func imageTag(image string) string {
	image, _, _ = strings.Cut(image, "@")
	name := image[strings.LastIndexByte(image, '/')+1:]
	_, tag, _ := strings.Cut(name, ":")
	return tag
}

// component is one of the four parts of a mesh whose versions must fit.
type component struct {
	name      string // in a sentence
	container string
	pods      []*mesh.Workload
}

// findComponents finds the running pods of the mesh's own parts.
func (in *Input) findComponents() []component {
	out := []component{{name: "istiod", container: "discovery"}, {name: "ztunnel", container: "istio-proxy"}, {name: "istio-cni", container: "install-cni"}, {name: "waypoints", container: "istio-proxy"}}
	for _, sh := range in.Snap.Shards {
		for _, w := range sh.PartsOfMesh() {
			if i := componentOf(w); i >= 0 && w.Running() {
				out[i].pods = append(out[i].pods, w)
			}
		}
	}
	return out
}

// componentOf is the index of a pod's component, -1 for all other pods.
func componentOf(w *mesh.Workload) int {
	switch {
	case w.IsWaypoint():
		return 3
	case isIstiod(w):
		return 0
	case w.Labels["app"] == "ztunnel":
		return 1
	case w.Labels["k8s-app"] == "istio-cni-node":
		return 2
	}
	return -1
}

// found is where a version of a pod was found.
type found struct {
	release
	evidence Evidence
}

// versionOf finds a pod's version: what it said itself, else its image, else
// the label the charts give. False where none of them tells a release.
func (c component) versionOf(in *Input, w *mesh.Workload) (found, bool) {
	candidates := c.said(in, w)
	for i := range w.Containers {
		if w.Containers[i].Name == c.container {
			candidates = append(candidates, fieldEvidence(w.Ref(), "spec.containers["+c.container+"].image", w.Containers[i].Image))
		}
	}
	if v := w.Labels["app.kubernetes.io/version"]; v != "" && !w.IsWaypoint() { // a waypoint's labels are its user's
		candidates = append(candidates, labelEvidence(&w.Meta, "app.kubernetes.io/version"))
	}
	for _, e := range candidates {
		text := e.Text
		if strings.HasSuffix(e.Field, ".image") {
			text = imageTag(text)
		}
		if r, ok := parseRelease(text); ok {
			return found{release: r, evidence: e}, true
		}
	}
	return found{}, false
}

// said is the version a proxy gives itself, where it was read.
func (c component) said(in *Input, w *mesh.Workload) []Evidence {
	var out []Evidence
	if e := in.Snap.ZtunnelEvidence(w.Node); e != nil && e.Pod == w.Ref() {
		out = append(out, saidEvidence("ztunnel/"+w.Node, w.Ref(), "version.istioVersion", e.Version.IstioVersion, e.At))
	}
	return append(out, in.shared.versions()[w.Ref()]...)
}

// findSyncVersions are the versions that proxies told each istiod, by proxy.
func (in *Input) findSyncVersions() map[mesh.Ref][]Evidence {
	out := make(map[mesh.Ref][]Evidence)
	for _, istiod := range in.Snap.SyncEvidences() {
		source := istiodSaid{istiod}.source()
		for i := range istiod.Proxies {
			p := &istiod.Proxies[i]
			if said := out[p.Proxy]; len(said) == 0 || said[len(said)-1].Source != source { // the first that an istiod lists counts
				out[p.Proxy] = append(said, saidEvidence(source, p.Proxy, "istio_version", p.IstioVersion, istiod.At))
			}
		}
	}
	return out
}
