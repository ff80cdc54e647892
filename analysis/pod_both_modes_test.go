package analysis_test

import (
	"testing"
	"time"

	mt "github.com/waylight/waylight/mesh/meshtest"
)

func TestPodBothModes(t *testing.T) {
	ns := mt.Namespace("shop", mt.Ambient)
	testCheck(t, "POD_BOTH_MODES", []checkCase{
		{name: "pods with a sidecar in an ambient namespace are one finding", parts: []mt.Part{ns, mt.Deployment("shop", "web", mt.Replicas(3), mt.Sidecar)}, want: []string{"warning Deployment shop/web"}},
		{name: "the pod's own label asks for ambient", parts: []mt.Part{mt.Namespace("legacy"), mt.Deployment("legacy", "web", mt.Ambient, mt.Sidecar)}, want: []string{"warning Deployment legacy/web"}},
		{name: "silent: the pod says none", parts: []mt.Part{ns, mt.Deployment("shop", "web", mt.OptedOut, mt.Sidecar)}},
		{name: "silent: a namespace of sidecars alone", parts: []mt.Part{mt.Namespace("legacy"), mt.Deployment("legacy", "web", mt.Sidecar)}},
		{name: "silent: no sidecar", parts: []mt.Part{ns, mt.Deployment("shop", "web")}},
		{name: "silent: younger than a minute", parts: []mt.Part{ns, mt.Deployment("shop", "web", mt.Sidecar, mt.Age(30*time.Second))}},
	})
}
