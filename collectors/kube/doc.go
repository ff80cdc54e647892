// Package kube reads a live cluster through the Kubernetes API into mesh types.
//
// Source is the live side. For each kind and namespace of its scope one
// client-go Reflector keeps a store current; the store converts each object as
// it arrives, hands it to the sink and keeps no more than its name, so that the
// assembler has the only long-lived copy. A probe of the API server's readiness
// decides whether the connection is up; requests wait until it is. A board
// knows how far each kind can be relied on and reports it.
//
// Kind and its conversions are the other side. They know no client, so that
// recorded objects and pasted YAML go through them as well.
//
// Requests are GET only: lists, watches and, where a Namespace cannot be
// listed, reads of one. Nothing in here asks for Secrets.
package kube
