package kube

import (
	"testing"
	"time"

	"github.com/waylight/waylight/mesh"
)

func TestKindIsReadWhileItIsServed(t *testing.T) {
	resource := mesh.ResourceAuthorizationPolicies
	for _, c := range []struct {
		name    string
		watched bool          // definitions can be watched
		within  time.Duration // a change must be noticed
	}{
		{"definitions are watched", true, discoveryHurry + time.Second},
		{"definitions are forbidden", false, discoveryUnsure + time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.api.may = func(a access) bool { return c.watched || a.resource != mesh.ResourceCRDs }
				w.api.absent[resource] = true
				w.api.apply(policy("shop", "allow"))
				w.run()
				w.expect(resource, mesh.SourceAbsent, "")
				w.expect("", mesh.SourceOK, "")
				w.expectNames("AuthorizationPolicy")
				w.pass(10 * time.Minute)

				w.api.configure(func() { delete(w.api.absent, resource) })
				w.api.apply(definitionOf(resource, "v1"))
				w.pass(c.within)
				w.expect(resource, mesh.SourceOK, "")
				w.expectNames("AuthorizationPolicy", "shop/allow")
				w.pass(10 * time.Minute)

				w.api.configure(func() { w.api.absent[resource] = true })
				w.api.delete(definitionOf(resource, "v1"))
				w.pass(c.within)
				w.expect(resource, mesh.SourceAbsent, "")
				w.expectNames("AuthorizationPolicy")
			})
		})
	}
}

func TestDefinitionThatIsServedLate(t *testing.T) {
	resource := mesh.ResourceGateways
	inWorld(t, func(w *world) {
		w.api.absent[resource] = true
		w.run()
		w.api.apply(definitionOf(resource, "v1"))
		w.pass(time.Minute)
		w.expect(resource, mesh.SourceAbsent, "")
		w.api.configure(func() { delete(w.api.absent, resource) })
		w.pass(discoveryUnsure + time.Second)
		w.expect(resource, mesh.SourceOK, "")
	})
}

func TestNewestServedVersionIsRead(t *testing.T) {
	resource := mesh.ResourceAuthorizationPolicies
	inWorld(t, func(w *world) {
		w.api.versions[resource] = "v1beta1"
		w.api.apply(policy("shop", "allow"), definitionOf(resource, "v1beta1"))
		w.run()
		w.expect(resource, mesh.SourceOK, "")
		w.expectNames("AuthorizationPolicy", "shop/allow")
		w.api.configure(func() { w.api.versions[resource] = "v1" })
		w.api.apply(definitionOf(resource, "v1"))
		w.pass(discoveryHurry + time.Second)
		w.expect(resource, mesh.SourceOK, "")
		w.expectNames("AuthorizationPolicy", "shop/allow")
	})
}

func TestDiscoveryIsRareWhileNothingChanges(t *testing.T) {
	inWorld(t, func(w *world) {
		w.api.apply(definitionOf(mesh.ResourceGateways, "v1"))
		w.run()
		w.pass(time.Minute)
		w.api.counts()
		w.pass(time.Hour)
		if _, n := w.api.counts(); n > 13 {
			t.Errorf("what is served was asked for %d times in a quiet hour", n)
		}
	})
}

func TestForbiddenDiscoveryIsDoneWithout(t *testing.T) {
	inWorld(t, func(w *world) {
		w.api.undiscoverable = true
		w.api.absent[mesh.ResourceGateways] = true
		w.api.apply(pod("shop", "web"), policy("shop", "allow"))
		w.run()
		w.expect("", mesh.SourceOK, "")
		w.expectNames("Pod", "shop/web")
		w.expectNames("AuthorizationPolicy", "shop/allow")
		w.expect(mesh.ResourceGateways, mesh.SourceAbsent, "")
		w.api.configure(func() { delete(w.api.absent, mesh.ResourceGateways) })
		w.pass(deniedRetry)
		w.expect(mesh.ResourceGateways, mesh.SourceOK, "")
	})
}
