// Package logline says what lines of logs mean: Explain one line, Fields its
// names and values, a Correlator which lines are of one call. It knows nothing
// but the lines: pure functions of what mesh.LogLine holds.
package logline
