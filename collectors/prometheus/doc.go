// Package prometheus finds a Prometheus, or what answers like one, and asks it
// for counted traffic (mesh.Traffic) and for charts.
//
// It asks named queries only, each a constant with its PromQL. The load on
// Prometheus does not depend on how many look at Waylight: the traffic of the
// whole mesh is asked for once in a while, and charts are cached and their
// number in a minute is bounded. Answers are read as a stream, since an answer
// about a whole mesh can be large, and one of a broken server without end.
package prometheus
