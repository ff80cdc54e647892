package kube

import (
	"fmt"
	"testing"
	"time"

	"github.com/waylight/waylight/mesh"
)

func TestSourceFollowsTheCluster(t *testing.T) {
	for _, c := range []struct {
		name   string
		legacy bool
	}{{"API server with streamed lists", false}, {"API server before 1.26", true}} {
		t.Run(c.name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.api.legacy = c.legacy
				w.api.apply(namespace("shop"), pod("shop", "web"), pod("bank", "ledger"), policy("shop", "allow"))
				w.run()
				w.expect("", mesh.SourceOK, "")
				w.expect("pods", mesh.SourceOK, "")
				w.expect(mesh.ResourceAuthorizationPolicies, mesh.SourceOK, "")
				w.expectNames("Pod", "bank/ledger", "shop/web")
				w.expectNames("AuthorizationPolicy", "shop/allow")
				w.expectNames("Namespace", "shop")
				if !w.source.Synced() {
					t.Error("it is not synced")
				}
				if want := (mesh.ClusterInfo{Name: "test", KubernetesVersion: "v1.37.2", Origin: mesh.OriginLive}); w.sink.cluster != want {
					t.Errorf("the cluster is %+v, want %+v", w.sink.cluster, want)
				}

				w.api.apply(withLabel(pod("shop", "web"), "app", "web"), pod("shop", "orders"))
				w.api.delete(pod("bank", "ledger"))
				w.pass(0)
				w.expectNames("Pod", "shop/orders", "shop/web")
				web := w.sink.object(mesh.Ref{Kind: "Pod", Namespace: "shop", Name: "web"})
				if got := web.Metadata().Labels["app"]; got != "web" {
					t.Errorf("the changed label is %q", got)
				}
			})
		})
	}
}

func TestListsThatCannotBeStreamedComeInPages(t *testing.T) {
	inWorld(t, func(w *world) {
		w.api.legacy = true
		for i := range 2*pageSize + 1 {
			w.api.apply(pod("shop", fmt.Sprint("web-", i)))
		}
		w.run()
		if n := len(w.sink.names("Pod")); n != 2*pageSize+1 {
			t.Errorf("%d pods arrived", n)
		}
		lists := 0
		for _, a := range w.api.accesses() {
			if a.resource == "pods" && a.verb == "list" {
				lists++
			}
		}
		if lists != 3 {
			t.Errorf("the list came in %d pages, want 3", lists)
		}
	})
}

func TestFreshnessAdvancesWhileWatching(t *testing.T) {
	inWorld(t, func(w *world) {
		w.run()
		began := time.Now()
		w.pass(time.Minute)
		for _, resource := range []string{"", "pods", mesh.ResourceAuthorizationPolicies} {
			if age := time.Since(w.sink.source(resource).AsOf); age > probeInterval {
				t.Errorf("kubernetes/%s is as of %v ago", resource, age)
			}
		}
		w.api.stop()
		w.pass(time.Minute)
		for _, resource := range []string{"", "pods"} {
			if asOf := w.sink.source(resource).AsOf; asOf.After(began.Add(time.Minute)) {
				t.Errorf("kubernetes/%s is as of a time when nothing answered", resource)
			}
		}
	})
}

func TestLongWatchesAreBegunAnewWithoutReadingAgain(t *testing.T) {
	inWorld(t, func(w *world) {
		w.api.apply(pod("shop", "web"))
		w.run()
		w.api.accesses()
		w.sink.counted()
		w.pass(time.Hour)
		watches := 0
		for _, a := range w.api.accesses() {
			if a.verb == "list" {
				t.Errorf("%+v was read again", a)
			}
			if a.resource == "pods" {
				watches++
			}
		}
		if watches < 20 || watches > 60 {
			t.Errorf("pods were watched %d times in an hour, which must be every one to three minutes", watches)
		}
		if n := w.sink.counted(); n > 0 {
			t.Errorf("%d objects arrived again", n)
		}
		w.api.apply(pod("shop", "later"))
		w.pass(time.Second)
		w.expectNames("Pod", "shop/later", "shop/web")
	})
}

func TestCompactedHistoryIsReadAgain(t *testing.T) {
	inWorld(t, func(w *world) {
		w.api.apply(pod("shop", "web"), pod("shop", "old"))
		w.run()
		w.api.stop()
		w.pass(time.Second)
		w.api.delete(pod("shop", "old"))
		w.api.apply(pod("shop", "new"))
		w.api.forget()
		w.sink.counted()
		w.api.start()
		w.pass(5 * time.Second)
		w.expectNames("Pod", "shop/new", "shop/web")
		w.expect("pods", mesh.SourceOK, "")
		if n := w.sink.counted(); n != 1 {
			t.Errorf("%d objects arrived, want only the new one: the others did not change", n)
		}
	})
}

func TestUnreadableObjectIsCountedUntilItIsMended(t *testing.T) {
	for _, legacy := range []bool{false, true} {
		inWorld(t, func(w *world) {
			w.api.legacy = legacy
			broken := func(name string) manifest { return withSpec(policy("shop", name), manifest{"rules": "none"}) }
			w.api.apply(policy("shop", "good"), broken("bad"))
			w.run()
			resource := mesh.ResourceAuthorizationPolicies
			w.expectNames("AuthorizationPolicy", "shop/good")
			w.expect(resource, mesh.SourcePartial, "1 object could not be read, first AuthorizationPolicy shop/bad: ")
			w.expect("", mesh.SourceOK, "")

			w.api.apply(broken("good"))
			w.pass(0)
			w.expectNames("AuthorizationPolicy")
			w.expect(resource, mesh.SourcePartial, "2 objects could not be read, first AuthorizationPolicy shop/bad: ")

			w.api.apply(policy("shop", "good"))
			w.api.delete(broken("bad"))
			w.pass(0)
			w.expectNames("AuthorizationPolicy", "shop/good")
			w.expect(resource, mesh.SourceOK, "")
		})
	}
}

func TestEventsAreKeptForAnHour(t *testing.T) {
	inWorld(t, func(w *world) {
		at := func(name string, ago time.Duration) manifest {
			e := namespaced("v1", "Event", "shop", name)
			e["type"], e["lastTimestamp"] = "Warning", time.Now().Add(-ago).UTC().Format(time.RFC3339)
			return e
		}
		w.api.apply(at("old", 2*time.Hour), at("older", 50*time.Minute), at("new", 0))
		w.run()
		w.expectNames("Event", "shop/new", "shop/older")
		w.pass(15 * time.Minute)
		w.expectNames("Event", "shop/new")
		w.api.apply(at("new", 0)) // seen again
		w.pass(50 * time.Minute)
		w.expectNames("Event", "shop/new")
		w.pass(15 * time.Minute)
		w.expectNames("Event")
		w.expect("events", mesh.SourceOK, "")
	})
}

func TestKindThatFailsDoesNotHoldUpTheOthers(t *testing.T) {
	inWorld(t, func(w *world) {
		w.api.answer = func(a access) int {
			if a.resource == mesh.ResourceWasmPlugins {
				return 500
			}
			return 0
		}
		w.run()
		w.pass(10 * time.Second)
		w.expect("", mesh.SourceOK, "")
		w.expect(mesh.ResourceWasmPlugins, mesh.SourceDown, "http://127.0.0.1:6443 answered 500: ")
		w.expect(mesh.ResourceTelemetries, mesh.SourceOK, "")
		w.api.configure(func() { w.api.answer = func(access) int { return 0 } })
		w.pass(slowestRetry + time.Second)
		w.expect(mesh.ResourceWasmPlugins, mesh.SourceOK, "")
	})
}
