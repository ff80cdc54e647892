package logline_test

import (
	"archive/tar"
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/waylight/waylight/collectors/envoy"
	"github.com/waylight/waylight/collectors/istiolog"
	"github.com/waylight/waylight/collectors/ztunnel"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/mesh/meshtest"
)

// recordedLines are the decoded lines of all containers of a recording, merged
// by time as a reader gets them.
func recordedLines(tb testing.TB, recording string) []*mesh.LogLine {
	tb.Helper()
	unzipped, err := gzip.NewReader(bytes.NewReader(meshtest.Recording(recording)))
	if err != nil {
		tb.Fatal(err)
	}
	var lines []*mesh.LogLine
	for archive := tar.NewReader(unzipped); ; {
		file, err := archive.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			tb.Fatal(err)
		}
		if _, pod, ok := strings.Cut(file.Name, "logs/"); ok && strings.HasSuffix(pod, ".log") {
			lines = append(lines, readLog(tb, pod, archive)...)
		}
	}
	slices.SortStableFunc(lines, func(a, b *mesh.LogLine) int { return a.Time.Compare(b.Time) })
	return lines
}

// readLog decodes logs/<namespace>/<pod>/<container>.log.
func readLog(tb testing.TB, name string, log io.Reader) (lines []*mesh.LogLine) {
	tb.Helper()
	parts := strings.Split(strings.TrimSuffix(name, ".log"), "/")
	from := &mesh.LogTarget{Pod: mesh.Ref{Kind: "Pod", Namespace: parts[0], Name: parts[1]}, Container: parts[2]}
	scan := bufio.NewScanner(log)
	scan.Buffer(nil, 1<<20)
	for scan.Scan() {
		stamp, raw, _ := strings.Cut(scan.Text(), " ")
		at, err := time.Parse(time.RFC3339Nano, stamp)
		if err != nil {
			tb.Fatal(err)
		}
		l := &mesh.LogLine{ID: fmt.Sprintf("%s/%d", name, len(lines)), Time: at, From: from, Raw: raw, Kind: mesh.LogPlain}
		switch {
		case strings.HasPrefix(parts[1], "ztunnel-"):
			ztunnel.DecodeLine(l)
		case parts[2] == "istio-proxy":
			envoy.DecodeLine(l)
		case parts[2] == "discovery":
			istiolog.DecodeLine(l)
		}
		lines = append(lines, l)
	}
	if err := scan.Err(); err != nil {
		tb.Fatal(err)
	}
	return lines
}
