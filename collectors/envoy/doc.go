// Package envoy decodes what the admin port of a waypoint's Envoy answers:
// config_dump?include_eds, and clusters?format=json.
//
// The dump is protobuf written as JSON, and still is decoded with plain structs
// and not with the messages of go-control-plane. A message is all or nothing: a
// google.protobuf.Any of a type that is not linked in, as Istio's own filters
// are, fails the whole dump, and linking in every type Envoy has costs more
// than the rest of this program. What is shown here is a few dozen fields whose
// names are Envoy's v3 API and cannot change, so they are read by name, key
// material is never among them, and each listener, chain, filter, route and
// endpoint is decoded by itself: one of a wrong shape costs itself and is
// counted.
package envoy
