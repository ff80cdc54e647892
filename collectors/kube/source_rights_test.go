package kube

import (
	"slices"
	"testing"
	"time"

	"github.com/waylight/waylight/mesh"
)

func TestMissingRightIsNamedAndNoticedWhenGranted(t *testing.T) {
	inWorld(t, func(w *world) {
		w.api.apply(policy("shop", "allow"), pod("shop", "web"))
		denied := mesh.ResourceAuthorizationPolicies
		w.api.may = func(a access) bool { return a.resource != denied && a.resource != mesh.ResourceNodes }
		w.run()
		w.expect(denied, mesh.SourceForbidden, "list authorizationpolicies.security.istio.io in all namespaces")
		w.expect("nodes", mesh.SourceForbidden, "list nodes at the cluster scope")
		w.expect("pods", mesh.SourceOK, "")
		w.expect("", mesh.SourceOK, "")
		if !w.source.Synced() {
			t.Error("what is not permitted keeps it from being ready")
		}
		w.expectNames("AuthorizationPolicy")

		w.api.accesses()
		w.pass(time.Minute)
		if n := count(w.api.accesses(), denied); n > 10 {
			t.Errorf("a denied kind was asked for %d times in a minute", n)
		}
		w.api.configure(func() { w.api.may = func(access) bool { return true } })
		w.pass(deniedRetry)
		w.expect(denied, mesh.SourceOK, "")
		w.expectNames("AuthorizationPolicy", "shop/allow")
	})
}

func count(accesses []access, resource string) int {
	n := 0
	for _, a := range accesses {
		if a.resource == resource {
			n++
		}
	}
	return n
}

func TestLostRightDropsWhatWasRead(t *testing.T) {
	inWorld(t, func(w *world) {
		w.api.apply(pod("shop", "web"))
		w.run()
		w.api.configure(func() { w.api.may = func(a access) bool { return a.resource != "pods" } })
		w.pass(3 * time.Minute)
		w.expect("pods", mesh.SourceForbidden, "list pods in all namespaces")
		w.expectNames("Pod")
		if len(w.sink.wrongful) > 0 {
			t.Errorf("%q were dropped while pods counted as readable: for a moment they were known not to exist", w.sink.wrongful)
		}
		w.api.configure(func() { w.api.may = func(access) bool { return true } })
		w.pass(deniedRetry)
		w.expect("pods", mesh.SourceOK, "")
		w.expectNames("Pod", "shop/web")
	})
}

func TestStartingAPIServerThatDeniesEverything(t *testing.T) {
	inWorld(t, func(w *world) {
		w.api.apply(pod("shop", "web"))
		w.run()
		w.api.stop()
		w.pass(time.Second)
		w.api.readyz = "denied"
		w.api.may = func(access) bool { return false }
		w.api.start()
		w.pass(10 * time.Second)
		w.expect("", mesh.SourceDown, "not ready (status 403)")
		w.expect("pods", mesh.SourceStale, "")
		w.expectNames("Pod", "shop/web")

		w.api.configure(func() { w.api.readyz = "" })
		w.pass(2 * time.Second)
		w.expect("pods", mesh.SourceStale, "not permitted any more: watch pods in all namespaces")
		w.expectNames("Pod", "shop/web")
		w.api.configure(func() { w.api.may = func(access) bool { return true } })
		w.pass(doubtfulRetry)
		w.expect("pods", mesh.SourceOK, "")
		w.expectNames("Pod", "shop/web")
	})
}

func TestReadinessThatMayNotBeAsked(t *testing.T) {
	inWorld(t, func(w *world) {
		w.api.readyz = "denied"
		w.api.apply(pod("shop", "web"))
		w.run()
		w.expect("", mesh.SourceOK, "")

		w.api.configure(func() { w.api.readyz = "" })
		w.pass(probeInterval)
		w.api.configure(func() { w.api.readyz = "denied" })
		w.pass(time.Minute)
		w.expect("", mesh.SourceOK, "")
	})
}

func TestRightToListWithoutRightToWatch(t *testing.T) {
	inWorld(t, func(w *world) {
		w.api.apply(pod("shop", "web"), pod("shop", "orders"))
		w.api.may = func(a access) bool { return a.verb != "watch" || a.resource != "pods" }
		w.run()
		w.expect("pods", mesh.SourceForbidden, "watch pods in all namespaces")
		w.expectNames("Pod")
	})
}

