package analysis_test

import (
	"testing"
	"time"

	"github.com/waylight/waylight/mesh"
	mt "github.com/waylight/waylight/mesh/meshtest"
)

func TestRedirectionStale(t *testing.T) {
	left := mt.Namespace("shop", mt.ChangedBy("kubectl", time.Hour))
	stale := []string{"warning Deployment shop/web"}
	testCheck(t, "REDIRECTION_STALE", []checkCase{
		{name: "the namespace lost its label an hour ago", parts: []mt.Part{left, mt.Deployment("shop", "web", mt.Captured)}, want: stale},
		{name: "the pod says none and is still marked", parts: []mt.Part{mt.Namespace("shop", mt.Ambient), mt.Deployment("shop", "web", mt.OptedOut, mt.Captured)}, want: stale},
		{name: "silent: the namespace lost its label this moment", parts: []mt.Part{mt.Namespace("shop", mt.ChangedBy("kubectl", 3*time.Second)), mt.Deployment("shop", "web", mt.Captured)}},
		{name: "silent: the pod asks by itself", parts: []mt.Part{left, mt.Deployment("shop", "web", mt.Ambient, mt.Captured)}},
		{name: "silent: it is not marked", parts: []mt.Part{left, mt.Deployment("shop", "web")}},
		{name: "silent: the Namespace may not be read", parts: []mt.Part{mt.Forbidden(mesh.ResourceNamespaces), mt.Deployment("shop", "web", mt.Captured)}},
		{name: "silent: the pod is terminating", parts: []mt.Part{left, mt.Deployment("shop", "web", mt.Captured, mt.Terminating())}},
	})
}
