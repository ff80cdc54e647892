package e2e_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/waylight/waylight/e2e/cluster"
	"github.com/waylight/waylight/e2e/kubelet"
	"github.com/waylight/waylight/e2e/recording"
	"github.com/waylight/waylight/e2e/wait"
	"github.com/waylight/waylight/e2e/waylight"
)

// logLevelRole is the manifest of the right to change a log level. It is the same as proxiesRole, and bound alone here.
const logLevelRole = "../deploy/rbac/loglevel.yaml"

// raisedFor is the shortest time for which a level can be raised.
const raisedFor = time.Minute

// TestLogLevel raises what a ztunnel logs through the API server's port-forward, lets the Waylight that did it end, and
// waits for the next to take it back.
func TestLogLevel(t *testing.T) {
	kubelet, mesh := kubelet.Start(t), recording.Open(t, recorded)
	c := cluster.Start(t, cluster.Config{KubeletPort: kubelet.Port(), Users: []string{viewer}})
	c.GrantInCluster(t, viewer, cluster.ReadClusterRole(t, viewRole))
	c.GrantInCluster(t, viewer, cluster.ReadClusterRole(t, logLevelRole))
	mesh.Revive(t, c, kubelet)
	kubeconfig := c.Kubeconfig(t, viewer)

	t.Run("without the flag it is read and not changed", func(t *testing.T) {
		s := waylight.Serve(t, kubeconfig)
		s.WaitReady(t, wait.Limit)
		expectLevel(t, s, "default", "")
		if status, answer := order(t, s, `{"level":"access=debug","confirm":true}`); status != http.StatusForbidden {
			t.Errorf("answered %d: %s", status, answer)
		}
	})
	t.Run("with it, it is changed as it was confirmed", func(t *testing.T) {
		s := waylight.Serve(t, kubeconfig, "--allow-log-level")
		s.WaitReady(t, wait.Limit)
		expectLevel(t, s, "default", "")
		if status, answer := order(t, s, fmt.Sprintf(`{"level":"access=debug","for":"%s","confirm":true}`, raisedFor)); status != http.StatusOK {
			t.Fatalf("answered %d: %s", status, answer)
		}
		expectLevel(t, s, "raised", viewer)
		expectSoon(t, "the finding is there", func() error { return s.ExpectFinding("NODE_LOG_LEVEL_RAISED", "node-a") })
		expectSoon(t, "the page says who", func() error { return s.ExpectText("/ztunnels/node-a/loglevel", viewer) })
		if status, answer := order(t, s, `{"level":"access:debug","confirm":true}`); status != http.StatusBadRequest {
			t.Errorf("answered %d: %s", status, answer)
		}
	})
	t.Run("the next Waylight takes it back when its time is over", func(t *testing.T) {
		s := waylight.Serve(t, kubeconfig, "--allow-log-level")
		s.WaitReady(t, wait.Limit)
		wait.For(t, raisedFor+wait.Limit, "the level is the default again", func() error { return level(s, "default", "") })
		expectSoon(t, "the finding is gone", func() error { return s.ExpectNoFinding("NODE_LOG_LEVEL_RAISED", "node-a") })
	})
}

func expectLevel(t *testing.T, s *waylight.Server, state, by string) {
	t.Helper()
	expectSoon(t, "the level is "+state, func() error { return level(s, state, by) })
}

// level answers nil when the ztunnel of node-a says that its level is in a state, and Waylight who changed it.
func level(s *waylight.Server, state, by string) error {
	var is struct{ State, Filter, By string }
	if err := s.JSON("/api/v1/ztunnels/node-a/loglevel", &is); err != nil {
		return err
	}
	if is.State != state || is.By != by {
		return fmt.Errorf("it is %+v", is)
	}
	if marked := strings.Contains(is.Filter, "waylight_until_"); marked != (state == "raised") {
		return errors.New("its filter is " + is.Filter)
	}
	return nil
}

// order asks for a change of the level of node-a's ztunnel.
func order(t *testing.T, s *waylight.Server, body string) (status int, answer string) {
	t.Helper()
	response, err := http.Post(s.URL+"/api/v1/ztunnels/node-a/loglevel", "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(text)
}