func TestNoRightAtAll(t *testing.T) {
	inWorld(t, func(w *world) {
		w.api.may = func(access) bool { return false }
		w.run()
		w.expect("", mesh.SourceForbidden, "list namespaces at the cluster scope, and every other kind")
		w.api.configure(func() { w.api.may = func(access) bool { return true } })
		w.pass(deniedRetry)
		w.expect("", mesh.SourceOK, "")
	})
}

// inNamespaces grants what a role grants that is bound in some namespaces.
func inNamespaces(namespaces ...string) func(access) bool {
	return func(a access) bool {
		if a.resource == mesh.ResourceNamespaces {
			return a.verb == "get" && slices.Contains(namespaces, a.name)
		}
		return slices.Contains(namespaces, a.namespace)
	}
}

func TestScopeNeedsNoRightOutsideOfIt(t *testing.T) {
	inWorld(t, func(w *world) {
		w.api.apply(namespace("a"), namespace("b"), namespace("c"), pod("a", "web"), pod("b", "web"), pod("c", "web"))
		w.api.may = inNamespaces("a", "b")
		w.run("b", "a")
		w.expect("", mesh.SourceOK, "")
		w.expect("pods", mesh.SourceOK, "")
		w.expect("namespaces", mesh.SourceOK, "")
		w.expect("nodes", mesh.SourceForbidden, "list nodes at the cluster scope")
		w.expectNames("Pod", "a/web", "b/web")
		w.expectNames("Namespace", "a", "b")
		for _, a := range w.api.accesses() {
			if a.namespace == "c" || a.name == "c" {
				t.Errorf("%+v was asked for", a)
			}
		}

		w.api.apply(withLabel(namespace("a"), "istio.io/use-waypoint", "waypoint"), pod("b", "late"))
		w.api.delete(namespace("b"))
		w.pass(namespacePoll)
		w.expectNames("Namespace", "a")
		a := w.sink.object(mesh.Ref{Kind: "Namespace", Name: "a"})
		if got := a.Metadata().Labels["istio.io/use-waypoint"]; got != "waypoint" {
			t.Errorf("the changed label is %q", got)
		}
		w.api.apply(namespace("b"))
		w.pass(namespacePoll)
		w.expectNames("Namespace", "a", "b")
		w.expectNames("Pod", "a/web", "b/late", "b/web")
	})
}

func TestScopeWithRightsOnNamespaces(t *testing.T) {
	inWorld(t, func(w *world) {
		w.api.apply(namespace("a"), namespace("b"))
		w.run("a")
		w.expectNames("Namespace", "a")
		w.api.apply(withLabel(namespace("a"), "k", "v"))
		w.pass(0)
		if w.sink.object(mesh.Ref{Kind: "Namespace", Name: "a"}).Metadata().Labels["k"] != "v" {
			t.Error("the change did not arrive at once")
		}
		for _, a := range w.api.accesses() {
			if a.verb == "get" {
				t.Errorf("%+v was asked for; a watch was permitted", a)
			}
		}
	})
}

func TestScopeThatIsGrantedLaterIsWatched(t *testing.T) {
	inWorld(t, func(w *world) {
		w.api.apply(namespace("a"))
		w.api.may = inNamespaces("a")
		w.run("a")
		w.api.configure(func() { w.api.may = func(access) bool { return true } })
		w.pass(3 * time.Minute)
		w.api.accesses()
		w.pass(time.Minute)
		w.api.apply(withLabel(namespace("a"), "k", "v"))
		w.pass(time.Second)
		if w.sink.object(mesh.Ref{Kind: "Namespace", Name: "a"}).Metadata().Labels["k"] != "v" {
			t.Error("the change did not arrive at once")
		}
		w.expect("namespaces", mesh.SourceOK, "")
	})
}

func TestWorstNamespaceSpeaksForItsKind(t *testing.T) {
	inWorld(t, func(w *world) {
		w.api.apply(namespace("a"), namespace("b"), pod("a", "web"), pod("b", "web"))
		w.api.may = inNamespaces("a")
		w.run("a", "b", "c")
		w.expect("pods", mesh.SourceForbidden, "list pods in b, c")
		w.expect("namespaces", mesh.SourceForbidden, "get namespaces in b, c")
		w.expectNames("Pod", "a/web")
		w.expectNames("Namespace", "a")

		w.api.configure(func() {
			w.api.may = func(access) bool { return true }
			w.api.answer = func(a access) int {
				if a.resource == "pods" && a.namespace == "c" {
					return 500
				}
				return 0
			}
		})
		w.pass(deniedRetry + time.Second)
		w.expect("pods", mesh.SourceDown, "in c: http://127.0.0.1:6443 answered 500")
		w.expectNames("Pod", "a/web", "b/web")
	})
}
