package analysis

// Assessor assesses a mesh again and again: it keeps what it found out about
// each namespace and asks anew only where something changed that can matter.
// Its reports are those of Assess. The zero value is ready; it is not safe for
// concurrent use.
type Assessor struct {
	last *memory
}

// Assess runs every check of the catalogue over a snapshot. Snapshots that
// share their shards with the one before cost least.
func (a *Assessor) Assess(in Input) *Report { return a.assess(in, Checks()) }

func (a *Assessor) assess(in Input, checks []Check) *Report {
	run := newRun(in, a.last)
	a.last = run.memory
	return judge(run, checks)
}
