package server

import (
	"cmp"
	"strconv"
	"strings"
	"time"

	"github.com/waylight/waylight/mesh"
)

// after maps the names of containers to the last lines that were had of them. A
// line of a container that nobody follows any more leads nowhere.
func (q *LogQuery) after(targets []mesh.LogTarget) map[string]string {
	last := make(map[string]lineID, len(q.After))
	note := func(name string, id lineID) {
		if had, ok := last[name]; !ok || had.before(id) {
			last[name] = id
		}
	}
	for _, text := range q.After {
		name, id, named := strings.Cut(text, "@")
		if named {
			note(name, parseLineID(id))
			continue
		}
		of := parseLineID(text)
		for i := range targets {
			if t := &targets[i]; of.run != "" && runOf(t) == of.run {
				note(t.Name(), of)
			}
		}
	}
	out := make(map[string]string, len(last))
	for name, id := range last {
		out[name] = id.text
	}
	return out
}

// runOf is how the IDs of a container's lines begin: its ID without the name of
// the runtime.
func runOf(t *mesh.LogTarget) string {
	return t.ContainerID[strings.LastIndexByte(t.ContainerID, '/')+1:]
}

// lineID is the ID of a line (mesh.LogLine.ID), taken apart as far as it is one.
type lineID struct {
	text, run string
	at        time.Time
	n         int
}

func parseLineID(text string) lineID {
	id := lineID{text: text}
	parts := strings.Split(text, "/")
	if len(parts) < 3 {
		return id
	}
	id.run = parts[len(parts)-3]
	id.at, _ = time.Parse(time.RFC3339Nano, parts[len(parts)-2])
	id.n, _ = strconv.Atoi(parts[len(parts)-1])
	return id
}

func (id lineID) before(other lineID) bool {
	return cmp.Or(id.at.Compare(other.at), cmp.Compare(id.n, other.n)) < 0
}
