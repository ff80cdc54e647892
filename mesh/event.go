package mesh

import "time"

// Event is a Kubernetes Event of type Warning of the last hour. Events are
// best-effort: that there is none proves nothing.
type Event struct {
	Meta
	About           Ref
	Reason, Message string
	Count           int32
	First, Last     time.Time
	Reporter        string
}
