package bundle_test

import (
	"bytes"
	"context"
	"io"
	"io/fs"
	"testing"
	"time"

	"github.com/waylight/waylight/collectors"
	"github.com/waylight/waylight/collectors/bundle"
)

// FuzzArchive opens anything as a .tar.gz, and what opens is loaded.
func FuzzArchive(f *testing.F) {
	whole := archiveOf(f, file("manifest.json", okManifest), file("objects/pods.json", badPod), file("ztunnel/node-a/config_dump.json", "{}"))
	f.Add(whole)
	f.Add(whole[:len(whole)/2])
	f.Add(archiveOf(f, file("a/manifest.json", okManifest), special("a/objects/", '5')))
	f.Fuzz(func(t *testing.T, raw []byte) { openAndLoad(t, raw) })
}

// FuzzTar is FuzzArchive below the compression, which a mutation rarely
// survives.
func FuzzTar(f *testing.F) {
	f.Add(tarOf(f, file("manifest.json", okManifest), file("objects/pods.json", badPod)))
	f.Add(tarOf(f, file("manifest.json", okManifest), special("objects/pods.json", '2')))
	f.Fuzz(func(t *testing.T, plain []byte) { openAndLoad(t, zipped(t, plain)) })
}

func openAndLoad(t *testing.T, raw []byte) {
	t.Helper()
	b, err := bundle.OpenArchive(bytes.NewReader(raw))
	if err != nil {
		return
	}
	defer b.Close()
	for _, file := range b.Files() {
		if !fs.ValidPath(file.Path) {
			t.Errorf("%q is in it", file.Path)
		}
		r, err := file.Open()
		if err != nil {
			t.Fatal(err)
		}
		if n, err := io.Copy(io.Discard, r); err != nil || n != file.Size {
			t.Errorf("%s has %d of %d bytes: %v", file.Path, n, file.Size, err)
		}
		r.Close()
	}
	a := collectors.NewAssembler(nil, time.Now)
	if err := b.Load(context.Background(), a); err != nil {
		t.Error(err)
	}
	if _, ok := a.Snapshot().Sources.Find("kubernetes"); !ok {
		t.Error("Kubernetes is not reported")
	}
}
