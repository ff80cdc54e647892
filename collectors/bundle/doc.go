// Package bundle reads one recorded moment of a mesh: a folder, or the same as
// a .tar.gz archive, of Kubernetes objects and of what proxies, istiod and
// Prometheus answered.
//
// A bundle comes from anyone, by mail or chat. Open therefore looks at all of
// it before anything is used: nothing outside the folder, no links, bounded
// names, counts and sizes. What breaks one of these rules is no bundle, and
// the error says so in one sentence. What is merely unreadable inside a bundle
// costs its own source and nothing else.
package bundle
