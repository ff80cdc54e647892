// Package collectors joins what sources read into one immutable snapshot.
//
// A Source (a live cluster, a recorded bundle) pushes objects and its own state
// into a Sink; the Assembler keeps them, rebuilds only the namespaces that
// changed and publishes a new mesh.Snapshot, at a pace the mesh's size allows.
package collectors
