// Package recording brings a recorded mesh back to life: its objects are written into a cluster's API server, and its proxies
// answer behind the kubelet what they answered then. What was true of the recording is then true of a live cluster.
package recording

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// folder is where the project keeps its recordings, as seen from the tests of the e2e module.
const folder = "../mesh/meshtest/recordings/"

// Recording is the content of a recorded bundle. All times in it have been moved by the age of the recording, so that what
// was new is new, and what was about to expire is about to expire.
type Recording struct {
	files map[string][]byte
	// uids are the pods' and other objects' identities in the cluster, by those in the recording.
	uids map[string]string
}

// Open reads a recording of the project.
func Open(t testing.TB, name string) *Recording {
	t.Helper()
	archive, err := os.Open(folder + name + ".tar.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer archive.Close()
	r := &Recording{uids: make(map[string]string)}
	if r.files, err = unpack(archive); err != nil {
		t.Fatalf("recording %s: %v", name, err)
	}
	if err := r.renew(time.Now()); err != nil {
		t.Fatalf("recording %s: %v", name, err)
	}
	return r
}

func unpack(archive io.Reader) (map[string][]byte, error) {
	plain, err := gzip.NewReader(archive)
	if err != nil {
		return nil, err
	}
	files := make(map[string][]byte)
	for entries := tar.NewReader(plain); ; {
		header, err := entries.Next()
		if errors.Is(err, io.EOF) {
			return files, nil
		}
		if err != nil {
			return nil, err
		}
		if files[path.Clean(header.Name)], err = io.ReadAll(entries); err != nil {
			return nil, err
		}
	}
}

// moment is a time as Kubernetes, Envoy and ztunnel write it.
var moment = regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z`)

// renew moves every time in the recording as if it had been recorded now, and gives Envoy certificates that are as new.
func (r *Recording) renew(now time.Time) error {
	var manifest struct{ RecordedAt time.Time }
	if err := json.Unmarshal(r.files["manifest.json"], &manifest); err != nil {
		return err
	}
	age := now.Sub(manifest.RecordedAt)
	for name, content := range r.files {
		content = moment.ReplaceAllFunc(content, func(text []byte) []byte { return later(text, age) })
		if strings.HasPrefix(name, "envoy/") {
			content = renewCertificates(content, now)
		}
		r.files[name] = content
	}
	return nil
}

// later moves one time and keeps the number of its digits, since a decoder may be strict about them.
func later(text []byte, by time.Duration) []byte {
	at, err := time.Parse(time.RFC3339Nano, string(text))
	if err != nil {
		return text // only looks like a time
	}
	layout := "2006-01-02T15:04:05Z"
	if dot := bytes.IndexByte(text, '.'); dot >= 0 {
		layout = "2006-01-02T15:04:05." + strings.Repeat("0", len(text)-dot-2) + "Z"
	}
	return []byte(at.Add(by).Format(layout))
}

// File is one file of the recording, with the objects' identities as they are in the cluster.
func (r *Recording) File(t testing.TB, name string) []byte {
	t.Helper()
	content, ok := r.files[name]
	if !ok {
		t.Fatalf("the recording has no %s", name)
	}
	return identity.ReplaceAllFunc(content, func(uid []byte) []byte {
		if now, ok := r.uids[string(uid)]; ok {
			return []byte(now)
		}
		return uid
	})
}

// identity is a UID as the API server makes them.
var identity = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)

// below answers the names of files in a folder, and of folders in it, once each and in order.
func (r *Recording) below(dir string) []string {
	var names []string
	for name := range r.files {
		if rest, ok := strings.CutPrefix(name, dir+"/"); ok {
			first, _, _ := strings.Cut(rest, "/")
			names = append(names, first)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// newest is the last of the scrapes in a folder.
func (r *Recording) newest(t testing.TB, dir string) []byte {
	t.Helper()
	scrapes := r.below(dir)
	if len(scrapes) == 0 {
		t.Fatalf("the recording has nothing in %s", dir)
	}
	return r.File(t, fmt.Sprintf("%s/%s", dir, scrapes[len(scrapes)-1]))
}
