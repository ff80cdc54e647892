package logclient

import "time"

// Message is one frame of the server; which fields are set depends on its type. Fields that no test looks at are left out.
type Message struct {
	// Type is "lines", "gap", "source" or "end".
	Type string `json:"type"`

	Lines []Line `json:"lines"`

	// Source and Container say what a gap or a state is about; Container is empty while nobody has a source's role.
	Source    string `json:"source"`
	Container string `json:"container"`

	// Dropped is how many lines a gap stands for, -1 for an unknown number.
	Dropped int `json:"dropped"`
	// Reason says why a gap is there, or why the stream ends.
	Reason string `json:"reason"`

	// State is one of those below, Detail a sentence about it.
	State  string `json:"state"`
	Detail string `json:"detail"`
}

// States of a source.
const (
	Following    = "following"
	Reconnecting = "reconnecting"
	Ended        = "ended"
	Forbidden    = "forbidden"
)

// Line is one line of a container.
type Line struct {
	ID        string    `json:"id"`
	Time      time.Time `json:"time"`
	Source    string    `json:"source"`
	Container string    `json:"container"`
	Raw       string    `json:"raw"`
	Kind      string    `json:"kind"`
	Late      bool      `json:"late"`
	Group     string    `json:"group"`
	Explain   struct {
		Code string `json:"code"`
		Text string `json:"text"`
	} `json:"explain"`
}
