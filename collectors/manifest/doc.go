// Package manifest reads objects as somebody wrote them, from files, folders or
// standard input, and hands them on as what they would be in a cluster.
//
// What only a cluster can say stays unknown: the kinds it writes itself are not
// readable, and unless the manifests are said to be the whole mesh no kind is.
package manifest
