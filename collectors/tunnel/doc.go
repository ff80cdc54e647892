// Package tunnel reaches the admin ports of proxies, which listen on their
// pod's loopback only, as kubectl port-forward does: through the API server and
// the node's kubelet, over WebSocket, else SPDY.
//
// What can be asked is the calls in this package and nothing else: no path,
// port or method comes from a caller. ztunnel's admin port would also shut it
// down. The one thing that changes anything is SetLogLevel, with ResetLogLevel
// to take it back; a mesh.LogChange can be none but a valid one.
package tunnel
