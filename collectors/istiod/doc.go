// Package istiod decodes what one istiod says at debug/syncz of the proxies
// connected to it: what it sent them and what they took. Each istiod knows only
// its own proxies; mesh.UniteSync joins several.
package istiod
