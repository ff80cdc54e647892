// Package server answers the browser, scripts and probes over HTTP: chi routes,
// middleware, pages, the read API and the stream that tells of new snapshots.
//
// A handler takes one report, builds a view model from it alone and renders
// into a buffer. It never fetches anything from the cluster, so that load does
// not follow the number of viewers and no page mixes two moments.
package server
