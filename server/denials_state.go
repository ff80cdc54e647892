package server

import (
	"time"

	"github.com/waylight/waylight/analysis/logline"
	"github.com/waylight/waylight/mesh"
	"github.com/waylight/waylight/views"
)

// state is what a page shows.
func (r *denialsRun) state(now time.Time) views.Denials {
	out := views.Denials{
		State: views.DenialsFollowing, Window: logline.DefaultWindow, At: now, Since: r.started, Recorded: !r.recorded.IsZero(),
		Proxies: len(r.chosen.targets), All: r.chosen.all, Missed: r.missed, Problem: r.problem,
	}
	if out.Recorded {
		out.At = r.recorded
	}
	if r.reading() {
		out.State = views.DenialsReading
	}
	r.readLogs(&out)
	out.Failures = r.feed.Failures(out.At)
	return out
}

// reading tells that what was written already is still being read.
func (r *denialsRun) reading() bool {
	select {
	case <-r.ready:
		return false
	default:
		return true
	}
}

// readLogs tells whose logs are not read, and how many of the others are empty.
func (r *denialsRun) readLogs(out *views.Denials) {
	for i := range r.chosen.targets {
		t := &r.chosen.targets[i]
		switch st := r.phases[t.Name()]; {
		case st != nil && unreadState(st):
			out.Unread = append(out.Unread, unreadLog(t, st))
		case st != nil && st.Detail != "":
			out.Silent++
		case st == nil && out.State == views.DenialsFollowing && out.Problem == "":
			out.Unread = append(out.Unread, unreadLog(t, &mesh.LogState{Phase: mesh.LogReconnecting}))
		}
	}
}

// unreadState tells that a log is not read. One that ended was read to its end,
// unless there is something to say of it: its file is missing, its pod is gone.
func unreadState(st *mesh.LogState) bool {
	return st.Phase != mesh.LogFollowing && (st.Phase != mesh.LogEnded || st.Detail != "")
}

func unreadLog(t *mesh.LogTarget, st *mesh.LogState) views.UnreadLog {
	return views.UnreadLog{Name: t.Name(), Source: t.Source, Phase: st.Phase, Detail: oneLine(st.Detail)}
}
