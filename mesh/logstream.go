package mesh

import "time"

// LogFollow is a wish to follow containers.
type LogFollow struct {
	Targets []LogTarget
	// Since is the oldest line of interest.
	Since time.Time
	// After maps the name of a container (LogTarget.Name) to the ID of the last
	// line that was had of it: what comes next is wanted.
	After map[string]string
	// Once ends the stream when everything that is there was sent.
	Once bool
	// Recorded replays a recording at the speed it was made; a live cluster has
	// no use for it.
	Recorded bool
}

// LogEvent is one thing that happens on a stream. Exactly one of Line, Gap,
// State and End is set.
type LogEvent struct {
	Line *LogLine
	// Source is what Line was asked for. A line is shared by all who follow its
	// container, and one may have asked for a ztunnel's node where another asked
	// for the pod.
	Source LogSource
	// Late is true of a Line that is older than one that was sent before it.
	Late  bool
	Gap   *LogGap
	State *LogState
	End   *LogEnd
}

// LogGap counts lines of a container that were not sent, and says why.
type LogGap struct {
	From *LogTarget
	// Oldest and Newest are the times of the lines that are missing.
	Oldest, Newest time.Time
	// Dropped is how many they are; -1 where nobody can know, as after a
	// rotation that was faster than the reader.
	Dropped int
	Reason  LogGapReason
}

// LogGapReason says why lines are missing.
type LogGapReason string

// The reasons.
const (
	GapSlow    LogGapReason = "the reader is slower than the log"
	GapPaused  LogGapReason = "more lines came while paused than are kept"
	GapLimit   LogGapReason = "only the newest lines of the past are read"
	GapRotated LogGapReason = "the log was rotated before it was read"
	GapRemoved LogGapReason = "the container was gone before it was read"
	GapUnread  LogGapReason = "the log could not be read"
)

// LogState is what has become of following a container, or of a source nobody
// serves, where From has only a Source.
type LogState struct {
	From  *LogTarget
	Phase LogPhase
	// Detail is a sentence; for forbidden the missing right.
	Detail string
	// RetryIn is when the next try is due while reconnecting.
	RetryIn time.Duration
}

// LogPhase is a phase of following a container (design 4.4).
type LogPhase string

// The phases.
const (
	LogFollowing    LogPhase = "following"
	LogReconnecting LogPhase = "reconnecting"
	LogEnded        LogPhase = "ended"
	LogForbidden    LogPhase = "forbidden"
)

// LogEnd ends a stream.
type LogEnd struct{ Reason string }
