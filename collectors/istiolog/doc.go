// Package istiolog reads how the programs of Istio write lines: the header with
// tabs that istiod, istio-cni, the agent of an Envoy and ztunnel share, fields
// as key=value, and flat JSON objects. Lines are hostile: nothing here panics,
// recurses or grows with more than the line.
package istiolog
