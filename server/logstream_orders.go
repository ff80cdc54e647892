package server

import (
	"encoding/json"
	"errors"
)

// maxMessage bounds a client's message: both kinds of expressions at their
// longest, escaped, fit.
const maxMessage = 4 * maxLogPatterns * maxLogPattern

var errNoOrder = errors.New("the message is no order")

// logOrder is what a client wants of its stream. One field is set.
type logOrder struct {
	pause, resume bool
	// filter replaces the filter; problem says why one could not be read.
	filter  *LineFilter
	problem error
	// leave ends the stream.
	leave *parting
}

// parseOrder reads a client's message (design 4.4). A filter that cannot be
// read is no error: its writer is told, and keeps the one before.
func parseOrder(data []byte) (logOrder, error) {
	var m struct {
		Type             string
		Include, Exclude []string
		Level            string
		Denied           bool
	}
	if json.Unmarshal(data, &m) != nil {
		return logOrder{}, errNoOrder
	}
	switch m.Type {
	case "pause":
		return logOrder{pause: true}, nil
	case "resume":
		return logOrder{resume: true}, nil
	case "filter":
		f, err := NewLineFilter(m.Include, m.Exclude, m.Level, m.Denied)
		if err != nil {
			return logOrder{problem: err}, nil
		}
		return logOrder{filter: &f}, nil
	}
	return logOrder{}, errNoOrder
}
