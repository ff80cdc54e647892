// Package evidence turns what proxies and istiod answer into what a snapshot
// keeps of it.
//
// An answer is as large as the mesh and is let go of at once; a mesh.*Evidence
// is small and is what checks and pages judge by. A Reader gets answers, from
// the files of a bundle or from a live cluster, and a proxy that could not be
// read stays unknown: its source says why.
package evidence
