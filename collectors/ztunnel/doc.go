// Package ztunnel decodes what a ztunnel's admin port answers.
//
// A config_dump is as large as the mesh, on every node. It is walked as a
// stream: each entry is decoded by itself into mesh types with shared strings,
// so that memory follows what the caller keeps and an entry with a wrong type
// costs that entry, counted, and never the dump. Every release from 1.22 on is
// understood (istio.md A.4 to A.9); keys nobody knows are passed over.
package ztunnel
