package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/waylight/waylight/analysis"
	"github.com/waylight/waylight/collectors/bundle"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/mesh/meshtest"
	"github.com/waylight/waylight/server"
)

// largeDump is the mesh Waylight is made for, and what one of its ztunnels says
// of it: 23 MB.
func largeDump(b *testing.B) (*mesh.Snapshot, *bundle.Bundle) {
	b.Helper()
	strict := meshtest.Objects(&mesh.PeerAuthentication{Meta: mesh.Meta{Kind: "PeerAuthentication", Namespace: meshtest.SystemNamespace, Name: "default"}, Mode: "STRICT"})
	snap := meshtest.Mesh(append(meshtest.LargeParts(200, 4000, 20000, 200), strict)...)
	opened, err := bundle.OpenFS(fstest.MapFS{
		"manifest.json":                   {Data: []byte(`{"format":"waylight.bundle/v1","recordedAt":"2026-11-23T08:00:00Z"}`)},
		"ztunnel/node-0/config_dump.json": {Data: meshtest.ZtunnelDump(snap, "node-0")},
	})
	if err != nil {
		b.Fatal(err)
	}
	return snap, opened
}

// BenchmarkLargeDumpToTable is a request for the workloads of one namespace to a
// server that has not read the node's ztunnel yet: what is measured begins with
// the file and ends with the page.
func BenchmarkLargeDumpToTable(b *testing.B) {
	snap, opened := largeDump(b)
	report := analysis.Assess(analysis.Input{Snap: snap, Now: snap.At})
	for name, path := range map[string]string{
		"workloads of a namespace": "/ztunnels/node-0/workloads?q=ns:ns-7",
		"services of a namespace":  "/ztunnels/node-0/services?q=ns:ns-7",
		"the same from the API":    "/api/v1/ztunnels/node-0/workloads?q=ns:ns-7",
	} {
		b.Run(name, func(b *testing.B) {
			var unread *proxies
			srv := server.New(server.Config{Dumps: func(string) server.Dumps { return unread }})
			srv.Publish("", report)
			handler := srv.Handler()
			b.ReportAllocs()
			for b.Loop() {
				unread = recordedProxies(opened)
				w := httptest.NewRecorder()
				handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "http://localhost"+path, nil))
				if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "svc-7-1") || strings.Contains(w.Body.String(), "svc-8-1") {
					b.Fatalf("%d: %.300s", w.Code, w.Body)
				}
				unread.cache.Close()
			}
		})
	}
}
