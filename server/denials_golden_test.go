package server

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waylight/waylight/mesh"
)

// TestShapesOfFailuresAreThoseOfTheDocuments holds what the API says of failing
// calls to the example of it in docs/api.
func TestShapesOfFailuresAreThoseOfTheDocuments(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDenialTown()
		defer d.Close()
		d.look(false)
		line := d.denied("node-b", time.Now())
		line.Line.Raw = "connection complete"
		d.stream(t).give(t, append(d.phases(mesh.LogFollowing, ""), line, d.phase("node-a", mesh.LogForbidden, "get pods/log in istio-system"))...)
		later(5 * time.Second)
		for _, path := range []string{"denials", "services/shop/orders/denials"} {
			var pretty bytes.Buffer
			if err := json.Indent(&pretty, get(t, d.Server, "/api/v1/"+path).Body.Bytes(), "", "  "); err != nil {
				t.Fatalf("%s: %v", path, err)
			}
			file := filepath.Join("..", "docs", "api", strings.ReplaceAll(path, "/", "_")+".json")
			if *update {
				if err := os.WriteFile(file, pretty.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
				continue
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), pretty.String()); diff != "" {
				t.Errorf("%s is no longer what %s says; go test ./server -update if that is meant:\n%s", path, file, diff)
			}
		}
	})
}
