package kube

import (
	"strings"
	"testing"
	"time"

	"github.com/waylight/waylight/mesh"
)

const connectionRefused = "connection refused at http://127.0.0.1:6443"

func TestOutageLeavesWhatWasReadAndEndsByItself(t *testing.T) {
	inWorld(t, func(w *world) {
		w.api.apply(pod("shop", "web"), pod("shop", "doomed"))
		w.run()
		w.api.stop()
		w.pass(time.Second)
		w.expect("", mesh.SourceDown, connectionRefused)
		w.expect("pods", mesh.SourceStale, connectionRefused)
		w.expectNames("Pod", "shop/doomed", "shop/web")

		w.pass(10 * time.Minute)
		w.expectNames("Pod", "shop/doomed", "shop/web")
		w.api.delete(pod("shop", "doomed"))
		w.api.apply(pod("shop", "born"))
		w.api.start()
		w.pass(3 * time.Second)
		w.expect("", mesh.SourceOK, "")
		w.expect("pods", mesh.SourceOK, "")
		w.expectNames("Pod", "shop/born", "shop/web")
	})
}

func TestStartWithoutAPIServer(t *testing.T) {
	inWorld(t, func(w *world) {
		w.api.stop()
		w.api.apply(pod("shop", "web"))
		w.run()
		w.expect("", mesh.SourceDown, connectionRefused)
		w.expect("pods", mesh.SourceDown, connectionRefused)
		if w.source.Synced() {
			t.Error("it counts as synced, and has read nothing")
		}
		w.pass(time.Hour)
		w.api.start()
		w.pass(3 * time.Second)
		w.expect("", mesh.SourceOK, "")
		w.expectNames("Pod", "shop/web")
	})
}

func TestAPIServerThatIsNotReady(t *testing.T) {
	inWorld(t, func(w *world) {
		w.api.apply(pod("shop", "web"))
		w.run()
		w.api.configure(func() { w.api.readyz = "etcd" })
		w.pass(probeInterval)
		w.expect("", mesh.SourceDown, "the API server at http://127.0.0.1:6443 is not ready: etcd")
		w.expect("pods", mesh.SourceStale, "not ready: etcd")
		w.api.configure(func() { w.api.readyz = "" })
		w.pass(2 * time.Second)
		w.expect("", mesh.SourceOK, "")
		w.expect("pods", mesh.SourceOK, "")
	})
}

func TestSilentAPIServer(t *testing.T) {
	inWorld(t, func(w *world) {
		w.api.apply(pod("shop", "web"))
		w.run()
		w.api.configure(func() { w.api.silent = true })
		w.pass(probeInterval + probeTimeout)
		w.expect("", mesh.SourceDown, "no answer from http://127.0.0.1:6443")
		w.expect("pods", mesh.SourceStale, "no answer")

		w.pass(time.Minute)
		w.api.counts()
		w.pass(time.Minute)
		if dials, _ := w.api.counts(); dials == 0 {
			t.Error("it goes on with connections that do not answer")
		}
		w.api.configure(func() { w.api.silent = false })
		w.pass(probeTimeout + 3*time.Second)
		w.expect("", mesh.SourceOK, "")
		w.expect("pods", mesh.SourceOK, "")
	})
}

func TestOutageIsLoggedOnce(t *testing.T) {
	inWorld(t, func(w *world) {
		w.run()
		w.log.lines()
		w.api.stop()
		w.pass(time.Hour)
		lines := w.log.lines()
		if len(lines) != 1 || !strings.Contains(lines[0], "source=kubernetes state=down") {
			t.Errorf("an hour without API server was logged as %q", lines)
		}
		w.api.start()
		w.pass(time.Minute)
		lines = w.log.lines()
		if len(lines) != 1 || !strings.Contains(lines[0], "source=kubernetes state=ok") {
			t.Errorf("its end was logged as %q", lines)
		}
	})
}

func TestCredentialsThatAreNotAccepted(t *testing.T) {
	inWorld(t, func(w *world) {
		w.api.strange = true
		w.run()
		w.expect("", mesh.SourceDown, "http://127.0.0.1:6443 does not accept the credentials (401 Unauthorized)")
		w.api.configure(func() { w.api.strange = false })
		w.pass(3 * time.Second)
		w.expect("", mesh.SourceOK, "")
	})
}
