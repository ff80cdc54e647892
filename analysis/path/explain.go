package path

import (
	"github.com/waylight/waylight/mesh"
)

// Explain follows one call from the client to the application and says who
// decides about it, from a snapshot and from what proxies were seen to have;
// dumps may be nil. The error is a *BadRequestError.
func Explain(s *mesh.Snapshot, dumps Dumps, r Request) (*Explanation, error) {
	q, err := newQuestion(s, dumps, r)
	if err != nil {
		return nil, err
	}
	e := &Explanation{Request: q.request, Verdict: Undetermined, Outcome: Outcome{Kind: OutcomeUnknown, Text: "Unknown."}}
	e.Summary = "Which way this call takes is not worked out yet."
	return e, nil
}

// question is a call that was asked about, with both ends found.
type question struct {
	snap    *mesh.Snapshot
	dumps   Dumps
	request Request
	clients []*client
	to      *address
}

func newQuestion(s *mesh.Snapshot, dumps Dumps, r Request) (*question, error) {
	q := &question{snap: s, dumps: dumps}
	var err error
	if q.request, err = r.normal(); err != nil {
		return nil, err
	}
	if q.clients, err = clients(s, q.request.From); err != nil {
		return nil, err
	}
	v := resolver{snap: s, from: q.clients[0].namespace()}
	if q.to, err = v.resolve(q.request.To); err != nil {
		return nil, err
	}
	return q, nil
}
