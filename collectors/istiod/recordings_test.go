package istiod_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/waylight/waylight/collectors/istiod"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/mesh/meshtest"
)

// syncz finds an istiod's answer in an archive.
func syncz(t *testing.T, archive []byte) (pod, answer string) {
	t.Helper()
	unzipped, err := gzip.NewReader(bytes.NewReader(archive))
	if err != nil {
		t.Fatal(err)
	}
	for r := tar.NewReader(unzipped); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			t.Fatal("the recording has no syncz.json")
		}
		if err != nil {
			t.Fatal(err)
		}
		if path, ok := strings.CutSuffix(h.Name, "/syncz.json"); ok {
			content, err := io.ReadAll(r)
			if err != nil {
				t.Fatal(err)
			}
			return strings.TrimPrefix(path, "istiod/"), string(content)
		}
	}
}

func TestRecordedProxiesAreConnectedAndSynced(t *testing.T) {
	for _, name := range meshtest.Recordings() {
		t.Run(name, func(t *testing.T) {
			pod, answer := syncz(t, meshtest.Recording(name))
			s, err := istiod.Decode(strings.NewReader(answer), mesh.Ref{Kind: "Pod", Name: pod}, time.Time{})
			if err != nil {
				t.Fatal(err)
			}
			if n := strings.Count(answer, `"proxy":`); len(s.Proxies) != n || n != 4 || s.Skipped != 0 {
				t.Errorf("%d proxies, %d skipped, and the answer has %d", len(s.Proxies), s.Skipped, n)
			}
			types := 0
			for _, c := range mesh.UniteSync([]*mesh.SyncEvidence{s}) {
				types += len(c.Types)
				if c.Istiod != pod || !c.Synced() || c.LastSent().IsZero() || c.IstioVersion != "" {
					t.Errorf("%+v", c)
				}
			}
			if n := strings.Count(answer, `"sentTime":`); types != n {
				t.Errorf("%d types, and the answer has %d", types, n)
			}
		})
	}
}
