package ztunnel_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/waylight/waylight/collectors/ztunnel"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/mesh/meshtest"
)

// BenchmarkDecodeLargeDump decodes all that a ztunnel says of the mesh Waylight
// is made for: 20,000 pods and 4,000 services beside its own.
func BenchmarkDecodeLargeDump(b *testing.B) {
	dump := meshtest.ZtunnelDump(meshtest.Large(200, 4000, 20000, 200), "node-0")
	b.SetBytes(int64(len(dump)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ztunnel.Decode(bytes.NewReader(dump), "node-0", mesh.Ref{}, time.Time{}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkWalkLargeDump reads the certificates of the same dump and passes
// over the rest.
func BenchmarkWalkLargeDump(b *testing.B) {
	dump := meshtest.ZtunnelDump(meshtest.Large(200, 4000, 20000, 200), "node-0")
	b.SetBytes(int64(len(dump)))
	b.ReportAllocs()
	for b.Loop() {
		if err := ztunnel.Walk(bytes.NewReader(dump), ztunnel.Visitor{Certificate: func(mesh.ZtunnelCertificate) {}}); err != nil {
			b.Fatal(err)
		}
	}
}
